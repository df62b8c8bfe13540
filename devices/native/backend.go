package native

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// Backend is the machine's devices as a devices.Backend.
type Backend struct {
	listed, done, ended chan struct{}
	kick                chan struct{}

	mu       sync.Mutex
	list     []devices.Device
	watchers map[int]func()
	nextID   int
	system   *system // nil: not connected
	streams  map[closer]struct{}
	closed   bool

	microphones microphones
	cameras     cameras
}

// closer is an open stream, to be closed with the backend.
type closer interface{ Close() error }

var _ devices.Backend = (*Backend)(nil)

// New makes the backend and begins to list devices in the background; it returns at once.
func New() *Backend { return newBackend(listCameras, discover) }

// newBackend lists and finds cameras as it is told.
func newBackend(list func(map[string]systemCamera) []cameraNode, discover func()) *Backend {
	b := &Backend{listed: make(chan struct{}), done: make(chan struct{}), ended: make(chan struct{}),
		kick: make(chan struct{}, 1), watchers: make(map[int]func()), streams: make(map[closer]struct{})}
	b.microphones.init(b)
	b.cameras.init(b, list, discover)
	go b.run()
	return b
}

// List returns the devices known now.
func (b *Backend) List() []devices.Device {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

// Listed is closed when the list is complete for the first time.
func (b *Backend) Listed() <-chan struct{} { return b.listed }

// Find returns the listed device with this id.
func (b *Backend) Find(kind devices.Kind, id string) (devices.Device, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.list {
		if d.Kind == kind && d.ID == id {
			return d, true
		}
	}
	return devices.Device{}, false
}

// Watch calls changed after the list changed, and makes the backend look often.
func (b *Backend) Watch(changed func()) (cancel func()) {
	b.mu.Lock()
	id := b.nextID
	b.nextID++
	b.watchers[id] = changed
	b.mu.Unlock()
	b.lookNow()
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, id)
	}
}

// lookNow makes the lister list at once.
func (b *Backend) lookNow() {
	select {
	case b.kick <- struct{}{}:
	default:
	}
}

// keep notes an open stream.
func (b *Backend) keep(c closer) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return devices.ErrClosed
	}
	b.streams[c] = struct{}{}
	return nil
}

func (b *Backend) forget(c closer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.streams, c)
}

// wanted returns what to open for an id: the name of a device, or "" for the default one of the sound system. It waits for
// the first list, so that no monitor of a speaker is taken for the default microphone.
func (b *Backend) wanted(kind devices.Kind, id string) (string, error) {
	select {
	case <-b.listed:
	case <-b.done:
		return "", devices.ErrClosed
	case <-time.After(openLimit):
		return "", devices.ErrNotAnswering
	}
	if id != devices.DefaultID {
		if _, ok := b.Find(kind, id); !ok {
			return "", fmt.Errorf("%s %q: %w", kind, id, devices.ErrNoDevice)
		}
		return id, nil
	}
	first := ""
	for _, d := range b.List() {
		if d.Kind != kind {
			continue
		}
		if d.Default {
			return "", nil
		}
		if first == "" {
			first = d.ID
		}
	}
	if first == "" {
		return "", fmt.Errorf("%s: %w", kind, devices.ErrNoDevice)
	}
	return first, nil
}

// connected returns the connection to the sound system, a new one if need be; it may hang with it.
func (b *Backend) connected() (*system, error) {
	b.mu.Lock()
	s, closed := b.system, b.closed
	b.mu.Unlock()
	if closed {
		return nil, devices.ErrClosed
	}
	if s != nil {
		return s, nil
	}
	s, err := connect()
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		defer s.retire()
		return nil, devices.ErrClosed
	}
	if b.system != nil { // another goroutine was faster
		defer s.retire()
		return b.system, nil
	}
	b.system = s
	return s, nil
}

// disconnect gives up a connection that failed.
func (b *Backend) disconnect(s *system) {
	b.mu.Lock()
	if b.system == s {
		b.system = nil
	}
	b.mu.Unlock()
	s.retire()
}

// Close closes all streams and leaves the sound system, within 200 ms even when it hangs.
func (b *Backend) Close() {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return
	}
	b.closed = true
	streams := make([]closer, 0, len(b.streams))
	for s := range b.streams {
		streams = append(streams, s)
	}
	b.mu.Unlock()
	close(b.done)
	var all sync.WaitGroup
	for _, s := range streams {
		all.Go(func() { _ = s.Close() })
	}
	all.Wait()
	atMost(closeLimit, func() { <-b.ended })
}
