package rtc

import (
	"net"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

var restart = phone.MediaWish{Restart: true}

// talk sends both ways.
func talk(a, b *end, what string) {
	a.T.Helper()
	carriertest.Send(a, b, 111, what)
	carriertest.Send(b, a, 111, what)
}

func TestWeRestartICEWithinTheSameEncryption(t *testing.T) {
	a, b := connected(t)
	talk(a, b, "before")
	first := describe(t, a.Offer(phone.MediaWish{}))
	a.Transport.Rollback()
	peers := [2]*peer{a.Transport.(*transport).current.Load(), b.Transport.(*transport).current.Load()}
	for range 3 {
		offer := a.Offer(restart)
		second := describe(t, offer)
		if second.ufrag == first.ufrag || second.password == first.password || !second.sameCertificate(first) || len(second.candidates) == 0 {
			t.Fatalf("no restart\n%s", offer)
		}
		answer, _ := b.Answer(offer, phone.MediaWish{})
		if d := describe(t, answer); d.setup == "actpass" || len(d.candidates) == 0 {
			t.Errorf("the answer\n%s", answer)
		}
		a.Remote(answer)
		talk(a, b, "after")
		first = second
	}
	if peers != [2]*peer{a.Transport.(*transport).current.Load(), b.Transport.(*transport).current.Load()} {
		t.Error("the DTLS association was thrown away")
	}
}

func TestTheOneWhoAnsweredMayRestartToo(t *testing.T) {
	a, b := connected(t)
	carriertest.Exchange(b, a, restart, phone.MediaWish{})
	talk(a, b, "after")
	carriertest.Exchange(a, b, restart, phone.MediaWish{})
	talk(a, b, "after the next")
}

func TestARestartThatIsRefusedOrMeetsTheirsMayBeTriedAgain(t *testing.T) {
	a, b := connected(t)
	a.Offer(restart)
	a.Transport.Rollback() // refused
	carriertest.Exchange(a, b, restart, phone.MediaWish{})
	talk(a, b, "after the second try")

	a.Offer(restart)
	offer := b.Offer(restart) // at the same time; ours was refused with 491
	a.Transport.Rollback()
	answer, _ := a.Answer(offer, phone.MediaWish{})
	b.Remote(answer)
	talk(a, b, "by theirs")
}

func TestARestartIsTakenFromOneWhoDoesNotRestart(t *testing.T) {
	// A gateway that answers with the same parameters as ever: nothing is wrong with its answer.
	b, a := newBrowser(t, true), newEnd(t, newFactory(t))
	b.remote(webrtc.SDPTypeOffer, a.Offer(phone.MediaWish{}))
	old := b.local(b.pc.CreateAnswer(nil))
	a.Remote(old)
	carriertest.Await(a, "connection", a.Ups)
	a.Offer(restart)
	a.Remote(old)
}

func TestAWayThatIsNotFoundIsToldSoThatTheNextOfferFindsIt(t *testing.T) {
	f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback, findLimit: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a, b := newEnd(t, f), newEnd(t, newFactory(t))
	nowhere := func(sdp string) string { return candidateAddress.ReplaceAllString(sdp, "${1}192.0.2.1") }
	answer, _ := b.Answer(nowhere(a.Offer(phone.MediaWish{})), phone.MediaWish{})
	a.Remote(nowhere(answer))
	carriertest.Await(a, "loss", a.Downs)
	carriertest.Exchange(a, b, restart, phone.MediaWish{})
	carriertest.Await(a, "connection", a.Ups)
	talk(a, b, "found")
}
