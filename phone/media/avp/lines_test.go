package avp

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// mLines are the m-lines of a description.
func mLines(text string) (lines []string) {
	for l := range strings.SplitSeq(text, "\r\n") {
		if strings.HasPrefix(l, "m=") {
			lines = append(lines, l)
		}
	}
	return lines
}

func TestAFaxBesideTheSoundIsRefusedAndAFaxInItsPlaceChangesNothing(t *testing.T) {
	e, d := newEnd(t, newFactory(t, Options{}), phone.MediaRTP), newDesk(t)
	answer, _ := e.Answer(d.offer(d.port())+"m=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n", phone.MediaWish{})
	if lines := mLines(answer); len(lines) != 2 || lines[1] != "m=image 0 udptl t38" {
		t.Errorf("%q", lines)
	}
	// A gateway that hears a fax's tone offers T.38 alone, or in place of the sound (ITU-T T.38 annex D).
	for _, offer := range []string{
		strings.Replace(d.offer(0), "m=audio 0 RTP/AVP 0 101", "m=image 4000 udptl t38", 1),
		d.offer(0) + "m=image 4000 udptl t38\r\n",
	} {
		e.Transport.Answer([]byte(offer), phone.MediaWish{})
		wantIncompatible(t, e.Failure(), "a fax")
	}
	e.Write(0, 1, "goes on")
	if !d.hears("goes on", carriertest.Patience) {
		t.Error("the sound ended")
	}
	d.send(e, 0, 7, 1, "and back")
	heard(e, "and back")
}

func TestAnAnswerThatRefusesTheSoundIsNoAgreement(t *testing.T) {
	f := newFactory(t, Options{})
	for _, policy := range policies {
		a, b := newEnd(t, f, policy), newEnd(t, f, policy)
		answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
		lines := mLines(answer)
		refusal := strings.Replace(answer, lines[0], "m=audio 0 "+strings.Join(strings.Fields(lines[0])[2:], " "), 1)
		a.Transport.Remote([]byte(refusal), false)
		wantIncompatible(t, a.Failure(), string(policy))
		// The offer is out still, so a better answer may come (a PBX that tries the next phone).
		a.Remote(answer)
		carriertest.Send(a, b, 111, "there")
	}
}

func TestComfortNoiseIsTakenWhereItIsOfferedAndNeverOffered(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	if lines := mLines(e.Offer(phone.MediaWish{})); strings.Contains(lines[0]+" ", " 13 ") {
		t.Errorf("offered: %q", lines)
	}
	for formats, want := range map[string]string{"0 13": "0 13", "9 13 0": "9 13", "8 0": "8", "13 0 101": "0 13 101"} {
		e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
		offer := strings.Replace(plainOffer, "18 8 0 9 13 101", formats, 1)
		answer, n := e.Answer(offer, phone.MediaWish{})
		if got := strings.Join(strings.Fields(mLines(answer)[0])[3:], " "); got != want {
			t.Errorf("%s is answered by %s", formats, got)
		}
		if got := n.Receive[13].Name; (got == "CN") != strings.Contains(formats, "13") {
			t.Errorf("%s: 13 is %q", formats, got)
		}
	}
}

func TestTheirPortForReportsMayBeAnywhere(t *testing.T) {
	for lines, want := range map[string]string{
		"":                                    "127.0.0.1:40001",
		"a=rtcp:40077\r\n":                    "127.0.0.1:40077",
		"a=rtcp:40078 IN IP4 127.0.0.2\r\n":   "127.0.0.2:40078",
		"a=rtcp:40078 IN IP4 224.0.0.1\r\n":   "127.0.0.1:40078", // nobody's own address
		"a=rtcp:40078 IN IP6 2001:db8::1\r\n": "127.0.0.1:40078", // of another family
		"a=rtcp:0\r\n":                        "127.0.0.1:40001",
		"a=rtcp:99999\r\n":                    "127.0.0.1:40001",
		"a=rtcp:x\r\n":                        "127.0.0.1:40001",
	} {
		e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
		answer, _ := e.Answer(plainOffer+lines, phone.MediaWish{})
		out := &inner(e).flow.Load().out
		out.mu.Lock()
		got, mux := out.rtcp, out.mux
		out.mu.Unlock()
		if got != netip.MustParseAddrPort(want) || mux || strings.Contains(answer, "rtcp-mux") {
			t.Errorf("%q: reports go to %v, mux %v", lines, got, mux)
		}
	}
}

func TestReportsShareThePortWhereTheySayWith(t *testing.T) {
	for _, lines := range []string{"a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n", "a=rtcp-mux-only\r\n", "a=rtcp-mux\r\na=rtcp:40000\r\n"} {
		e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
		answer, _ := e.Answer(plainOffer+lines, phone.MediaWish{})
		out := &inner(e).flow.Load().out
		out.mu.Lock()
		mux := out.mux
		out.mu.Unlock()
		if !mux || !strings.Contains(answer, "a=rtcp-mux\r\n") {
			t.Errorf("%q: mux %v\n%s", lines, mux, answer)
		}
	}
}

func TestAPortWhereNobodyListensDoesNotBreakTheSocket(t *testing.T) {
	e, gone, d := newEnd(t, newFactory(t, Options{}), phone.MediaRTP), newDesk(t), newDesk(t)
	offer := gone.offer(gone.port())
	_ = gone.conn.Close()
	e.Answer(offer, phone.MediaWish{})
	for seq := range uint16(50) { // each is answered by an ICMP "port unreachable"
		e.Write(0, seq, "into nothing")
		time.Sleep(time.Millisecond)
	}
	e.Answer(d.offer(d.port()), phone.MediaWish{})
	e.Write(0, 51, "there")
	if !d.hears("there", carriertest.Patience) {
		t.Error("nothing is sent any more")
	}
	d.send(e, 0, 7, 1, "and back")
	heard(e, "and back")
}
