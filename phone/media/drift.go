package media

import (
	"sync"
	"time"
)

const (
	driftSpace = 100 * ms
	// driftMost of slack is too much to bend away: the oldest sound is thrown away.
	driftMost = 20 * ms
	// The least slack of the last moments should be between these.
	driftLow, driftHigh = 2 * ms, 5 * ms
	driftWatch          = 25    // reads: the window over which the least is taken
	driftBend           = 0.005 // the most by which the pace is bent
	// burstGap separates the device's deliveries; what comes closer together is one of them.
	burstGap = 3 * time.Millisecond
)

// drift is the FIFO between a microphone and the tick: two clocks that differ. It reads a little faster or slower than it is
// written to (by cubic interpolation, at most ½ %), so that a few milliseconds of slack are left in it.
//
// Slack is what would be left right before the next delivery if that came in time. Unlike the fill level it
// does not depend on where between two deliveries the read happens, so drift is seen before it does harm.
type drift struct {
	clock func() time.Time

	mu    sync.Mutex
	ring  [driftSpace]int16
	head  int // oldest sample
	n     int
	wrote time.Time
	burst int // samples of the delivery under way
	block int // samples of the largest delivery so far

	filling bool    // wait for some slack before giving anything
	at      float64 // position between ring[head+1] and ring[head+2]
	step    float64
	least   int
	reads   int
}

func newDrift(clock func() time.Time) *drift {
	return &drift{clock: clock, filling: true, step: 1, least: driftSpace}
}

// write adds what the microphone heard.
func (d *drift) write(pcm []int16) {
	now := d.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(pcm) > driftSpace {
		pcm = pcm[len(pcm)-driftSpace:]
	}
	if over := d.n + len(pcm) - driftSpace; over > 0 {
		d.drop(over)
	}
	if now.Sub(d.wrote) > burstGap {
		d.burst = 0
	}
	d.wrote = now
	d.burst += len(pcm)
	d.block = max(d.block, min(d.burst, driftSpace/2))
	tail := (d.head + d.n) % driftSpace
	k := copy(d.ring[tail:], pcm)
	copy(d.ring[:], pcm[k:])
	d.n += len(pcm)
}

// slack is what n waiting samples leave before the next delivery.
func (d *drift) slack(n int) int {
	passed := min(int(d.clock().Sub(d.wrote)*ms/time.Millisecond), d.block)
	return n + passed - d.block
}

func (d *drift) drop(n int) {
	n = min(n, d.n)
	d.head = (d.head + n) % driftSpace
	d.n -= n
}

// read fills out, with silence where nothing is there, and reports whether all of it is sound.
func (d *drift) read(out []int16) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	slack := d.slack(d.n - len(out))
	if d.filling && (d.block == 0 || d.n < len(out)+4 || slack < driftLow) {
		clear(out)
		return false
	}
	if over := slack - driftHigh; over > 0 && (d.filling || slack > driftMost) {
		d.drop(over)
	}
	fresh := d.filling
	d.filling = false
	got := d.resample(out)
	if fresh {
		fadeIn(out[:got])
	}
	if got < len(out) {
		fadeOut(out[max(0, got-5*ms):got])
		clear(out[got:])
		d.filling = true
		return false
	}
	d.steer()
	return true
}

// resample returns how many samples of out it could fill.
func (d *drift) resample(out []int16) int {
	for i := range out {
		if d.n < 4 {
			return i
		}
		a, b := float64(d.ring[d.head]), float64(d.ring[(d.head+1)%driftSpace])
		c, e := float64(d.ring[(d.head+2)%driftSpace]), float64(d.ring[(d.head+3)%driftSpace])
		t := d.at
		// Catmull and Rom's cubic.
		v := b + 0.5*t*(c-a+t*(2*a-5*b+4*c-e+t*(3*(b-c)+e-a)))
		out[i] = int16(max(-32768, min(32767, v)))
		for d.at += d.step; d.at >= 1; d.at-- {
			d.drop(1)
		}
	}
	return len(out)
}

// steer bends the pace by the least slack.
func (d *drift) steer() {
	d.least = min(d.least, d.slack(d.n))
	if d.reads++; d.reads < driftWatch {
		return
	}
	bend := 0.0
	switch {
	case d.least > driftHigh:
		bend = float64(d.least-driftHigh) / (200 * ms)
	case d.least < driftLow:
		bend = float64(d.least-driftLow) / (200 * ms)
	}
	d.step = 1 + max(-driftBend, min(driftBend, bend))
	d.least, d.reads = driftSpace, 0
}

func fadeIn(pcm []int16) {
	n := int32(min(len(pcm), 5*ms)) //nolint:gosec // at most 5 ms
	for i := range n {
		pcm[i] = int16(int32(pcm[i]) * i / n)
	}
}
