package phone_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// transferring brings a call to the moment when its REFER is on the wire.
func (d *desk) transferring(number string) phone.CallID {
	d.Helper()
	id := d.talk("600")
	d.must(d.op.BlindTransfer(context.Background(), id, number))
	d.settle()
	d.wantNotSent("1001.Refer") // hold comes first
	d.agree(id)
	d.wantSent("1001.Refer " + string(id) + " sip:" + number + "@pbx.example replaces=")
	return id
}

func (d *desk) told(id phone.CallID, e phone.ReferProgress) {
	e.Dialog = phone.DialogID(id)
	d.post(e)
}

func TestABlindTransferHoldsRefersAndEndsWithTheFinalWord(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("602")
		if c := d.call(id); !c.Transferring || c.TransferTarget != "602" || !c.HeldByUs {
			t.Fatalf("%+v", c)
		}
		if err := d.op.BlindTransfer(context.Background(), id, "603"); !errors.Is(err, phone.ErrInvalidState) {
			t.Fatal(err)
		}
		d.told(id, phone.ReferProgress{Status: 202})
		d.told(id, phone.ReferProgress{Status: 180})
		d.wantState(id, phone.StateTalking)
		d.told(id, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(id, phone.CauseTerminated)
		d.wantSent("1001.End " + string(id))
		if d.events.Count(phone.EventTransferred) != 1 || d.events.Count(phone.EventTransferProgress) != 2 {
			t.Fatal(d.events)
		}
	})
}

func TestTheirHangUpDuringATransferIsItsSuccess(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("602")
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
		d.wantDeleted(id, phone.CauseTerminated)
		if d.events.Count(phone.EventTransferred) != 1 {
			t.Fatal(d.events)
		}
	})
}

func TestAFailedTransferGivesTheCallBackWithItsReason(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("603")
		d.told(id, phone.ReferProgress{Status: 486, Final: true})
		e, err := d.events.WaitFor(phone.EventTransferFailed, time.Second)
		d.must(err)
		if e.Cause != phone.CauseBusy || e.Status != 486 {
			t.Fatalf("%+v", e)
		}
		d.agree(id)
		if c := d.call(id); c.HeldByUs || c.Transferring || c.State != phone.StateTalking {
			t.Fatalf("%+v", c)
		}
	})
}

func TestWithoutAFinalWordTheUserIsAsked(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("604")
		time.Sleep(61 * time.Second)
		if d.events.Count(phone.EventTransferUnconfirmed) != 1 {
			t.Fatal(d.events)
		}
		d.must(d.op.Unhold(id))
		d.settle()
		d.agree(id)
		d.told(id, phone.ReferProgress{Status: 200, Final: true}) // too late
		if c := d.call(id); c.Transferring || c.HeldByUs || c.State != phone.StateTalking {
			t.Fatalf("%+v", c)
		}
	})
}

func TestARefusedHoldDoesNotPreventTheTransfer(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.BlindTransfer(context.Background(), id, "602"))
		d.settle()
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 488})
		d.wantSent("1001.Refer " + string(id))
	})
}

// consult brings parent (held) and consultation call (talking, or only ringing) about.
func (d *desk) consult(talking bool) (parent, consult phone.CallID) {
	d.Helper()
	parent = d.talk("600")
	time.Sleep(time.Second)
	c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "602", TransferOf: parent})
	d.must(err)
	d.settle()
	d.agree(parent)
	if talking {
		d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote")})
		d.wantState(c.ID, phone.StateTalking)
	}
	return parent, c.ID
}

func TestAnAttendedTransferRefersInTheParentsDialogWithReplaces(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(true)
		d.must(d.op.AttendedTransfer(context.Background(), consult, "602"))
		d.settle()
		d.wantSent("1001.Refer " + string(parent) + "  replaces=" + string(consult))
		d.told(parent, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(parent, phone.CauseTerminated)
		d.wantDeleted(consult, phone.CauseTerminated)
	})
}

func TestAFailedAttendedTransferKeepsBothCalls(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(true)
		d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
		d.settle()
		d.told(parent, phone.ReferProgress{Status: 603, Final: true})
		d.wantState(parent, phone.StateTalking)
		d.wantState(consult, phone.StateTalking)
		if !d.call(parent).HeldByUs {
			t.Fatal("the parent was resumed beside the consultation")
		}
	})
}

func TestWhileTheConsultationRingsTheParentIsSentBlindly(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(false)
		d.must(d.op.AttendedTransfer(context.Background(), consult, "602"))
		d.wantDeleted(consult, phone.CauseCanceled)
		d.wantSent("1001.Refer " + string(parent) + " sip:602@pbx.example replaces=")
	})
}

