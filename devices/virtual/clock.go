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

// paced calls step with one frame every 10 ms, from a goroutine of its own.
type paced struct {
	done, ended chan struct{}
	once        sync.Once
	onClose     func()
}

func startPaced(step func(pcm []int16)) *paced {
	p := &paced{done: make(chan struct{}), ended: make(chan struct{})}
	go p.run(step)
	return p
}

func (p *paced) run(step func(pcm []int16)) {
	defer close(p.ended)
	pcm := make([]int16, frameSamples)
	timer := time.NewTimer(0)
	defer timer.Stop()
	due := time.Now()
	for {
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
		clear(pcm)
		step(pcm)
		due = due.Add(frameTime)
		if late := time.Since(due); late > giveUpAfter {
			due = due.Add(late.Truncate(frameTime))
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
