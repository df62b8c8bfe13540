package tally

import (
	"math"
	"time"
)

// timing is the estimate of the interarrival jitter (RFC 3550 §6.4.1 and appendix A.8). It is made at each packet, those
// of one picture, which share a timestamp, included.
type timing struct {
	clock  uint32
	known  bool // there was a packet before
	stamp  uint32
	at     time.Time
	jitter float64 // in units of clock

	largest, sum time.Duration
	estimates    int64
}

// time takes a packet's timestamp and arrival.
func (t *timing) time(stamp, clock uint32, at time.Time) {
	if clock == 0 {
		return
	}
	if clock != t.clock { // another codec: the units change
		t.clock, t.known, t.jitter = clock, false, 0
	}
	if t.known {
		apart := math.Abs(at.Sub(t.at).Seconds()*float64(clock) - float64(int32(stamp-t.stamp))) //nolint:gosec // modulo 2^32 is meant
		if apart < float64(clock) {                                                              // more than a second is no jitter: the sender's clock was set anew
			t.jitter += (apart - t.jitter) / 16
		}
		now := t.estimate()
		t.largest = max(t.largest, now)
		t.sum += now
		t.estimates++
	}
	t.known, t.stamp, t.at = true, stamp, at
}

// estimate is the jitter as a time.
func (t *timing) estimate() time.Duration {
	if t.clock == 0 {
		return 0
	}
	return time.Duration(t.jitter / float64(t.clock) * float64(time.Second))
}
