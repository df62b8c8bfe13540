package media

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestABeepIsHeardByBothSidesOnceThoughWeAreMuted(t *testing.T) {
	w := newWorld(t, "PCMU")
	w.a.level, w.b.level = 0, 0
	w.a.Mute(callID, true)
	w.run(500 * time.Millisecond)
	before := [2]int{len(w.a.heard), len(w.b.heard)}
	w.a.Beep(callID)
	w.run(400 * time.Millisecond)
	for i, e := range []*end{w.a, w.b} {
		pcm := e.heard[before[i]:]
		if got := goertzel(pcm[len(pcm)/2:3*len(pcm)/4], beepHz); got < 3000 {
			t.Errorf("side %d hears it with amplitude %.0f", i, got)
		}
	}
	w.run(500 * time.Millisecond)
	before = [2]int{len(w.a.heard), len(w.b.heard)}
	w.run(time.Second)
	for i, e := range []*end{w.a, w.b} {
		if got := goertzel(e.heard[before[i]:], beepHz); got > 20 {
			t.Errorf("side %d hears it still, with amplitude %.0f", i, got)
		}
	}
}

// TestEachRingHasARhythmOfItsOwn: what the ringer plays in its first seconds, as sounding tenths of a second.
func TestEachRingHasARhythmOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]phone.Tone{}
		for _, tone := range []phone.Tone{phone.ToneRing, phone.ToneRing2, phone.ToneRing3, phone.ToneRing4, phone.ToneRing5} {
			dev := new(fakeDevices)
			e := New(Config{Devices: dev, DeviceIDs: phone.DeviceIDs{Ringer: "bell"}})
			e.Play(tone)
			synctest.Wait()
			var heard []int16
			var pcm [tick]int16
			var bell *fakeDevice
			for _, s := range dev.speakers {
				if s.id == "bell" {
					bell = s
				}
			}
			for range 300 {
				bell.run(pcm[:])
				heard = append(heard, pcm[:]...)
			}
			rhythm := ""
			for at := 0; at+100*ms <= len(heard); at += 100 * ms {
				if rms(heard[at:at+100*ms]) > 300 {
					rhythm += "#"
				} else {
					rhythm += "."
				}
			}
			if other, taken := seen[rhythm]; taken {
				t.Errorf("%s sounds as %s: %s", tone, other, rhythm)
			}
			seen[rhythm] = tone
			t.Log(tone, rhythm)
			e.Play(phone.ToneNone)
			time.Sleep(time.Second)
			e.Shutdown()
		}
	})
}
