package rtc

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestEarlyMediaAndThenTheSameFinalAnswer(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.answer(a.offer(phone.MediaWish{}), phone.MediaWish{})
	a.transport.Remote(answer, true)
	await(a, "agreement", a.negotiated)
	await(a, "connection", a.ups)
	await(b, "connection", b.ups)
	send(b, a, 111, "early")
	a.transport.Remote(answer, false)
	await(a, "agreement", a.negotiated)
	send(b, a, 111, "later")
}

func TestAFinalAnswerWithoutSDPConfirmsTheEarlyOne(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.answer(a.offer(phone.MediaWish{}), phone.MediaWish{})
	a.transport.Remote(answer, true)
	early := await(a, "agreement", a.negotiated)
	if final := a.remote(nil); final.Audio != early.Audio || len(final.Receive) != len(early.Receive) {
		t.Errorf("%+v after %+v", final, early)
	}
	a.transport.Remote(nil, false)
	if err := a.failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Error(err)
	}
}

func TestAFinalAnswerOfAnotherForkIsToldClearly(t *testing.T) {
	f := newFactory(t)
	a, b, c := newEnd(t, f), newEnd(t, f), newEnd(t, f)
	offer := a.offer(phone.MediaWish{})
	early, _ := b.answer(offer, phone.MediaWish{})
	final, _ := c.answer(offer, phone.MediaWish{})
	a.transport.Remote(early, true)
	await(a, "agreement", a.negotiated)
	a.transport.Remote(final, false)
	if err := a.failure(); !errors.Is(err, phone.ErrMediaIncompatible) {
		t.Error(err)
	}
}

func TestAReOfferOfAnotherFarEndIsAnswered(t *testing.T) {
	// What a PBX does that hands the call to another device: same dialog, other certificate and ICE.
	a, b := connected(t)
	send(b, a, 111, "first")
	c := newEnd(t, newFactory(t))
	exchange(c, a, phone.MediaWish{}, phone.MediaWish{})
	await(c, "connection", c.ups)
	await(a, "new connection", a.ups)
	send(c, a, 111, "second")
	send(a, c, 111, "answer")
}

func TestAForgedFingerprintGivesNoConnection(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	answer, _ := b.answer(a.offer(phone.MediaWish{}), phone.MediaWish{})
	d, err := parseDescription(answer, 0)
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.Replace(string(answer), d.digest, "00:11"+d.digest[5:], 1)
	a.transport.Remote([]byte(forged), false)
	await(a, "agreement", a.negotiated)
	if err := a.failure(); !errors.Is(err, phone.ErrLocalStream) {
		t.Error(err)
	}
	select {
	case <-a.ups:
		t.Error("up, with a certificate that the description does not name")
	default:
	}
}
