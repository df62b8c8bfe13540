package rtc

import (
	"strconv"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestCandidatesKeepToTheAccountsPorts(t *testing.T) {
	within := phone.PortRange{Low: 21000, High: 21999}
	f := newFactory(t)
	a, b := carriertest.New(t, f, phone.LegOptions{Ports: within}), newEnd(t, f)
	offer := a.Offer(phone.MediaWish{})
	candidates := 0
	for l := range strings.SplitSeq(offer, "\r\n") {
		if words := strings.Fields(l); strings.HasPrefix(l, "a=candidate:") {
			candidates++
			if port, err := strconv.Atoi(words[5]); err != nil || port < 21000 || port > 21999 {
				t.Errorf("%s", l)
			}
		}
	}
	if candidates == 0 {
		t.Errorf("no candidate in\n%s", offer)
	}
	answer, _ := b.Answer(offer, phone.MediaWish{})
	a.Remote(answer)
	carriertest.Send(b, a, 111, "within")
}
