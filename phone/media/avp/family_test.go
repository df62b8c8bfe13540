package avp

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

var loopback6 = mustAddr("::1")

func mustAddr(text string) netip.Addr { return netip.MustParseAddr(text) }

// hostWith is a factory on a host that has ways to addresses of these families only.
func hostWith(t *testing.T, four, six bool, names map[string][]netip.Addr) *Factory {
	t.Helper()
	if s, err := openSockets(loopback6, phone.PortRange{}); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	} else {
		s.close()
	}
	return newFactory(t, Options{
		LocalAddress: func(peer netip.Addr) (netip.Addr, error) {
			switch {
			case peer.Is4() && four:
				return loopback, nil
			case peer.Is6() && six:
				return loopback6, nil
			}
			return netip.Addr{}, errors.New("no route")
		},
		LookUp: func(_ context.Context, host string) ([]netip.Addr, error) {
			if found, ok := names[host]; ok {
				return found, nil
			}
			return nil, errors.New("no such host")
		},
	})
}

func TestTheFamilyOfOurOfferIsOneThatThereIsAWayFor(t *testing.T) {
	four, six := netip.MustParseAddr("198.51.100.1"), netip.MustParseAddr("2001:db8::7")
	names := map[string][]netip.Addr{"both.example": {six, four}, "six.example": {six}, "four.example": {four}}
	for _, c := range []struct {
		server    string
		four, six bool
		want      string
	}{
		{"both.example", true, true, "IP4 127.0.0.1"},
		{"both.example", false, true, "IP6 ::1"},
		{"both.example", true, false, "IP4 127.0.0.1"},
		{"six.example", true, true, "IP6 ::1"},
		{"six.example", true, false, "IP4 127.0.0.1"}, // no way to the server's own; what else it has, we cannot know
		{"four.example", false, true, "IP6 ::1"},
		{"2001:db8::7", true, true, "IP6 ::1"},
		{"nobody.example", true, true, "IP4 127.0.0.1"},
		{"nobody.example", false, true, "IP6 ::1"},
		{"", false, true, "IP6 ::1"},
	} {
		e := carriertest.New(t, hostWith(t, c.four, c.six, names), phone.LegOptions{Policy: phone.MediaRTP, Server: c.server})
		if got := line(t, e.Offer(phone.MediaWish{}), "c=IN "); got != c.want {
			t.Errorf("server %q, ways by IPv4 %v and IPv6 %v: %s, want %s", c.server, c.four, c.six, got, c.want)
		}
	}
}

func TestWithoutAnyWayTheOfferFailsWithAReason(t *testing.T) {
	e := carriertest.New(t, hostWith(t, false, false, nil), phone.LegOptions{Policy: phone.MediaRTP})
	e.Transport.Offer(phone.MediaWish{})
	if err := e.Failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Error(err)
	}
}

func TestAnOfferOfEitherFamilyIsAnsweredInItsOwn(t *testing.T) {
	f := hostWith(t, true, true, map[string][]netip.Addr{"desk.example": {loopback6, loopback}})
	for connection, want := range map[string]string{"IN IP4 127.0.0.1": "IP4 127.0.0.1", "IN IP6 ::1": "IP6 ::1", "IN IP6 desk.example": "IP4 127.0.0.1"} {
		e := newEnd(t, f, phone.MediaRTP)
		answer, _ := e.Answer(strings.Replace(plainOffer, "c=IN IP4 127.0.0.1", "c="+connection, 1), phone.MediaWish{})
		if got := line(t, answer, "c=IN "); got != want {
			t.Errorf("%s is answered in %s", connection, got)
		}
	}
}

func TestAnAnswerOfAnotherFamilyIsRefusedAndAReofferOfOneMovesOurs(t *testing.T) {
	f := hostWith(t, true, true, nil)
	a, b := newEnd(t, f, phone.MediaRTP), newEnd(t, f, phone.MediaRTP)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Transport.Remote([]byte(strings.ReplaceAll(answer, "IP4 127.0.0.1", "IP6 ::1")), false)
	wantIncompatible(t, a.Failure(), "an answer of the other family")
	c := newEnd(t, f, phone.MediaRTP)
	inner(c).server = "::1"
	answer, _ = b.Answer(c.Offer(phone.MediaWish{}), phone.MediaWish{})
	c.Remote(answer)
	if got := line(t, answer, "c=IN "); got != "IP6 ::1" {
		t.Errorf("the answer is in %s", got)
	}
	carriertest.Send(b, c, 111, "six")
	carriertest.Send(c, b, 111, "and back")
}
