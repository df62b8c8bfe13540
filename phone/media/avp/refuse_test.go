package avp

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func wantIncompatible(t *testing.T, err error, what string) {
	t.Helper()
	if !errors.Is(err, phone.ErrMediaIncompatible) {
		t.Errorf("%s: %v", what, err)
	}
}

const plainOffer = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 18 8 0 9 13 101\r\n" +
	"a=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n"

func TestBadDescriptionsAreRefusedByKind(t *testing.T) {
	f := newFactory(t, Options{})
	for name, c := range map[string]struct {
		sdp  string
		want error
	}{
		"nothing":               {"", phone.ErrMediaMalformed},
		"no SDP":                {"hello", phone.ErrMediaMalformed},
		"no address":            {strings.Replace(plainOffer, "c=IN IP4 127.0.0.1\r\n", "", 1), phone.ErrMediaMalformed},
		"multicast":             {strings.Replace(plainOffer, "c=IN IP4 127.0.0.1", "c=IN IP4 224.2.1.1/127", 1), phone.ErrMediaIncompatible},
		"everybody":             {strings.Replace(plainOffer, "127.0.0.1", "255.255.255.255", 1), phone.ErrMediaMalformed},
		"refused audio":         {strings.Replace(plainOffer, "audio 40000", "audio 0", 1), phone.ErrMediaIncompatible},
		"video only":            {strings.Replace(plainOffer, "m=audio", "m=video", 1), phone.ErrMediaIncompatible},
		"G.729 only":            {strings.Replace(plainOffer, "18 8 0 9 13 101", "18 101", 1), phone.ErrMediaIncompatible},
		"events and noise only": {strings.Replace(plainOffer, "18 8 0 9 13 101", "13 101", 1), phone.ErrMediaIncompatible},
		"a name of nobody":      {strings.Replace(plainOffer, "127.0.0.1", "nobody.invalid", 1), phone.ErrMediaIncompatible},
	} {
		e := newEnd(t, f, phone.MediaRTP)
		e.Transport.Answer([]byte(c.sdp), phone.MediaWish{})
		if err := e.Failure(); !errors.Is(err, c.want) && (name != "multicast" || !errors.Is(err, phone.ErrMediaMalformed)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStaticTypesNeedNoRtpmapAndTheOfferersOrderCounts(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	answer, n := e.Answer(plainOffer, phone.MediaWish{})
	if n.Audio.Name != "PCMA" || n.Audio.PayloadType != 8 || n.Event.PayloadType != 101 || n.PacketTime != 30*time.Millisecond || n.Encrypted {
		t.Errorf("%+v", n)
	}
	if n.Receive[9].Name != "G722" || n.Receive[9].ClockRate != 8000 || n.Receive[13].Name != "CN" || n.Receive[0].Name != "PCMU" {
		t.Errorf("receive %+v", n.Receive)
	}
	if !strings.Contains(answer, " RTP/AVP 8 13 101\r\n") || strings.Contains(answer, "rtcp-mux") {
		t.Errorf("the answer is\n%s", answer)
	}
}

func TestOtherLinesAreRefusedAndTheirNumberStays(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	offer := strings.Replace(plainOffer, "m=audio", "m=video 5000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\nm=audio 7000 RTP/SAVP 0\r\nm=audio", 1) + "m=application 9 UDP/BFCP *\r\n"
	answer, _ := e.Answer(offer, phone.MediaWish{})
	check := func(text string) {
		t.Helper()
		var lines []string
		for l := range strings.SplitSeq(text, "\r\n") {
			if strings.HasPrefix(l, "m=") {
				lines = append(lines, l)
			}
		}
		if len(lines) != 4 || lines[0] != "m=video 0 RTP/AVP 96" || lines[1] != "m=audio 0 RTP/SAVP 0" || strings.HasPrefix(lines[2], "m=audio 0 ") || lines[3] != "m=application 0 UDP/BFCP *" {
			t.Errorf("lines: %q", lines)
		}
	}
	check(answer)
	check(e.Offer(phone.MediaWish{Hold: true})) // our own re-offer
}

func TestRefusedLinesMayBeLeftOutAndMayBeAdded(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	video := "m=video 0 RTP/AVP 96\r\n"
	e.Answer(strings.Replace(plainOffer, "m=audio", video+"m=audio", 1), phone.MediaWish{})
	if again := e.Offer(phone.MediaWish{}); strings.Index(again, "m=video 0 ") > strings.Index(again, "m=audio ") {
		t.Errorf("our own re-offer is\n%s", again)
	}
	if n := e.Remote(plainOffer); n.Audio.Name != "PCMA" {
		t.Errorf("an answer without the refused line: %+v", n)
	}
	if answer, _ := e.Answer(plainOffer, phone.MediaWish{}); strings.Count(answer, "m=") != 1 {
		t.Errorf("the answer to a re-offer without the refused line is\n%s", answer)
	}
	e.Offer(phone.MediaWish{})
	if n := e.Remote(plainOffer + video); n.Audio.Name != "PCMA" {
		t.Errorf("an answer with a refused line more: %+v", n)
	}
	e.Offer(phone.MediaWish{})
	e.Transport.Remote([]byte(plainOffer+"m=video 4000 RTP/AVP 96\r\n"), false)
	if err := e.Failure(); !errors.Is(err, phone.ErrMediaMalformed) {
		t.Errorf("an answer with a line that nobody offered: %v", err)
	}
}

func TestTheOldHoldByZeroIsReadAndNothingIsSentThere(t *testing.T) {
	e := newEnd(t, newFactory(t, Options{}), phone.MediaRTP)
	d := newDesk(t)
	e.Answer(d.offer(d.port()), phone.MediaWish{})
	e.Write(0, 1, "before")
	if !d.hears("before", carriertest.Patience) {
		t.Fatal("not connected")
	}
	_, n := e.Answer(strings.Replace(d.offer(d.port()), "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1), phone.MediaWish{})
	if !n.HeldByThem {
		t.Error("not held")
	}
	e.Write(0, 2, "while held")
	if d.hears("while held", 50*time.Millisecond) {
		t.Error("sent to one who holds us")
	}
	e.Answer(d.offer(d.port()), phone.MediaWish{})
	e.Write(0, 3, "after")
	if !d.hears("after", carriertest.Patience) {
		t.Error("nothing is sent after the hold")
	}
}

func TestPortsComeFromTheRangeAndTheRangeMayEnd(t *testing.T) {
	base := freeBase(t)
	f := newFactory(t, Options{})
	within := phone.LegOptions{Policy: phone.MediaRTP, Ports: phone.PortRange{Low: base + 1, High: base + 5}}
	var ends []*end
	for range 2 {
		e := carriertest.New(t, f, within)
		e.Offer(phone.MediaWish{})
		if port := inner(e).flow.Load().port; port != base+2 && port != base+4 {
			t.Errorf("port %d", port)
		}
		ends = append(ends, e)
	}
	third := carriertest.New(t, f, within)
	third.Transport.Offer(phone.MediaWish{})
	if err := third.Failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Errorf("%v", err)
	}
	ends[0].Close()
	third.Offer(phone.MediaWish{})
}

// freeBase finds an even port with four free ones two steps on, below those that the system hands out.
func freeBase(t *testing.T) uint16 {
	t.Helper()
	for base := uint16(20000); base < 30000; base += 10 {
		one, err := openPair(loopback, base+2)
		if err != nil {
			continue
		}
		two, err := openPair(loopback, base+4)
		one.close()
		if err == nil {
			two.close()
			return base
		}
	}
	t.Skip("no free ports")
	return 0
}

func TestTwoTalkByIPv6(t *testing.T) {
	six := netip.MustParseAddr("::1")
	f := newFactory(t, Options{LocalAddress: func(netip.Addr) (netip.Addr, error) { return six, nil }})
	if s, err := openSockets(six, phone.PortRange{}); err != nil {
		t.Skipf("no IPv6 here: %v", err)
	} else {
		s.close()
	}
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Send(a, b, 111, "six")
	carriertest.Send(b, a, 111, "and back")
}

func TestTheRouteTellsTheLocalAddress(t *testing.T) {
	if got, err := routeTo(loopback); err != nil || got != loopback {
		t.Errorf("%v %v", got, err)
	}
}

func TestACertificateThatTheDescriptionDoesNotPromiseIsRefused(t *testing.T) {
	f, other := newFactory(t, Options{}), newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	a.Remote(strings.Replace(answer, f.fingerprint, other.fingerprint, 1))
	if err := a.Failure(); !errors.Is(err, phone.ErrLocalStream) {
		t.Errorf("%v", err)
	}
	b.Transport.WriteRTP(&rtp.Header{PayloadType: 111}, []byte("unproven"))
	select {
	case <-a.Ups:
		t.Error("up all the same")
	case <-a.Packets:
		t.Error("and heard")
	case <-time.After(50 * time.Millisecond):
	}
}

func TestCloseIsShortInTheMiddleOfAHandshake(t *testing.T) {
	f := newFactory(t, Options{})
	a, b := newEnd(t, f, phone.MediaDTLS), newEnd(t, f, phone.MediaDTLS)
	answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
	b.Close()
	a.Remote(answer)
	begin := time.Now()
	a.Close()
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// FuzzAnswer: whatever offer is taken, is answered by a description that can be read, with as many lines.
func FuzzAnswer(f *testing.F) {
	factory := newFactory(f, Options{})
	f.Add(plainOffer)
	f.Add(strings.Replace(plainOffer, "RTP/AVP", "RTP/SAVP", 1) + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + keyOf(30) + "\r\n")
	f.Add(strings.Replace(plainOffer, "RTP/AVP", "UDP/TLS/RTP/SAVP", 1) + "a=setup:actpass\r\na=fingerprint:sha-256 " + factory.fingerprint + "\r\n")
	f.Add(strings.Replace(plainOffer, "m=audio", "m=video 1 RTP/AVP 3\r\nm=audio", 1) + "a=rtcp:1000 IN IP4 127.0.0.1\r\na=sendonly\r\n")
	f.Fuzz(func(t *testing.T, offer string) {
		if strings.Contains(offer, "c=") && !strings.Contains(offer, "127.0.0.1") {
			return // no look-ups of names, nothing sent into the world
		}
		for _, wish := range wishes {
			e := carriertest.New(t, factory, wish)
			e.Transport.Answer([]byte(offer), phone.MediaWish{})
			select {
			case err := <-e.Failures:
				if !errors.Is(err, phone.ErrMediaMalformed) && !errors.Is(err, phone.ErrMediaIncompatible) {
					t.Errorf("an error of no kind: %v", err)
				}
			case answer := <-e.Sent:
				other := carriertest.New(t, factory, wish)
				other.Offer(phone.MediaWish{})
				if strings.Count(string(answer), "\r\nm=") < 1 {
					t.Errorf("no line in\n%s", answer)
				}
				other.Close()
			}
			e.Close()
		}
	})
}
