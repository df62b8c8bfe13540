package devices

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shelf is a backend whose devices the test plugs in and out.
type shelf struct {
	mu       sync.Mutex
	list     []Device
	broken   map[string]bool // listed, opens, delivers nothing
	refused  map[string]bool // listed, does not open
	watchers map[int]func()
	open     []*fakeStream
	listed   chan struct{}
	opened   []string // ids, in order
	next     int
}

func newShelf(list ...Device) *shelf {
	s := &shelf{list: list, watchers: map[int]func(){}, listed: make(chan struct{}), broken: map[string]bool{}, refused: map[string]bool{}}
	close(s.listed)
	return s
}

// fakeStream delivers one frame every 10 ms whose first sample is its device's number.
type fakeStream struct {
	id         string
	lost       func(error)
	done, gone chan struct{}
	once       sync.Once
}

func (f *fakeStream) Close() error {
	f.once.Do(func() { close(f.done) })
	<-f.gone
	return nil
}

func (s *shelf) List() []Device { s.mu.Lock(); defer s.mu.Unlock(); return slices.Clone(s.list) }

func (s *shelf) Find(kind Kind, id string) (Device, bool) {
	for _, d := range s.List() {
		if d.Kind == kind && d.ID == id {
			return d, true
		}
	}
	return Device{ID: id, Name: id, Kind: kind, Virtual: true}, id == "virtual"
}

func (s *shelf) Watch(changed func()) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	n := s.next
	s.watchers[n] = changed
	return func() { s.mu.Lock(); defer s.mu.Unlock(); delete(s.watchers, n) }
}

func (s *shelf) Listed() <-chan struct{} { return s.listed }
func (s *shelf) Close()                  {}

func (s *shelf) OpenSpeaker(id string, f func([]int16), lost func(error)) (io.Closer, error) {
	return s.openDevice(Speaker, id, f, lost)
}

func (s *shelf) OpenMicrophone(id string, frame func([]int16), lost func(error)) (io.Closer, error) {
	return s.openDevice(Microphone, id, frame, lost)
}

// openDevice opens a device that is on the shelf.
func (s *shelf) openDevice(kind Kind, id string, frame func([]int16), lost func(error)) (io.Closer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.list, func(d Device) bool { return d.Kind == kind && (d.ID == id || id == DefaultID && d.Default) })
	if at < 0 || s.refused[id] {
		return nil, ErrNoDevice
	}
	device := s.list[at].ID
	s.opened = append(s.opened, id)
	f := &fakeStream{id: device, lost: lost, done: make(chan struct{}), gone: make(chan struct{})}
	s.open = append(s.open, f)
	go func() {
		defer close(f.gone)
		for {
			select {
			case <-f.done:
				return
			case <-time.After(10 * time.Millisecond):
			}
			if !s.isBroken(device) {
				pcm := make([]int16, 480)
				pcm[0] = int16(device[0])
				frame(pcm)
			}
		}
	}()
	return f, nil
}

func (s *shelf) isBroken(id string) bool { s.mu.Lock(); defer s.mu.Unlock(); return s.broken[id] }

// change edits the shelf, tells the watchers, and those whose device is gone or broken that it is lost.
func (s *shelf) change(edit func()) {
	s.mu.Lock()
	edit()
	var calls []func()
	for _, call := range s.watchers {
		calls = append(calls, call)
	}
	for _, f := range s.open {
		gone := !slices.ContainsFunc(s.list, func(d Device) bool { return d.ID == f.id })
		if gone || s.broken[f.id] {
			calls = append(calls, func() { f.lost(ErrLost) })
		}
	}
	s.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

// The devices of these tests; a frame's first sample tells which one it came from.
var (
	deviceA = Device{ID: "a", Name: "Alpha", Kind: Microphone, Default: true}
	deviceB = Device{ID: "b", Name: "Beta", Kind: Microphone}
)

// listener is the user of a stream.
type listener struct {
	mu     sync.Mutex
	heard  []byte // whom, each 10 ms
	losses []error
}

func (l *listener) frame(pcm []int16) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, byte(pcm[0]))
}

func (l *listener) lost(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losses = append(l.losses, err)
}

// during returns whom the listener hears in the coming time, without repetitions.
func (l *listener) during(d time.Duration) string {
	l.mu.Lock()
	l.heard = nil
	l.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(slices.Compact(slices.Clone(l.heard)))
}

// withStream opens a stream on a shelf with devices a (the default one) and b, in a bubble of its own time.
func withStream(t *testing.T, id string, run func(t *testing.T, s *shelf, r *Registry, l *listener, c io.Closer)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(deviceA, deviceB)
		r := New(s)
		defer r.Close()
		l := &listener{}
		c, err := r.OpenMicrophone(id, l.frame, l.lost)
		if err != nil {
			t.Fatal(err)
		}
		run(t, s, r, l, c)
		_ = c.Close()
		if heard := l.during(time.Second); heard != "" {
			t.Errorf("after Close %q is heard", heard)
		}
	})
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q is heard, want %q", what, got, want)
	}
}

func TestAStreamGoesToTheDefaultDeviceWhenItsOwnVanishesAndBackWhenItReturns(t *testing.T) {
	withStream(t, "Beta", func(t *testing.T, s *shelf, _ *Registry, l *listener, _ io.Closer) {
		expect(t, "at first", l.during(time.Second), "b")
		s.change(func() { s.list = []Device{deviceA} })
		expect(t, "unplugged", l.during(time.Second), "a")
		s.change(func() { s.list = []Device{deviceA, deviceB} })
		expect(t, "back", l.during(time.Second), "ab") // without a gap
		if len(l.losses) > 0 {
			t.Errorf("the user was told of %v", l.losses)
		}
	})
}

