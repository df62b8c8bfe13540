package avp

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// What well-known PBXs and phones do to a call's description, in their own words.

// described is a description in that author's style; PORT stands for d's.
func (d *desk) described(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(text), "PORT", itoa(d.port())), "\n", "\r\n") + "\r\n"
}

// hearsNext sends packets until d has heard one.
func (d *desk) hearsNext(e *end, n media.Negotiated, payload string) {
	d.t.Helper()
	for seq := uint16(1); seq < 20; seq++ {
		e.Write(n.Audio.PayloadType, seq, payload)
		if d.hears(payload, 50*time.Millisecond) {
			return
		}
	}
	d.t.Errorf("%q does not reach its port", payload)
}

const fritzbox = `
v=0
o=user 4165989 VERSION IN IP4 127.0.0.1
s=Talk
c=IN IP4 127.0.0.1
t=0 0
m=audio PORT RTP/AVP FORMATS
a=rtpmap:8 PCMA/8000
a=rtpmap:9 G722/8000
a=rtpmap:120 PCMA/16000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=sendrecv
a=rtcp:7079
a=ptime:30`

func TestAnotherCodecAndPortMayComeWithThe200ThanWithThe183(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	early, final := newDesk(t), newDesk(t)
	e.Offer(phone.MediaWish{})
	e.Transport.Remote([]byte(early.described(strings.NewReplacer("VERSION", "1", "FORMATS", "8 101").Replace(fritzbox))), true)
	n := carriertest.Await(e, "early agreement", e.Agreements)
	if n.Audio.Name != "PCMA" || n.PacketTime != 30*time.Millisecond {
		t.Errorf("%+v", n)
	}
	early.hearsNext(e, n, "early")
	n = e.Remote(final.described(strings.NewReplacer("VERSION", "1", "FORMATS", "9 101").Replace(fritzbox))) // the same version
	if n.Audio.Name != "G722" {
		t.Errorf("%+v", n)
	}
	final.hearsNext(e, n, "final")
	final.send(e, 9, 7, 1, "and back")
	heard(e, "and back")
}

func TestACodecOfTheSameNameButAnotherClockIsNotTakenForOurs(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	answer, n := e.Answer(newDesk(t).described(strings.NewReplacer("VERSION", "1", "FORMATS", "120 8 101").Replace(fritzbox)), phone.MediaWish{})
	if n.Audio.PayloadType != 8 || !strings.Contains(answer, " RTP/AVP 8 101\r\n") {
		t.Errorf("%+v\n%s", n, answer)
	}
}

const asterisk = `
v=0
o=- 1187294 VERSION IN IP4 127.0.0.1
s=Asterisk
c=IN IP4 127.0.0.1
t=0 0
m=audio PORT RTP/AVP 107 8 0 EVENT
a=rtpmap:107 opus/48000/2
a=fmtp:107 useinbandfec=1
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:EVENT telephone-event/8000
a=fmtp:EVENT 0-16
a=ptime:20
a=maxptime:60
a=silenceSupp:off - - - -
a=sendrecv`

func TestDirectMediaRightAfterTheAnswerIsFollowed(t *testing.T) {
	for name, version := range map[string]string{"as RFC 3264 wants it": "3", "with the version of before": "2"} {
		t.Run(name, func(t *testing.T) {
			e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
			pbx, other := newDesk(t), newDesk(t)
			e.Answer(pbx.described(strings.NewReplacer("VERSION", "2", "EVENT", "101").Replace(asterisk)), phone.MediaWish{})
			// No packet was sent yet. The other phone has other numbers for the same things.
			direct := strings.NewReplacer("VERSION", version, "EVENT", "96", "107", "115").Replace(asterisk)
			answer, n := e.Answer(other.described(direct), phone.MediaWish{})
			if n.Audio.PayloadType != 115 || n.Audio.Name != "opus" || n.Event.PayloadType != 96 || !strings.Contains(answer, " RTP/AVP 115 96\r\n") {
				t.Errorf("%+v\n%s", n, answer)
			}
			other.hearsNext(e, n, "there")
			if pbx.hears("there", 20*time.Millisecond) {
				t.Error("the PBX still gets the sound")
			}
			other.send(e, 115, 9, 1, "back")
			heard(e, "back")
		})
	}
}

func TestWithoutTelephoneEventDigitsAreForINFO(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	d := newDesk(t)
	_, n := e.Answer(d.described(strings.NewReplacer("VERSION", "2", " EVENT\n", "\n", "a=rtpmap:EVENT telephone-event/8000\n", "", "a=fmtp:EVENT 0-16\n", "").Replace(asterisk)), phone.MediaWish{})
	if n.Event.Name != "" || n.Audio.Name != "opus" {
		t.Errorf("%+v", n)
	}
}

