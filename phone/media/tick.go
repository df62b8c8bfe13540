package media

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// mixer is what a tick works with; it belongs to the tick. Each leg's own sound stays in the leg, so that it can be taken out of
// the room again: what a member of the conference hears is near + room - its own.
type mixer struct {
	near [tick]int16 // our microphone, without echo and noise
	sum  [tick]int32 // for our ear: everyone, and the tones
	room [tick]int32 // the members of the conference, without us
	out  [tick]int16
	ear  limiter

	came int // how often a member came to hear the room
}

// samples is the engine's time: samples at 48 kHz since it was made.
func (e *Engine) samples(t time.Time) int64 {
	return int64(t.Sub(e.epoch)) * ms / int64(time.Millisecond)
}

// run is the tick's goroutine: it ends when there has been nothing to do for a while.
func (e *Engine) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	e.idle = 0
	e.pace.reset(time.Now())
	for {
		select {
		case <-e.stop:
			return
		case <-e.need:
		case <-timer.C:
		}
		now := time.Now()
		for {
			wants, asked := e.earState()
			if !e.pace.due(now, wants, asked) {
				break
			}
			e.tick(now)
		}
		if e.idle > linger && e.finish() {
			return
		}
		_, asked := e.earState()
		timer.Reset(e.pace.wait(now, asked))
	}
}

func (e *Engine) earState() (wants bool, asked time.Time) {
	if o := e.ear.Load(); o != nil {
		return o.state()
	}
	return false, time.Time{}
}

// finish ends the ticking if nothing needs it.
func (e *Engine) finish() bool {
	e.mu.Lock()
	if e.busy() {
		e.mu.Unlock()
		e.idle = 0
		return false
	}
	e.ticking = false
	if o := e.ear.Load(); o != nil {
		o.rest()
	}
	e.mu.Unlock()
	e.update()
	return true
}

// busy reports whether anything needs the tick.
func (e *Engine) busy() bool {
	if e.sounds.Load() {
		return true
	}
	for _, l := range *e.legs.Load() {
		if l.started.Load() || l.early.Load() {
			return true
		}
	}
	return false
}

// tick does 10 ms of everything: each leg's jitter buffer and decoder, the mix, each leg's packets, the tones, the speaker.
func (e *Engine) tick(now time.Time) {
	if e.busy() {
		e.idle = 0
	} else {
		e.idle++
	}
	m := &e.mixer
	if mic := e.mic.Load(); mic != nil {
		mic.read(m.near[:])
	} else {
		clear(m.near[:])
	}
	clear(m.sum[:])
	clear(m.room[:])
	legs := *e.legs.Load()
	at := e.samples(now)
	for _, l := range legs {
		l.listen(m, at)
	}
	for _, l := range legs { // only now, since each member of a conference hears all others
		l.speak(m)
	}
	if e.sounds.Load() {
		// Taken down before the look, so that a tone asked for meanwhile is not forgotten.
		e.sounds.Store(false)
		if e.tones.mix(m.sum[:]) {
			e.sounds.Store(true)
		}
	}
	m.ear.limit(m.out[:], m.sum[:])
	if o := e.ear.Load(); o != nil {
		o.push(m.out[:])
	}
	for _, l := range legs {
		if l.first {
			l.first = false
			l.post(phone.FirstSound{Leg: l.id, At: now})
		}
	}
}
