package codec

import (
	"math"
	"math/rand/v2"
)

const (
	// mostReflections is how many coefficients are used; more describe a room no better.
	mostReflections = 12
	// noiseRate is the rate that comfort noise is described for.
	noiseRate = SampleRate / rateFactor
)

// Noise makes comfort noise as the far end describes it (RFC 3389): white noise of its level through a filter of its
// reflection coefficients. It belongs to one goroutine.
type Noise struct {
	random      *rand.Rand
	filter      interpolator
	reflections [mostReflections]float32
	order       int
	memory      [mostReflections + 1]float32
	aim, gain   float32 // of the excitation; gain goes to aim within some milliseconds, so that no step is heard
	narrow      [MaxFrameSamples / rateFactor]int16
}

// NewNoise returns a source that is silent until it is told what to sound like.
func NewNoise() *Noise {
	return &Noise{random: rand.New(rand.NewPCG(1, 2)), filter: interpolator{kernel: narrowband}} //nolint:gosec // it is noise
}

// Describe takes over a payload (RFC 3389 §3): the level in -dBov, then any number of coefficients. An empty one says
// nothing.
func (n *Noise) Describe(payload []byte) {
	if len(payload) == 0 {
		return
	}
	coefficients := payload[1:min(len(payload), 1+mostReflections)]
	n.order = len(coefficients)
	left := 1.0 // the share of the power that the excitation has
	for i, v := range coefficients {
		// §3: 127 is zero, and 258/32768 is a step; 255 is reserved.
		k := 258 * (float64(min(v, 254)) - 127) / 32768
		n.reflections[i] = float32(k)
		left *= 1 - k*k
	}
	level := math.Pow(10, -float64(payload[0]&0x7f)/20) * math.MaxInt16
	n.aim = float32(level * math.Sqrt(left) * math.Sqrt(3)) // evenly spread over ±√3, white noise has a power of 1
}

// Fill writes noise to pcm, a multiple of 6 samples at 48 kHz and at most MaxFrameSamples.
func (n *Noise) Fill(pcm []int16) {
	narrow := n.narrow[:len(pcm)/rateFactor]
	for i := range narrow {
		n.gain += (n.aim - n.gain) / (noiseRate / 100)
		narrow[i] = clip(n.shape(n.gain * (2*n.random.Float32() - 1)))
	}
	n.filter.up(pcm, narrow)
}

// shape is the all-pole lattice filter (ITU-T G.711 appendix II), which no coefficient below 1 makes unstable.
func (n *Noise) shape(v float32) float32 {
	for i := n.order - 1; i >= 0; i-- {
		v -= n.reflections[i] * n.memory[i]
		n.memory[i+1] = n.memory[i] + n.reflections[i]*v
	}
	n.memory[0] = v
	return v
}
