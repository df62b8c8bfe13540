package app

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// quality judges a call's sound by what passed in the last few seconds, so that a bad moment is
// seen soon and forgotten soon.
type quality struct {
	of      phone.CallID
	samples []phone.MediaStats // one a second, the latest last
}

// The window that is judged, and how much must have come in it for a word.
const (
	qualitySamples       = 6
	qualityLeast   int64 = 50
)

// The limits of good and fair: the share lost (the worse way), their jitter, the round trip. Good is
// where people notice nothing, bad where they begin to ask "what?" (ITU-T G.107 and G.114 by the thumb).
const (
	goodLoss, fairLoss           = 0.02, 0.08
	goodJitter, fairJitter       = 30 * time.Millisecond, 80 * time.Millisecond
	goodRoundTrip, fairRoundTrip = 300 * time.Millisecond, 600 * time.Millisecond
)

// add takes a call's counters as they are now.
func (q *quality) add(of phone.CallID, s phone.MediaStats) {
	if q.of != of {
		*q = quality{of: of}
	}
	q.samples = append(q.samples, s)
	if len(q.samples) > qualitySamples {
		q.samples = q.samples[1:]
	}
}

// chip is the word with its bars; the zero chip where there is too little to judge by.
func (q *quality) chip() widgets.ChipState {
	if len(q.samples) < 2 {
		return widgets.ChipState{}
	}
	first, last := q.samples[0], q.samples[len(q.samples)-1]
	came, theirs := grown(first.PacketsReceived, last.PacketsReceived), grown(first.PacketsLost, last.PacketsLost)
	reached, ours := grown(first.RemoteReceived, last.RemoteReceived), grown(first.RemoteLost, last.RemoteLost)
	if came+theirs < qualityLeast {
		return widgets.ChipState{}
	}
	loss := max(share(theirs, came+theirs), share(ours, ours+reached))
	switch {
	case loss <= goodLoss && last.Jitter <= goodJitter && last.RoundTrip <= goodRoundTrip:
		return widgets.ChipState{Icon: "signal", Label: tr("quality.good"), Bold: true}
	case loss <= fairLoss && last.Jitter <= fairJitter && last.RoundTrip <= fairRoundTrip:
		return widgets.ChipState{Icon: "signal-2", Label: tr("quality.fair"), Bold: true, Tone: widgets.ChipAmber}
	}
	return widgets.ChipState{Icon: "signal-1", Label: tr("quality.bad"), Bold: true, Tone: widgets.ChipRed}
}

// grown is how much a counter grew; a counter that began anew has grown by nothing.
func grown(from, to uint64) int64 { return max(0, int64(to-from)) } //nolint:gosec // wraps to a negative difference on purpose

func share(part, of int64) float64 {
	if of <= 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// everySecond is the clock's tick: the timers move on, and the quality is judged anew.
func (a *App) everySecond() {
	if c, ok := a.current(); ok && c.State == phone.StateTalking {
		if s, there := a.op.Stats(c.ID); there {
			a.model.quality.add(c.ID, s)
		}
	}
	a.render()
}