const callManager = `
v=0
o=CiscoSystemsCCM-SIP 2000 VERSION IN IP4 192.0.2.10
s=SIP Call
c=IN IP4 ADDRESS
b=TIAS:64000
b=AS:64
t=0 0
m=audio PORT RTP/AVP 0 101
b=TIAS:64000
a=rtpmap:0 PCMU/8000
a=ptime:20
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=DIRECTION`

func TestMusicOnHoldComesByInactiveAndAnOfferOfOurs(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	them, music := newDesk(t), newDesk(t)
	says := func(d *desk, version, address, direction string) string {
		return d.described(strings.NewReplacer("VERSION", version, "ADDRESS", address, "DIRECTION", direction).Replace(callManager))
	}
	_, n := e.Answer(says(them, "1", "127.0.0.1", "sendrecv"), phone.MediaWish{})
	them.hearsNext(e, n, "before")

	answer, n := e.Answer(says(them, "2", "0.0.0.0", "inactive"), phone.MediaWish{})
	if !n.HeldByThem || !strings.Contains(answer, "a=inactive\r\n") {
		t.Errorf("%+v\n%s", n, answer)
	}
	// A re-INVITE without an offer: ours says what we want, whatever they wanted before (RFC 6337 §5.1).
	if offer := e.Offer(phone.MediaWish{}); !strings.Contains(offer, "a=sendrecv\r\n") {
		t.Errorf("our offer is\n%s", offer)
	}
	if n = e.Remote(says(music, "3", "127.0.0.1", "sendonly")); !n.HeldByThem {
		t.Errorf("%+v", n)
	}
	music.send(e, 0, 11, 1, "music")
	heard(e, "music")
	e.Write(0, 40, "nobody wants that")
	if music.hears("nobody wants that", 50*time.Millisecond) {
		t.Error("sent to one who only plays")
	}
	e.Answer(says(music, "4", "0.0.0.0", "inactive"), phone.MediaWish{})
	e.Offer(phone.MediaWish{})
	if n = e.Remote(says(them, "5", "127.0.0.1", "sendrecv")); n.HeldByThem {
		t.Errorf("%+v", n)
	}
	them.hearsNext(e, n, "after")
	them.send(e, 0, 7, 9, "welcome back")
	heard(e, "welcome back")
}

func TestACallThatBeginsOnHoldIsAnsweredAndComesToSound(t *testing.T) {
	// What some switches send to several phones at once; who answers gets the real offer.
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	d := newDesk(t)
	answer, n := e.Answer("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 1024 RTP/AVP 0 18 101\r\na=rtpmap:101 telephone-event/8000\r\n", phone.MediaWish{})
	if !n.HeldByThem || strings.Contains(answer, "m=audio 0 ") || strings.Contains(answer, "0.0.0.0") {
		t.Errorf("%+v\n%s", n, answer)
	}
	if _, n = e.Answer(d.offer(d.port()), phone.MediaWish{}); n.HeldByThem {
		t.Errorf("%+v", n)
	}
	d.hearsNext(e, n, "hello")
}

func TestOfTwoAudioLinesTheOneOfThePolicyIsTakenAndStaysTaken(t *testing.T) {
	d := newDesk(t)
	key := "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
	offer := d.described(`
v=0
o=8000 8000 8001 IN IP4 127.0.0.1
s=SIP Call
c=IN IP4 127.0.0.1
t=0 0
m=audio PORT RTP/AVPF 0 101
a=sendrecv
a=rtpmap:0 PCMU/8000
a=ptime:20
a=rtpmap:101 telephone-event/8000
m=audio PORT RTP/SAVP 0 101
` + key + `
a=sendrecv
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
m=audio PORT RTP/AVP 8
a=sendrecv`)
	for policy, want := range map[phone.MediaPolicy][]string{phone.MediaRTP: {"m=audio P RTP/AVPF 0 101", "m=audio 0 RTP/SAVP 0 101", "m=audio 0 RTP/AVP 8"},
		phone.MediaSDES: {"m=audio 0 RTP/AVPF 0 101", "m=audio P RTP/SAVP 0 101", "m=audio 0 RTP/AVP 8"}} {
		t.Run(string(policy), func(t *testing.T) {
			e := newEnd(t, newFactory(t, Options{}), policy)
			first, n := e.Answer(offer, phone.MediaWish{})
			again, _ := e.Answer(offer, phone.MediaWish{})
			for _, text := range []string{first, again, e.Offer(phone.MediaWish{})} {
				var lines []string
				for l := range strings.SplitSeq(text, "\r\n") {
					if strings.HasPrefix(l, "m=") {
						lines = append(lines, strings.Replace(l, itoa(inner(e).flow.Load().port), "P", 1))
					}
				}
				for i := range want {
					if len(lines) != len(want) || !strings.HasPrefix(lines[i], want[i]) {
						t.Fatalf("%q, not %q", lines, want)
					}
				}
			}
			if n.Encrypted != (policy == phone.MediaSDES) {
				t.Errorf("%+v", n)
			}
		})
	}
}
