package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// takeOver lets a new call take the place of one of ours.
func (d *desk) takeOver(id phone.CallID, sdp string) {
	d.Helper()
	in := phone.InviteIn{Dialog: "taker", SIPCallID: "taker", From: phone.Party{Number: "602", Name: "Tom"}, Replaces: phone.DialogID(id), At: time.Now()}
	if sdp != "" {
		in.SDP = []byte(sdp)
	}
	d.post(in)
}

func TestACallThatIsReplacedStaysTheSameForTheUser(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		began := d.call(id).AnsweredAt
		d.must(d.op.Mute(id))
		time.Sleep(time.Minute)
		d.takeOver(id, "offer")
		d.wantSent(`1001.Answer taker sdp="answer"`)
		d.wantSent("1001.End " + string(id))
		d.wantNotSent("1001.Ring")
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		c := d.call(id)
		if c.State != phone.StateTalking || c.Party != (phone.Party{Number: "602", Name: "Tom"}) || !c.Muted || c.AnsweredAt != began {
			t.Fatalf("%+v", c)
		}
		if s := d.op.Snapshot(); len(s.Calls) != 1 || s.Current != id {
			t.Fatalf("%+v", s)
		}
		if d.events.Count(phone.EventStaticStatusChange) != 1 || d.events.Count(phone.EventReinvite) != 1 || d.events.Count(phone.EventIncoming) != 0 {
			t.Fatal(d.events)
		}
		d.must(d.op.Hold(id)) // in the new dialog
		d.settle()
		d.wantSent("1001.Reinvite taker")
		d.must(d.op.Hangup(id))
		d.wantDeleted(id, phone.CauseTerminated)
		d.wantSent("1001.End taker")
	})
}

func TestAReplacedCallWithoutAnOfferGetsOurs(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.takeOver(id, "")
		d.wantSent(`1001.Answer taker sdp="offer"`)
		d.post(phone.Acked{Dialog: "taker", SDP: []byte("late"), At: time.Now()})
		d.wantState(id, phone.StateTalking)
		d.must(d.op.Hold(id))
		d.settle()
		d.wantSent("1001.Reinvite taker")
	})
}

func TestACallOfOursThatRingsIsReplacedAndStands(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180})
		d.takeOver(id, "offer")
		d.wantSent("1001.End " + string(id))
		d.wantState(id, phone.StateAccepted)
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		d.wantState(id, phone.StateTalking)
		time.Sleep(200 * time.Second) // the limit of an unanswered call is off
		d.wantState(id, phone.StateTalking)
	})
}

func TestWhatIsHeldStaysHeldWhenItIsReplaced(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		d.agree(id)
		d.takeOver(id, "offer")
		d.wantSent("Media.Answer " + string(id) + ` offer="offer" hold=true`)
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		if c := d.call(id); !c.HeldByUs || c.HoldPending {
			t.Fatalf("%+v", c)
		}
	})
}

func TestTheOldCallGoesOnWhereTheNewOneCannotBe(t *testing.T) {
	for name, fail := range map[string]func(d *desk, id phone.CallID){
		"no codec in common": func(d *desk, id phone.CallID) {
			d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrMediaIncompatible})
		},
		"they gave it up": func(d *desk, _ phone.CallID) {
			d.post(phone.DialogEnded{Dialog: "taker", Cause: phone.CauseCanceled, ByThem: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.talk("600")
				d.media.Auto = false
				d.takeOver(id, "offer")
				fail(d, id)
				d.settle()
				d.wantSent("1001.End taker")
				d.wantNotSent("1001.End " + string(id))
				d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("anew")})
				d.settle()
				d.wantSent("1001.Reinvite " + string(id) + ` sdp="anew"`)
				d.wantState(id, phone.StateTalking)
			})
		})
	}
}

