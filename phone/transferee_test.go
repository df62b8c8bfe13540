package phone_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// asked lets the far end of a call that stands ask for a transfer.
func (d *desk) asked(in phone.ReferIn) phone.CallID {
	d.Helper()
	id := d.talk("600")
	in.Dialog, in.At = phone.DialogID(id), time.Now()
	d.post(in)
	return id
}

func (d *desk) request() phone.TransferRequest {
	d.Helper()
	requests := d.op.Snapshot().TransferRequests
	if len(requests) != 1 {
		d.Fatalf("%+v", requests)
	}
	return requests[0]
}

// follow accepts the transfer of a call and returns the call that follows it.
func (d *desk) follow(id phone.CallID) phone.Call {
	d.Helper()
	c, err := d.op.AcceptTransfer(context.Background(), id)
	d.must(err)
	d.settle()
	return c
}

func TestAUserWhoHangsUpHasDeclined(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		d.must(d.op.Hangup(id))
		d.settle()
		d.wantSent("1001.ReferTell " + string(id) + " 603")
		if requests := d.op.Snapshot().TransferRequests; len(requests) != 0 || d.events.Count(phone.EventTransferRequestEnded) != 1 {
			t.Fatalf("%+v %s", requests, d.events)
		}
		if _, err := d.op.AcceptTransfer(context.Background(), id); !errors.Is(err, phone.ErrTransferNotFound) {
			t.Fatal(err)
		}
	})
}

func TestTheUserIsAskedBeforeATransferIsFollowed(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example", Name: "Tom", Replaces: "a;to-tag=b;from-tag=c", ReferredBy: "<sip:600@pbx.example>"})
		if r := d.request(); r.Call != id || r.Target != "602" || r.Name != "Tom" || r.By.Number != "600" || !r.Attended {
			t.Fatalf("%+v", r)
		}
		if d.events.Count(phone.EventTransferRequest) != 1 {
			t.Fatal(d.events)
		}
		d.wantNotSent("1001.ReferTell")
		c := d.follow(id)
		if c.ReferredBy.Number != "600" || c.Party != (phone.Party{Number: "602", Name: "Tom"}) || d.op.Snapshot().Current != c.ID {
			t.Fatalf("%+v", c)
		}
		d.wantSent("Media.Hold " + string(id) + " true")
		r, err := d.net.WaitFor("1001.Invite "+string(c.ID)+" sip:602@pbx.example", time.Second)
		d.must(err)
		if out := r.Value.(phone.InviteOut); out.Replaces != "a;to-tag=b;from-tag=c" || out.ReferredBy != "<sip:600@pbx.example>" {
			t.Fatalf("%+v", out)
		}
		d.post(phone.Progress{Dialog: phone.DialogID(c.ID), Status: 180})
		d.wantSent("1001.ReferTell " + string(id) + " 180")
		d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote")})
		d.wantSent("1001.ReferTell " + string(id) + " 200")
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
		d.wantState(c.ID, phone.StateTalking)
		d.must(d.op.Hangup(c.ID))
		d.settle()
		if d.net.Count("1001.ReferTell") != 3 {
			t.Fatal(d.net.Texts())
		}
	})
}

func TestADeclinedTransferLeavesTheCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		d.must(d.op.DeclineTransfer(id))
		d.settle()
		d.wantSent("1001.ReferTell " + string(id) + " 603")
		d.wantState(id, phone.StateTalking)
		if d.call(id).HeldByUs || d.call(id).HoldPending || len(d.op.Snapshot().TransferRequests) != 0 {
			t.Fatalf("%+v", d.op.Snapshot())
		}
		for _, err := range []error{d.op.DeclineTransfer(id), d.op.DeclineTransfer("no call")} {
			if !errors.Is(err, phone.ErrTransferNotFound) || phone.CodeOf(err) != -211 {
				t.Fatal(err)
			}
		}
		if _, err := d.op.AcceptTransfer(context.Background(), id); !errors.Is(err, phone.ErrTransferNotFound) {
			t.Fatal(err)
		}
	})
}

func TestAnUndecidedTransferIsDeclinedAfterAMinute(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		time.Sleep(59 * time.Second)
		d.wantNotSent("1001.ReferTell")
		time.Sleep(2 * time.Second)
		d.settle()
		d.wantSent("1001.ReferTell " + string(id) + " 603")
	})
}

func TestATransferCanBeFollowedAfterWhoAskedHasHungUp(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
		d.request()
		c := d.follow(id)
		d.wantSent("1001.Invite " + string(c.ID) + " sip:602@pbx.example")
	})
}

// TestWhenTheTargetFailsWhoAskedIsBack: with the reason told, and the sound back.
func TestWhenTheTargetFailsWhoAskedIsBack(t *testing.T) {
	for told, fail := range map[string]func(d *desk, c phone.CallID){
		"486": func(d *desk, c phone.CallID) {
			d.post(phone.Refused{Dialog: phone.DialogID(c), Status: 486, Cause: phone.CauseBusy})
		},
		"503": func(d *desk, c phone.CallID) {
			d.post(phone.Refused{Dialog: phone.DialogID(c), Cause: phone.CauseConnection})
		},
		"487": func(d *desk, c phone.CallID) { d.must(d.op.Hangup(c)); d.settle() },
		"408": func(d *desk, _ phone.CallID) { time.Sleep(181 * time.Second); d.settle() },
	} {
		t.Run(told, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
				c := d.follow(id)
				d.agree(id)
				fail(d, c.ID)
				d.wantSent("1001.ReferTell " + string(id) + " " + told)
				d.agree(id)
				if old := d.call(id); old.HeldByUs || d.op.Snapshot().Current != id {
					t.Fatalf("%+v", old)
				}
			})
		})
	}
}

func TestOnlyOneTransferIsAskedAboutInACall(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		d.post(phone.ReferIn{Dialog: phone.DialogID(id), Target: "sip:603@pbx.example"})
		d.wantSent("1001.ReferTell " + string(id) + " 603")
		if r := d.request(); r.Target != "602" {
			t.Fatalf("%+v", r)
		}
	})
}

func TestWhomWeAreAskedToCallIsShownWithAForeignHost(t *testing.T) {
	for uri, want := range map[string]string{
		"sip:602@pbx.example": "602", "sip:602@PBX.example:5062;transport=tcp": "602", "sip:%2A43%23@pbx.example": "*43#",
		"sip:602@elsewhere.example": "602@elsewhere.example", "tel:+15550142;ext=1": "+15550142", "sip:pbx.example": "pbx.example",
		"sips:tom@[::1]:5061": "tom@[::1]:5061",
	} {
		t.Run(uri, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.asked(phone.ReferIn{Target: uri})
				if r := d.request(); r.Target != want {
					t.Fatalf("%+v", r)
				}
			})
		})
	}
}

func TestDestroyRefusesWhatIsUndecided(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.asked(phone.ReferIn{Target: "sip:602@pbx.example"})
		d.must(d.op.Destroy(context.Background()))
		d.wantSent("1001.ReferTell " + string(id) + " 603")
	})
}
