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
		d.wantState(id, phone.StateRinging)
		d.post(phone.Accepted{Dialog: dialog, SDP: []byte("early"), Fork: "a", At: time.Now()})
		d.wantState(id, phone.StateTalking)
	})
}
