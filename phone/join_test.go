package phone_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// joining is one way in which two calls may be there to be joined.
type joining struct {
	parentIn, consultIn bool
	held                string // who is held by us: "parent", "consult", "both"
	rings               bool   // the consultation call is not answered yet
	account             phone.Account
}

func (j joining) String() string {
	way := map[bool]string{true: "in", false: "out"}
	text := fmt.Sprintf("parent %s, consultation %s, held %s", way[j.parentIn], way[j.consultIn], j.held)
	for word, on := range map[string]bool{", rings": j.rings, ", early": j.account.EarlyReplaces, ", reversed": j.account.ReferConsultation} {
		if on {
			text += word
		}
	}
	return text
}

// joinings are all of them.
func joinings() (list []joining) {
	for _, switched := range []func(*phone.Account){
		func(*phone.Account) {},
		func(a *phone.Account) { a.EarlyReplaces = true },
		func(a *phone.Account) { a.ReferConsultation = true },
	} {
		a := account
		switched(&a)
		for n := range 4 {
			parentIn, consultIn := n&1 > 0, n&2 > 0
			for _, held := range []string{"parent", "consult", "both"} {
				list = append(list, joining{parentIn, consultIn, held, false, a})
			}
			list = append(list, joining{parentIn, consultIn, "parent", true, a})
		}
	}
	return list
}

// begin brings two calls about, of which neither was placed because of the other.
func (j joining) begin(d *desk) (parent, consult phone.CallID) {
	d.Helper()
	if parent = phone.CallID("a"); j.parentIn {
		d.answered("a", "600")
	} else {
		parent = d.talk("600")
	}
	switch consult = phone.CallID("b"); {
	case j.consultIn && j.rings:
		d.ring("b", "602")
		d.must(d.op.Hold(parent))
	case j.consultIn:
		d.answered("b", "602")
	default:
		consult = d.dial("602")
		d.post(phone.Progress{Dialog: phone.DialogID(consult), Status: 180, Fork: "f"})
		if !j.rings {
			d.post(phone.Accepted{Dialog: phone.DialogID(consult), SDP: []byte("remote"), Fork: "f", At: time.Now()})
		}
	}
	d.settle()
	d.settleHolds()
	switch j.held {
	case "consult":
		d.must(d.op.Unhold(parent))
	case "both":
		d.must(d.op.Hold(consult))
	}
	d.settle()
	d.settleHolds()
	d.want(d.call(parent).HeldByUs == (j.held != "consult") && d.call(consult).HeldByUs == (j.held != "parent"), "held as wished", d.call(parent), d.call(consult))
	return parent, consult
}

// referred is the call that gets REFER, and what it is referred to.
func (j joining) referred(parent, consult phone.CallID) (id phone.CallID, refer string) {
	switch {
	case j.rings && !j.account.EarlyReplaces:
		return parent, fmt.Sprintf("1001.Refer %s sip:602@pbx.example replaces=", parent)
	case j.account.ReferConsultation:
		return consult, fmt.Sprintf("1001.Refer %s  replaces=%s", consult, parent)
	}
	return parent, fmt.Sprintf("1001.Refer %s  replaces=%s", parent, consult)
}

// TestAnyTwoCallsAreJoined: incoming and outgoing, whoever is held, by either method; the REFER comes when the hold stands.
func TestAnyTwoCallsAreJoined(t *testing.T) {
	for _, j := range joinings() {
		for name, join := range map[string]func(o *phone.Operator, parent, consult phone.CallID) error{
			"attended": func(o *phone.Operator, _, consult phone.CallID) error {
				return o.AttendedTransfer(context.Background(), consult, "602")
			},
			"named": func(o *phone.Operator, parent, consult phone.CallID) error {
				return o.TransferToCall(context.Background(), parent, consult)
			},
		} {
			t.Run(name+", "+j.String(), func(t *testing.T) {
				onDesk(t, func(d *desk) {
					parent, consult := j.begin(d)
					before := d.outside()
					err := join(d.op, parent, consult)
					if j.rings && j.consultIn { // one has to speak with them first
						d.wantCode(err, phone.ErrInvalidState, -200)
						d.want(fmt.Sprint(d.outside()) == fmt.Sprint(before), "nothing changed")
						return
					}
					d.must(err)
					d.settle()
					id, refer := j.referred(parent, consult)
					if d.call(id).HoldPending {
						d.wantNotSent("1001.Refer")
					}
					d.settleHolds()
					d.wantSent(refer)
					d.want(d.call(id).Transferring && d.call(id).HeldByUs, "who is sent does not hear us", d.call(id))
					d.told(id, phone.ReferProgress{Status: 200, Final: true})
					d.wantTold(phone.EventTransferred)
					d.wantGone(parent, consult)
				}, withAccount(func(a *phone.Account) { *a = j.account }))
			})
		}
	}
}

