package media

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// A network's effect is measured after a while, when the buffers know it.
const settle = 4 * time.Second

func hear(w *world, e *end, d time.Duration) []int16 {
	before := len(e.heard)
	w.run(d)
	return e.heard[before:]
}

func TestLossIsHardlyHeard(t *testing.T) {
	for _, c := range []struct {
		codec string
		loss  float64
		even  float64
	}{
		{"opus", 0.02, 0.99}, {"opus", 0.05, 0.98}, {"opus", 0.10, 0.96},
		{"PCMU", 0.02, 0.99}, {"PCMU", 0.05, 0.98}, {"PCMU", 0.10, 0.96},
	} {
		t.Run(fmt.Sprintf("%s %.0f%%", c.codec, c.loss*100), func(t *testing.T) {
			w := newWorld(t, c.codec)
			w.loss, w.a.tone = c.loss, 0 // a voice: Opus' own concealment is not made for pure tones
			w.run(settle)
			pcm := hear(w, w.b, 8*time.Second)
			s, _ := w.b.Stats(callID)
			even := evenness(pcm)
			t.Logf("even %.4f, lost %d of %d, concealed %.3f, delay %v",
				even, s.PacketsLost, s.PacketsLost+s.PacketsReceived, float64(s.Concealed)/float64(s.Played), s.JitterBuffer)
			if even < c.even {
				t.Errorf("the voice is even for %.4f of the time, want %.3f", even, c.even)
			}
			if got := float64(s.PacketsLost) / float64(s.PacketsLost+s.PacketsReceived); math.Abs(got-c.loss) > 0.025 {
				t.Errorf("counted loss %.3f, was %.3f", got, c.loss)
			}
			if got := float64(s.Concealed) / float64(s.Played); math.Abs(got-c.loss) > 0.03 {
				t.Errorf("concealed %.3f of what was played", got)
			}
			if s.JitterBuffer > 45*time.Millisecond {
				t.Errorf("loss alone made the delay %v", s.JitterBuffer)
			}
		})
	}
}

func TestJitterCostsDelayButNoSound(t *testing.T) {
	for _, c := range []struct {
		codec  string
		jitter time.Duration
		most   time.Duration
	}{
		{"opus", 5 * time.Millisecond, 35 * time.Millisecond},
		{"opus", 20 * time.Millisecond, 65 * time.Millisecond},
		{"PCMA", 20 * time.Millisecond, 65 * time.Millisecond},
		{"opus", 60 * time.Millisecond, 140 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%s ±%v", c.codec, c.jitter), func(t *testing.T) {
			w := newWorld(t, c.codec)
			w.delay, w.jitter = c.jitter+10*time.Millisecond, c.jitter
			w.run(settle)
			pcm := hear(w, w.b, 8*time.Second)
			s, _ := w.b.Stats(callID)
			share := steadiness(pcm, 440, 8000)
			if s.JitterAverage <= 0 || s.JitterAverage > s.JitterMax {
				t.Errorf("jitter %v on average, %v at most", s.JitterAverage, s.JitterMax)
			}
			t.Logf("steady %.4f, delay %v, jitter %v (max %v), concealed %.4f, largest step %d",
				share, s.JitterBuffer, s.Jitter, s.JitterMax, float64(s.Concealed)/float64(s.Played), largestStep(pcm))
			if share < 0.97 {
				t.Errorf("the tone is there for %.4f of the time", share)
			}
			if s.JitterBuffer > c.most {
				t.Errorf("delay %v, want at most %v", s.JitterBuffer, c.most)
			}
			if s.PacketsLost > 3 { // those still under way
				t.Errorf("reordering was counted as %d lost", s.PacketsLost)
			}
		})
	}
}

func TestDelayComesDownAgainAfterJitter(t *testing.T) {
	w := newWorld(t, "opus")
	w.delay, w.jitter = 60*time.Millisecond, 50*time.Millisecond
	w.run(10 * time.Second)
	before, _ := w.b.Stats(callID)
	w.jitter = 0
	w.run(25 * time.Second)
	after, _ := w.b.Stats(callID)
	t.Logf("%v, then %v", before.JitterBuffer, after.JitterBuffer)
	if before.JitterBuffer < 70*time.Millisecond || after.JitterBuffer > 35*time.Millisecond {
		t.Errorf("delay %v with jitter, %v without", before.JitterBuffer, after.JitterBuffer)
	}
}

