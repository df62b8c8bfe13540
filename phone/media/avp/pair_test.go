package avp

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestTwoOfOursTalkBothWaysUnderEachPolicy(t *testing.T) {
	for _, policy := range policies {
		t.Run(string(policy), func(t *testing.T) {
			a, b := connected(t, policy)
			carriertest.Send(a, b, 111, "from the caller")
			carriertest.Send(b, a, 111, "from the callee")
			carriertest.Send(a, b, 110, "a key")
		})
	}
}

func TestTheAgreementTellsTheTruth(t *testing.T) {
	for _, policy := range policies {
		f := newFactory(t, Options{})
		a, b := newEnd(t, f, policy), newEnd(t, f, policy)
		na, nb := carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
		for _, n := range []media.Negotiated{na, nb} {
			if n.Audio.Name != "opus" || n.Audio.PayloadType != 111 || !n.Audio.FEC || n.Event.PayloadType != 110 {
				t.Errorf("%s: audio %+v, event %+v", policy, n.Audio, n.Event)
			}
			if n.Encrypted != (policy != phone.MediaRTP) || n.PacketTime != 20*time.Millisecond || n.HeldByThem {
				t.Errorf("%s: %+v", policy, n)
			}
		}
	}
}

func TestTheHeaderIsTheCallersAndTheSourceIsOurs(t *testing.T) {
	for _, policy := range policies {
		a, b := connected(t, policy)
		first := carriertest.Send(a, b, 111, "audio")
		h := &rtp.Header{PayloadType: 110, SequenceNumber: 300, Timestamp: 123456789, Marker: true, SSRC: 1}
		a.Transport.WriteRTP(h, []byte("once"))
		for {
			p := carriertest.Await(b, "packet", b.Packets)
			if string(p.Payload) != "once" {
				continue
			}
			if p.SequenceNumber != 300 || p.Timestamp != 123456789 || !p.Marker || p.SSRC != first.SSRC || h.SSRC != 1 {
				t.Errorf("%s: %+v", policy, p.Header)
			}
			break
		}
	}
}

func TestDescriptionsComeAndGoAsTheEngineExpects(t *testing.T) {
	for _, policy := range policies {
		t.Run(string(policy), func(t *testing.T) {
			carriertest.Exchanges(t, func(t *testing.T) (a, b *end) { return connected(t, policy) }, 111)
		})
	}
}

func TestTheOfferSaysWhatItMust(t *testing.T) {
	for policy, wants := range map[phone.MediaPolicy][]string{
		phone.MediaRTP:  {" RTP/AVP 111 9 0 8 101 110\r\n", "a=rtpmap:9 G722/8000\r\n", "a=rtcp-mux\r\n", "c=IN IP4 127.0.0.1\r\n", "a=fmtp:101 0-16\r\n", "a=ptime:20\r\n", "a=sendrecv\r\n"},
		phone.MediaSDES: {" RTP/SAVP 111 ", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", "a=crypto:2 AEAD_AES_256_GCM inline:", "a=crypto:3 AEAD_AES_128_GCM inline:", "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:"},
		phone.MediaDTLS: {" UDP/TLS/RTP/SAVP 111 ", "a=fingerprint:sha-256 ", "a=setup:actpass\r\n"},
	} {
		offer := newEnd(t, newFactory(t, Options{}), policy).Offer(phone.MediaWish{})
		for _, want := range wants {
			if !strings.Contains(offer, want) {
				t.Errorf("%s: no %q in\n%s", policy, want, offer)
			}
		}
	}
}

func TestNoPolicyFallsBackToAnother(t *testing.T) {
	f := newFactory(t, Options{})
	for _, ours := range policies {
		for _, theirs := range policies {
			if ours == theirs {
				continue
			}
			caller, callee := newEnd(t, f, theirs), newEnd(t, f, ours)
			offer := caller.Offer(phone.MediaWish{})
			callee.Transport.Answer([]byte(offer), phone.MediaWish{})
			wantIncompatible(t, callee.Failure(), string(ours)+" answering "+string(theirs))
			// An answer of another kind than the offer.
			other := newEnd(t, f, theirs)
			answer, _ := other.Answer(offer, phone.MediaWish{})
			mine := newEnd(t, f, ours)
			mine.Offer(phone.MediaWish{})
			mine.Transport.Remote([]byte(answer), false)
			wantIncompatible(t, mine.Failure(), string(ours)+" answered by "+string(theirs))
		}
	}
}
