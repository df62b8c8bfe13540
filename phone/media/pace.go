package media

import "time"

const (
	tickTime = 10 * time.Millisecond
	// takeover is how long the speaker may be silent before the clock drives the tick.
	takeover = 40 * time.Millisecond
	// hurry is how far a speaker may run ahead of the clock before it gets silence instead of ticks.
	hurry = 40 * time.Millisecond
	// longestDebt bounds what is caught up after the machine slept.
	longestDebt = 100 * time.Millisecond
)

// pace decides when a tick is due: when the speaker asks, as long as it asks; by the monotonic clock otherwise. debt is
// how far the ticks lag behind the clock. While the speaker drives, debt decays by up to 1 % of the time that
// passes, so a speaker's clock that differs is followed, and one that runs wild is not.
type pace struct {
	last time.Time
	debt time.Duration
}

func (p *pace) reset(now time.Time) { *p = pace{last: now} }

// due reports whether a tick is due, and counts it.
func (p *pace) due(now time.Time, wants bool, asked time.Time) bool {
	if passed := now.Sub(p.last); passed > 0 {
		p.debt = min(p.debt+passed, longestDebt)
		p.last = now
	}
	driven := now.Sub(asked) < takeover
	if !driven {
		p.debt = max(p.debt, 0) // a speaker that ran ahead leaves no gap
	}
	switch {
	case driven && wants && p.debt > -hurry:
		leak := min(max(p.debt-tickTime, -tickTime/100), tickTime/100)
		p.debt -= tickTime + leak
	case driven && p.debt >= takeover, !driven && p.debt >= tickTime:
		p.debt -= tickTime
	default:
		return false
	}
	return true
}

// wait is how long the clock gives the speaker before due must be asked again.
func (p *pace) wait(now, asked time.Time) time.Duration {
	limit := tickTime
	if silent := now.Sub(asked); silent < takeover {
		// Whichever comes first: the debt is too large, or the speaker counts as stalled.
		limit = max(tickTime, min(takeover, p.debt+takeover-silent))
	}
	return max(limit-p.debt, 500*time.Microsecond)
}
