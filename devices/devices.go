// Package devices knows which cameras, microphones and speakers there are, which one is
// chosen, what replaces one that vanished, and tells when any of that changes.
package devices

import "io"

// Kind is what a device is for.
type Kind string

// The kinds. A ringer is a speaker chosen apart.
const (
	Microphone Kind = "microphone"
	Speaker    Kind = "speaker"
	Camera     Kind = "camera"
)

// Device is one device as a picker shows it.
type Device struct {
	// ID is stable across processes and reconnections of the same hardware.
	ID string
	// Name is for people.
	Name string
	Kind Kind
	// Default marks the system's default device of its kind.
	Default bool
	// Virtual marks devices of package virtual.
	Virtual bool
}

// Backend is one source of devices: package native, package virtual.
type Backend interface {
	// List returns the devices known now; it never waits.
	List() []Device
	// Watch calls changed (from a goroutine of its own) after the list changed.
	Watch(changed func()) (cancel func())
	// OpenMicrophone and OpenSpeaker: see Registry. id is never empty, but "default".
	OpenMicrophone(id string, frame func(pcm []int16), lost func(error)) (io.Closer, error)
	OpenSpeaker(id string, fill func(pcm []int16), lost func(error)) (io.Closer, error)
	// Close frees everything.
	Close()
}