func TestDuplicatesAreNeitherHeardNorCounted(t *testing.T) {
	w := newWorld(t, "opus")
	w.double, w.jitter, w.delay = 0.5, 15*time.Millisecond, 20*time.Millisecond
	w.run(settle)
	pcm := hear(w, w.b, 5*time.Second)
	s, _ := w.b.Stats(callID)
	if sent, _ := w.a.Stats(callID); s.PacketsReceived > sent.PacketsSent {
		t.Errorf("%d received of %d sent", s.PacketsReceived, sent.PacketsSent)
	}
	if share := steadiness(pcm, 440, 8000); share < 0.985 {
		t.Errorf("the tone is there for %.4f of the time", share)
	}
}

func TestClocksThatDifferAreFollowed(t *testing.T) {
	for _, ppm := range []int64{-300, 300} {
		t.Run(fmt.Sprint(ppm), func(t *testing.T) {
			w := newWorld(t, "PCMU")
			w.b.period += w.b.period * time.Duration(ppm) / 1e6
			w.run(settle)
			pcm := hear(w, w.b, 25*time.Second)
			s, _ := w.b.Stats(callID)
			t.Logf("steady %.4f, delay %v, concealed %d, largest step %d", steadiness(pcm, 440, 8000), s.JitterBuffer, s.Concealed, largestStep(pcm))
			if share := steadiness(pcm, 440, 8000); share < 0.999 {
				t.Errorf("the tone is there for %.4f of the time", share)
			}
			if s.JitterBuffer > 45*time.Millisecond {
				t.Errorf("the delay has grown to %v", s.JitterBuffer)
			}
		})
	}
}

func TestANewStreamIsTakenUp(t *testing.T) {
	for name, change := range map[string]func(*rtp.Packet){
		"other SSRC":     func(p *rtp.Packet) { p.SSRC ^= 1 << 30 },
		"sequence jump":  func(p *rtp.Packet) { p.SequenceNumber += 9000 },
		"timestamp jump": func(p *rtp.Packet) { p.Timestamp += 1 << 29 },
		"all of it": func(p *rtp.Packet) {
			p.SSRC++
			p.SequenceNumber -= 20000
			p.Timestamp -= 1 << 30
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "opus")
			w.run(2 * time.Second)
			w.tamper = func(p *rtp.Packet) bool {
				change(p)
				return true
			}
			w.run(300 * time.Millisecond)
			pcm := hear(w, w.b, 2*time.Second)
			if share := steadiness(pcm, 440, 8000); share < 1 {
				t.Errorf("after the change the tone is there for %.3f of the time", share)
			}
			if s, _ := w.b.Stats(callID); s.PacketsLost != 0 {
				t.Errorf("%d counted as lost", s.PacketsLost)
			}
		})
	}
}

func TestOneStrayPacketDoesNotTurnTheStreamOver(t *testing.T) {
	w := newWorld(t, "opus")
	n := 0
	w.tamper = func(p *rtp.Packet) bool {
		if n++; n%10 == 0 {
			stray := *p
			stray.SSRC, stray.SequenceNumber = 42, uint16(n)
			w.b.t.sink.RTP(&stray, w.now)
		}
		return true
	}
	w.run(2 * time.Second)
	if share := steadiness(hear(w, w.b, 2*time.Second), 440, 8000); share < 1 {
		t.Errorf("the tone is there for %.3f of the time", share)
	}
}

func TestAPauseOfTheFarEndIsSilenceNotLoss(t *testing.T) {
	w := newWorld(t, "opus")
	w.run(2 * time.Second)
	w.tamper = func(*rtp.Packet) bool { return false }
	w.run(3 * time.Second)
	if got := rms(w.b.heard[len(w.b.heard)-SampleRate:]); got > 10 {
		t.Errorf("made up sound at level %.0f for a stream that stopped", got)
	}
	w.tamper = nil
	w.run(1500 * time.Millisecond)
	if share := steadiness(hear(w, w.b, time.Second), 440, 8000); share < 1 {
		t.Errorf("after the pause the tone is there for %.3f of the time", share)
	}
}

func TestALongerPathIsFollowed(t *testing.T) {
	w := newWorld(t, "opus")
	w.run(2 * time.Second)
	w.delay = 120 * time.Millisecond
	w.run(3 * time.Second)
	share := steadiness(hear(w, w.b, 5*time.Second), 440, 8000)
	s, _ := w.b.Stats(callID)
	t.Logf("delay %v", s.JitterBuffer)
	if share < 1 {
		t.Errorf("the tone is there for %.3f of the time", share)
	}
}
