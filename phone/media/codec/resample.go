package codec

import "math"

const (
	// rateFactor is 48 kHz over G.711's 8 kHz, wideFactor over G.722's 16 kHz.
	rateFactor = 6
	wideFactor = 3
	// phaseTaps is a filter's length as seen from the lower rate: 24 taps, so 3 ms at 8 kHz with 1.5 ms of delay.
	phaseTaps = 24
)

// kernel is the low-pass between 48 kHz and a rate that is a whole factor below it.
type kernel struct {
	factor int
	taps   []float32 // at 48 kHz
	// phases are taps split for interpolation: phases[p][k] = factor·taps[factor·k+p].
	phases [][phaseTaps]float32
}

// The anti-alias filters: sincs in a Kaiser window (β 5.65, some 60 dB), with the -6 dB point at 3.9 kHz and at
// 7.4 kHz. The first passes telephone speech (to 3.4 kHz) flat, and what would fold back into it (from 4.6 kHz) is
// gone; ITU-T G.712 asks for less. The second does so to 6.2 kHz.
var (
	narrowband = newKernel(rateFactor, 3900.0/SampleRate)
	wideband   = newKernel(wideFactor, 7400.0/SampleRate)
)

func newKernel(factor int, cutoff float64) *kernel {
	k := &kernel{factor: factor, taps: designLowpass(factor*phaseTaps, cutoff, 5.65), phases: make([][phaseTaps]float32, factor)}
	for i, v := range k.taps {
		k.phases[i%factor][i/factor] = v * float32(factor)
	}
	return k
}

// designLowpass returns a linear-phase low-pass with unit gain at 0 Hz; cutoff is a share of the rate.
func designLowpass(length int, cutoff, beta float64) []float32 {
	h := make([]float64, length)
	sum := 0.0
	for i := range h {
		t := float64(i) - float64(length-1)/2 // never 0: the number of taps is even
		r := 2 * t / float64(length-1)
		h[i] = math.Sin(2*math.Pi*cutoff*t) / (math.Pi * t) * bessel0(beta*math.Sqrt(1-r*r)) / bessel0(beta)
		sum += h[i]
	}
	taps := make([]float32, length)
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

// decimator takes 48 kHz down. It keeps the last samples of one frame for the next, so that
// frames join without a seam.
type decimator struct {
	*kernel
	// line holds len(taps)-1 old samples followed by the new ones.
	line [rateFactor*phaseTaps - 1 + MaxFrameSamples]float32
}

// down writes len(in)/factor samples to out. len(in) is a multiple of factor, at most MaxFrameSamples.
func (d *decimator) down(out, in []int16) {
	old := len(d.taps) - 1
	for i, v := range in {
		d.line[old+i] = float32(v)
	}
	for o := range out {
		// The newest sample under the filter is the last one of this group.
		window := d.line[o*d.factor+d.factor-1:][:len(d.taps)]
		var acc float32
		for k, c := range d.taps { // symmetric, so its direction does not matter
			acc += c * window[k]
		}
		out[o] = clip(acc)
	}
	copy(d.line[:old], d.line[len(in):len(in)+old])
}

// interpolator takes a lower rate up to 48 kHz, with memory like decimator.
type interpolator struct {
	*kernel
	line [phaseTaps - 1 + MaxFrameSamples/wideFactor]float32
}

// up writes factor·len(in) samples to out. len(in) is at most MaxFrameSamples/factor.
func (p *interpolator) up(out, in []int16) {
	const old = phaseTaps - 1
	for i, v := range in {
		p.line[old+i] = float32(v)
	}
	for i := range in {
		window := p.line[i:][:phaseTaps]
		group := out[i*p.factor:][:p.factor]
		for ph := range group {
			taps := &p.phases[ph]
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
