package phone_test

import (
	"fmt"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestAnOfferThatCannotBeAnsweredNeverRingsAndIsMissed(t *testing.T) {
	for err, want := range map[error]struct {
		status int
		cause  phone.Cause
	}{
		phone.ErrMediaIncompatible: {488, phone.CauseIncompatibleSDP},
		phone.ErrMediaMalformed:    {400, phone.CauseBadMedia},
	} {
		onDesk(t, func(d *desk) {
			d.media.Unusable = fmt.Errorf("in a room: %w", err)
			d.ring("in", "555")
			d.wantSent(fmt.Sprintf("1001.End in %d", want.status))
			d.wantNotSent("1001.Ring")
			d.wantNotSent("Media.Open")
			var missed phone.Event
			for _, e := range d.events.Events() {
				switch e.Name {
				case phone.EventMissed:
					missed = e
				case phone.EventIncoming, phone.EventNewRTCSession:
					t.Errorf("it rings: %+v", e)
				}
			}
			c := missed.Call
			if missed.Cause != want.cause || missed.Status != want.status || !c.Missed() || c.Number != "555" || c.SIPStatus != want.status || c.Cause != want.cause {
				t.Errorf("%+v", missed)
			}
			if len(d.op.Snapshot().Calls) != 0 {
				t.Errorf("it stays: %+v", d.op.Snapshot().Calls)
			}
		})
	}
}

func TestACallWithoutAnOfferRingsWhateverTheOffersAre(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.Unusable = phone.ErrMediaIncompatible
		d.post(phone.InviteIn{Dialog: "in", SIPCallID: "in", From: phone.Party{Number: "555"}})
		d.wantState("in", phone.StateRinging)
	})
}
