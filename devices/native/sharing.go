package native

import (
	"errors"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/hookswitch/hookswitch/devices"
)

// track is an open device of mediadevices: read waits for the next of what it delivers, and fails once it is closed or gone.
type track[T any] struct {
	read  func() (T, error)
	close func()
}

// sharing is the open devices of one kind, each with all who use it: blocks of a microphone, pictures of a camera.
type sharing[T any] struct {
	backend *Backend
	start   func(id string) (track[T], error)

	mu   *sync.Mutex // held while a device is opened, too
	open map[string]*shared[T]
}

func newSharing[T any](b *Backend, start func(id string) (track[T], error)) sharing[T] {
	return sharing[T]{backend: b, start: start, mu: new(sync.Mutex), open: make(map[string]*shared[T])}
}

// shared is one open device with all who listen to it.
type shared[T any] struct {
	all   *sharing[T]
	id    string
	track track[T]
	ended chan struct{} // the pump has ended
	once  sync.Once

	mu        sync.Mutex // held while listeners are called
	listeners map[*listener[T]]struct{}
	gone      bool
}

// listener is one user of a device.
type listener[T any] struct {
	device *shared[T]
	frame  func(T)
	lost   func(error)
	once   sync.Once
}

// join opens the device for its first listener, or lets one more listen.
func (s *sharing[T]) join(id string, frame func(T), lost func(error)) (io.Closer, error) {
	l := &listener[T]{frame: frame, lost: lost}
	if err := s.add(id, l); err != nil {
		return nil, err
	}
	if err := s.backend.keep(l); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

func (s *sharing[T]) add(id string, l *listener[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open, ok := s.open[id]; ok {
		if open.add(l) {
			return nil
		}
		open.closeTrack() // a driver runs one track at a time
	}
	t, err := s.start(id)
	if err != nil {
		return err
	}
	open := &shared[T]{all: s, id: id, track: t, ended: make(chan struct{}), listeners: make(map[*listener[T]]struct{})}
	s.open[id] = open
	open.add(l)
	go open.pump()
	return nil
}

// leave takes the device out of those that are open.
func (s *sharing[T]) leave(device *shared[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[device.id] == device {
		delete(s.open, device.id)
	}
}

// add reports false when the device is gone already.
func (d *shared[T]) add(l *listener[T]) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		return false
	}
	l.device = d
	d.listeners[l] = struct{}{}
	return true
}

// pump carries what the track delivers to the listeners until it ends.
func (d *shared[T]) pump() {
	defer close(d.ended)
	for {
		frame, err := d.track.read()
		if err != nil {
			d.end(err)
			return
		}
		d.deliver(frame)
	}
}

func (d *shared[T]) deliver(frame T) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for l := range d.listeners {
		l.frame(frame)
	}
}

// end tells the listeners that the device is gone, if it was not they who left.
func (d *shared[T]) end(err error) {
	d.mu.Lock()
	d.gone = true
	left := slices.Collect(maps.Keys(d.listeners))
	clear(d.listeners)
	d.mu.Unlock()
	if errors.Is(err, io.EOF) {
		err = devices.ErrLost
	}
	for _, l := range left {
		l.lost(err)
	}
	d.all.leave(d)
	d.closeTrack()
}

// closeTrack closes the track, once: afterwards the driver may be running for another one.
func (d *shared[T]) closeTrack() { d.once.Do(d.track.close) }

// Close ends the listening; the last one to leave closes the device.
func (l *listener[T]) Close() error {
	l.once.Do(func() {
		d := l.device
		d.all.backend.forget(l)
		d.mu.Lock()
		delete(d.listeners, l)
		last := len(d.listeners) == 0 && !d.gone
		d.gone = d.gone || last
		d.mu.Unlock()
		if last {
			// The track's end ends the pump, which says goodbye for all.
			atMost(closeLimit, func() { d.closeTrack(); <-d.ended })
		}
	})
	return nil
}
