package phone_test

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// earlyCall rings with early media of the fork "a"; its transport has that when applied.
func (d *desk) earlyCall(applied bool) (phone.CallID, phone.DialogID) {
	d.Helper()
	d.media.Auto = false
	id := d.dial("600")
	d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("offer")})
	d.settle()
	d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 183, SDP: []byte("early"), Fork: "a", At: time.Now()})
	if applied {
		d.media.Post(id, phone.RemoteApplied{Leg: id})
		d.settle()
	}
	return id, phone.DialogID(id)
}

func TestAnUpdateBeforeTheAnswerIsAnsweredAndTheAnswerThenStands(t *testing.T) {
	onDesk(t, func(d *desk) {
		id, dialog := d.earlyCall(false)
		d.post(phone.ReinviteIn{Dialog: dialog, SDP: []byte("changed"), Fork: "a"})
		d.wantNotSent("Media.Answer") // the transport is not ready for it
		d.media.Post(id, phone.RemoteApplied{Leg: id})
		d.settle()
		d.wantSent("Media.Answer " + string(id) + ` offer="changed"`)
		d.post(phone.Accepted{Dialog: dialog, SDP: []byte("whatever"), Fork: "a", At: time.Now()})
		d.wantState(id, phone.StateRinging)
		d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("answer")})
		d.settle()
		d.wantSent("1001.AnswerReinvite " + string(id) + ` 0 sdp="answer"`)
		if d.events.Count(phone.EventReinvite) != 1 {
			t.Errorf("the change is not told: %v", d.events)
		}
		d.wantState(id, phone.StateTalking)
		if n := d.net.Count("Media.Remote"); n != 1 {
			t.Errorf("the 200's description was looked at: %v", d.net.Texts())
		}
	})
}

func TestAnUpdateBeforeTheAnswerThatCannotBeTakenChangesNothing(t *testing.T) {
	onDesk(t, func(d *desk) {
		id, dialog := d.earlyCall(true)
		d.post(phone.ReinviteIn{Dialog: dialog, SDP: []byte("of another"), Fork: "b"})
		d.wantSent("1001.AnswerReinvite " + string(id) + " 504")
		d.post(phone.ReinviteIn{Dialog: dialog, SDP: []byte("changed"), Fork: "a"})
		d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrMediaIncompatible})
		d.settle()
		d.wantSent("1001.AnswerReinvite " + string(id) + " 488")
		if d.events.Count(phone.EventReinvite) != 0 {
			t.Errorf("a change that was refused is told: %v", d.events)
		}
		d.wantState(id, phone.StateRinging)
		d.post(phone.Accepted{Dialog: dialog, SDP: []byte("early"), Fork: "a", At: time.Now()})
		d.wantState(id, phone.StateTalking)
	})
}

func TestOurOfferGoesWithTheRingingWhereTheyWantThat(t *testing.T) {
	for _, quick := range []bool{false, true} { // who answers before our transport has their answer
		onDesk(t, func(d *desk) {
			d.media.Auto = false
			d.post(phone.InviteIn{Dialog: "in", SIPCallID: "in", From: phone.Party{Number: "555"}, WantsOffer: true})
			d.wantNotSent("1001.Ring")
			d.media.Post("in", phone.LocalDescription{Leg: "in", SDP: []byte("ours")})
			d.settle()
			d.wantSent(`1001.Ring in sdp="ours"`)
			d.post(phone.Acked{Dialog: "in", SDP: []byte("theirs")})
			d.wantSent(`Media.Remote in answer="theirs" provisional=false`)
			if !quick {
				d.media.Post("in", phone.RemoteApplied{Leg: "in"})
				d.settle()
			}
			d.wantState("in", phone.StateRinging)
			d.must(d.op.Answer(t.Context(), "in", phone.AnswerOptions{}))
			d.settle()
			d.wantSent(`1001.Answer in sdp="ours"`)
			d.wantState("in", phone.StateAccepted)
			d.post(phone.Acked{Dialog: "in"})
			if quick {
				d.wantState("in", phone.StateAccepted)
				d.media.Post("in", phone.RemoteApplied{Leg: "in"})
				d.settle()
			}
			d.wantState("in", phone.StateTalking)
			if n := d.net.Count("Media.Offer"); n != 1 {
				t.Errorf("%d offers", n)
			}
		})
	}
}

func TestWhoAnswersBeforeOurOfferIsMadeIsNotRungWithIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.Auto = false
		d.post(phone.InviteIn{Dialog: "in", SIPCallID: "in", WantsOffer: true})
		d.must(d.op.Answer(t.Context(), "in", phone.AnswerOptions{}))
		d.media.Post("in", phone.LocalDescription{Leg: "in", SDP: []byte("ours")})
		d.settle()
		d.wantNotSent("1001.Ring")
		d.wantSent(`1001.Answer in sdp="ours"`)
	})
}
