package phone_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// agree answers our re-INVITE.
func (d *desk) agree(id phone.CallID) {
	d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 200, SDP: []byte("agreed")})
}

func TestHoldIsPendingUntilTheFarEndAgreed(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		if c := d.call(id); c.HeldByUs || !c.HoldPending {
			t.Fatalf("%+v", c)
		}
		d.wantSent("Media.Hold " + string(id) + " true")
		d.wantSent("1001.Reinvite " + string(id))
		time.Sleep(2 * time.Second)
		d.agree(id)
		if c := d.call(id); !c.HeldByUs || c.HoldPending || c.HeldAt.IsZero() {
			t.Fatalf("%+v", c)
		}
		d.must(d.op.Unhold(id))
		d.settle()
		d.agree(id)
		if c := d.call(id); c.HeldByUs || c.HoldPending || !c.HeldAt.IsZero() {
			t.Fatalf("%+v", c)
		}
		if n := d.net.Count("1001.Reinvite"); n != 2 {
			t.Fatalf("%d re-INVITEs", n)
		}
	})
}

func TestASecondWishReplacesTheFirst(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for range 3 {
			d.must(d.op.Hold(id))
			d.must(d.op.Unhold(id))
		}
		d.settle()
		if n := d.net.Count("1001.Reinvite"); n != 1 {
			t.Fatalf("%d re-INVITEs at a time", n)
		}
		d.agree(id) // to the hold
		d.agree(id) // to the resume that is still wanted
		if c := d.call(id); c.HeldByUs || c.HoldPending {
			t.Fatalf("%+v", c)
		}
		if n := d.net.Count("1001.Reinvite"); n != 2 {
			t.Fatalf("%d re-INVITEs", n)
		}
	})
}

func TestARefusedHoldRestoresTheSound(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 488})
		if c := d.call(id); c.HeldByUs || c.HoldPending || c.State != phone.StateTalking {
			t.Fatalf("%+v", c)
		}
		d.wantSent("Media.Rollback " + string(id))
		d.wantSent("Media.Hold " + string(id) + " false")
	})
}

func TestTheirHoldIsAnsweredAndShown(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Info = phone.MediaInfo{HeldByThem: true, Codec: "opus"}
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("sendonly")})
		if c := d.call(id); !c.HeldByThem || c.HeldByUs {
			t.Fatalf("%+v", c)
		}
		d.wantSent("1001.AnswerReinvite " + string(id) + " 0")
		d.wantNotSent("1001.Reinvite ")
		d.wantNotSent("Media.Hold") // their music is heard
		if d.events.Count(phone.EventReinvite) != 1 {
			t.Fatal(d.events)
		}
	})
}

func TestAReinviteWithoutSDPGetsOurOffer(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id)})
		d.wantSent("1001.AnswerReinvite " + string(id) + ` 0 sdp="offer"`)
		d.post(phone.Acked{Dialog: phone.DialogID(id), SDP: []byte("their answer")})
		d.wantState(id, phone.StateTalking)
		if d.events.Count(phone.EventReinvite) != 1 {
			t.Fatal(d.events)
		}
	})
}

func TestAnOfferOfOursThatTheirAckLeavesUnansweredBlocksNothing(t *testing.T) {
	for name, next := range map[string]func(*desk, phone.DialogID){
		"an ACK without an answer": func(d *desk, id phone.DialogID) { d.post(phone.Acked{Dialog: id}) },
		"their next re-INVITE instead of an ACK": func(d *desk, id phone.DialogID) {
			d.post(phone.ReinviteIn{Dialog: id, SDP: []byte("their offer")})
			d.wantNotSent("1001.AnswerReinvite " + string(id) + " 491")
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.talk("600")
				d.post(phone.ReinviteIn{Dialog: phone.DialogID(id)})
				next(d, phone.DialogID(id))
				d.wantSent("Media.Rollback " + string(id))
				d.must(d.op.Hold(id))
				d.settle()
				d.agree(id)
				if c := d.call(id); !c.HeldByUs || c.HoldPending || c.State != phone.StateTalking {
					t.Fatalf("the hold waits for ever: %+v", c)
				}
			})
		})
	}
}

func TestAReinviteThatCannotBeUsedIsRefusedAndTheCallGoesOn(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Auto = false
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("nonsense")})
		d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrMediaIncompatible})
		d.settle()
		d.wantSent("1001.AnswerReinvite " + string(id) + " 488")
		d.wantState(id, phone.StateTalking)
	})
}

func TestAReinviteThatMeetsOursIsRefusedAsPending(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("sendonly")})
		d.wantSent("1001.AnswerReinvite " + string(id) + " 491")
		d.agree(id)
		if !d.call(id).HeldByUs {
			t.Fatal("our own hold was lost")
		}
	})
}

