package main

import (
	"math"
	"math/rand/v2"
)

// equal temperament, from A4 = 440 Hz; note 69 is A4.
func pitch(note float64) float64 { return 440 * math.Exp2((note-69)/12) }

// add mixes a decaying, slightly bell-like string into out, which wraps around: what rings on at the
// end is heard at the beginning, so that the loop has no seam.
func pluck(out []float64, start, seconds, note, loud float64) {
	f := pitch(note)
	first, n := int(start*rate), int(seconds*rate)
	for i := range n {
		t := float64(i) / rate
		envelope := math.Min(1, t/0.006) * math.Exp(-2.4*t) * math.Min(1, (seconds-t)/0.05)
		v := math.Sin(2*math.Pi*f*t) + 0.35*math.Exp(-3*t)*math.Sin(2*math.Pi*2*f*t) +
			0.12*math.Exp(-5*t)*math.Sin(2*math.Pi*3.01*f*t)
		out[(first+i)%len(out)] += loud * envelope * v
	}
}

// pad mixes a soft chord tone into out, in and out slowly.
func pad(out []float64, start, seconds, note, loud float64) {
	f := pitch(note)
	first, n := int(start*rate), int(seconds*rate)
	for i := range n {
		t := float64(i) / rate
		envelope := math.Pow(math.Sin(math.Pi*t/seconds), 0.7)
		v := math.Sin(2*math.Pi*f*t+0.3*math.Sin(2*math.Pi*4.7*t)) + 0.5*math.Sin(2*math.Pi*1.003*f*t)
		out[(first+i)%len(out)] += loud * envelope * v
	}
}

// music is 25.6 s: eight bars of four chords, a walking arpeggio above soft pads.
func music() []float64 {
	const beat = 0.8
	out := make([]float64, int(32*beat*rate))
	chords := [][]float64{ // C, Am7, Fmaj7, G7sus and again with other turns
		{48, 55, 60, 64, 67}, {45, 52, 60, 64, 67}, {41, 53, 57, 60, 64}, {43, 55, 60, 62, 65},
		{48, 55, 60, 64, 71}, {40, 52, 59, 64, 67}, {41, 53, 57, 60, 69}, {43, 55, 59, 62, 65},
	}
	melody := []float64{76, 0, 74, 72, 71, 72, 0, 67, 69, 0, 72, 76, 74, 0, 71, 0, 79, 76, 0, 74, 71, 67, 0, 71, 72, 69, 0, 65, 67, 0, 71, 74}
	for bar, chord := range chords {
		start := float64(bar) * 4 * beat
		for _, note := range chord[1:4] {
			pad(out, start, 5*beat, note, 0.05)
		}
		pluck(out, start, 3, chord[0], 0.22)
		order := []int{1, 2, 3, 4, 3, 2, 3, 2}
		for i, k := range order {
			pluck(out, start+float64(i)*beat/2, 1.8, chord[k]+12, 0.10)
		}
	}
	for i, note := range melody {
		if note > 0 {
			pluck(out, float64(i)*beat, 2.4, note, 0.16)
		}
	}
	return normalise(out, 0.6)
}

// vowel formants in Hz, of an adult voice.
type vowel [3]float64

// greeting is a voice that hums two phrases in vowels, "ha-lo, i-o-u-a", and pauses: 6 s.
func greeting() []float64 {
	out := make([]float64, 6*rate)
	a, e, i, o, u := vowel{730, 1090, 2440}, vowel{530, 1840, 2480}, vowel{270, 2290, 3010}, vowel{570, 840, 2410}, vowel{300, 870, 2240}
	syllables := []struct {
		start, seconds, note float64
		sound                vowel
	}{
		{0.10, 0.28, 50, a}, {0.42, 0.55, 54, o},
		{1.30, 0.22, 52, i}, {1.55, 0.25, 53, e}, {1.83, 0.22, 50, u}, {2.08, 0.30, 49, a}, {2.45, 0.60, 47, o},
		{3.60, 0.25, 50, e}, {3.90, 0.70, 55, a},
	}
	noise := rand.New(rand.NewPCG(6, 2))
	for _, s := range syllables {
		speak(out, noise, s.start, s.seconds, s.note, s.sound)
	}
	return normalise(out, 0.7)
}

// speak adds one syllable: a buzz with a falling pitch through three resonators.
func speak(out []float64, noise *rand.Rand, start, seconds, note float64, sound vowel) {
	var y1, y2 [3]float64
	phase := 0.0
	first, n := int(start*rate), int(seconds*rate)
	for i := range n {
		t := float64(i) / rate
		f := pitch(note) * (1.03 - 0.06*t/seconds + 0.01*math.Sin(2*math.Pi*5*t))
		phase = math.Mod(phase+f/rate, 1)
		source := 2*math.Pow(1-phase, 3) - 0.5 + 0.03*(noise.Float64()-0.5)
		envelope := math.Min(1, t/0.03) * math.Min(1, (seconds-t)/0.06)
		sum := 0.0
		for k, centre := range sound {
			radius := math.Exp(-math.Pi * (60 + 40*float64(k)) / rate)
			y := (1-radius)*source + 2*radius*math.Cos(2*math.Pi*centre/rate)*y1[k] - radius*radius*y2[k]
			y2[k], y1[k] = y1[k], y
			sum += y / (1 + 1.5*float64(k))
		}
		out[first+i] += envelope * sum
	}
}

// beep confirms: two short tones upwards, 0.5 s.
func beep() []float64 {
	out := make([]float64, rate/2)
	for k, f := range []float64{880, 1174.66} {
		for i := range rate * 15 / 100 {
			t := float64(i) / rate
			envelope := math.Min(1, t/0.01) * math.Min(1, (0.15-t)/0.02)
			out[k*rate*18/100+i] += 0.4 * envelope * math.Sin(2*math.Pi*f*t)
		}
	}
	return out
}

// ringback is Europe's: 425 Hz, 1 s on, 4 s off (ITU-T E.180).
func ringback() []float64 {
	out := make([]float64, 5*rate)
	for i := range rate {
		t := float64(i) / rate
		envelope := math.Min(1, t/0.01) * math.Min(1, (1-t)/0.01)
		out[i] = 0.25 * envelope * math.Sin(2*math.Pi*425*t)
	}
	return out
}

func normalise(signal []float64, peak float64) []float64 {
	most := 0.0
	for _, v := range signal {
		most = max(most, math.Abs(v))
	}
	for i := range signal {
		signal[i] *= peak / most
	}
	return signal
}
