package avp

import (
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

func TestTwoOfOursTalkBothWaysUnderEachPolicy(t *testing.T) {
	for _, policy := range policies {
		t.Run(string(policy), func(t *testing.T) {
			a, b := connected(t, policy)
			send(a, b, 111, "from the caller")
			send(b, a, 111, "from the callee")
			send(a, b, 110, "a key")
		})
	}
}

func TestTheAgreementTellsTheTruth(t *testing.T) {
	for _, policy := range policies {
		f := newFactory(t, Options{})
		a, b := newEnd(t, f, policy), newEnd(t, f, policy)
		na, nb := exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
		for _, n := range []media.Negotiated{na, nb} {
			if n.Audio.Name != "opus" || n.Audio.PayloadType != 111 || !n.Audio.FEC || n.Event.PayloadType != 110 {
				t.Errorf("%s: audio %+v, event %+v", policy, n.Audio, n.Event)
			}
			if n.Encrypted != (policy != phone.MediaRTP) || n.PacketTime != 20*time.Millisecond || n.HeldByThem || n.HeldByUs {
				t.Errorf("%s: %+v", policy, n)
			}
		}
	}
}

func TestTheHeaderIsTheCallersAndTheSourceIsOurs(t *testing.T) {
	for _, policy := range policies {
		a, b := connected(t, policy)
		first := send(a, b, 111, "audio")
		h := &rtp.Header{PayloadType: 110, SequenceNumber: 300, Timestamp: 123456789, Marker: true, SSRC: 1}
		a.transport.WriteRTP(h, []byte("once"))
		for {
			p := await(b, "packet", b.rtp)
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

func TestHoldAndUnholdFromEitherSide(t *testing.T) {
	hold, talk := phone.MediaWish{Hold: true}, phone.MediaWish{}
	for _, policy := range policies {
		a, b := connected(t, policy)
		steps := []struct {
			name             string
			from, to         *end
			wishFrom, wishTo phone.MediaWish
			fromUs, fromThem bool // as the offerer sees it
			toUs, toThem     bool
		}{
			{"the caller holds", a, b, hold, talk, true, false, false, true},
			{"the callee holds too", b, a, hold, hold, true, true, true, true},
			{"the caller takes back", a, b, talk, hold, false, true, true, false},
			{"the callee takes back", b, a, talk, talk, false, false, false, false},
		}
		for _, s := range steps {
			from, to := exchange(s.from, s.to, s.wishFrom, s.wishTo)
			if from.HeldByUs != s.fromUs || from.HeldByThem != s.fromThem || to.HeldByUs != s.toUs || to.HeldByThem != s.toThem {
				t.Errorf("%s: %s: offerer %v %v, answerer %v %v", policy, s.name, from.HeldByUs, from.HeldByThem, to.HeldByUs, to.HeldByThem)
			}
		}
		send(a, b, 111, "on again")
		send(b, a, 111, "and back")
	}
}

func TestTheOfferSaysWhatItMust(t *testing.T) {
	for policy, wants := range map[phone.MediaPolicy][]string{
		phone.MediaRTP:  {" RTP/AVP 111 9 0 8 101 110\r\n", "a=rtpmap:9 G722/8000\r\n", "a=rtcp-mux\r\n", "c=IN IP4 127.0.0.1\r\n", "a=fmtp:101 0-16\r\n", "a=ptime:20\r\n", "a=sendrecv\r\n"},
		phone.MediaSDES: {" RTP/SAVP 111 ", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", "a=crypto:2 AEAD_AES_256_GCM inline:", "a=crypto:3 AEAD_AES_128_GCM inline:", "a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:"},
		phone.MediaDTLS: {" UDP/TLS/RTP/SAVP 111 ", "a=fingerprint:sha-256 ", "a=setup:actpass\r\n"},
	} {
		offer := newEnd(t, newFactory(t, Options{}), policy).offer(phone.MediaWish{})
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
			offer := caller.offer(phone.MediaWish{})
			callee.transport.Answer([]byte(offer), phone.MediaWish{})
			wantIncompatible(t, callee.failure(), string(ours)+" answering "+string(theirs))
			// An answer of another kind than the offer.
			other := newEnd(t, f, theirs)
			answer, _ := other.answer(offer, phone.MediaWish{})
			mine := newEnd(t, f, ours)
			mine.offer(phone.MediaWish{})
			mine.transport.Remote([]byte(answer), false)
			wantIncompatible(t, mine.failure(), string(ours)+" answered by "+string(theirs))
		}
	}
}
