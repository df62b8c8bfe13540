package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheRingingTimeEndsWhenSomebodyPicksUpAndNotWithTheACK(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.ring("in1", "555")
		time.Sleep(4 * time.Second)
		d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
		d.settle()
		time.Sleep(3 * time.Second) // its ACK was lost
		if got, want := d.call(id).Timers(time.Now()), (phone.Timers{Ring: 4 * time.Second}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		d.post(phone.Acked{Dialog: "in1", At: time.Now()})
		time.Sleep(2 * time.Second)
		if got, want := d.call(id).Timers(time.Now()), (phone.Timers{Ring: 4 * time.Second, Call: 2 * time.Second}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestEachHoldIsTimedFromItsBeginWhoeverHolds(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		hold := func() time.Duration { return d.call(id).Timers(time.Now()).Hold }
		theirs := func(on bool) {
			d.media.Info.HeldByThem = on
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("change"), At: time.Now()})
		}
		ours := func(f func(phone.CallID) error) {
			d.must(f(id))
			d.settle()
			d.agree(id)
		}
		for _, begin := range []time.Duration{0, 0} { // resumed, and held again
			ours(d.op.Hold)
			time.Sleep(5 * time.Second)
			d.want(hold() == begin+5*time.Second, "ours", hold())
			ours(d.op.Unhold)
			time.Sleep(time.Second)
			d.want(hold() == 0, "resumed", hold())
		}
		theirs(true)
		time.Sleep(2 * time.Second)
		ours(d.op.Hold)
		time.Sleep(2 * time.Second)
		d.want(hold() == 4*time.Second, "theirs, and then ours, is one", hold())
		theirs(false)
		time.Sleep(time.Second)
		d.want(hold() == 5*time.Second, "until nobody holds", hold())
	})
}

// TestAnEventTellsTheTimeOfItsCause (automation.md): of the message on the wire, not of when it was looked at.
func TestAnEventTellsTheTimeOfItsCause(t *testing.T) {
	onDesk(t, func(d *desk) {
		when := func(name phone.EventName, at time.Time) {
			t.Helper()
			if e := d.wantTold(name); !e.At.Equal(at) {
				t.Errorf("%s: %v, want %v", name, e.At, at)
			}
		}
		ago := func() time.Time { return time.Now().Add(-300 * time.Millisecond) }
		at := ago()
		d.post(phone.InviteIn{Dialog: "in1", SIPCallID: "in1", From: phone.Party{Number: "555"}, SDP: []byte("offer"), At: at})
		when(phone.EventNewRTCSession, at)
		when(phone.EventIncoming, at)
		at = ago()
		d.post(phone.DialogEnded{Dialog: "in1", Cause: phone.CauseCanceled, ByThem: true, At: at})
		when(phone.EventStatusChange, at)
		when(phone.EventFailed, at)
		when(phone.EventDeleteSession, at)

		id := d.dial("600")
		at = ago()
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180, At: at})
		d.want(d.call(id).RingingAt.Equal(at), "it rang there")
		at = ago()
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: at})
		when(phone.EventAccepted, at)
		at = ago()
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true, At: at})
		when(phone.EventEnded, at)
		when(phone.EventDeleteSession, at)

		id = d.dial("601")
		at = ago()
		d.post(phone.Refused{Dialog: phone.DialogID(id), Status: 486, Cause: phone.CauseBusy, At: at})
		when(phone.EventFailed, at)
		when(phone.EventDeleteSession, at)
	})
}
