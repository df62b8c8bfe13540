package media

import (
	"sync/atomic"

	"github.com/hookswitch/hookswitch/phone"
)

// tonebox plays the tones of our own ear. play and key may be called from any goroutine, mix by the tick only.
type tonebox struct {
	wanted atomic.Pointer[phone.Tone] // nil: nothing new
	keys   atomic.Int32               // the key to sound next, 0: none
	tone   voice
	key    voice
}

func (b *tonebox) play(t phone.Tone) { b.wanted.Store(&t) }

func (b *tonebox) press(digit byte) { b.keys.Store(int32(digit)) }

// mix adds what sounds to out and reports whether anything does or will.
func (b *tonebox) mix(out []int32) bool {
	if t := b.wanted.Swap(nil); t != nil {
		b.tone.play(cadences[*t], false)
	}
	if digit := b.keys.Swap(0); digit != 0 {
		low, high := keyTones(byte(digit)) //nolint:gosec // was a byte
		b.key.play([]beat{{length: keyLength, a: low, b: high}}, true)
	}
	b.tone.mix(out)
	b.key.mix(out)
	return !b.tone.silent() || !b.key.silent()
}

// bell plays the ring tone on a ringer, by the ringer's own pace: nothing else must wait for it or hear it.
type bell struct {
	ring    *atomic.Pointer[phone.Tone] // what it is to ring; nil: nothing
	ringing *phone.Tone
	voice   voice
	sum     [tick]int32
}

// fill is called by the ringer device.
func (b *bell) fill(pcm []int16) {
	if ring := b.ring.Load(); ring != b.ringing {
		b.ringing = ring
		if ring != nil {
			b.voice.play(cadences[*ring], false)
		} else {
			b.voice.play(nil, false)
		}
	}
	for len(pcm) > 0 {
		n := min(len(pcm), len(b.sum))
		clear(b.sum[:n])
		b.voice.mix(b.sum[:n])
		for i, v := range b.sum[:n] {
			pcm[i] = clip(v)
		}
		pcm = pcm[n:]
	}
}
