package sipua

import (
	"sync"
	"time"
)

// mailbox carries causes to the line's owner. Putting never blocks, so that port methods return at once.
type mailbox struct {
	mu    sync.Mutex
	items []func()
	wake  chan struct{}
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

func (b *mailbox) put(f func()) {
	b.mu.Lock()
	b.items = append(b.items, f)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *mailbox) take() []func() {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}

// timer runs a function in the owner. stop is the owner's too: a stopped timer that has already
// fired into the mailbox does nothing.
type timer struct {
	t       *time.Timer
	stopped bool
}

// after runs f in the owner after d.
func (l *line) after(d time.Duration, f func()) *timer {
	t := &timer{}
	t.t = time.AfterFunc(d, func() {
		l.box.put(func() {
			if !t.stopped {
				t.stopped = true
				f()
			}
		})
	})
	return t
}

func (l *line) stop(t *timer) {
	if t != nil {
		t.stopped = true
		t.t.Stop()
	}
}