// Two that hold or resume at the same time refuse each other at first. Whose next try comes first is then answered with what the
// other wants, too.
func TestAChangeThatYieldsToTheirsIsInTheAnswer(t *testing.T) {
	for name, resumes := range map[string]bool{"hold": false, "resume": true} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.talk("600")
				if resumes {
					d.must(d.op.Hold(id))
					d.settle()
					d.agree(id)
					d.must(d.op.Unhold(id))
				} else {
					d.must(d.op.Hold(id))
				}
				d.settle()
				d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("offer"), Yielded: true})
				d.wantSent("Media.Rollback " + string(id))
				d.wantSent("1001.AnswerReinvite " + string(id) + ` 0 sdp="answer"`)
				d.wantNotSent("1001.AnswerReinvite " + string(id) + " 491")
				if c := d.call(id); c.HeldByUs == resumes || c.HoldPending {
					t.Fatalf("our wish is lost: %+v", c)
				}
			})
		})
	}
}

// "inactive" is answered "inactive", whatever we want: they would go on to show that we hold them.
func TestWhoResumesTowardsSomeoneWhoHoldsSaysSoInAnOfferOfItsOwn(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		d.agree(id)
		d.must(d.op.Unhold(id))
		d.settle()
		before := d.net.Count("1001.Reinvite " + string(id))
		d.media.Info = phone.MediaInfo{HeldByThem: true, Codec: "opus"}
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("inactive"), Yielded: true})
		if c := d.call(id); !c.HeldByUs || !c.HoldPending {
			t.Fatalf("%+v", c)
		}
		d.agree(id)
		if c := d.call(id); c.HeldByUs || !c.HeldByThem || c.HoldPending || d.net.Count("1001.Reinvite "+string(id)) != before+1 {
			t.Fatalf("%+v", c)
		}
	})
}

func TestMuteSurvivesHold(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Mute(id))
		d.must(d.op.Hold(id))
		d.settle()
		d.agree(id)
		d.must(d.op.Unhold(id))
		d.settle()
		d.agree(id)
		if !d.call(id).Muted {
			t.Fatal("unmuted by hold")
		}
		d.wantNotSent("Media.Mute " + string(id) + " false")
	})
}

func TestDTMFGoesIntoTheSoundOrByInfo(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		if err := d.op.DTMF(id, "1"); !errors.Is(err, phone.ErrInvalidState) {
			t.Fatal(err)
		}
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote")})
		d.must(d.op.DTMF(id, "12#d"))
		d.wantSent("Media.DTMF " + string(id))
		d.wantNotSent("1001.Info")
		for _, bad := range []string{"", "x", "1 2", "1\r\n"} {
			if err := d.op.DTMF(id, bad); !errors.Is(err, phone.ErrInvalidNumber) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		d.media.NoTelephoneEvent = true
		d.must(d.op.DTMF(id, "1"))
		d.wantSent("1001.Info " + string(id) + " application/dtmf-relay")
	})
}

func TestTheirChangeWaitsUntilTheirAnswerIsApplied(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.Auto = false
		id := d.dial("600")
		d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("offer")})
		d.settle()
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("quick")})
		d.wantNotSent("1001.AnswerReinvite")
		d.media.Post(id, phone.RemoteApplied{Leg: id})
		d.settle()
		d.wantState(id, phone.StateTalking)
		d.wantSent(`Media.Answer ` + string(id) + ` offer="quick"`)
		d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("answer")})
		d.settle()
		d.wantSent(`1001.AnswerReinvite ` + string(id) + ` 0 sdp="answer"`)
	})
}

// The first call is answered, but not confirmed, when the second one is placed: it must not be heard beside that.
func TestACallThatIsConfirmedWhileAnotherIsPlacedIsHeld(t *testing.T) {
	for name, begin := range map[string]func(d *desk) (id phone.CallID, confirm func()){
		"theirs": func(d *desk) (phone.CallID, func()) {
			id := d.ring("in1", "555")
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			return id, func() { d.post(phone.Acked{Dialog: "in1", At: time.Now()}) }
		},
		"ours": func(d *desk) (phone.CallID, func()) {
			id := d.dial("600")
			d.stillMedia()
			d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote")})
			d.mediaGoesOn()
			return id, func() { d.media.Post(id, phone.RemoteApplied{Leg: id}); d.settle() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				first, confirm := begin(d)
				second := d.dial("601")
				confirm()
				d.wantState(first, phone.StateTalking)
				d.want(d.op.Snapshot().Current == second, "what the user does stays in the foreground")
				d.wantSent("Media.Hold " + string(first) + " true")
				d.wantSent("1001.Reinvite " + string(first))
				d.agree(first)
				d.want(d.call(first).HeldByUs, "held", d.call(first))
			})
		})
	}
}
