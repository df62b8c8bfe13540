package phone_test

import (
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestSplitTakesOneAsideAndHoldsTheOthers(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(3)
		d.must(d.op.Split(ids[0]))
		d.settle()
		d.settleHolds()
		d.wantTalking(ids[0])
		d.wantSent("Media.Mix " + string(ids[0]) + " false")
		if s := d.op.Snapshot(); s.Current != ids[0] || len(s.Conference()) != 2 || d.call(ids[0]).Conference {
			t.Fatalf("%+v", s)
		}
		d.must(d.op.Merge())
		d.settle()
		d.settleHolds()
		d.wantConference(ids...)
	}, manyCalls)
}

func TestSplittingAConferenceOfTwoLeavesTwoCalls(t *testing.T) {
	for name, id := range map[string]int{"by the whole": -1, "by the current member": 1} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				ids := d.merged(2)
				which := phone.CallID("")
				if id >= 0 {
					which = ids[id]
				}
				d.must(d.op.Split(which))
				d.settle()
				d.settleHolds()
				d.wantTalking(ids[1])
				d.wantConference()
				for _, id := range ids {
					d.wantSent("Media.Mix " + string(id) + " false")
				}
			})
		})
	}
}

func TestWhenAMemberLeavesTheOthersGoOn(t *testing.T) {
	for name, leave := range map[string]func(*desk, phone.CallID){
		"they hang up": func(d *desk, id phone.CallID) {
			d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
		},
		"we hang up that one": func(d *desk, id phone.CallID) { d.must(d.op.Hangup(id)); d.settle() },
		"its media break": func(d *desk, id phone.CallID) {
			d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrLocalStream})
			d.settle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				ids := d.merged(3)
				leave(d, ids[2])
				d.wantConference(ids[:2]...)
				d.wantTalking(ids[:2]...)
				if current := d.op.Snapshot().Current; !slices.Contains(ids[:2], current) {
					t.Fatalf("current is %q", current)
				}
				leave(d, ids[0])
				d.wantConference()
				d.wantTalking(ids[1])
				d.wantSent("Media.Mix " + string(ids[1]) + " false")
				if c := d.call(ids[1]); c.Conference || c.State != phone.StateTalking || d.op.Snapshot().Current != ids[1] {
					t.Fatalf("%+v", c)
				}
			}, manyCalls)
		})
	}
}

func TestTheWholeConferenceIsHeldResumedAndHungUp(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(3)
		d.must(d.op.HoldConference())
		d.settle()
		d.settleHolds()
		d.wantTalking()
		d.must(d.op.UnholdConference())
		d.settle()
		d.settleHolds()
		d.wantConference(ids...)
		d.must(d.op.HangupConference())
		for _, id := range ids {
			d.wantDeleted(id, phone.CauseTerminated)
		}
	}, manyCalls)
}

func TestHoldAndResumeOfOneMemberLeaveTheOthersAlone(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(3)
		d.must(d.op.Hold(ids[0]))
		d.settle()
		d.settleHolds()
		d.wantTalking(ids[1], ids[2])
		if !d.call(ids[0]).Conference {
			t.Fatal("a held member left")
		}
		d.must(d.op.Unhold(ids[0]))
		d.settle()
		d.settleHolds()
		d.wantConference(ids...)
		time.Sleep(time.Second)
		d.must(d.op.DTMF(ids[1], "5"))
		d.wantSent("Media.DTMF " + string(ids[1]))
		d.wantNotSent("Media.DTMF " + string(ids[0]))
	}, manyCalls)
}

func TestOneMuteServesTheWholeConference(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.talkTo(2)
		d.must(d.op.Mute(ids[0])) // the held one; the current call is not muted
		d.must(d.op.Merge())
		d.settle()
		d.settleHolds()
		d.wantSent("Media.Mute " + string(ids[0]) + " false")
		for _, on := range []bool{true, false} {
			f := d.op.Mute
			if !on {
				f = d.op.Unmute
			}
			d.must(f(ids[0]))
			for _, id := range ids {
				if d.call(id).Muted != on {
					t.Fatalf("%+v", d.call(id))
				}
			}
		}
		d.must(d.op.Mute(ids[1]))
		third := d.talk("602")
		d.settleHolds()
		d.must(d.op.Merge())
		d.settle()
		if d.call(ids[0]).Muted || d.call(third).Muted {
			t.Fatal("the current call was not muted, so the conference is not")
		}
	})
}

func TestAConsultationCallThatJoinsLivesOnWhenItsParentLeaves(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent := d.talk("600")
		time.Sleep(time.Second)
		c, err := d.op.Call(t.Context(), phone.CallRequest{Number: "601", TransferOf: parent})
		d.must(err)
		d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote"), At: time.Now()})
		d.settleHolds()
		d.must(d.op.Merge())
		d.settle()
		d.settleHolds()
		d.wantConference(parent, c.ID)
		d.must(d.op.Hangup(parent))
		d.settle()
		d.wantState(c.ID, phone.StateTalking)
		if got := d.call(c.ID); got.IsTransfer || got.TransferParent.CallID != "" {
			t.Fatalf("%+v", got)
		}
	})
}

func TestAMemberWhoseResumeIsRefusedStaysHeldInTheConference(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.talkTo(2)
		d.must(d.op.Merge())
		d.settle()
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(ids[0]), Status: 488})
		if c := d.call(ids[0]); !c.HeldByUs || c.HoldPending || !c.Conference {
			t.Fatalf("%+v", c)
		}
		d.must(d.op.UnholdConference())
		d.settle()
		d.settleHolds()
		d.wantConference(ids...)
	})
}

func TestWhenTheCurrentMemberLeavesAnotherMemberIsCurrentAndNotALaterHeldCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.talkTo(3)
		d.must(d.op.Merge(ids[0], ids[1]))
		d.settle()
		d.settleHolds()
		d.must(d.op.SetCurrent(ids[1]))
		d.must(d.op.Hangup(ids[1]))
		d.settle()
		d.wantTalking(ids[0])
		if current := d.op.Snapshot().Current; current != ids[0] {
			t.Fatalf("current is %q", current)
		}
	}, manyCalls)
}
