package app

import (
	"sync"
	"time"
)

// ticker calls tick on the main goroutine once a period while it runs. It owns no goroutine, and
// when it is stopped nothing wakes the program.
type ticker struct {
	period time.Duration
	post   func(func())
	tick   func()

	mu    sync.Mutex
	timer *time.Timer
	round int // tells a late call of a former timer
}

// run starts or stops it; the state it has already changes nothing.
func (t *ticker) run(on bool) {
	if on {
		t.start()
	} else {
		t.stop()
	}
}

func (t *ticker) start() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		return
	}
	t.round++
	t.arm(t.round)
}

// arm sets the next tick; the lock is held.
func (t *ticker) arm(round int) {
	t.timer = time.AfterFunc(t.period, func() {
		t.post(func() {
			if t.alive(round) {
				t.tick()
			}
		})
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.timer != nil && t.round == round {
			t.arm(round)
		}
	})
}

func (t *ticker) alive(round int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.timer != nil && t.round == round
}

func (t *ticker) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}