func TestADeviceThatOpensButDeliversNothingIsPassedOver(t *testing.T) {
	withStream(t, "b", func(t *testing.T, s *shelf, _ *Registry, l *listener, _ io.Closer) {
		s.change(func() { s.broken["b"] = true })
		expect(t, "broken", l.during(time.Second), "a")
		// It is tried again and again while the other one is heard, and taken when it works.
		expect(t, "still broken", l.during(time.Minute), "a")
		s.mu.Lock()
		s.broken["b"] = false // nobody is told
		s.mu.Unlock()
		expect(t, "repaired", l.during(time.Minute), "ab")
	})
}

func TestTheUserIsToldOnceWhenNothingIsLeftAndHearsAgainWhatComes(t *testing.T) {
	withStream(t, "", func(t *testing.T, s *shelf, r *Registry, l *listener, _ io.Closer) {
		s.change(func() { s.list = nil })
		expect(t, "nothing there", l.during(10*time.Second), "")
		if len(l.losses) != 1 || !errors.Is(l.losses[0], ErrLost) {
			t.Errorf("the user was told %v, want ErrLost once", l.losses)
		}
		if r.HaveMicrophone() {
			t.Error("it says there is a microphone")
		}
		s.change(func() { s.list = []Device{deviceB} })
		expect(t, "another one", l.during(time.Second), "b")
		s.change(func() { s.list = nil })
		l.during(time.Second)
		if len(l.losses) != 2 {
			t.Errorf("the second loss was told %d times", len(l.losses)-1)
		}
	})
}

func TestADeviceThatIsListedButDoesNotOpenIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShelf(deviceA, deviceB)
		s.refused["b"] = true
		r := New(s)
		defer r.Close()
		l := &listener{}
		if _, err := r.OpenMicrophone("b", l.frame, l.lost); err != nil {
			t.Fatal(err)
		}
		expect(t, "refused", l.during(time.Second), "a")
		s.mu.Lock()
		s.refused["b"] = false
		s.mu.Unlock()
		expect(t, "allowed", l.during(20*time.Second), "ab")
	})
}

func TestResolve(t *testing.T) {
	r := New(newShelf(deviceA, deviceB, Device{ID: "s", Name: "Alpha", Kind: Speaker, Default: true}))
	for id, want := range map[string]string{"": "a", "default": "a", "a": "a", "b": "b", "Beta": "b", "BETA": "b", "nothing": "a", "virtual": "virtual"} {
		if d, ok := r.Resolve(Microphone, id); !ok || d.ID != want {
			t.Errorf("%q is resolved to %+v, want %s", id, d, want)
		}
	}
	if d, ok := r.Resolve(Camera, "a"); ok {
		t.Errorf("a camera is found: %+v", d)
	}
}

func TestAVirtualDeviceIsListedOnlyWhileItIsChosen(t *testing.T) {
	r := New(newShelf())
	if r.HaveMicrophone() || len(r.List(Microphone)) > 0 {
		t.Fatal("there is a microphone on an empty shelf")
	}
	told := 0
	defer r.Watch(func() { told++ })()
	r.Choose(Microphone, "virtual")
	if !r.HaveMicrophone() || r.HaveCamera() || len(r.List(Microphone)) != 1 {
		t.Errorf("chosen, the list is %v", r.List(Microphone))
	}
	r.Choose(Microphone, "")
	if r.HaveMicrophone() || told != 2 {
		t.Errorf("after the choice is withdrawn there is a microphone: %v, told %d times", r.HaveMicrophone(), told)
	}
}

func TestOnlyARealMicrophoneHearsARoom(t *testing.T) {
	r := New(newShelf(Device{ID: "real", Kind: Microphone, Name: "Real", Default: true}))
	defer r.Close()
	for id, want := range map[string]bool{"real": true, "Real": true, "": true, "gone": true, "virtual": false} {
		if got := r.HearsRoom(id); got != want {
			t.Errorf("%q: %t", id, got)
		}
	}
	none := New(newShelf())
	defer none.Close()
	if none.HearsRoom("") {
		t.Error("there is no microphone")
	}
}

func TestBeforeTheFirstListAMicrophoneIsHopedFor(t *testing.T) {
	s := newShelf()
	s.listed = make(chan struct{})
	r := New(s)
	if !r.HaveMicrophone() {
		t.Error("it says there is none before it knows")
	}
	close(s.listed)
	if r.HaveMicrophone() {
		t.Error("it says there is one")
	}
}

func TestOpeningFailsWhereThereIsNothing(t *testing.T) {
	r := New(newShelf())
	if _, err := r.OpenMicrophone("", func([]int16) {}, nil); !errors.Is(err, ErrNoDevice) {
		t.Errorf("it fails with %v, want ErrNoDevice", err)
	}
	r.Close()
	r.Close()
	if _, err := r.OpenMicrophone("", func([]int16) {}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed, it fails with %v, want ErrClosed", err)
	}
}

func TestBackendsLookOftenOnlyWhileSomebodyWatches(t *testing.T) {
	withStream(t, "", func(t *testing.T, s *shelf, r *Registry, _ *listener, c io.Closer) {
		cancel := r.Watch(func() {})
		watchers := func() int { s.mu.Lock(); defer s.mu.Unlock(); return len(s.watchers) }
		if n := watchers(); n != 1 {
			t.Errorf("%d watchers of the backend, want 1", n)
		}
		cancel()
		cancel()
		if n := watchers(); n != 1 {
			t.Errorf("%d watchers while a stream runs, want 1", n)
		}
		_ = c.Close()
		if n := watchers(); n != 0 {
			t.Errorf("%d watchers after all is closed", n)
		}
	})
}
