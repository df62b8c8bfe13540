package codec

import (
	"math"
	"testing"
)

// listen makes a second of noise, after it has settled.
func listen(n *Noise) []int16 {
	pcm := make([]int16, SampleRate)
	for range 2 {
		for i := 0; i < len(pcm); i += FrameSamples {
			n.Fill(pcm[i : i+FrameSamples])
		}
	}
	return pcm
}

// levelOf is the RMS in dB below overload.
func levelOf(pcm []int16) float64 {
	sum := 0.0
	for _, v := range pcm {
		sum += float64(v) * float64(v)
	}
	return -20 * math.Log10(math.Sqrt(sum/float64(len(pcm)))/math.MaxInt16+1e-9)
}

// correlation of samples one period of 8 kHz apart: positive for dark noise, negative for bright noise.
func correlation(pcm []int16) float64 {
	sum, power := 0.0, 0.0
	for i := rateFactor; i < len(pcm); i++ {
		sum += float64(pcm[i]) * float64(pcm[i-rateFactor])
		power += float64(pcm[i]) * float64(pcm[i])
	}
	return sum / power
}

func TestNoiseHasTheLevelThatTheFarEndSays(t *testing.T) {
	for _, payload := range [][]byte{{20}, {45}, {60}, {50, 127, 127}, {45, 20}, {45, 20, 200, 100}, {40, 30, 160, 127, 127, 90, 127, 127, 127, 127, 127, 127, 127, 127, 127}} {
		n := NewNoise()
		n.Describe(payload)
		if got := levelOf(listen(n)); math.Abs(got-float64(payload[0])) > 1.5 {
			t.Errorf("%v: -%.1f dBov", payload, got)
		}
	}
}

func TestNoiseHasTheColourThatTheFarEndSays(t *testing.T) {
	for payload, want := range map[[2]byte]int{{45, 30}: 1, {45, 127}: 0, {45, 224}: -1} {
		n := NewNoise()
		n.Describe(payload[:])
		switch got := correlation(listen(n)); {
		case want > 0 && got < 0.4, want < 0 && got > -0.4, want == 0 && math.Abs(got) > 0.25:
			t.Errorf("%v: correlation %.2f", payload, got)
		}
	}
}

func TestNoiseIsSilentUntilDescribedAndSurvivesWhateverIsSaid(t *testing.T) {
	n := NewNoise()
	n.Describe(nil)
	for _, v := range listen(n) {
		if v != 0 {
			t.Fatal("a sound of nothing")
		}
	}
	for _, extreme := range []byte{0, 254, 255} {
		payload := []byte{0}
		for range 40 {
			payload = append(payload, extreme)
		}
		n.Describe(payload)
		listen(n)
		n.Describe([]byte{127})
		if got := levelOf(listen(n)); got < 70 { // the filter has not gone wild for good
			t.Errorf("after %d: -%.1f dBov", extreme, got)
		}
	}
}

func BenchmarkNoise(b *testing.B) {
	n := NewNoise()
	n.Describe([]byte{45, 20, 200, 100, 127, 90})
	pcm := make([]int16, SampleRate/100)
	b.ReportAllocs()
	for b.Loop() {
		n.Fill(pcm)
	}
}
