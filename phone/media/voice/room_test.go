package voice

import (
	"math"
	"math/rand/v2"
)

// ---- people and rooms ----

const second = SampleRate

// talker is n samples of something like speech with that peak: syllables of voiced sound with two formants that wander, every fifth a
// hiss, in phrases of a second and a half with pauses between.
func talker(seed uint64, n int, peak float64) []int16 {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := make([]float64, 0, n+second)
	for len(out) < n {
		for range 8 {
			length := int((0.12 + 0.12*rng.Float64()) * second)
			if rng.IntN(5) == 0 {
				out = append(out, hiss(rng, length/2)...)
			} else {
				out = append(out, vowel(rng, length)...)
			}
		}
		out = append(out, make([]float64, int((0.2+0.3*rng.Float64())*second))...)
	}
	most := 0.0
	for _, v := range out[:n] {
		most = max(most, math.Abs(v))
	}
	return whole(out[:n], peak/most)
}

func vowel(rng *rand.Rand, length int) []float64 {
	pitch := 90 + 120*rng.Float64()
	glide := pitch * 0.3 * (rng.Float64() - 0.5)
	first, second := resonator{hz: 300 + 500*rng.Float64(), width: 90}, resonator{hz: 900 + 1400*rng.Float64(), width: 120}
	out := make([]float64, length)
	phase := 0.0
	for i := range out {
		part := float64(i) / float64(length)
		pulse := 0.02 * rng.NormFloat64()
		if phase += (pitch + glide*part) / SampleRate; phase >= 1 {
			phase--
			pulse = 1
		}
		out[i] = (first.step(pulse) + 0.5*second.step(pulse) + 0.02*pulse) * math.Sin(math.Pi*part)
	}
	return out
}

func hiss(rng *rand.Rand, length int) []float64 {
	out := make([]float64, length)
	before := 0.0
	for i := range out {
		v := rng.NormFloat64()
		out[i] = (v - 0.7*before) * math.Sin(math.Pi*float64(i)/float64(length))
		before = v
	}
	return out
}

// resonator is a formant.
type resonator struct{ hz, width, a, b float64 }

func (r *resonator) step(v float64) float64 {
	decay := math.Exp(-math.Pi * r.width / SampleRate)
	v += 2*decay*math.Cos(2*math.Pi*r.hz/SampleRate)*r.a - decay*decay*r.b
	r.a, r.b = v, r.a
	return v * 0.05
}

// room is the way from a speaker to a microphone: a delay, a direct sound and 120 ms of reverberation.
type room struct {
	taps  []int
	gains []float64
}

// newRoom makes one whose echo is so many dB below what the speaker plays.
func newRoom(seed uint64, delay int, below float64) room {
	rng := rand.New(rand.NewPCG(seed, 9))
	const reverberation = 120 * SampleRate / 1000
	var r room
	energy := 0.0
	for i := 0; i < reverberation; i += 1 + rng.IntN(240) {
		g := rng.NormFloat64() * math.Pow(10, -3*float64(i)/reverberation)
		if i == 0 {
			g = 3
		}
		r.taps, r.gains = append(r.taps, delay+i), append(r.gains, g)
		energy += g * g
	}
	for i := range r.gains {
		r.gains[i] *= math.Pow(10, -below/20) / math.Sqrt(energy)
	}
	return r
}

// echo is what the microphone hears of the speaker.
func (r room) echo(played []int16) []int16 {
	out := make([]float64, len(played))
	for k, tap := range r.taps {
		if tap < len(out) {
			mix(out[tap:], played, r.gains[k])
		}
	}
	for i := 1; i < len(out); i++ { // a small speaker's treble
		out[i] = 0.6*out[i] + 0.4*out[i-1]
	}
	return whole(out, 1)
}

func mix(out []float64, pcm []int16, gain float64) {
	for i := range out {
		out[i] += gain * float64(pcm[i])
	}
}

func noise(seed uint64, n int, dbfs float64) []int16 {
	rng := rand.New(rand.NewPCG(seed, 11))
	out := make([]float64, n)
	for i := range out {
		out[i] = rng.NormFloat64()
	}
	return whole(out, 32768*math.Pow(10, dbfs/20))
}

func tone(hz float64, n int, dbfs float64) []int16 {
	out := make([]float64, n)
	for i := range out {
		out[i] = math.Sqrt2 * math.Sin(2*math.Pi*hz*float64(i)/SampleRate)
	}
	return whole(out, 32768*math.Pow(10, dbfs/20))
}

func whole(x []float64, gain float64) []int16 {
	out := make([]int16, len(x))
	for i, v := range x {
		out[i] = int16(max(-32768, min(32767, gain*v)))
	}
	return out
}

// together is the sum of sounds.
func together(sounds ...[]int16) []int16 {
	out := make([]float64, len(sounds[0]))
	for _, s := range sounds {
		for i, v := range s {
			out[i] += float64(v)
		}
	}
	return whole(out, 1)
}

// from is the sound, begun later.
func from(pcm []int16, start int) []int16 {
	out := make([]int16, len(pcm))
	copy(out[start:], pcm)
	return out
}

// ---- measuring ----

// process runs the sound through p, tick by tick.
func process(p *Processor, mic, far []int16) []int16 {
	out := append([]int16(nil), mic...)
	for i := 0; i+FrameSamples <= len(out); i += FrameSamples {
		p.Process(out[i:i+FrameSamples], far[i:i+FrameSamples])
	}
	return out
}

// dbfs is the RMS.
func dbfs(pcm []int16) float64 { return level(power(pcm)) }

// likeness is how much of out is the clean sound, delayed by what the processing takes: out's projection on clean as a gain in dB, and
// the correlation, which is not quite one for speech that is well: the filter against DC turns the phase of the bass.
func likeness(out, clean []int16) (gain, correlation float64) {
	out, clean = out[Delay:], clean[:len(clean)-Delay]
	var oc, cc, oo float64
	for i, v := range clean {
		oc += float64(out[i]) * float64(v)
		cc += float64(v) * float64(v)
		oo += float64(out[i]) * float64(out[i])
	}
	return 20 * math.Log10(max(1e-9, oc/cc)), oc / math.Sqrt(cc*oo+1e-9)
}
