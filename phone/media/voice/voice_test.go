package voice

import (
	"math"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func processor(t testing.TB) *Processor {
	t.Helper()
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func TestTheEchoIsGoneAfterThreeSecondsOfTheFarEnd(t *testing.T) {
	for _, c := range []struct {
		what  string
		delay int // ms
		below float64
		after int // seconds
	}{
		{"headset's leak", 5, 12, 3},
		{"laptop", 40, 6, 3},
		{"loud speaker", 60, -3, 3},
		{"television", 150, 6, 5}, // the delay must be found first
		{"radio link", 400, 6, 5},
	} {
		t.Run(c.what, func(t *testing.T) {
			const n = 9 * second
			far := talker(1, n, 16000)
			mic := together(newRoom(3, c.delay*SampleRate/1000, c.below).echo(far), noise(5, n, -80))
			out := process(processor(t), mic, far)
			for _, s := range []struct{ from, to int }{{0, 1}, {1, 2}, {2, 3}, {3, 5}, {5, 9}} {
				loss := dbfs(mic[s.from*second:s.to*second]) - dbfs(out[s.from*second:s.to*second])
				t.Logf("ERLE in seconds %d to %d: %.1f dB", s.from, s.to, loss)
				if s.from >= c.after && loss < 20 {
					t.Error("want at least 20")
				}
			}
		})
	}
}

func TestSpeechPassesAsItIsWhereTheFarEndIsSilent(t *testing.T) {
	const n = 8 * second
	near := talker(2, n, 12000)
	out := process(processor(t), together(near, noise(5, n, -70)), make([]int16, n))
	gain, same := likeness(out[second:], near[second:])
	t.Logf("speech at %.1f dBFS leaves with %+.2f dB, correlation %.3f", dbfs(near), gain, same)
	if math.Abs(gain) > 1 || same < 0.93 {
		t.Error("want within 1 dB, and 0.93")
	}
}

func TestSpeechPassesWhileTheFarEndSpeaksUnheard(t *testing.T) { // a headset: no echo at all
	const n = 10 * second
	near, far := talker(2, n, 12000), talker(1, n, 16000)
	out := process(processor(t), together(near, noise(5, n, -70)), far)
	gain, same := likeness(out, near)
	t.Logf("speech leaves with %+.2f dB, correlation %.3f", gain, same)
	if math.Abs(gain) > 1 || same < 0.93 {
		t.Error("want within 1 dB, and 0.93")
	}
}

func TestBothMaySpeakAtOnce(t *testing.T) {
	const n, both = 12 * second, 5 * second
	far := talker(1, n, 16000)
	near := from(talker(2, n, 9000), both)
	echo := newRoom(3, 40*SampleRate/1000, 6).echo(far)
	out := process(processor(t), together(near, echo, noise(5, n, -70)), far)
	gain, same := likeness(out[both:], near[both:])
	_, before := likeness(together(near, echo)[both-Delay:n-Delay], near[both:])
	t.Logf("near %.1f dBFS, echo %.1f: leaves with %+.2f dB, correlation %.3f (unprocessed %.3f)", dbfs(near[both:]), dbfs(echo[both:]), gain, same, before)
	if math.Abs(gain) > 2 || same < 0.93 {
		t.Error("want within 2 dB, and 0.93")
	}
}

func TestSteadyNoiseIsLoweredModestly(t *testing.T) {
	const n = 6 * second
	mic := noise(5, n, -45)
	out := process(processor(t), mic, make([]int16, n))
	down := dbfs(mic[3*second:]) - dbfs(out[3*second:])
	t.Logf("%.1f dB", down)
	if down < 10 || down > 20 {
		t.Error("want 10 to 20 dB")
	}
}

func TestTheEchoIsLearntAnewAfterTheSpeakerChanged(t *testing.T) {
	const n = 6 * second
	far := talker(1, 2*n, 16000)
	p := processor(t)
	process(p, newRoom(3, 40*SampleRate/1000, 6).echo(far[:n]), far[:n])
	p.Reset()
	far = far[n:]
	mic := newRoom(4, 80*SampleRate/1000, 3).echo(far)
	out := process(p, mic, far)
	if loss := dbfs(mic[4*second:]) - dbfs(out[4*second:]); loss < 20 {
		t.Errorf("ERLE in the new room %.1f dB, want 20", loss)
	}
}

// Whatever comes, what leaves is no louder than the gain allows, and speech passes again afterwards.
func TestNothingThatComesInBreaksTheProcessing(t *testing.T) {
	const n = 2 * second
	square := make([]int16, n)
	for i := range square {
		square[i] = 32767
		if i/100%2 == 1 {
			square[i] = -32768
		}
	}
	silence, constant := make([]int16, n), make([]int16, n)
	for i := range constant {
		constant[i] = 32767
	}
	clipped := whole(floats(talker(1, n, 30000)), 20)
	for _, c := range []struct {
		what     string
		mic, far []int16
	}{
		{"silence", silence, silence}, {"square", square, silence}, {"square heard again", square, square}, {"square played", silence, square},
		{"constant", constant, constant}, {"clipped echo", clipped, clipped}, {"noise at full scale", noise(1, n, 0), noise(2, n, 0)},
	} {
		t.Run(c.what, func(t *testing.T) {
			p := processor(t)
			out := process(p, c.mic, c.far)
			if in, level := dbfs(c.mic), dbfs(out); level > max(in+1, -90) {
				t.Errorf("%.1f dBFS became %.1f", in, level)
			}
			const rest = 5 * second
			near := talker(2, rest, 12000)
			out = process(p, near, make([]int16, rest))
			gain, same := likeness(out[3*second:], near[3*second:])
			t.Logf("speech afterwards %+.2f dB, correlation %.3f", gain, same)
			if math.Abs(gain) > 7.5 || same < 0.88 { // the gain may still be down
				t.Error("speech does not pass any more")
			}
		})
	}
}

func floats(pcm []int16) []float64 {
	out := make([]float64, len(pcm))
	for i, v := range pcm {
		out[i] = float64(v)
	}
	return out
}

func TestAClosedProcessorLeavesTheSoundAlone(t *testing.T) {
	p := processor(t)
	p.Close()
	p.Close()
	p.Reset()
	mic := talker(2, second, 12000)
	out := process(p, mic, make([]int16, second))
	for i := range mic {
		if mic[i] != out[i] {
			t.Fatalf("sample %d was %d and is %d", i, mic[i], out[i])
		}
	}
}

func TestATickAllocatesNothing(t *testing.T) {
	p := processor(t)
	mic, far := talker(2, FrameSamples, 12000), talker(1, FrameSamples, 12000)
	if n := testing.AllocsPerRun(100, func() { p.Process(mic, far) }); n > 0 {
		t.Errorf("%g allocations", n)
	}
}
