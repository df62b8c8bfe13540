//go:build linux

package interop

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
	"github.com/hookswitch/hookswitch/phone"
)

// toneLevel is the level of one frequency in dBFS (RMS), under a Hann window.
func toneLevel(pcm []int16, rate int, hz float64) float64 {
	var re, im, weights float64
	for i, v := range pcm {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(pcm)))
		phase := 2 * math.Pi * hz * float64(i) / float64(rate)
		re += w * float64(v) * math.Cos(phase)
		im += w * float64(v) * math.Sin(phase)
		weights += w
	}
	amplitude := 2 * math.Hypot(re, im) / max(weights, 1) / 32768
	return max(-120, 20*math.Log10(max(amplitude, 1e-7)/math.Sqrt2))
}

// ear tells who hears, and how loud each of these frequencies is now in dBFS.
type ear struct {
	name   string
	levels func(frequencies []float64) []float64
}

// earOf measures sound with that sampling rate.
func earOf(name string, rate int, recent func() []int16) ear {
	return ear{name, func(frequencies []float64) (levels []float64) {
		pcm := recent()
		for _, hz := range frequencies {
			levels = append(levels, toneLevel(pcm, rate, hz))
		}
		return levels
	}}
}

func (p *webPhone) ear(name string) ear {
	return ear{name, func(frequencies []float64) (levels []float64) {
		arguments := make([]any, len(frequencies))
		for i, hz := range frequencies {
			arguments[i] = hz
		}
		p.get("levels", &levels, arguments...)
		return levels
	}}
}

// awaitTones waits until the ear hears the wanted ones of all, above -25 dBFS, and the others below -45.
func (e ear) awaitTones(t *testing.T, all []float64, wanted ...float64) {
	t.Helper()
	var levels []float64
	if !eventually(10*time.Second, func() bool {
		levels = e.levels(all)
		for i, hz := range all {
			if want := slices.Contains(wanted, hz); want && levels[i] < -25 || !want && levels[i] > -45 {
				return false
			}
		}
		return true
	}) {
		t.Fatalf("%s should hear %v Hz alone; of %v it hears %.1f dBFS", e.name, wanted, all, levels)
	}
}

func TestTwoBrowsersAndWeTalkInAConference(t *testing.T) {
	const firstTone, secondTone = 1000.0, 1530.0
	all := []float64{ourTone, firstTone, secondTone}
	k := startKamailio(t)
	b := startBrowser(t)
	first, second := b.phone(t, k, "1002", firstTone), b.phone(t, k, "1003", secondTone)
	ours := startOurs(t, k.account("1001", k.servers("1001")["WS"]))
	ours.awaitRegistered()
	proves(t, "Chromium", "conference")
	proves(t, "JsSIP", "conference")
	first.do("call", k.uri("1001"))
	one := ours.awaitAnswered()
	second.do("call", k.uri("1001"))
	two := ours.awaitAnswered()
	second.awaitTone(ourTone, ourLevel)
	first.awaitSilence()

	ours.must(ours.Merge())
	we, a, c := earOf("we", pulsetest.Rate, ours.recent), first.ear("the first"), second.ear("the second")
	inConference := func() {
		t.Helper()
		a.awaitTones(t, all, ourTone, secondTone)
		c.awaitTones(t, all, ourTone, firstTone)
		we.awaitTones(t, all, firstTone, secondTone)
	}
	inConference()
	t.Run("our mute is for us alone", func(t *testing.T) {
		ours.must(ours.Mute(one))
		a.awaitTones(t, all, secondTone)
		c.awaitTones(t, all, firstTone)
		ours.must(ours.Unmute(two))
		inConference()
	})
	t.Run("the whole is held and resumed", func(t *testing.T) {
		ours.must(ours.HoldConference())
		for _, e := range []ear{we, a, c} {
			e.awaitTones(t, all)
		}
		ours.must(ours.UnholdConference())
		inConference()
	})
	t.Run("one is taken aside and comes back", func(t *testing.T) {
		ours.must(ours.Split(one))
		a.awaitTones(t, all, ourTone)
		c.awaitTones(t, all)
		ours.must(ours.Merge())
		inConference()
	})
	t.Run("one leaves", func(t *testing.T) {
		first.do("hangup")
		ours.awaitState(one, phone.StateEnded)
		c.awaitTones(t, all, ourTone)
		we.awaitTones(t, all, secondTone)
		if call, _ := ours.Snapshot().CallByID(two); call.Conference || call.HeldByUs || ours.Snapshot().Current != two {
			t.Errorf("the one who stays: %+v", call)
		}
	})
}

// Two lines of ours, two kinds of media: what the one member says in DTLS-SRTP and Opus, the other hears in plain RTP and G.711.
func TestABrowserAndADeskPhoneHearEachOtherThroughUs(t *testing.T) {
	all := []float64{ourTone, deskTone, browserTone}
	k := startKamailio(t)
	desk := startDesk(t, k, "1003", deskOptions{codec: "PCMA"})
	web := startBrowser(t).phone(t, k, "1004", browserTone)
	plain := k.account("1001", k.servers("1001")["UDP"])
	plain.Media = phone.MediaRTP
	ours := startOurs(t, plain, k.account("1002", k.servers("1002")["WS"]))
	ours.awaitRegistered()
	ours.awaitRegistered()
	proves(t, "Chromium", "conference")
	proves(t, "baresip", "conference")
	web.do("call", k.uri("1002"))
	first := ours.awaitAnswered()
	web.awaitTone(ourTone, ourLevel)
	second := ours.dial("1003")
	ours.awaitState(second, phone.StateTalking)
	desk.awaitTone(ourTone, ourLevel)
	ours.must(ours.Merge(first, second))
	web.ear("the browser").awaitTones(t, all, ourTone, deskTone)
	earOf("the desk phone", desk.rate, desk.recent).awaitTones(t, all, ourTone, browserTone)
	earOf("we", pulsetest.Rate, ours.recent).awaitTones(t, all, deskTone, browserTone)
	ours.must(ours.HangupConference())
	web.awaitEnded()
	desk.await("CALL_CLOSED", 1)
}
