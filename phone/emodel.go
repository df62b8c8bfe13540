package phone

import (
	"math"
	"time"
)

// The E-model (ITU-T G.107, 06/2015) with the default values of its table 2 for everything that a phone cannot measure: loudness,
// noise, echo. What is measured is the delay and the share of sound that was made up.
const (
	basicRatio   = 94.77 // Ro, 7.2
	simultaneous = 1.41  // Is, 7.3
	echoLoudness = 65.0  // TELR in dB
	echoPathLoss = 110.0 // WEPL in dB
	robustness   = 25.1  // Bpl of G.711 with concealment (G.113 Appendix I); there is none on this scale for Opus or G.722
)

// Rating is the E-model's R for a one-way delay and a share of lost sound (0…1), at random: 93.2 at best.
func Rating(delay time.Duration, lost float64) float64 {
	t := max(0, float64(delay)/float64(time.Millisecond))
	return basicRatio - simultaneous - delayImpairment(t) - lossImpairment(100*min(1, max(0, lost)))
}

// delayImpairment is Id = Idte + Idle + Idd (7.4) after t milliseconds one way.
func delayImpairment(t float64) float64 {
	terv := echoLoudness - 40*math.Log10((1+t/10)/(1+t/150)) + 6*math.Exp(-0.3*t*t)
	half := (basicRatio - (80 + 2.5*(terv-14))) / 2
	talkerEcho := (half + math.Sqrt(half*half+100) - 1) * (1 - math.Exp(-t))
	half = (basicRatio - 10.5*(echoPathLoss+7)*math.Pow(2*t+1, -0.25)) / 2
	listenerEcho := half + math.Sqrt(half*half+169)
	return talkerEcho + listenerEcho + tooLong(t)
}

// tooLong is Idd: what a delay above 100 ms does to a conversation.
func tooLong(t float64) float64 {
	if t <= 100 {
		return 0
	}
	x := math.Log2(t / 100)
	root := func(x float64) float64 { return math.Pow(1+math.Pow(x, 6), 1.0/6) }
	return 25 * (root(x) - 3*root(x/3) + 2)
}

// lossImpairment is Ie,eff (7.5) for a codec that is perfect without loss, and loss at random.
func lossImpairment(percent float64) float64 { return 95 * percent / (percent + robustness) }

// MOS is the mean opinion score, 1 to 4.5, that belongs to a rating (G.107 Annex B).
func MOS(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}
