package devices

import (
	"errors"
	"image"
	"io"
)

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

// The form of every picture of a camera: I420, that is image.YCbCrSubsampleRatio420.
const (
	PictureWidth  = 640
	PictureHeight = 480
	PictureRate   = 20 // pictures in a second, at most
)

// DefaultID names the system's default device of a kind towards a Backend. Users of the Registry may
// say it too, or "".
const DefaultID = "default"

// Backend is one source of devices: package native, package virtual. All methods may be called from
// several goroutines.
type Backend interface {
	// List returns the devices known now; it never waits.
	List() []Device
	// Find returns a device that exists though it is not listed ("tone:440"), or a listed one by its id. It never waits.
	Find(kind Kind, id string) (Device, bool)
	// Watch calls changed (from a goroutine of its own) after the list changed.
	Watch(changed func()) (cancel func())
	// OpenMicrophone and OpenSpeaker open one device. id is never empty, but may be DefaultID. frame and fill are called
	// by one goroutine or thread at a time with 480 samples (10 ms of mono PCM at 48 kHz). lost is called at most once, from any
	// goroutine, when the device delivers no more. Closing returns within 100 ms; nothing is called afterwards, unless
	// Close is called by one of the callbacks itself, which is not allowed.
	OpenMicrophone(id string, frame func(pcm []int16), lost func(error)) (io.Closer, error)
	OpenSpeaker(id string, fill func(pcm []int16), lost func(error)) (io.Closer, error)
	// OpenCamera opens a camera for one more user; frame gets every picture as Registry.OpenCamera says. Everything else is as with
	// the other two.
	OpenCamera(id string, frame func(picture *image.YCbCr), lost func(error)) (io.Closer, error)
	// Listed is closed when the list is complete for the first time.
	Listed() <-chan struct{}
	// Close frees everything, streams that are still open too.
	Close()
}

// Errors of opening and of lost devices; those that reach the user wrap one of them.
var (
	// ErrNoDevice: there is no device of that kind, neither the wanted one nor another.
	ErrNoDevice = errors.New("no such device")
	// ErrInUse: another program uses the device, and the system lets one at a time.
	ErrInUse = errors.New("another program uses the device")
	// ErrLost: the device delivers no more; it was unplugged, or the sound system ended.
	ErrLost = errors.New("the device is gone")
	// ErrNotAnswering: the sound system does not answer.
	ErrNotAnswering = errors.New("the sound system does not answer")
	// ErrClosed: the registry, or the backend, is closed.
	ErrClosed = errors.New("closed")
)
