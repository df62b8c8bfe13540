package rtc

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestATelephoneIsTheClientOfDTLSAndABrowserTheServer(t *testing.T) {
	for _, c := range []struct{ profile, setup string }{{"UDP/TLS/RTP/SAVPF", "active"}, {"UDP/TLS/RTP/SAVP", "passive"}, {"RTP/SAVP", "passive"}} {
		t.Run(c.profile, func(t *testing.T) {
			f := newFactory(t)
			a, b := newEnd(t, f), newEnd(t, f)
			offer := strings.Replace(a.Offer(phone.MediaWish{}), "UDP/TLS/RTP/SAVPF", c.profile, 1)
			answer, _ := b.Answer(offer, phone.MediaWish{})
			if !strings.Contains(answer, "a=setup:"+c.setup+"\r\n") || !strings.Contains(answer, " "+c.profile+" ") {
				t.Errorf("our answer:\n%s", answer)
			}
			a.Remote(answer)
			carriertest.Await(a, "connection", a.Ups)
			carriertest.Await(b, "connection", b.Ups)
			carriertest.Send(a, b, 111, "hello")
			// An offer in the middle of the call keeps the roles.
			again, _ := b.Answer(strings.Replace(a.Offer(phone.MediaWish{Hold: true}), "UDP/TLS/RTP/SAVPF", c.profile, 1), phone.MediaWish{})
			if !strings.Contains(again, "a=setup:"+c.setup+"\r\n") {
				t.Errorf("our second answer:\n%s", again)
			}
		})
	}
}
