package media

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// mixer is what a tick works with; it belongs to the tick.
type mixer struct {
	near [tick]int16
	far  [tick]int16
	sum  [tick]int32
	out  [tick]int16
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

// tick does 10 ms of everything: each leg's jitter buffer, decoder and packets, the tones, the mix, the speaker.
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
	legs := *e.legs.Load()
	at := e.samples(now)
	for _, l := range legs {
		l.tick(m, at)
	}
	if e.sounds.Load() {
		// Taken down before the look, so that a tone asked for meanwhile is not forgotten.
		e.sounds.Store(false)
		if e.tones.mix(m.sum[:]) {
			e.sounds.Store(true)
		}
	}
	for i, v := range m.sum {
		m.out[i] = clip(v)
	}
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
