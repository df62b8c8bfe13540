package virtual

import (
	"fmt"
	"io"
	"sync"

	"github.com/hookswitch/hookswitch/devices"
)

// Backend is the virtual devices as a devices.Backend. Only the probes it was made with are listed; everything
// else is found by its id.
type Backend struct {
	probes []*Probe
	listed chan struct{}

	mu     sync.Mutex
	open   map[*paced]struct{}
	closed bool
}

var _ devices.Backend = (*Backend)(nil)

// New makes the backend.
func New(probes ...*Probe) *Backend {
	b := &Backend{probes: probes, listed: make(chan struct{}), open: make(map[*paced]struct{})}
	close(b.listed)
	return b
}

// List returns the probes' microphones and speakers.
func (b *Backend) List() []devices.Device {
	var list []devices.Device
	for _, p := range b.probes {
		for _, kind := range []devices.Kind{devices.Microphone, devices.Speaker} {
			list = append(list, p.device(kind))
		}
	}
	return list
}

// Find returns the virtual device with this id. A file is not opened, so it may turn out not to be there.
func (b *Backend) Find(kind devices.Kind, id string) (devices.Device, bool) {
	for _, p := range b.probes {
		if p.id == id && kind != devices.Camera {
			return p.device(kind), true
		}
	}
	name, ok := nameOf(kind, id)
	return devices.Device{ID: id, Name: name, Kind: kind, Virtual: true}, ok
}

// Watch does nothing: the list never changes.
func (b *Backend) Watch(func()) (cancel func()) { return func() {} }

// Listed is closed already.
func (b *Backend) Listed() <-chan struct{} { return b.listed }

// OpenMicrophone opens a virtual microphone; the error says what is wrong with a file.
func (b *Backend) OpenMicrophone(id string, frame func(pcm []int16), _ func(error)) (io.Closer, error) {
	source, err := b.source(id)
	if err != nil {
		return nil, err
	}
	return b.run(func(pcm []int16) {
		source.read(pcm)
		frame(pcm)
	})
}

// OpenSpeaker opens a virtual speaker.
func (b *Backend) OpenSpeaker(id string, fill func(pcm []int16), _ func(error)) (io.Closer, error) {
	for _, p := range b.probes {
		if p.id == id {
			return b.run(func(pcm []int16) {
				fill(pcm)
				p.hear(pcm)
			})
		}
	}
	if id != nullID {
		return nil, fmt.Errorf("virtual speaker %q: %w", id, devices.ErrNoDevice)
	}
	return b.run(fill)
}

// source returns what the microphone with this id delivers.
func (b *Backend) source(id string) (source, error) {
	for _, p := range b.probes {
		if p.id == id {
			return p, nil
		}
	}
	return parseSource(id)
}

// run calls step every 10 ms until the closer is closed.
func (b *Backend) run(step func(pcm []int16)) (io.Closer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, devices.ErrClosed
	}
	p := startPaced(step)
	b.open[p] = struct{}{}
	p.onClose = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.open, p)
	}
	return p, nil
}

// Close closes every stream.
func (b *Backend) Close() {
	b.mu.Lock()
	b.closed = true
	streams := make([]*paced, 0, len(b.open))
	for p := range b.open {
		streams = append(streams, p)
	}
	b.mu.Unlock()
	for _, p := range streams {
		_ = p.Close()
	}
}
