package phone_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestWhoTakesAMembersPlaceIsAMember(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(2)
		d.takeOver(ids[0], "offer")
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		d.wantConference(ids...)
		last := ""
		for _, text := range d.net.Texts() {
			if strings.HasPrefix(text, "Media.Open "+string(ids[0])) || strings.HasPrefix(text, "Media.Mix "+string(ids[0])) {
				last = text
			}
		}
		if last != "Media.Mix "+string(ids[0])+" true" {
			t.Fatalf("the new leg stands alone: %q", last)
		}
	})
}

func TestWhenATransferThatAMemberAskedForFailsTheWholeConferenceIsBack(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.merged(2)
		d.post(phone.ReferIn{Dialog: phone.DialogID(ids[0]), Target: "sip:602@pbx.example", At: time.Now()})
		time.Sleep(time.Second)
		c, err := d.op.AcceptTransfer(context.Background(), ids[0])
		d.must(err)
		d.settle()
		d.settleHolds()
		d.wantTalking()
		d.post(phone.Refused{Dialog: phone.DialogID(c.ID), Status: 486})
		d.settleHolds()
		d.wantConference(ids...)
	})
}

func TestDigitsThatWaitForAnAnswerGoOnWithWhoTakesThePlace(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.NoTelephoneEvent = true
		id := d.talk("600")
		d.net.InfoStatus = func(string) int { return -1 }
		d.must(d.op.DTMF(id, "1"))
		d.net.InfoStatus = nil
		d.takeOver(id, "offer")
		d.post(phone.Acked{Dialog: "taker", At: time.Now()})
		d.must(d.op.DTMF(id, "2"))
		d.settle()
		d.wantSent("1001.Info taker application/dtmf-relay")
	})
}
