package media

import "sync"

const (
	driftSpace = 80 * ms
	// driftMost is the most that may wait at a read; what is more is thrown away, oldest first.
	driftMost = 40 * ms
	// The least that was left after a read within the last moments should be between these.
	driftLow, driftHigh = 2 * ms, 5 * ms
	driftWatch          = 25    // reads: the window over which the least is taken
	driftBend           = 0.005 // the most by which the pace is bent
)

// drift is the FIFO between a microphone and the tick: two clocks that differ. It reads a little faster or slower than it is
// written to (by cubic interpolation, at most ½ %), so that a few milliseconds are left in it even when the device
// delivers in bursts.
type drift struct {
	mu   sync.Mutex
	ring [driftSpace]int16
	head int // oldest sample
	n    int

	filling bool    // wait for driftLow before giving anything
	short   bool    // ran empty before: the device delivers in bursts
	at      float64 // position between ring[head+1] and ring[head+2]
	step    float64
	least   int
	reads   int
}

func newDrift() *drift { return &drift{filling: true, step: 1, least: driftSpace} }

// write adds what the microphone heard.
func (d *drift) write(pcm []int16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(pcm) > driftSpace {
		pcm = pcm[len(pcm)-driftSpace:]
	}
	if over := d.n + len(pcm) - driftSpace; over > 0 {
		d.drop(over)
	}
	tail := (d.head + d.n) % driftSpace
	k := copy(d.ring[tail:], pcm)
	copy(d.ring[:], pcm[k:])
	d.n += len(pcm)
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
	if d.n > driftMost {
		d.drop(d.n - len(out) - driftHigh)
	}
	if d.filling && d.n < len(out)+driftLow {
		clear(out)
		return false
	}
	fresh := d.filling
	if over := d.n - len(out) - driftHigh; fresh && !d.short && over > 0 {
		d.drop(over)
	}
	d.filling = false
	got := d.resample(out)
	if fresh {
		fadeIn(out[:got])
	}
	if got < len(out) {
		fadeOut(out[max(0, got-5*ms):got])
		clear(out[got:])
		d.filling, d.short = true, true
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

// steer bends the pace by the least that was left over.
func (d *drift) steer() {
	d.least = min(d.least, d.n)
	if d.reads++; d.reads < driftWatch {
		return
	}
	bend := 0.0
	switch {
	case d.least > driftHigh:
		bend = float64(d.least-driftHigh) / (400 * ms)
	case d.least < driftLow:
		bend = float64(d.least-driftLow) / (400 * ms)
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
