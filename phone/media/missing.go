package media

import "github.com/hookswitch/hookswitch/phone"

// missLimit is how long nothing may come of a far end that should be heard, before the user is told. It is longer than
// any pause of codecs that rest (Opus speaks up every 400 ms) and than what a change of networks takes.
const missLimit = 5 * SampleRate

// missing notices that nothing comes. It belongs to the tick.
type missing struct {
	last  int64 // when something came, or nothing was to come
	rests bool  // comfort noise came last: who describes a silence may keep it
	told  bool
}

// came notes a packet.
func (m *missing) came(now int64, what content) { m.last, m.rests = now, what == comfortNoise }

// miss tells when nothing has come for too long, and when it is over.
func (l *leg) miss(now int64) {
	m := &l.missing
	if !l.started.Load() || !l.up.Load() || !l.sends.Load() || l.held.Load() || l.resting() {
		m.last = now
	}
	limit := int64(missLimit)
	if m.rests {
		limit = noiseLimit
	}
	if misses := now-m.last >= limit; misses != m.told {
		m.told = misses
		l.post(phone.SoundMissing{Leg: l.id, On: misses})
	}
}

// resting reports whether the far end says that it sends nothing.
func (l *leg) resting() bool {
	t := l.reported.Load()
	return t != nil && t.Resting
}
