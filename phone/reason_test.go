package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestAVagueRefusalIsWhatItsReasonHeaderSays(t *testing.T) {
	for _, c := range []struct {
		status int
		why    phone.Why
		want   phone.Cause
	}{
		{487, phone.Why{}, phone.CauseCanceled},
		{487, phone.Why{SIP: 408}, phone.CauseUnavailable},
		{487, phone.Why{SIP: 487}, phone.CauseCanceled},
		{487, phone.Why{SIP: 200}, phone.CauseCanceled},
		{503, phone.Why{Q850: 17}, phone.CauseBusy},
		{503, phone.Why{Q850: 1}, phone.CauseNotFound},
		{503, phone.Why{Q850: 34}, phone.CauseServer},
		{503, phone.Why{Q850: 16}, phone.CauseServer},
		{480, phone.Why{Q850: 19}, phone.CauseNoAnswer},
		{480, phone.Why{Q850: 20}, phone.CauseUnavailable},
		{500, phone.Why{Q850: 28}, phone.CauseAddress},
		{500, phone.Why{Q850: 88}, phone.CauseIncompatibleSDP},
		{504, phone.Why{Q850: 102}, phone.CauseRequestTimeout},
		{486, phone.Why{Q850: 21}, phone.CauseBusy}, // what is clear stays
		{603, phone.Why{SIP: 486, Q850: 17}, phone.CauseRejected},
	} {
		onDesk(t, func(d *desk) {
			id := d.dial("600")
			d.post(phone.Refused{Dialog: phone.DialogID(id), Status: c.status, Reason: "Phrase", Why: c.why, RetryAfter: 7 * time.Second})
			if e := d.wantDeleted(id, c.want); e.Status != c.status || e.Reason != "Phrase" || e.Call.Q850 != c.why.Q850 || e.Call.RetryAfter != 7*time.Second {
				t.Errorf("%d %+v: %+v", c.status, c.why, e)
			}
		})
	}
}

func TestACallThatWasTakenElsewhereIsNotMissed(t *testing.T) {
	for _, c := range []struct {
		why    phone.Why
		want   phone.Cause
		missed bool
	}{
		{phone.Why{}, phone.CauseCanceled, true},
		{phone.Why{SIP: 487}, phone.CauseCanceled, true},
		{phone.Why{Q850: 16}, phone.CauseCanceled, true},
		{phone.Why{SIP: 200, Text: "Call completed elsewhere"}, phone.CauseElsewhere, false},
		{phone.Why{Q850: 26}, phone.CauseElsewhere, false},
		{phone.Why{SIP: 603}, phone.CauseDeclinedElsewhere, false},
		{phone.Why{SIP: 600}, phone.CauseDeclinedElsewhere, false},
	} {
		onDesk(t, func(d *desk) {
			id := d.ring("in", "555")
			d.post(phone.DialogEnded{Dialog: "in", Cause: phone.CauseCanceled, Status: 487, ByThem: true, Why: c.why})
			if e := d.wantDeleted(id, c.want); e.Call.Missed() != c.missed || e.Reason != c.why.Text {
				t.Errorf("%+v: %+v", c.why, e)
			}
		})
	}
}

func TestWhoMissesACall(t *testing.T) {
	onDesk(t, func(d *desk) {
		declined := d.ring("declined", "555")
		d.must(d.op.Reject(declined))
		if d.wantDeleted(declined, phone.CauseRejected).Call.Missed() {
			t.Error("who declines misses nothing")
		}
		late := d.ring("late", "555")
		time.Sleep(301 * time.Second)
		if !d.wantDeleted(late, phone.CauseNoAnswer).Call.Missed() {
			t.Error("a call that nobody answered is not missed")
		}
		expired := d.ring("expired", "555")
		d.post(phone.DialogEnded{Dialog: "expired", Cause: phone.CauseExpires, Status: 487, ByThem: true})
		if !d.wantDeleted(expired, phone.CauseExpires).Call.Missed() {
			t.Error("a call whose time was over is not missed")
		}
		answered := d.ring("answered", "555")
		d.must(d.op.Answer(context.Background(), answered, phone.AnswerOptions{}))
		d.settle()
		d.post(phone.Acked{Dialog: "answered", At: time.Now()})
		d.post(phone.DialogEnded{Dialog: "answered", Cause: phone.CauseTerminated, ByThem: true})
		if d.wantDeleted(answered, phone.CauseTerminated).Call.Missed() {
			t.Error("an answered call is missed")
		}
	})
}

func TestAByeThatTellsOfTroubleIsNoHangUp(t *testing.T) {
	for _, c := range []struct {
		why  phone.Why
		want phone.Cause
	}{
		{phone.Why{}, phone.CauseTerminated},
		{phone.Why{Q850: 16}, phone.CauseTerminated},
		{phone.Why{Q850: 17}, phone.CauseTerminated}, // nobody is busy who talks
		{phone.Why{SIP: 200}, phone.CauseTerminated},
		{phone.Why{Q850: 38}, phone.CauseServer},
		{phone.Why{SIP: 503}, phone.CauseServer},
		{phone.Why{SIP: 408}, phone.CauseRequestTimeout},
	} {
		onDesk(t, func(d *desk) {
			id := d.talk("600")
			d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true, Why: c.why})
			d.wantDeleted(id, c.want)
		})
	}
}

func TestCancelAndByeAreToldWhyWhereNobodyHungUp(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.Terminate(d.talk("600"), "reject"))
		d.wantSent("1001.End ")
		d.wantNotSent("1001.End in")
		slow := d.dial("601")
		time.Sleep(181 * time.Second)
		d.wantDeleted(slow, phone.CauseNoAnswer)
		d.wantSent("1001.End " + string(slow) + " 408")
	})
}
