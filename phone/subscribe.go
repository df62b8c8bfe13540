package phone

import (
	"sync"
	"sync/atomic"
)

// backlog is how many events may wait for a slow subscriber before its periodic events
// (updateTimer, callReport) are left out; the others are never dropped.
const backlog = 1024

// subscriber has a goroutine of its own, so that the loop never runs foreign code.
type subscriber struct {
	queue  func(func())
	fn     func(Event)
	box    *mailbox[Event]
	silent atomic.Bool // cancelled: nothing more is called
}

func (s *subscriber) run() {
	for {
		events, ok := s.box.take()
		if !ok {
			return
		}
		for _, e := range events {
			if s.silent.Load() {
				return
			}
			s.queue(func() {
				if !s.silent.Load() {
					s.fn(e)
				}
			})
		}
	}
}

func (s *subscriber) send(e Event) {
	if (e.Name == EventUpdateTimer || e.Name == EventCallReport) && s.box.length() > backlog {
		return
	}
	s.box.put(e)
}

// hub knows the subscribers.
type hub struct {
	mu     sync.Mutex
	subs   map[*subscriber]struct{}
	closed bool
	wg     sync.WaitGroup
}

func newHub() *hub { return &hub{subs: map[*subscriber]struct{}{}} }

func (h *hub) subscribe(queue func(func()), fn func(Event)) (cancel func()) {
	if queue == nil {
		queue = func(f func()) { f() }
	}
	s := &subscriber{queue: queue, fn: fn, box: newMailbox[Event]()}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || fn == nil {
		return func() {}
	}
	h.subs[s] = struct{}{}
	h.wg.Go(s.run)
	return func() {
		s.silent.Store(true)
		h.mu.Lock()
		delete(h.subs, s)
		h.mu.Unlock()
		s.box.close()
	}
}

func (h *hub) publish(events []Event) {
	if len(events) == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.subs {
		for _, e := range events {
			s.send(e)
		}
	}
}

// close delivers what is queued and ends every subscriber. It does not wait; the channel it
// returns is closed when the last subscriber's goroutine has ended.
func (h *hub) close() (done <-chan struct{}) {
	h.mu.Lock()
	h.closed = true
	for s := range h.subs {
		s.box.close()
		delete(h.subs, s)
	}
	h.mu.Unlock()
	ch := make(chan struct{})
	go func() { h.wg.Wait(); close(ch) }()
	return ch
}
