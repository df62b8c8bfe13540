//go:build unix

package pulsetest

import (
	"fmt"
	"math"
)

// Tone is what Measure hears.
type Tone struct {
	// Level is the RMS of everything, in dBFS; silence is -120.
	Level float64
	// Frequency is the strongest one, in Hz, to about 1 Hz for 100 ms of a clean tone; 0 for silence.
	Frequency float64
	// Purity is the share of the energy at that frequency, 0…1.
	Purity float64
}

// String is for messages of tests.
func (t Tone) String() string {
	return fmt.Sprintf("%.1f Hz at %.1f dBFS (purity %.2f)", t.Frequency, t.Level, t.Purity)
}

// Is reports whether it is this frequency (±1 %, at least ±3 Hz), clean and above -60 dBFS.
func (t Tone) Is(frequency float64) bool {
	return t.Level > -60 && t.Purity > 0.8 && math.Abs(t.Frequency-frequency) <= max(3, frequency/100)
}

// Silent reports whether there is nothing above -70 dBFS.
func (t Tone) Silent() bool { return t.Level < -70 }

// Measure finds level and frequency of mono PCM at 48 kHz: a coarse search by Goertzel's filter (the energy at one
// frequency), then a fine one around the strongest.
func Measure(pcm []int16) Tone {
	level := Level(pcm)
	if level <= -100 {
		return Tone{Level: level}
	}
	windowed, energy := hann(pcm)
	resolution := Rate / float64(len(pcm)) // Hz between two independent frequencies
	best, power := 0.0, 0.0
	search := func(from, to, step float64) {
		for f := from; f <= to; f += step {
			if p := goertzel(windowed, f); p > power {
				best, power = f, p
			}
		}
	}
	search(50, 4000, resolution)
	for step := resolution / 4; step > 0.25; step /= 4 {
		search(best-4*step, best+4*step, step)
	}
	// For a pure tone under a Hann window, |X(f)|² = N·Σ(w·x)²/3 up to a constant: 2/3·N·E.
	purity := power / (energy * float64(len(pcm)) / 3)
	return Tone{Level: level, Frequency: best, Purity: min(purity, 1)}
}

// Level is the RMS in dBFS (a full-scale square wave is 0), -120 for silence.
func Level(pcm []int16) float64 {
	if len(pcm) == 0 {
		return -120
	}
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return max(-120, 10*math.Log10(sum/float64(len(pcm))/(32768*32768)+1e-12))
}

// hann applies the window and returns the energy that is left.
func hann(pcm []int16) (windowed []float64, energy float64) {
	windowed = make([]float64, len(pcm))
	for i, v := range pcm {
		w := float64(v) * 0.5 * (1 - math.Cos(2*math.Pi*float64(i)/float64(len(pcm))))
		windowed[i] = w
		energy += w * w
	}
	return windowed, energy
}

// goertzel is |X(f)|² of the samples.
func goertzel(samples []float64, f float64) float64 {
	c := 2 * math.Cos(2*math.Pi*f/Rate)
	var a, b float64
	for _, v := range samples {
		a, b = v+c*a-b, a
	}
	return a*a + b*b - c*a*b
}
