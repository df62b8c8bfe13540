package codec

import "math"

const (
	// rateFactor is 48 kHz over G.711's 8 kHz.
	rateFactor = 6
	// phaseTaps is the filter's length as seen from 8 kHz: 24 taps, 3 ms long, so 1.5 ms of delay.
	phaseTaps  = 24
	filterTaps = rateFactor * phaseTaps
)

// lowpass is the anti-alias filter at 48 kHz: a sinc with its -6 dB point at 3.9 kHz in a Kaiser
// window (β 5.65, some 60 dB). It passes telephone speech (to 3.4 kHz) flat, and what would fold back
// into it (from 4.6 kHz) is gone. ITU-T G.712 asks for less.
var lowpass = designLowpass(3900.0/SampleRate, 5.65)

// phases are lowpass split for interpolation: phases[p][k] = 6·lowpass[6k+p].
var phases = splitPhases(&lowpass)

// designLowpass returns a linear-phase low-pass with unit gain at 0 Hz; cutoff is a share of the rate.
func designLowpass(cutoff, beta float64) (taps [filterTaps]float32) {
	var h [filterTaps]float64
	sum := 0.0
	for i := range h {
		t := float64(i) - (filterTaps-1)/2.0 // never 0: the number of taps is even
		r := 2 * t / (filterTaps - 1)
		h[i] = math.Sin(2*math.Pi*cutoff*t) / (math.Pi * t) * bessel0(beta*math.Sqrt(1-r*r)) / bessel0(beta)
		sum += h[i]
	}
	for i := range h {
		taps[i] = float32(h[i] / sum)
	}
	return taps
}

// bessel0 is the modified Bessel function I₀, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; k < 30; k++ {
		term *= (x / (2 * k)) * (x / (2 * k))
		sum += term
	}
	return sum
}

func splitPhases(taps *[filterTaps]float32) (p [rateFactor][phaseTaps]float32) {
	for i, v := range taps {
		p[i%rateFactor][i/rateFactor] = v * rateFactor
	}
	return p
}

// decimator takes 48 kHz down to 8 kHz. It keeps the last samples of one frame for the next, so that
// frames join without a seam.
type decimator struct {
	// line holds filterTaps-1 old samples followed by the new ones.
	line [filterTaps - 1 + MaxFrameSamples]float32
}

// down writes len(in)/6 samples to out. len(in) is a multiple of 6, at most MaxFrameSamples.
func (d *decimator) down(out, in []int16) {
	const old = filterTaps - 1
	for i, v := range in {
		d.line[old+i] = float32(v)
	}
	for o := range out {
		// The newest sample under the filter is the last one of this group of six.
		window := d.line[o*rateFactor+rateFactor-1:][:filterTaps]
		var acc float32
		for k, c := range lowpass { // symmetric, so its direction does not matter
			acc += c * window[k]
		}
		out[o] = clip(acc)
	}
	copy(d.line[:old], d.line[len(in):len(in)+old])
}

// interpolator takes 8 kHz up to 48 kHz, with memory like decimator.
type interpolator struct {
	line [phaseTaps - 1 + MaxFrameSamples/rateFactor]float32
}

// up writes 6·len(in) samples to out. len(in) is at most MaxFrameSamples/6.
func (p *interpolator) up(out, in []int16) {
	const old = phaseTaps - 1
	for i, v := range in {
		p.line[old+i] = float32(v)
	}
	for i := range in {
		window := p.line[i:][:phaseTaps]
		group := out[i*rateFactor:][:rateFactor]
		for ph := range group {
			taps := &phases[ph]
			var acc float32
			for k, v := range window {
				acc += v * taps[phaseTaps-1-k]
			}
			group[ph] = clip(acc)
		}
	}
	copy(p.line[:old], p.line[len(in):len(in)+old])
}

// clip rounds to 16 bits, with saturation.
func clip(v float32) int16 {
	switch {
	case v >= math.MaxInt16:
		return math.MaxInt16
	case v <= math.MinInt16:
		return math.MinInt16
	case v < 0:
		return int16(v - 0.5)
	}
	return int16(v + 0.5)
}
