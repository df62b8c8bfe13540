package devices

import (
	"context"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"
)

// Registry is all devices of all backends. Its methods may be called from any goroutine, but not by a
// callback of a stream.
type Registry struct {
	backends []Backend

	mu      sync.Mutex
	chosen  map[Kind]Device // virtual devices that were chosen, and are listed for that
	watches map[int]func()
	nextID  int
	streams map[*stream]struct{}
	closed  bool
	cancels []func()
}

// New makes a registry over the backends, the most important one (package native) first: its default device is the
// system's. The registry owns them: Close closes them.
func New(backends ...Backend) *Registry {
	r := &Registry{backends: backends, chosen: make(map[Kind]Device), watches: make(map[int]func()),
		streams: make(map[*stream]struct{})}
	return r
}

// List returns the devices of a kind that are known now, as pickers show them. It never waits.
func (r *Registry) List(kind Kind) []Device {
	var list []Device
	for _, b := range r.backends {
		for _, d := range b.List() {
			if d.Kind == kind {
				list = append(list, d)
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d, ok := r.chosen[kind]; ok && !contains(list, d.ID) {
		list = append(list, d)
	}
	return list
}

func contains(list []Device, id string) bool {
	for _, d := range list {
		if d.ID == id {
			return true
		}
	}
	return false
}

// WaitListed waits until every backend has made its first list, or ctx ends; it returns ctx's error then.
func (r *Registry) WaitListed(ctx context.Context) error {
	for _, b := range r.backends {
		select {
		case <-b.Listed():
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// listed reports whether every backend has made its first list.
func (r *Registry) listed() bool {
	for _, b := range r.backends {
		select {
		case <-b.Listed():
		default:
			return false
		}
	}
	return true
}

// Choose tells the registry that a device will be used from now on. It matters for virtual devices only: the
// chosen one is listed (and counts for HaveMicrophone), the others are not. "" withdraws the choice.
func (r *Registry) Choose(kind Kind, id string) {
	d, ok := r.find(kind, id)
	r.mu.Lock()
	if ok && d.Virtual {
		r.chosen[kind] = d
	} else {
		delete(r.chosen, kind)
	}
	r.mu.Unlock()
	r.changed()
}

// HaveMicrophone reports whether there is a microphone. Until the first list is complete (some 20 ms after the
// start) it is hopeful: a call that then finds none learns so when it opens it.
func (r *Registry) HaveMicrophone() bool {
	return len(r.List(Microphone)) > 0 || !r.listed()
}

// HaveCamera reports whether there is a camera; hopeful like HaveMicrophone.
func (r *Registry) HaveCamera() bool {
	return len(r.List(Camera)) > 0 || !r.listed()
}

// Resolve returns the device that opening id would use now: the one with that id or that name, else the
// default one. It reports false when there is none at all.
func (r *Registry) Resolve(kind Kind, id string) (Device, bool) {
	if d, ok := r.find(kind, id); ok {
		return d, true
	}
	return r.fallback(kind)
}

// HearsRoom reports whether the microphone that opening id would use now is a real one, in a room with echo and noise.
func (r *Registry) HearsRoom(id string) bool {
	d, ok := r.Resolve(Microphone, id)
	return ok && !d.Virtual
}

// find returns the very device that id means: "" and unknown ids find nothing.
func (r *Registry) find(kind Kind, id string) (Device, bool) {
	if id == "" || id == DefaultID {
		return Device{}, false
	}
	for _, b := range r.backends {
		if d, ok := b.Find(kind, id); ok {
			return d, true
		}
	}
	list := r.List(kind)
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, d := range list {
			if same(d.Name, id) {
				return d, true
			}
		}
	}
	return Device{}, false
}

// fallback is the system's default device of a kind, or any real one, or any.
func (r *Registry) fallback(kind Kind) (Device, bool) {
	list := r.List(kind)
	for _, better := range []func(Device) bool{
		func(d Device) bool { return d.Default },
		func(d Device) bool { return !d.Virtual },
		func(Device) bool { return true },
	} {
		for _, d := range list {
			if better(d) {
				return d, true
			}
		}
	}
	return Device{}, false
}

// backendOf returns the backend that has the device.
func (r *Registry) backendOf(d Device) (Backend, bool) {
	for _, b := range r.backends {
		if _, ok := b.Find(d.Kind, d.ID); ok {
			return b, true
		}
	}
	return nil, false
}

// Watch calls changed after the list changed, one call at a time, from a goroutine of the registry; List may be
// called then. cancel may be called by changed too; a call that is under way may still end after it.
func (r *Registry) Watch(changed func()) (cancel func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return func() {}
	}
	id := r.nextID
	r.nextID++
	r.watches[id] = changed
	if len(r.watches) == 1 {
		// Backends look often only while somebody watches.
		for _, b := range r.backends {
			r.cancels = append(r.cancels, b.Watch(r.changed))
		}
	}
	return sync.OnceFunc(func() { r.unwatch(id) })
}

func (r *Registry) unwatch(id int) {
	r.mu.Lock()
	delete(r.watches, id)
	var cancels []func()
	if len(r.watches) == 0 {
		cancels, r.cancels = r.cancels, nil
	}
	r.mu.Unlock()
	for _, cancel := range cancels {
		cancel()
	}
}

// changed tells all who watch.
func (r *Registry) changed() {
	r.mu.Lock()
	calls := make([]func(), 0, len(r.watches))
	for _, call := range r.watches {
		calls = append(calls, call)
	}
	r.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

// OpenMicrophone opens a microphone and calls frame with 10 ms of mono PCM at 48 kHz (480 samples, valid during the
// call only), one call at a time, until the stream is closed. id is a device's id, its name, a virtual device, or "" for the
// system's default one; where the device is not there the default one replaces it. lost (may be nil) is called when the
// device is gone and nothing replaces it; should a device appear later, frame is called again.
//
// It takes some milliseconds, with a sound system that hangs 2 s. The error wraps ErrNoDevice, ErrNotAnswering or ErrClosed.
// Closing the stream returns within 100 ms and nothing is called afterwards; it must not be closed by frame or lost.
func (r *Registry) OpenMicrophone(id string, frame func(pcm []int16), lost func(error)) (io.Closer, error) {
	return r.open(newStream(r, Microphone, id, user{samples: frame}, lost))
}

// OpenSpeaker opens a speaker and calls fill to have 480 samples written, at the pace of the device. Everything else is
// as in OpenMicrophone.
func (r *Registry) OpenSpeaker(id string, fill func(pcm []int16), lost func(error)) (io.Closer, error) {
	return r.open(newStream(r, Speaker, id, user{samples: fill}, lost))
}

// OpenCamera opens a camera and calls frame with each picture, one call at a time, from a goroutine of the device. A picture is
// I420 of PictureWidth × PictureHeight, comes at most PictureRate times a second, and is valid during the call only: copy what
// is to be kept. Several may open one camera, and share it then. The error may wrap ErrInUse, too, or fs.ErrPermission.
// Everything else is as in OpenMicrophone, but that a camera takes up to a second to show its first picture.
func (r *Registry) OpenCamera(id string, frame func(picture *image.YCbCr), lost func(error)) (io.Closer, error) {
	return r.open(newStream(r, Camera, id, user{picture: frame}, lost))
}

func (r *Registry) open(s *stream) (io.Closer, error) {
	r.mu.Lock()
	closed := r.closed
	r.mu.Unlock()
	if closed {
		return nil, fmt.Errorf("open %s: %w", s.kind, ErrClosed)
	}
	if err := s.start(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		go func() { _ = s.Close() }()
		return nil, fmt.Errorf("open %s: %w", s.kind, ErrClosed)
	}
	r.streams[s] = struct{}{}
	return s, nil
}

func (r *Registry) forget(s *stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.streams, s)
}

// Close closes all streams and backends. Whatever is called afterwards fails with ErrClosed or finds nothing.
func (r *Registry) Close() {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	r.closed = true
	streams := make([]*stream, 0, len(r.streams))
	for s := range r.streams {
		streams = append(streams, s)
	}
	r.watches = nil
	cancels := r.cancels
	r.cancels = nil
	r.mu.Unlock()
	for _, s := range streams {
		_ = s.Close()
	}
	for _, cancel := range cancels {
		cancel()
	}
	for _, b := range r.backends {
		b.Close()
	}
}
