package voice

import (
	"math"
	"math/bits"
)

// All times here are ticks of 10 ms.
const (
	lags       = 50 // the longest delay that is looked for: half a second
	early      = 8  // and by how much the echo may be before its reference
	history    = lags + early + 1
	bands      = 20
	lowestBand = 3 // times 100 Hz
	squeeze    = 6 // 48 kHz to 8 kHz, which is enough to compare
	squeezed   = FrameSamples / squeeze

	scoreMemory = 0.01   // of a tick of the far end in a score: one second
	meanMemory  = 0.02   // of a tick in a band's mean
	patience    = 40     // ticks of the far end for which a new delay must have been the best
	clearBy     = 1.0    // bits that the best delay is ahead of those that are not its neighbours
	lead        = 2      // the reference comes so many ticks before the echo
	reach       = 7      // a delay up to so many ticks after the reference's is well inside the tail
	audible     = 0.0001 // mean magnitude, full scale = 1: that loud, the far end is worth comparing
)

// aligner finds how much later than the reference the echo comes, and delays the reference so that the filter's short tail meets it.
// It compares what is loud in which band, one bit each, in each tick of the microphone with the last half second of the speaker, and
// keeps for each delay how many bits differ. Speech that the room changed, and people who speak at the same time, leave the right
// delay the best.
type aligner struct {
	far, near pattern
	seen      [history]uint32 // of the far end
	heard     [history]uint32 // by the microphone
	sound     [history][FrameSamples]int16
	at        int // where the newest is
	filled    int
	score     [early + lags]float32 // the first is that of a delay of -early
	best      int                   // delay
	steady    int                   // ticks for which best has been the best, and clearly
	delay     int                   // of the reference
}

// pattern is a sound's loudness in each band, against its mean.
type pattern struct{ mean [bands]float32 }

// put takes a tick of both sounds and reports whether the reference's delay was changed: the filter's room is another one then. late is
// by how many ticks far comes too late for that.
func (a *aligner) put(mic, far *[FrameSamples]int16) (moved bool, late int) {
	a.at = (a.at + 1) % history
	a.filled = min(a.filled+1, history)
	a.sound[a.at] = *far
	loud := false
	a.seen[a.at], loud = a.far.take(far)
	a.heard[a.at], _ = a.near.take(mic)
	if !loud || a.filled < history {
		return false, 0
	}
	then := (a.at + history - early) % history
	for i := range a.score { // what was heard a little ago with what was played since, and before
		differ := bits.OnesCount32(a.heard[then] ^ a.seen[(a.at+history-i)%history])
		a.score[i] += scoreMemory * (float32(differ) - a.score[i])
	}
	return a.judge()
}

// reference is the far end's sound, delayed.
func (a *aligner) reference() *[FrameSamples]int16 {
	return &a.sound[(a.at+history-a.delay)%history]
}

// judge looks for the best delay and takes it where the present one is no longer good.
func (a *aligner) judge() (moved bool, late int) {
	least := 0
	for i, s := range a.score {
		if s < a.score[least] {
			least = i
		}
	}
	best := least - early
	if !a.clear(least) || best < a.best-1 || best > a.best+1 {
		a.best, a.steady = best, 0
		return false, 0
	}
	if a.steady++; a.steady < patience || best >= a.delay && best <= a.delay+reach {
		return false, 0
	}
	if best >= 0 {
		a.delay, a.steady = max(0, best-lead), 0
		return true, 0
	}
	*a = aligner{far: a.far, near: a.near}
	return true, 1 - best
}

// clear reports whether a delay is much better than all but its neighbours.
func (a *aligner) clear(least int) bool {
	for i, s := range a.score {
		if (i < least-3 || i > least+3) && s < a.score[least]+clearBy {
			return false
		}
	}
	return true
}

// take returns the bands that are louder than their mean, and whether there is any sound.
func (p *pattern) take(pcm *[FrameSamples]int16) (loud uint32, sounds bool) {
	var small [squeezed]float32
	for i := range small {
		var sum int32
		for _, v := range pcm[squeeze*i : squeeze*(i+1)] {
			sum += int32(v)
		}
		small[i] = float32(sum) / (squeeze * 32768)
	}
	var all float32
	for band := range p.mean {
		m := magnitude(&small, coefficients[band])
		all += m
		if m > p.mean[band] {
			loud |= 1 << band
		}
		p.mean[band] += meanMemory * (m - p.mean[band])
	}
	return loud, all/bands > audible
}

// coefficients are Goertzel's, of bands 100 Hz apart; they are never written to.
var coefficients = func() (c [bands]float32) {
	for i := range c {
		c[i] = float32(2 * math.Cos(2*math.Pi*float64(lowestBand+i)/squeezed))
	}
	return c
}()

// magnitude is the amplitude at one frequency (Goertzel's filter).
func magnitude(pcm *[squeezed]float32, c float32) float32 {
	var a, b float32
	for _, v := range pcm {
		a, b = v+c*a-b, a
	}
	return float32(math.Sqrt(float64(max(0, a*a+b*b-c*a*b)))) * (2.0 / squeezed)
}
