//go:build unix

package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// longestPath fits into sun_path of every Unix (104 bytes on macOS, with the final zero).
const longestPath = 103

// folder returns the private folder that the socket lies in: that of the session, else the profile's, else one of
// this user's in the temporary folder, where a path would be too long.
func folder(profile, name string) (string, error) {
	var candidates []string
	if run := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(run) {
		candidates = append(candidates, filepath.Join(run, "hookswitch"))
	}
	if profile != "" {
		absolute, err := filepath.Abs(profile)
		if err != nil {
			return "", err
		}
		candidates = append(candidates, absolute)
	}
	candidates = append(candidates, filepath.Join(os.TempDir(), fmt.Sprintf("hookswitch-%d", os.Getuid())))
	failed := ErrPlace
	for _, dir := range candidates {
		if len(filepath.Join(dir, name+".sock")) > longestPath {
			continue
		}
		if failed = private(dir); failed == nil {
			return dir, nil
		}
	}
	return "", failed
}

// private makes the folder if need be and makes sure that it belongs to this user alone.
func private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("%w: %s belongs to someone else", ErrPlace, dir)
	}
	if info.Mode().Perm()&0o077 != 0 {
		if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x bit
			return fmt.Errorf("%w: %w", ErrPlace, err)
		}
	}
	return nil
}

// unixListener is the socket with its lock.
type unixListener struct {
	*net.UnixListener
	path string
	lock *os.File
}

// listen takes the lock, sweeps a stale socket away and listens. ErrRunning: someone holds the lock.
func listen(profile string) (net.Listener, error) {
	name, err := nameOf(profile)
	if err != nil {
		return nil, err
	}
	dir, err := folder(profile, name)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, name+".sock")
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlace, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrRunning
		}
		return nil, fmt.Errorf("control: lock: %w", err)
	}
	l, err := bind(path)
	if err != nil {
		_ = lock.Close() // and with it the lock
		return nil, err
	}
	return &unixListener{UnixListener: l, path: path, lock: lock}, nil
}

// bind listens at path; we hold the lock, so a socket that lies there is a dead instance's.
func bind(path string) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	// The folder lets nobody in, so nobody came between listening and this.
	if err := os.Chmod(path, 0o600); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("control: %w", err)
	}
	return l, nil
}

// Close takes the socket away before the lock is given up, so that the next instance's is not taken.
func (l *unixListener) Close() error {
	err := l.UnixListener.Close() // unlinks the path, too
	return errors.Join(err, l.lock.Close())
}

// dial connects to the running instance.
func dial(ctx context.Context, profile string) (net.Conn, error) {
	name, err := nameOf(profile)
	if err != nil {
		return nil, err
	}
	dir, err := folder(profile, name)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", filepath.Join(dir, name+".sock"))
	if err != nil {
		return nil, ErrNotRunning // whatever the reason: nobody is there for us
	}
	return conn, nil
}

// checkPeer refuses a connection whose other end is not this user.
func checkPeer(conn net.Conn) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return ErrPeer
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPeer, err)
	}
	uid, asked := -1, error(nil)
	if err := raw.Control(func(fd uintptr) { uid, asked = peerUID(int(fd)) }); err != nil {
		return fmt.Errorf("%w: %w", ErrPeer, err)
	}
	if asked != nil {
		return fmt.Errorf("%w: %w", ErrPeer, asked)
	}
	return samePeer(uid, os.Getuid())
}

// samePeer is the rule: this user, and nobody else; not even root, who has other means.
func samePeer(peer, self int) error {
	if peer != self || peer < 0 {
		return fmt.Errorf("%w: user id %d", ErrPeer, peer)
	}
	return nil
}
