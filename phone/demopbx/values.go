package demopbx

import (
	"errors"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// This file is the only one that knows package phone: the values that media.Transport's methods
// take, and the errors that its sink is given.

// openTransport makes the media of one leg: ICE on loopback, DTLS-SRTP, no server.
func openTransport(factory media.TransportFactory, sink media.TransportSink) (media.Transport, error) {
	return factory.NewTransport(phone.LegOptions{Policy: phone.MediaWebRTC, AllowSilence: true}, sink)
}

// describe asks for our answer to their offer, or without one for an offer of ours.
func describe(t media.Transport, offer []byte) {
	if len(offer) == 0 {
		t.Offer(phone.MediaWish{})
		return
	}
	t.Answer(offer, phone.MediaWish{})
}

// mediaStatus is the SIP status for a description that could not be answered.
func mediaStatus(err error) int {
	switch {
	case errors.Is(err, phone.ErrMediaMalformed):
		return 400
	case errors.Is(err, phone.ErrMediaIncompatible):
		return 488
	}
	return 500
}
