//go:build linux

package interop

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// farPhone is a phone of another make, with a tone for its microphone and an ear.
type farPhone interface {
	watch(t *testing.T) // failures are this test's from now on
	call(uri string)
	hangUp()
	hold()
	resume()
	press(digit string)
	awaitDigit(digit string)
	awaitOver()
	awaitTone(frequency, level float64)
	awaitSilence()
	tone() (frequency, level float64) // what it says
	music() bool                      // it plays to whom it holds
	deafened() bool                   // a hold stops its ear, though not the call
}

// conversation is what talkTwice does and expects.
type conversation struct {
	number string // theirs
	ourURI string
	policy phone.MediaPolicy
	codec  string // as we name it
	hold   bool   // both sides hold and take back
	digits bool   // both sides press keys
}

// talkTwice calls and is called, with the sound measured both ways; once we hang up, and once they do.
func (p *ourPhone) talkTwice(far farPhone, x conversation) {
	p.t.Helper()
	check := func(call phone.Call) {
		if call.Encrypted != (x.policy != phone.MediaRTP) || call.Codec != x.codec {
			p.t.Errorf("the call says of itself: %+v", call)
		}
		p.checkTones(far)
	}
	call := p.callFar(x.number)
	check(call)
	if x.digits {
		p.checkDigits(far, call.ID)
	}
	if x.hold {
		p.checkHolding(far, call.ID)
	}
	p.hangUp(far, call.ID)

	call = p.calledBy(far, x.ourURI)
	check(call)
	if x.hold {
		p.checkBeingHeld(far, call.ID)
		p.checkHolding(far, call.ID) // a re-INVITE of ours after theirs
	}
	p.hungUpBy(far, call.ID)
}

// callFar calls number and waits until the two talk.
func (p *ourPhone) callFar(number string) phone.Call {
	p.t.Helper()
	return p.awaitState(p.dial(number), phone.StateTalking)
}

// calledBy has it call us at uri, and answers.
func (p *ourPhone) calledBy(far farPhone, uri string) phone.Call {
	p.t.Helper()
	p.ear.Reset() // what the call before left
	p.recordAnew()
	far.call(uri)
	return p.awaitState(p.awaitAnswered(), phone.StateTalking)
}

// checkTones measures the sound both ways.
func (p *ourPhone) checkTones(far farPhone) {
	p.t.Helper()
	p.awaitTone(far.tone())
	far.awaitTone(ourTone, ourLevel)
}

// checkTonesAgain is checkTones after a hold.
func (p *ourPhone) checkTonesAgain(far farPhone) {
	p.t.Helper()
	if far.deafened() {
		p.awaitTone(far.tone())
		return
	}
	p.checkTones(far)
}

// checkHolding holds and takes back from our side.
func (p *ourPhone) checkHolding(far farPhone, id phone.CallID) {
	p.t.Helper()
	p.must(p.Hold(id))
	far.awaitSilence()
	p.awaitSilence()
	p.awaitCall(id, "held by us", func(c phone.Call) bool { return c.HeldByUs && !c.HoldPending })
	p.awaitNothingSent(id)
	p.must(p.Unhold(id))
	p.checkTonesAgain(far)
	p.awaitCall(id, "taken back", func(c phone.Call) bool { return !c.HeldByUs && !c.HoldPending })
}

// awaitNothingSent waits until the far end sends nothing. Silence says nothing of it: who holds is silent and deaf by itself, and
// only who was told stops.
func (p *ourPhone) awaitNothingSent(id phone.CallID) {
	p.t.Helper()
	received := func() uint64 {
		stats, ok := p.Stats(id)
		if !ok {
			p.t.Fatal("the call has no sound any more")
		}
		return stats.PacketsReceived
	}
	await(p.t, "the far end knows that it is held", 5*time.Second, func() bool {
		before := received()
		time.Sleep(300 * time.Millisecond) // of fifteen packets
		return received() <= before+1
	})
}

// checkBeingHeld has them hold us and take us back.
func (p *ourPhone) checkBeingHeld(far farPhone, id phone.CallID) {
	p.t.Helper()
	far.hold()
	p.awaitCall(id, "held by them", func(c phone.Call) bool { return c.HeldByThem })
	if !far.music() {
		p.awaitSilence()
	}
	far.awaitSilence()
	far.resume()
	p.awaitCall(id, "taken back by them", func(c phone.Call) bool { return !c.HeldByThem })
	p.checkTonesAgain(far)
}

// checkDigits sends digits both ways.
func (p *ourPhone) checkDigits(far farPhone, id phone.CallID) {
	p.t.Helper()
	p.must(p.DTMF(id, "5#"))
	far.awaitDigit("5")
	far.awaitDigit("#")
	for _, digit := range "7*" {
		far.press(string(digit))
		event, err := p.events.WaitFor(phone.EventDTMF, 5*time.Second)
		if err != nil {
			p.t.Fatal(err)
		}
		if event.Digit != digit {
			p.t.Errorf("it pressed %c, and we understood %c", digit, event.Digit)
		}
	}
	p.checkTones(far)
}

// hangUp ends the call from our side.
func (p *ourPhone) hangUp(far farPhone, id phone.CallID) {
	p.t.Helper()
	p.must(p.Hangup(id))
	p.awaitState(id, phone.StateEnded)
	far.awaitOver()
}

// hungUpBy has them end it.
func (p *ourPhone) hungUpBy(far farPhone, id phone.CallID) {
	p.t.Helper()
	far.hangUp()
	if ended := p.awaitState(id, phone.StateEnded); ended.EndedByUs || ended.Cause != phone.CauseTerminated {
		p.t.Errorf("it ended by %q, by us: %v", ended.Cause, ended.EndedByUs)
	}
	far.awaitOver()
}

func (p *ourPhone) awaitCall(id phone.CallID, what string, holds func(phone.Call) bool) {
	p.t.Helper()
	await(p.t, "the call is "+what, 10*time.Second, func() bool {
		call, ok := p.Snapshot().CallByID(id)
		return ok && holds(call)
	})
}

// A deskPhone as a farPhone.

func (p *deskPhone) watch(t *testing.T)       { p.t = t }
func (p *deskPhone) hangUp()                  { p.t.Helper(); p.do("hangup", "") }
func (p *deskPhone) hold()                    { p.t.Helper(); p.do("hold", "") }
func (p *deskPhone) resume()                  { p.t.Helper(); p.do("resume", "") }
func (p *deskPhone) press(digit string)       { p.t.Helper(); p.do("sndcode", digit) }
func (p *deskPhone) awaitDigit(digit string)  { p.t.Helper(); p.await("CALL_DTMF_START "+digit, 1) }
func (p *deskPhone) tone() (float64, float64) { return deskTone, deskLevel }
func (p *deskPhone) music() bool              { return false }
func (p *deskPhone) deafened() bool           { return true }

func (p *deskPhone) call(uri string) {
	p.t.Helper()
	p.forget()
	p.do("dial", uri)
}

func (p *deskPhone) awaitOver() {
	p.t.Helper()
	await(p.t, "baresip's call is over", 10*time.Second, func() bool {
		return p.count("CALL_CLOSED") >= p.count("CALL_ESTABLISHED")
	})
}
