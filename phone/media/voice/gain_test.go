package voice

import (
	"math"
	"testing"
)

// speakers with an even level, so that the gain alone is seen.
func TestTheGainBringsSpeechToALevelForListening(t *testing.T) {
	for _, c := range []struct {
		what      string
		in        float64 // dBFS
		low, high float64 // what the gain may be in the end, dB
	}{
		{"whisper", -48, 11.9, 12.1},
		{"quiet", -38, 5.5, 6.5},
		{"normal", -24, 0, 0},
		{"loud", -14, -4.5, -3.5},
		{"shouting", -4, -6.1, -5.9},
	} {
		t.Run(c.what, func(t *testing.T) {
			var g gain
			speech, silence := tone(300, 20*second, c.in), make([]int16, FrameSamples)
			out := append([]int16(nil), speech...)
			for i := 0; i+FrameSamples <= len(out); i += FrameSamples {
				g.apply(out[i:i+FrameSamples], 100, silence)
			}
			got := dbfs(out[19*second:]) - dbfs(speech[19*second:])
			if got < c.low || got > c.high {
				t.Errorf("%+.2f dB, want %g to %g", got, c.low, c.high)
			}
			for i := second; i < len(out); i++ {
				if step := math.Abs(float64(out[i]) - float64(out[i-1])); step > 3000 {
					t.Fatalf("a click of %g at %d", step, i)
				}
			}
		})
	}
}

func TestTheGainStaysInPausesAndWhileTheFarEndSpeaks(t *testing.T) {
	var g gain
	quietly, silence := tone(300, FrameSamples, -40), make([]int16, FrameSamples)
	far := tone(500, FrameSamples, -20)
	for range 3000 {
		g.apply(append([]int16(nil), quietly...), 10, silence) // noise: hardly speech
		g.apply(append([]int16(nil), quietly...), 100, far)    // perhaps their echo
		g.apply(append([]int16(nil), silence...), 100, silence)
	}
	if g.decibels != 0 {
		t.Errorf("the gain moved by %+.1f dB", g.decibels)
	}
}

func TestARaisedVoiceThatGetsLoudIsNotClipped(t *testing.T) {
	var g gain
	silence := make([]int16, FrameSamples)
	for range 2000 {
		g.apply(tone(300, FrameSamples, -44), 100, silence)
	}
	shout := tone(300, FrameSamples, -6)
	g.apply(shout, 100, silence)
	g.apply(tone(300, FrameSamples, -6), 100, silence)
	shout = tone(300, FrameSamples, -6)
	g.apply(shout, 100, silence)
	if peak := peakOf(shout); peak > ceiling+1 {
		t.Errorf("the peak is at %g", peak)
	}
}

func TestNoiseIsNeverLouderThanItCame(t *testing.T) {
	const n = 20 * second
	p := processor(t)
	hum := noise(5, n, -52)
	speech := talker(2, n/2, 2500) // soft, so that the gain goes up
	out := process(p, together(append(append([]int16(nil), speech...), make([]int16, n/2)...), hum), make([]int16, n))
	before, after := dbfs(hum[n-5*second:]), dbfs(out[n-5*second:])
	t.Logf("gain %+.1f dB; noise %.1f dBFS became %.1f", p.gain.decibels, before, after)
	if p.gain.decibels < 3 {
		t.Error("the gain did not go up, so nothing is shown")
	}
	if after > before {
		t.Error("the noise was raised")
	}
}
