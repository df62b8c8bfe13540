package media

import (
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	retryAfter  = 2 * time.Second
	closingWait = 300 * time.Millisecond
)

// opened is a device that was opened: use makes it the one the engine uses, drop takes it out again.
type opened struct {
	io.Closer
	use, drop func()
}

// slot keeps one device of a kind open while it is wanted. All waiting happens on its own goroutines, which exist only while a
// device is wanted or being opened or closed. A new device is opened before the old one is closed.
type slot struct {
	// open opens the device; it may wait. lost may be called later, once.
	open func(id string, lost func(error)) (opened, error)
	// failed is told of a device that could not be opened (lost false) or that vanished.
	failed func(err error, lost bool)
	// drain is how long the device may play what it has before it is closed.
	drain   time.Duration
	running *sync.WaitGroup

	mu      sync.Mutex
	want    bool
	id      string
	active  bool
	wake    chan struct{}
	closing atomic.Int32
}

// set says whether a device is wanted and which.
func (s *slot) set(want bool, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if want == s.want && id == s.id {
		return
	}
	s.want, s.id = want, id
	s.stir()
}

// retry tries again at once where the last try failed.
func (s *slot) retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active {
		s.stir()
	}
}

// stir wakes the worker, or starts it. mu is held.
func (s *slot) stir() {
	if !s.active {
		if !s.want {
			return
		}
		s.active = true
		s.wake = make(chan struct{}, 1)
		s.running.Go(s.work)
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// holding is what the worker has open.
type holding struct {
	device opened
	open   bool
	id     string
	lost   chan error
}

func (s *slot) work() {
	var held holding
	for {
		s.mu.Lock()
		want, id, wake := s.want, s.id, s.wake
		if !want && !held.open {
			s.active = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		switch {
		case !want:
			s.release(&held)
		case !held.open || held.id != id:
			if s.replace(&held, id, wake) {
				continue
			}
			s.pause(wake, retryAfter)
		default:
			s.watch(&held, wake)
		}
	}
}

// watch waits until something changes or the device is lost.
func (s *slot) watch(held *holding, wake <-chan struct{}) {
	select {
	case <-wake:
	case err := <-held.lost:
		s.release(held)
		s.failed(err, true)
	}
}

func (s *slot) pause(wake <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-wake:
	case <-timer.C:
	}
}

// outcome is what an attempt to open came to.
type outcome struct {
	device opened
	err    error
}

// replace opens the device id and then closes what is held. It reports false when the open failed. When something else is wanted
// meanwhile it returns at once; the attempt is left to itself and its device is closed when it comes.
func (s *slot) replace(held *holding, id string, wake <-chan struct{}) bool {
	for start := time.Now(); s.closing.Load() > 0 && time.Since(start) < closingWait; {
		time.Sleep(5 * time.Millisecond) // the same device may still be closing
	}
	lost := make(chan error, 1)
	done := make(chan outcome) // unbuffered: taken, or not
	gone := make(chan struct{})
	s.running.Go(func() {
		device, err := s.open(id, func(err error) {
			select {
			case lost <- err:
			default:
			}
		})
		select {
		case done <- outcome{device, err}:
		case <-gone:
			if err == nil {
				s.close(device)
			}
		}
	})
	for {
		select {
		case o := <-done:
			if o.err != nil {
				s.release(held)
				s.failed(o.err, false)
				return false
			}
			o.device.use()
			s.release(held)
			*held = holding{device: o.device, open: true, id: id, lost: lost}
			return true
		case <-wake:
			if !s.still(id) {
				close(gone)
				return true
			}
		}
	}
}

// still reports whether the device id is wanted still.
func (s *slot) still(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.want && s.id == id
}

// release closes what is held, without waiting for it.
func (s *slot) release(held *holding) {
	if !held.open {
		return
	}
	device := held.device
	*held = holding{}
	device.drop()
	s.closing.Add(1)
	s.running.Go(func() {
		// One that hangs is no longer waited for.
		over := sync.OnceFunc(func() { s.closing.Add(-1) })
		timer := time.AfterFunc(closingWait, over)
		defer over()
		defer timer.Stop()
		if s.drain > 0 {
			time.Sleep(s.drain)
		}
		s.close(device)
	})
}

func (s *slot) close(device opened) { _ = device.Close() } // a device that cannot be closed cannot be helped
