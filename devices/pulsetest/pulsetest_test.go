//go:build unix

package pulsetest

import (
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAToneFedToAMicrophoneIsHeardThereAndNowhereElse(t *testing.T) {
	s := StartWithDevices(t)
	s.Feed("micA", 700, -20)
	a, b := s.Record("micA"), s.Record("micB")
	tone, ok := a.WaitTone(700, 5*time.Second)
	if !ok || tone.Level < -21 || tone.Level > -19 {
		t.Errorf("micA delivers %v, want 700 Hz at -20 dBFS", tone)
	}
	if other := Measure(b.Last(200 * time.Millisecond)); !other.Silent() {
		t.Errorf("micB delivers %v, want silence", other)
	}
}

func TestMeasureTellsFrequencyLevelAndPurity(t *testing.T) {
	pcm := make([]int16, Rate/5)
	g := sine{step: 2 * 3.14159265 * 1234 / Rate, peak: 3276.7}
	buffer := make([]byte, 2*len(pcm))
	_, _ = g.Read(buffer)
	for i := range pcm {
		pcm[i] = int16(buffer[2*i]) | int16(buffer[2*i+1])<<8
	}
	tone := Measure(pcm)
	if !tone.Is(1234) || tone.Purity < 0.98 || tone.Level < -23.2 || tone.Level > -22.8 {
		t.Errorf("a tone of 1234 Hz at -23 dBFS is measured as %v", tone)
	}
	if tone.Is(1300) {
		t.Errorf("%v passes for 1300 Hz", tone)
	}
	for i := range pcm {
		pcm[i] += int16((i*7919)%9000 - 4500)
	}
	if noisy := Measure(pcm); noisy.Purity > 0.8 {
		t.Errorf("a tone under noise has purity %.2f", noisy.Purity)
	}
}