// wantGone: no call is left, and the wire was told so.
func (d *desk) wantGone(ids ...phone.CallID) {
	d.Helper()
	for _, id := range ids {
		d.wantSent("1001.End " + string(id))
	}
	d.want(len(d.op.Snapshot().Calls) == 0, "no call is left", d.op.Snapshot().Calls)
}

// TestWhenTwoCallsCannotBeJoinedBothAreThereAsBefore: only one that still rang is given up for it.
func TestWhenTwoCallsCannotBeJoinedBothAreThereAsBefore(t *testing.T) {
	for _, j := range joinings() {
		if j.rings && j.consultIn {
			continue
		}
		t.Run(j.String(), func(t *testing.T) {
			onDesk(t, func(d *desk) {
				parent, consult := j.begin(d)
				d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
				d.settle()
				d.settleHolds()
				id, _ := j.referred(parent, consult)
				d.told(id, phone.ReferProgress{Status: 603, Final: true})
				e := d.wantTold(phone.EventTransferFailed)
				d.want(e.Call.ID == id && e.Status == 603 && e.Cause == phone.CauseRejected, "with its reason", e)
				d.settleHolds()
				a, b := d.call(parent), d.call(consult)
				d.want(a.State == phone.StateTalking && !a.Transferring && a.HeldByUs == (j.held != "consult"), "the parent as before", a)
				if j.rings {
					d.want(j.account.EarlyReplaces == (b.State == phone.StateRinging), "it rings on, or was given up", b)
					return
				}
				d.want(b.State == phone.StateTalking && !b.IsTransfer && b.HeldByUs == (j.held != "parent"), "the other one as before", b)
			}, withAccount(func(a *phone.Account) { *a = j.account }))
		})
	}
}

// TestACallThatMerelyStandsBesideAnotherOutlivesIt: only a consultation call ends with its parent, before, during and after
// an attempt to join the two.
func TestACallThatMerelyStandsBesideAnotherOutlivesIt(t *testing.T) {
	hangsUp := func(d *desk, id phone.CallID) {
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
	}
	for name, end := range map[string]func(d *desk, parent, consult phone.CallID){
		"they hang up": func(d *desk, parent, _ phone.CallID) { hangsUp(d, parent) },
		"while the hold is under way": func(d *desk, parent, consult phone.CallID) {
			d.must(d.op.Unhold(parent))
			d.settle()
			d.settleHolds()
			d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
			d.settle()
			hangsUp(d, parent)
			d.wantNotSent("1001.Refer")
		},
		"when they were sent, without a word": func(d *desk, parent, consult phone.CallID) {
			d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
			d.settle()
			hangsUp(d, parent)
			d.wantTold(phone.EventTransferred) // by the contract; who came in their place ends the other call
		},
		"after a failure": func(d *desk, parent, consult phone.CallID) {
			d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
			d.settle()
			d.told(parent, phone.ReferProgress{Status: 486, Final: true})
			d.must(d.op.Hangup(parent))
			d.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				parent, consult := joining{parentIn: true, consultIn: true, held: "parent"}.begin(d)
				end(d, parent, consult)
				d.wantDeleted(parent, phone.CauseTerminated)
				d.wantState(consult, phone.StateTalking)
				d.want(d.op.Snapshot().Current == consult, "and is the current one")
			})
		})
	}
}

// TestAParentThatIsNotPlainMustBeNamed: with three calls one has to say which two.
func TestAParentThatIsNotPlainMustBeNamed(t *testing.T) {
	ctx := context.Background()
	onDesk(t, func(d *desk) {
		first, second, third := d.answered("a", "600"), d.answered("b", "601"), d.answered("c", "602")
		d.settleHolds()
		d.wantCode(d.op.AttendedTransfer(ctx, third, ""), phone.ErrAttendedParentNotFound, -207)
		d.wantCode(d.op.TransferToCall(ctx, third, third), phone.ErrInvalidState, -200)
		d.wantCode(d.op.TransferToCall(ctx, first, "gone"), phone.ErrCallNotFound, -211)
		d.wantCode(d.op.TransferToCall(ctx, "gone", third), phone.ErrCallNotFound, -211)
		d.must(d.op.TransferToCall(ctx, first, third))
		d.settle()
		d.wantSent("1001.Refer a  replaces=c")
		d.must(d.op.AttendedTransfer(ctx, third, "")) // the one that is under way counts no more
		d.settle()
		d.wantSent("1001.Refer b  replaces=c")
		d.told(first, phone.ReferProgress{Status: 200, Final: true})
		d.wantDeleted(first, phone.CauseTerminated)
		d.told(second, phone.ReferProgress{Status: 481, Final: true})
		d.wantState(second, phone.StateTalking)
	}, manyCalls)
}

