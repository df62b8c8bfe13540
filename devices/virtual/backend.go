package virtual

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// Backend is the virtual devices as a devices.Backend. Only the probes it was made with are listed; everything
// else is found by its id.
type Backend struct {
	probes []*Probe
	listed chan struct{}
	began  time.Time // when picture 0 of the pattern was due

	mu       sync.Mutex
	open     map[*paced]struct{}
	captures map[string]*capture // by path
	closed   bool
}

var _ devices.Backend = (*Backend)(nil)

// New makes the backend.
func New(probes ...*Probe) *Backend {
	b := &Backend{probes: probes, listed: make(chan struct{}), began: time.Now(),
		open: make(map[*paced]struct{}), captures: make(map[string]*capture)}
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
	}, nil)
}

// OpenSpeaker opens a virtual speaker; the error says why a file cannot be written.
func (b *Backend) OpenSpeaker(id string, fill func(pcm []int16), _ func(error)) (io.Closer, error) {
	for _, p := range b.probes {
		if p.id == id {
			return b.run(func(pcm []int16) {
				fill(pcm)
				p.hear(pcm)
			}, nil)
		}
	}
	if path, ok := strings.CutPrefix(id, filePrefix); ok && path != "" {
		c, err := b.capture(path)
		if err != nil {
			return nil, err
		}
		return b.run(func(pcm []int16) {
			fill(pcm)
			c.hear(pcm)
		}, c.pause)
	}
	if id != nullID {
		return nil, fmt.Errorf("virtual speaker %q: %w", id, devices.ErrNoDevice)
	}
	return b.run(fill, nil)
}

// capture returns the file's capture: the first time it is made anew, then it goes on.
func (b *Backend) capture(path string) (*capture, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, devices.ErrClosed
	}
	if c := b.captures[path]; c != nil {
		return c, nil
	}
	c, err := newCapture(path)
	if err != nil {
		return nil, err
	}
	b.captures[path] = c
	return c, nil
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

// run calls step every 10 ms until the closer is closed, then ended, which may be nil.
func (b *Backend) run(step func(pcm []int16), ended func()) (io.Closer, error) {
	pcm := make([]int16, frameSamples)
	return b.start(frameTime, func() {
		clear(pcm)
		step(pcm)
	}, ended)
}

func (b *Backend) start(every time.Duration, step func(), ended func()) (io.Closer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, devices.ErrClosed
	}
	p := startPaced(every, step)
	b.open[p] = struct{}{}
	p.onClose = func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.open, p)
		if ended != nil {
			ended()
		}
	}
	return p, nil
}

// Close closes every stream and every file.
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
	for _, c := range b.captures { // nobody adds one any more
		c.close()
	}
}