func TestOnlyAConsultationCanBeTransferredAttended(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		if err := d.op.AttendedTransfer(context.Background(), id, "602"); phone.CodeOf(err) != -207 {
			t.Fatal(err)
		}
	})
}

// withAccount changes the desk's account.
func withAccount(change func(*phone.Account)) func(*phone.Config, *desk) {
	return func(_ *phone.Config, d *desk) { d.account = account; change(&d.account) }
}

// TestBothCallsOfAnAttendedTransferMayHaveComeIn: the consultation call is ours at first, so that theirs is one that was taken
// over by Replaces. Outgoing ones are in the tests above.
func TestBothCallsOfAnAttendedTransferMayHaveComeIn(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent := d.ring("came-in", "600")
		d.must(d.op.Answer(context.Background(), parent, phone.AnswerOptions{}))
		d.settle()
		d.post(phone.Acked{Dialog: phone.DialogID(parent)})
		time.Sleep(time.Second)
		c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "602", TransferOf: parent})
		d.must(err)
		d.settle()
		d.agree(parent)
		d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote")})
		d.takeOver(c.ID, "offer") // their PBX makes it a call from them
		d.post(phone.Acked{Dialog: "taker"})
		d.must(d.op.AttendedTransfer(context.Background(), c.ID, "602"))
		d.settle()
		d.wantSent("1001.Refer came-in  replaces=taker")
		d.told(parent, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(parent, phone.CauseTerminated)
		d.wantDeleted(c.ID, phone.CauseTerminated)
	})
}

func TestAnAccountMayJoinWhileTheConsultationRings(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(false)
		d.post(phone.Progress{Dialog: phone.DialogID(consult), Status: 180, Fork: "f"})
		d.must(d.op.AttendedTransfer(context.Background(), consult, "602"))
		d.settle()
		d.wantSent("1001.Refer " + string(parent) + "  replaces=" + string(consult))
		d.wantState(consult, phone.StateRinging)
		d.told(parent, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(parent, phone.CauseTerminated)
		d.wantDeleted(consult, phone.CauseCanceled)
	}, withAccount(func(a *phone.Account) { a.EarlyReplaces = true }))
}

func TestAnAccountMayReferTheConsultationInstead(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(true)
		d.must(d.op.AttendedTransfer(context.Background(), consult, "602"))
		d.settle()
		d.agree(consult)
		d.wantSent("1001.Refer " + string(consult) + "  replaces=" + string(parent))
		d.told(consult, phone.ReferProgress{Status: 503, Final: true})
		d.agree(consult)
		if c := d.call(consult); c.HeldByUs || c.Transferring || !d.call(parent).HeldByUs {
			t.Fatalf("%+v", c)
		}
		d.must(d.op.AttendedTransfer(context.Background(), consult, "602"))
		d.settle()
		d.agree(consult)
		d.told(consult, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(parent, phone.CauseTerminated)
		d.wantDeleted(consult, phone.CauseTerminated)
	}, withAccount(func(a *phone.Account) { a.ReferConsultation = true }))
}

func TestDigitsThatComeByInfoAreTold(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for _, i := range []phone.InfoIn{
			{ContentType: "application/dtmf-relay", Body: []byte("Signal=5\r\nDuration=160\r\n")},
			{ContentType: "Application/DTMF-Relay; x=y", Body: []byte("Signal= 11\nDuration=160")},
			{ContentType: "application/dtmf", Body: []byte("d")},
			{ContentType: "application/dtmf", Body: []byte("55")},
			{ContentType: "text/plain", Body: []byte("5")},
			{ContentType: "application/dtmf-relay", Body: nil},
		} {
			i.Dialog = phone.DialogID(id)
			d.post(i)
		}
		var got string
		for _, e := range d.events.Events() {
			if e.Name == phone.EventDTMF {
				got += string(e.Digit)
			}
		}
		if got != "5#D" {
			t.Fatalf("digits %q", got)
		}
	})
}

func TestATransferThatFailsBesideAnotherCallStaysHeld(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.transferring("602")
		other := d.talk("603")
		d.told(id, phone.ReferProgress{Status: 486, Final: true})
		d.wantTold(phone.EventTransferFailed)
		d.want(d.call(id).HeldByUs && !d.call(id).HoldPending, "two calls are not heard at once", d.call(id))
		d.want(!d.call(other).HeldByUs && !d.call(other).HoldPending, "nor is the other one taken away", d.call(other))
	})
}
