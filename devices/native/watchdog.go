package native

import (
	"sync/atomic"
	"time"
)

// silentLimit is how long a running device may go without a call before it counts as gone; startLimit the same before
// it runs (a sink that was suspended, a headset that connects). A speaker runs when it asks for more than its buffer holds.
const (
	silentLimit = 300 * time.Millisecond
	startLimit  = 3 * time.Second
	startCalls  = 6
)

// watchdog notices that a device's calls have stopped.
type watchdog struct {
	calls atomic.Uint64
	done  chan struct{}
}

// startWatchdog calls bark once, from a goroutine of its own, when too long nobody called fed.
func startWatchdog(bark func()) *watchdog {
	w := &watchdog{done: make(chan struct{})}
	go w.run(bark)
	return w
}

// fed says that the device called.
func (w *watchdog) fed() { w.calls.Add(1) }

// stop ends it; bark may be under way.
func (w *watchdog) stop() { close(w.done) }

func (w *watchdog) run(bark func()) {
	const step = 50 * time.Millisecond
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	seen, since := uint64(0), time.Now()
	for {
		select {
		case <-w.done:
			return
		case <-ticker.C:
		}
		limit := silentLimit
		if seen <= startCalls {
			limit = startLimit
		}
		if calls := w.calls.Load(); calls != seen {
			seen, since = calls, time.Now()
		} else if time.Since(since) >= limit {
			bark()
			return
		}
	}
}
