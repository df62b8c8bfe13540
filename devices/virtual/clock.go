package virtual

import (
	"sync"
	"time"
)

// The form of all sound here.
const (
	sampleRate   = 48000
	frameSamples = sampleRate / 100
	frameTime    = 10 * time.Millisecond
	// giveUpAfter is how late the clock may be before frames are skipped (the machine slept) instead of made up for.
	giveUpAfter = 200 * time.Millisecond
)

// paced calls step at a steady pace, from a goroutine of its own.
type paced struct {
	every       time.Duration
	done, ended chan struct{}
	once        sync.Once
	onClose     func()
}

func startPaced(every time.Duration, step func()) *paced {
	p := &paced{every: every, done: make(chan struct{}), ended: make(chan struct{})}
	go p.run(step)
	return p
}

func (p *paced) run(step func()) {
	defer close(p.ended)
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
		step()
		due = due.Add(p.every)
		if late := time.Since(due); late > giveUpAfter {
			due = due.Add(late.Truncate(p.every))
		}
		timer.Reset(time.Until(due)) // at once when it is past
	}
}

// Close ends the calls; none is under way when it returned. It must not be called by step.
func (p *paced) Close() error {
	p.once.Do(func() {
		close(p.done)
		if p.onClose != nil {
			p.onClose()
		}
	})
	<-p.ended
	return nil
}
