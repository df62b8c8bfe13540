package media

import (
	"math"

	"github.com/hookswitch/hookswitch/phone"
)

// toneLevel is the amplitude of a tone at -20 dBFS (RMS). A tone of two gets half the power for each.
const toneLevel = 32768 * 0.1 * math.Sqrt2

// ramp is the number of samples over which a tone fades in or out, against clicks.
const ramp = 5 * ms

// beat is one part of a tone's cadence: up to two sines for a while, or silence.
type beat struct {
	length int // samples
	a, b   float64
	decay  bool // dies away like a struck bar
}

// The cadences. The supervisory tones are those of most of Europe (ITU-T E.180 supplement 2), 425 Hz.
var cadences = map[phone.Tone][]beat{
	phone.ToneRingback:    {{length: 1000 * ms, a: 425}, {length: 4000 * ms}},
	phone.ToneBusy:        {{length: 480 * ms, a: 425}, {length: 480 * ms}},
	phone.ToneCongestion:  {{length: 240 * ms, a: 425}, {length: 240 * ms}},
	phone.ToneCallWaiting: {{length: 200 * ms, a: 425}, {length: 9800 * ms}},
	phone.ToneRing:        warble(),
	phone.ToneRing2:       trills(800, 400, 800, 4000),
	phone.ToneRing3:       trills(400, 200, 400, 200, 800, 4000),
	phone.ToneRing4:       trills(300, 200, 1000, 200, 300, 4000),
	phone.ToneRing5:       trills(500, 5500),
}

// trills is a distinctive ring: trill and rest in turn, in milliseconds. The rhythms are Bellcore's, the notes ours.
func trills(lengths ...int) []beat {
	const e, a = 659.26, 880
	const note = 100
	var out []beat
	for i, length := range lengths {
		if i%2 == 1 {
			out = append(out, beat{length: length * ms})
			continue
		}
		for at := 0; at < length; at += note {
			f := e
			if at/note%2 == 1 {
				f = a
			}
			out = append(out, beat{length: min(note, length-at) * ms, a: f, b: 2 * f, decay: true})
		}
	}
	return out
}

// warble is our ring tone: two trills of a third, then a rest.
func warble() []beat {
	const e, gSharp = 659.26, 830.61
	var out []beat
	for trill := range 2 {
		for range 5 {
			out = append(out, beat{length: 75 * ms, a: e, b: 2 * e, decay: true},
				beat{length: 75 * ms, a: gSharp, b: 2 * gSharp, decay: true})
		}
		out = append(out, beat{length: []int{250, 2000}[trill] * ms})
	}
	return out
}

// keyLength is how long a key sounds.
const keyLength = 120 * ms

// keyTones are the two frequencies of each key (ITU-T Q.23).
func keyTones(digit byte) (low, high float64) {
	const layout = "123A456B789C*0#D"
	for i := range len(layout) {
		if layout[i] == digit {
			return [...]float64{697, 770, 852, 941}[i/4], [...]float64{1209, 1336, 1477, 1633}[i%4]
		}
	}
	return 0, 0
}

// voice synthesises one tone. One goroutine owns it.
type voice struct {
	beats    []beat
	once     bool // play the beats once, not over and over
	index    int
	at       int // samples into the beat
	gain     float64
	ending   bool // fade out, then fall silent
	phase    [2]float64
	next     []beat // what plays once the fade is over
	nextOnce bool
}

// play fades out what sounds and begins with beats; nil is silence.
func (v *voice) play(beats []beat, once bool) {
	if v.gain == 0 {
		v.begin(beats, once)
		return
	}
	v.ending, v.next, v.nextOnce = true, beats, once
}

func (v *voice) begin(beats []beat, once bool) {
	*v = voice{beats: beats, once: once}
}

// silent reports whether nothing sounds nor will.
func (v *voice) silent() bool { return len(v.beats) == 0 }

// mix adds the tone to out.
func (v *voice) mix(out []int32) {
	for i := range out {
		if v.silent() {
			return
		}
		out[i] += int32(v.sample())
	}
}

func (v *voice) sample() float64 {
	b := v.beats[v.index]
	v.envelope(b)
	var s float64
	if v.gain > 0 && b.a > 0 {
		s = v.sine(0, b.a)
		if b.b > 0 {
			s = (s + v.sine(1, b.b)) / math.Sqrt2
		}
		s *= v.gain * toneLevel
		if b.decay {
			s *= math.Exp(-3 * float64(v.at) / float64(b.length))
		}
	}
	v.at++
	if v.at >= b.length {
		v.turn()
	}
	if v.ending && v.gain == 0 {
		v.begin(v.next, v.nextOnce)
	}
	return s
}

// envelope ramps at both ends of a beat.
func (v *voice) envelope(b beat) {
	goal := 1.0
	if v.ending || b.a == 0 || v.at >= b.length-ramp {
		goal = 0
	}
	switch {
	case v.gain < goal:
		v.gain = min(goal, v.gain+1.0/ramp)
	case v.gain > goal:
		v.gain = max(goal, v.gain-1.0/ramp)
	}
	if v.gain < 1e-9 {
		v.gain = 0
	}
}

// turn goes on to the next beat.
func (v *voice) turn() {
	v.at, v.phase = 0, [2]float64{}
	v.index++
	if v.index < len(v.beats) {
		return
	}
	v.index = 0
	if v.once {
		v.begin(v.next, v.nextOnce)
	}
}

func (v *voice) sine(i int, hz float64) float64 {
	s := math.Sin(2 * math.Pi * v.phase[i])
	v.phase[i] += hz / SampleRate
	v.phase[i] -= math.Floor(v.phase[i])
	return s
}
