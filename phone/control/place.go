package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"path/filepath"
)

// Errors of this package. They are compared with errors.Is.
var (
	// ErrRunning: another instance of this user and profile runs already.
	ErrRunning = errors.New("another instance is running for this profile")
	// ErrNotRunning: there is no instance to talk to.
	ErrNotRunning = errors.New("no instance is running for this profile; start hookswitch first")
	// ErrPeer: someone else than this user is at the other end.
	ErrPeer = errors.New("control: the other end is another user's")
	// ErrPlace: the folder for the socket is not ours alone.
	ErrPlace = errors.New("control: the folder of the control socket is not private")
)

// nameOf is the instance's name: the profile's, hashed since a socket's path is bounded to some 100 bytes.
func nameOf(profile string) (string, error) {
	if profile != "" {
		absolute, err := filepath.Abs(profile)
		if err != nil {
			return "", err
		}
		profile = absolute
	}
	sum := sha256.Sum256([]byte(profile))
	return "hookswitch-" + hex.EncodeToString(sum[:8]), nil
}
