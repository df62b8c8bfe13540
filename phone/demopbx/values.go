package demopbx

import (
	"bytes"
	"errors"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// This file is the only one that knows package phone: the values that media.Transport's methods
// take, and the errors that its sink is given.

// mediaKind is how a phone's media travels.
type mediaKind phone.MediaPolicy

// kindOf reads from an offer how the phone wants its media. Without an offer nothing is said: otherwise it is then.
func kindOf(offer []byte, otherwise mediaKind) mediaKind {
	has := func(text string) bool { return bytes.Contains(offer, []byte(text)) }
	switch {
	case len(offer) == 0 && otherwise != "":
		return otherwise
	case len(offer) == 0, has("\na=ice-ufrag:"):
		return mediaKind(phone.MediaWebRTC)
	case has(" UDP/TLS/RTP/SAVP"):
		return mediaKind(phone.MediaDTLS)
	case has(" RTP/SAVP"):
		return mediaKind(phone.MediaSDES)
	case has(" RTP/AVP"):
		return mediaKind(phone.MediaRTP)
	}
	return mediaKind(phone.MediaWebRTC)
}

// openTransport makes the media of one leg: ICE and DTLS-SRTP by one factory, the other kinds by the other.
func openTransport(ice, others media.TransportFactory, kind mediaKind, sink media.TransportSink) (media.Transport, error) {
	factory := others
	if phone.MediaPolicy(kind) == phone.MediaWebRTC {
		factory = ice
	}
	return factory.NewTransport(phone.LegOptions{Policy: phone.MediaPolicy(kind), AllowSilence: true}, sink)
}

// describe asks for our answer to their offer, or without one for an offer of ours.
func describe(t media.Transport, offer []byte, video bool) {
	wish := phone.MediaWish{Video: video}
	if len(offer) == 0 {
		t.Offer(wish)
		return
	}
	t.Answer(offer, wish)
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
