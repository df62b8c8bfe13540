//go:build linux

package interop

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// awaitHeld waits until the call is held just so.
func (p *ourPhone) awaitHeld(id phone.CallID, byUs, byThem bool) {
	p.t.Helper()
	await(p.t, "the hold is agreed", 10*time.Second, func() bool {
		c, _ := p.Snapshot().CallByID(id)
		return !c.HoldPending && c.HeldByUs == byUs && c.HeldByThem == byThem
	})
}

func TestABrowserHoldsUsAndSendsDigits(t *testing.T) {
	k := startKamailio(t)
	web := startBrowser(t).phone(t, k, "1002", browserTone)
	ours := startOurs(t, k.account("1001", k.servers("1001")["WS"]))
	ours.awaitRegistered()
	web.do("call", k.uri("1001"))
	id := ours.awaitRinging()
	ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{}))
	ours.awaitState(id, phone.StateTalking)
	web.awaitTone(ourTone, ourLevel)
	ours.awaitTone(browserTone, browserLevel)
	t.Run("hold in all combinations", func(t *testing.T) {
		proves(t, "Chromium", "holds us", "held and taken back")
		proves(t, "JsSIP", "holds us", "held and taken back")
		web.t, ours.t = t, t
		web.do("hold")
		ours.awaitHeld(id, false, true)
		ours.must(ours.Hold(id))
		ours.awaitHeld(id, true, true)
		web.do("unhold")
		ours.awaitHeld(id, true, false)
		web.awaitSilence()
		ours.awaitSilence()
		ours.awaitNothingSent(id)
		ours.must(ours.Unhold(id))
		ours.awaitHeld(id, false, false)
		web.awaitTone(ourTone, ourLevel)
		ours.awaitTone(browserTone, browserLevel)
	})
	t.Run("digits", func(t *testing.T) {
		proves(t, "Chromium", "telephone-event")
		proves(t, "JsSIP", "INFO digits")
		for way, digits := range map[string]string{"INFO": "5#", "RFC2833": "7*"} {
			web.do("dtmf", digits, way)
			for _, digit := range digits {
				e, err := ours.events.WaitFor(phone.EventDTMF, 10*time.Second)
				if err != nil || e.Digit != digit {
					t.Fatalf("by %s: %c, want %c: %v", way, e.Digit, digit, err)
				}
			}
		}
	})
	web.do("hangup")
	ours.awaitState(id, phone.StateEnded)
}