// TestACallAndItsOwnConsultationKeepTheirParts: the parent is none of its consultation's consultation calls.
func TestACallAndItsOwnConsultationKeepTheirParts(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := d.consult(true)
		d.answered("c", "603")
		d.settleHolds()
		d.wantCode(d.op.AttendedTransfer(context.Background(), parent, ""), phone.ErrAttendedParentNotFound, -207)
		d.wantCode(d.op.AttendedTransfer(context.Background(), "c", ""), phone.ErrAttendedParentNotFound, -207)
		d.must(d.op.AttendedTransfer(context.Background(), consult, "")) // its parent was named when it was placed
		d.settle()
		d.wantSent("1001.Refer " + string(parent) + "  replaces=" + string(consult))
	}, manyCalls)
}

// TestMembersOfAConferenceAreNotJoinedElsewhere: they were asked to stay together; one is split off first.
func TestMembersOfAConferenceAreNotJoinedElsewhere(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(2)
		d.answered("c", "603")
		d.settleHolds()
		d.wantCode(d.op.AttendedTransfer(context.Background(), "c", ""), phone.ErrAttendedParentNotFound, -207)
		for _, pair := range [][2]phone.CallID{{ids[0], ids[1]}, {ids[0], "c"}, {"c", ids[0]}} {
			d.wantCode(d.op.TransferToCall(context.Background(), pair[0], pair[1]), phone.ErrInvalidState, -200)
		}
	}, manyCalls)
}

// TestCallsOfTwoAccountsAreJoined: the REFER goes over the parent's line and names the other line's dialog.
func TestCallsOfTwoAccountsAreJoined(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.AddAccount(phone.Account{ID: "2002", URI: "sip:2002@other.example"}))
		d.must(d.op.Register("2002"))
		d.settle()
		d.net.Line("2002").Post(phone.InviteIn{Dialog: "a", SIPCallID: "a", From: phone.Party{Number: "600"}, SDP: []byte("offer"), At: time.Now()})
		d.settle()
		d.must(d.op.Answer(context.Background(), "a", phone.AnswerOptions{}))
		d.settle()
		d.net.Line("2002").Post(phone.Acked{Dialog: "a", At: time.Now()})
		d.settle()
		consult, err := d.place(phone.CallRequest{Number: "602", TransferOf: "a"})
		d.must(err)
		d.want(consult.Account == "2002", "one asks by the line that they came in by", consult)
		d.must(d.op.Hangup(consult.ID))
		b := d.dial("603")
		d.post(phone.Accepted{Dialog: phone.DialogID(b), SDP: []byte("remote")})
		d.must(d.op.AttendedTransfer(context.Background(), b, ""))
		d.settle()
		d.net.Line("2002").Post(phone.ReinviteDone{Dialog: "a", Status: 200, SDP: []byte("agreed")})
		d.settle()
		d.wantSent("2002.Refer a  replaces=1001." + string(b))
		d.net.Line("2002").Post(phone.ReferProgress{Dialog: "a", Status: 200, Final: true})
		d.settle()
		d.want(len(d.op.Snapshot().Calls) == 0, "both are gone", d.op.Snapshot().Calls)
	}, manyCalls)
}

// TestACallThatWasJoinedIsToldAsAConsultation: whoever shows how it ended can tell it from one that was hung up.
func TestACallThatWasJoinedIsToldAsAConsultation(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent, consult := joining{consultIn: true, held: "parent"}.begin(d)
		d.must(d.op.AttendedTransfer(context.Background(), consult, ""))
		d.settle()
		d.want(!d.call(consult).IsTransfer, "not before it is done")
		d.told(parent, phone.ReferProgress{Status: 200, Final: true})
		e := d.wantDeleted(consult, phone.CauseTerminated)
		d.want(e.Call.IsTransfer && e.Call.TransferParent.CallID == parent && strings.Contains(e.Call.TransferParent.Number, "600"), "its parent is told", e.Call)
	})
}
