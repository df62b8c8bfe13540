package media

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestEachEndHearsTheOthersTone(t *testing.T) {
	for _, name := range []string{"opus", "PCMU", "PCMA"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, name)
			w.run(2 * time.Second)
			for _, c := range []struct {
				who  *end
				tone float64
			}{{w.a, 1000}, {w.b, 440}} {
				steady := c.who.heard[len(c.who.heard)/2:]
				if got := goertzel(steady, c.tone); got < 6500 || got > 9000 {
					t.Errorf("tone of %v Hz has amplitude %.0f, want about 8000", c.tone, got)
				}
				if got := steadiness(steady, c.tone, 8000); got < 1 {
					t.Errorf("the tone is there for %.3f of the time", got)
				}
				if !has[phone.FirstSound](&c.who.events) {
					t.Error("no FirstSound")
				}
				near, far := c.who.Levels(callID)
				// 8000/√2 is -15.3 dBFS.
				if near < 0.72 || near > 0.77 || far < 0.7 || far > 0.78 {
					t.Errorf("levels %.3f and %.3f, want about 0.745", near, far)
				}
				s, _ := c.who.Stats(callID)
				if s.PacketsReceived < 95 || s.PacketsLost != 0 || s.Concealed > 0 || s.Codec != name {
					t.Errorf("%+v", s)
				}
				t.Logf("jitter buffer %v, jitter %v", s.JitterBuffer, s.Jitter)
			}
		})
	}
}

func TestMouthToEarTakesLessThanEightyMilliseconds(t *testing.T) {
	for _, name := range []string{"opus", "PCMU"} {
		w := newWorld(t, name)
		w.a.level = 0
		w.run(3 * time.Second)
		before := len(w.b.heard)
		w.a.level = 8000
		w.run(200 * time.Millisecond)
		onset := 0
		for i, v := range w.b.heard[before:] {
			if v > 2000 || v < -2000 {
				onset = i
				break
			}
		}
		// The wire takes 5 ms of it.
		took := time.Duration(onset) * time.Second / SampleRate
		t.Logf("%s: %v", name, took)
		if onset == 0 || took > 80*time.Millisecond {
			t.Errorf("%s: %v from mouth to ear", name, took)
		}
	}
}
