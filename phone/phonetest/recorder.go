package phonetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Recorder keeps an operator's events:
//
//	events := phonetest.NewRecorder()
//	cancel := operator.Subscribe(events.Queue, events.Add)
type Recorder struct {
	mu      sync.Mutex
	events  []phone.Event
	waited  map[phone.EventName]int // how many of a name WaitFor returned
	changed chan struct{}           // closed at the next event
}

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder {
	return &Recorder{waited: make(map[phone.EventName]int), changed: make(chan struct{})}
}

// Queue runs f at once: the recorder may be written from any goroutine.
func (r *Recorder) Queue(f func()) { f() }

// Add records an event.
func (r *Recorder) Add(event phone.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	close(r.changed)
	r.changed = make(chan struct{})
}

// Events returns a copy of everything recorded so far.
func (r *Recorder) Events() []phone.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Names returns the names of all events so far, without the periodic updateTimer and callReport.
func (r *Recorder) Names() []phone.EventName {
	var names []phone.EventName
	for _, event := range r.Events() {
		if event.Name != phone.EventUpdateTimer && event.Name != phone.EventCallReport {
			names = append(names, event.Name)
		}
	}
	return names
}

// Count returns how many events of that name came.
func (r *Recorder) Count(name phone.EventName) int {
	n := 0
	for _, event := range r.Events() {
		if event.Name == name {
			n++
		}
	}
	return n
}

// WaitFor returns the first event of that name which WaitFor has not returned yet, waiting at
// most timeout. The error lists what came instead.
func (r *Recorder) WaitFor(name phone.EventName, timeout time.Duration) (phone.Event, error) {
	return r.Wait(fmt.Sprintf("%q", name), timeout, func(events []phone.Event) (phone.Event, bool) {
		n := 0
		for _, event := range events {
			if event.Name != name {
				continue
			}
			if n == r.waited[name] {
				r.waited[name]++
				return event, true
			}
			n++
		}
		return phone.Event{}, false
	})
}

// WaitState waits until a statusChange shows that the call is in the state, or was.
func (r *Recorder) WaitState(id phone.CallID, state phone.State, timeout time.Duration) (phone.Event, error) {
	return r.Wait(fmt.Sprintf("state %q of %s", state, id), timeout, func(events []phone.Event) (phone.Event, bool) {
		for _, event := range events {
			if event.Call.ID == id && event.Call.State == state {
				return event, true
			}
		}
		return phone.Event{}, false
	})
}

// Wait waits until found, which is called with all events so far, reports true. what names
// the thing for the error.
func (r *Recorder) Wait(what string, timeout time.Duration, found func([]phone.Event) (phone.Event, bool)) (phone.Event, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		r.mu.Lock()
		event, ok := found(r.events)
		changed := r.changed
		r.mu.Unlock()
		if ok {
			return event, nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return phone.Event{}, fmt.Errorf("phonetest: no %s within %v; events were: %s", what, timeout, r)
		}
	}
}

// String lists the names of the events so far.
func (r *Recorder) String() string {
	names := make([]string, 0, 16)
	for _, name := range r.Names() {
		names = append(names, string(name))
	}
	return strings.Join(names, " ")
}
