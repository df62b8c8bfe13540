package media

import (
	"math"
	"sync/atomic"

	"github.com/hookswitch/hookswitch/phone"
)

// The beep of a call that was answered by itself.
const (
	beepHz     = 1000
	beepLength = 400 * ms
)

// beeper plays the beep to both sides of a leg. asked may be set from any goroutine; the rest is the tick's.
type beeper struct {
	asked  atomic.Bool
	voice  voice
	block  [tick]int32
	sent   [tick]int16
	sounds bool
}

// Beep implements phone.Beeper.
func (e *Engine) Beep(id phone.CallID) {
	if l := e.leg(id); l != nil {
		l.beep.asked.Store(true)
	}
}

// mix adds 10 ms of the beep to what we hear. It begins when both can hear it.
func (b *beeper) mix(sum []int32, passes bool) {
	if passes && b.asked.Swap(false) {
		b.voice.play([]beat{{length: beepLength, a: beepHz}}, true)
	}
	if b.sounds = !b.voice.silent(); !b.sounds {
		return
	}
	clear(b.block[:])
	b.voice.mix(b.block[:])
	for i, v := range b.block {
		sum[i] += v
	}
}

// tell adds it to what the far end hears.
func (b *beeper) tell(pcm []int16) []int16 {
	if !b.sounds {
		return pcm
	}
	for i, v := range b.block {
		b.sent[i] = int16(max(math.MinInt16, min(math.MaxInt16, int32(pcm[i])+v))) //nolint:gosec // bounded
	}
	return b.sent[:]
}