func TestTheOldFarEndMayHangUpWhileItIsReplaced(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Auto = false
		d.takeOver(id, "offer")
		d.post(phone.DialogEnded{Dialog: phone.DialogID(id), Cause: phone.CauseTerminated, ByThem: true})
		d.wantState(id, phone.StateTalking)
		d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("answer")})
		d.settle()
		d.wantSent("1001.Answer taker")
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		if c := d.call(id); c.State != phone.StateTalking || c.Party.Number != "602" {
			t.Fatalf("%+v", c)
		}
		d.wantNotSent("1001.End " + string(id))
	})
}

func TestReplacesOfACallThatIsGoneIsRefused(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.takeOver("no call", "offer")
		d.wantSent("1001.End taker 481")
		id := d.ring("rings", "600")
		d.takeOver(id, "offer")
		d.wantSent("1001.End taker 480")
		d.wantState(id, phone.StateRinging)
	})
}

func TestHangingUpWhileACallIsReplacedEndsBothDialogs(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Auto = false
		d.takeOver(id, "offer")
		d.must(d.op.Hangup(id))
		d.wantDeleted(id, phone.CauseTerminated)
		d.wantSent("1001.End taker")
		d.wantSent("1001.End " + string(id))
	})
}

func TestAReplacedMemberStaysInTheConference(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		other := d.ring("in", "555")
		d.must(d.op.Answer(context.Background(), other, phone.AnswerOptions{}))
		d.settle()
		d.post(phone.Acked{Dialog: "in"})
		d.agree(id)
		d.must(d.op.Merge(id, other))
		d.settle()
		d.agree(id)
		before := d.net.Count("Media.Mix " + string(id) + " true")
		d.takeOver(id, "offer")
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		if !d.call(id).Conference || d.net.Count("Media.Mix "+string(id)+" true") != before+1 {
			t.Fatalf("%+v\n%v", d.call(id), d.net.Texts())
		}
	})
}

func TestARecordingEndsWhenSomebodyElseTakesTheCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.SetRecording(phone.RecordSettings{Agreed: true, Folder: "/music"}))
		d.must(d.op.StartRecord(id))
		d.settle()
		d.takeOver(id, "offer")
		d.wantSent("Media.StopRecord " + string(id))
		if c := d.call(id); c.Record != phone.RecordStop {
			t.Fatalf("%+v", c)
		}
	}, withAccount(func(a *phone.Account) { a.RecordPermissions = 2 }))
}

// TestATransferIsAskedAboutOnceTheCallIsAccepted: every state, and a party that changes in each.
func TestATransferIsAskedAboutOnceTheCallIsAccepted(t *testing.T) {
	for state, bring := range map[phone.State]func(*desk) phone.CallID{
		phone.StateGathering: func(d *desk) phone.CallID { d.media.Auto = false; return d.dial("600") },
		phone.StateCalling:   func(d *desk) phone.CallID { return d.dial("600") },
		phone.StateRinging:   func(d *desk) phone.CallID { return d.ring("in", "600") },
		phone.StateAnswering: func(d *desk) phone.CallID {
			id := d.ring("in", "600")
			d.media.Auto = false
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			d.settle()
			return id
		},
		phone.StateAccepted: func(d *desk) phone.CallID {
			id := d.ring("in", "600")
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			d.settle()
			return id
		},
		phone.StateTalking: func(d *desk) phone.CallID { return d.talk("600") },
		phone.StateEnding: func(d *desk) phone.CallID {
			d.net.AutoEnd = false
			id := d.talk("600")
			d.must(d.op.Hangup(id))
			d.settle()
			return id
		},
	} {
		t.Run(string(state), func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := bring(d)
				d.wantState(id, state)
				d.post(phone.ReferIn{Dialog: phone.DialogID(id), Target: "sip:602@pbx.example"})
				asked := len(d.op.Snapshot().TransferRequests) == 1
				stands := state == phone.StateAccepted || state == phone.StateTalking
				if asked != stands || asked == (d.net.Count("1001.ReferTell "+string(id)+" 603") == 1) {
					t.Errorf("asked: %t\n%v", asked, d.net.Texts())
				}
				d.who(id, phone.Party{Number: "603", Name: "Mara"})
				if p := d.call(id).Party; p.Name != "Mara" {
					t.Errorf("%+v", p)
				}
			})
		})
	}
}
