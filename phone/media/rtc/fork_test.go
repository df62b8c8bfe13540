package rtc

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestEarlyMediaAndThenTheSameFinalAnswer(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Transport.Remote([]byte(answer), true)
	carriertest.Await(a, "agreement", a.Agreements)
	carriertest.Await(a, "connection", a.Ups)
	carriertest.Await(b, "connection", b.Ups)
	carriertest.Send(b, a, 111, "early")
	a.Transport.Remote([]byte(answer), false)
	carriertest.Await(a, "agreement", a.Agreements)
	carriertest.Send(b, a, 111, "later")
}

func TestAFinalAnswerOfAnotherForkAsksForANewOfferThatConnectsToIt(t *testing.T) {
	f := newFactory(t)
	a, b, c := newEnd(t, f), newEnd(t, f), newEnd(t, newFactory(t))
	offer := a.Offer(phone.MediaWish{})
	early, _ := b.Answer(offer, phone.MediaWish{})
	final, _ := c.Answer(offer, phone.MediaWish{})
	a.Transport.Remote([]byte(early), true)
	carriertest.Await(a, "agreement", a.Agreements)
	carriertest.Await(a, "early connection", a.Ups)
	carriertest.Send(b, a, 111, "early")
	a.Transport.Remote([]byte(final), false)
	if err := a.Failure(); !errors.Is(err, phone.ErrMediaElsewhere) {
		t.Fatal(err)
	}
	again := a.Offer(phone.MediaWish{})
	first, second := describe(t, offer), describe(t, again)
	if second.ufrag == first.ufrag || !second.sameCertificate(first) || originVersion(t, again) <= originVersion(t, offer) {
		t.Errorf("the new offer must be the session's next version, with other ICE credentials\n%s", again)
	}
	answer, _ := c.Answer(again, phone.MediaWish{})
	a.Remote(answer)
	carriertest.Await(a, "connection", a.Ups)
	carriertest.Await(c, "connection", c.Ups)
	carriertest.Send(c, a, 111, "to whom we called")
	carriertest.Send(a, c, 111, "and back")
}

func TestAFinalAnswerMayDifferFromTheEarlyOneInAllButItsWay(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Transport.Remote([]byte(answer), true)
	if n := carriertest.Await(a, "agreement", a.Agreements); n.Audio.Name != "opus" || n.HeldByThem {
		t.Errorf("early: %+v", n)
	}
	carriertest.Await(a, "connection", a.Ups)
	final := strings.NewReplacer("SAVPF 111 ", "SAVPF 8 ", "a=rtpmap:111 opus/48000/2", "a=rtpmap:8 PCMA/8000",
		"a=fmtp:111", "a=fmtp:8", "a=sendrecv", "a=sendonly", "a=ptime:20", "a=ptime:30").Replace(answer)
	if n := a.Remote(final); n.Audio.Name != "PCMA" || n.Audio.PayloadType != 8 || !n.HeldByThem || n.PacketTime != 30*time.Millisecond {
		t.Errorf("final: %+v\n%s", n, final)
	}
	carriertest.Send(b, a, 8, "on the same way")
}

func TestAReOfferOfAnotherFarEndIsAnswered(t *testing.T) {
	// What a PBX does that hands the call to another device: same dialog, other certificate and ICE.
	a, b := connected(t)
	carriertest.Send(b, a, 111, "first")
	c := newEnd(t, newFactory(t))
	carriertest.Exchange(c, a, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Await(c, "connection", c.Ups)
	carriertest.Await(a, "new connection", a.Ups)
	carriertest.Send(c, a, 111, "second")
	carriertest.Send(a, c, 111, "answer")
}

func TestAForgedFingerprintGivesNoConnection(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	d, err := parseDescription([]byte(answer), 0)
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(answer, d.digest, "00:11"+d.digest[5:], 1)
	a.Transport.Remote([]byte(forged), false)
	carriertest.Await(a, "agreement", a.Agreements)
	if err := a.Failure(); !errors.Is(err, phone.ErrLocalStream) {
		t.Error(err)
	}
	select {
	case <-a.Ups:
		t.Error("up, with a certificate that the description does not name")
	default:
	}
}
