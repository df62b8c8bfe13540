package demopbx

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

func caller(t *testing.T, p *PBX, transport string) *phoneClient {
	t.Helper()
	c := newPhone(t, p, 0, transport)
	c.registered()
	return c
}

// hurry makes the transactions' timers short.
func hurry(t *testing.T, p *PBX) {
	t.Helper()
	if err := p.ask(t.Context(), func() { p.timers = timers{t1: 5 * time.Millisecond, t2: 20 * time.Millisecond} }); err != nil {
		t.Fatal(err)
	}
}

func TestTheNumbersAnswerAsPromised(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "UDP")
	for number, status := range map[string]int{
		"600": 200, "601": 200, "602": 200, "603": 486, "605": 603, "606": 200, "607": 200, "608": 404, "1003": 480, "999": 404,
	} {
		req := c.invite(number, offerSDP)
		res := c.final(req)
		c.ack(req, res)
		if res.StatusCode != status {
			t.Errorf("%s: %d %s, want %d", number, res.StatusCode, res.Reason, status)
		}
	}
}

func TestARefusalIsRepeatedOverUDPUntilItIsAcknowledged(t *testing.T) {
	p, _ := start(t, nil)
	hurry(t, p)
	c := caller(t, p, "UDP")
	req := c.invite("603", offerSDP)
	for range 3 {
		if res := c.final(req); res.StatusCode != 486 {
			t.Fatal(res.StatusCode)
		}
	}
	c.ack(req, c.final(req))
}

func TestAnAnswerIsRepeatedUntilItIsAcknowledged(t *testing.T) {
	p, _ := start(t, nil)
	hurry(t, p)
	c := caller(t, p, "WS")
	req := c.invite("600", offerSDP)
	for range 3 {
		c.final(req)
	}
	if c.incoming("BYE") == nil { // 64·T1 without an ACK
		t.Fatal("no BYE")
	}
}

func TestTheEchoComesBackWithGapsAndDigitsAsTheyWere(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	c.called("600")
	media := fake.last(t)
	in := []rtp.Packet{
		{Header: rtp.Header{PayloadType: 111, SequenceNumber: 65535, Timestamp: 960, SSRC: 7}, Payload: []byte("one")},
		{Header: rtp.Header{PayloadType: 111, SequenceNumber: 2, Timestamp: 3840, SSRC: 7}, Payload: []byte("two")},
		{Header: rtp.Header{PayloadType: 101, SequenceNumber: 3, Timestamp: 4800, SSRC: 7, Marker: true}, Payload: []byte("digit")},
		{Header: rtp.Header{PayloadType: 33, SequenceNumber: 4, Timestamp: 4800, SSRC: 7}, Payload: []byte("unknown")},
	}
	eventually(t, "the echo is on", func() bool {
		media.sink.RTP(&in[0], time.Now())
		return len(media.packets()) > 0
	})
	media.mu.Lock()
	media.sent = media.sent[len(media.sent)-1:]
	media.mu.Unlock()
	for i := range in[1:] {
		media.sink.RTP(&in[i+1], time.Now())
	}
	out := media.packets()
	if len(out) != 3 {
		t.Fatalf("%d packets came back", len(out))
	}
	for i, want := range []string{"one", "two", "digit"} {
		if string(out[i].Payload) != want {
			t.Errorf("packet %d: %q", i, out[i].Payload)
		}
	}
	if out[1].SequenceNumber-out[0].SequenceNumber != 3 || out[1].Timestamp-out[0].Timestamp != 2880 {
		t.Error("the gap was not kept")
	}
	if out[2].PayloadType != 101 || !out[2].Marker {
		t.Error("the digit is not one any more")
	}
}

func TestHoldSilencesTheEchoAndResumeBringsItBack(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	dialog := c.called("600")
	media := fake.last(t)
	say := func() int {
		before := len(media.packets())
		media.sink.RTP(&rtp.Packet{Header: rtp.Header{PayloadType: 111, SSRC: 1}, Payload: []byte("x")}, time.Now())
		return len(media.packets()) - before
	}
	eventually(t, "echo", func() bool { return say() == 1 })
	hold := c.within(dialog, "INVITE", strings.Replace(offerSDP, "sendrecv", "sendonly", 1))
	c.send(hold)
	res := c.final(hold)
	c.ack(hold, res)
	if res.StatusCode != 200 || direction(res.Body()) != "recvonly" {
		t.Fatalf("hold: %d %s", res.StatusCode, direction(res.Body()))
	}
	if say() != 0 {
		t.Error("a held echo speaks")
	}
	resume := c.within(dialog, "UPDATE", offerSDP)
	c.send(resume)
	if res := c.final(resume); res.StatusCode != 200 || direction(res.Body()) != "sendrecv" {
		t.Fatalf("resume: %d %s", res.StatusCode, direction(res.Body()))
	}
	if say() != 1 {
		t.Error("the echo did not come back")
	}
}

func TestAnOfferlessInviteGetsOurOffer(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "TCP")
	req := c.invite("600", "")
	res := c.final(req)
	if res.StatusCode != 200 || len(res.Body()) == 0 {
		t.Fatalf("%d with %d bytes", res.StatusCode, len(res.Body()))
	}
	c.send(c.build("ACK", res.Contact().Address.String(), res.To().Value(), req.CSeq().SeqNo, offerSDP))
	eventually(t, "the echo", func() bool {
		fake.last(t).sink.RTP(&rtp.Packet{Header: rtp.Header{PayloadType: 111}}, time.Now())
		return len(fake.last(t).packets()) > 0
	})
}

func TestMusicAndSpeechAreSentInOpus(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	for _, number := range []string{"601", "602"} {
		c.called(number)
		media := fake.last(t)
		media.waitSent(t, 5)
		out := media.packets()
		if !out[0].Marker || out[1].SequenceNumber != out[0].SequenceNumber+1 || out[1].Timestamp != out[0].Timestamp+960 {
			t.Errorf("%s: not a stream of 20 ms frames", number)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Run("deaf sends nothing", func(t *testing.T) {
		p, fake := start(t, func(o *Options) { o.Fault = FaultDeaf })
		c := caller(t, p, "WS")
		c.called("600")
		eventually(t, "echo is on", func() bool { return echoes(fake.last(t)) })
		fake.last(t).sink.RTP(&rtp.Packet{Header: rtp.Header{PayloadType: 111}, Payload: []byte("x")}, time.Now())
		if n := len(fake.last(t).packets()); n != 0 {
			t.Errorf("%d packets", n)
		}
	})
	t.Run("silent sends silence", func(t *testing.T) {
		p, fake := start(t, func(o *Options) { o.Fault = FaultSilent })
		c := caller(t, p, "WS")
		c.called("600")
		eventually(t, "echo is on", func() bool { return echoes(fake.last(t)) })
		fake.last(t).sink.RTP(&rtp.Packet{Header: rtp.Header{PayloadType: 111}, Payload: []byte("loud")}, time.Now())
		if out := fake.last(t).packets(); len(out) != 1 || string(out[0].Payload) != "\xf8\xff\xfe" {
			t.Errorf("%v", out)
		}
	})
	t.Run("an unknown one is refused", func(t *testing.T) {
		if _, err := Start(t.Context(), Options{Fault: "lazy"}); err == nil {
			t.Error("no error")
		}
	})
}

func echoes(f *fakeTransport) bool {
	s := f.sink.(*sound)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.echoing
}

func Test604RingsUntilItIsCancelled(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "UDP")
	req := c.invite("604", offerSDP)
	c.status(req, 180)
	cancel := derive(req, sip.CANCEL)
	c.send(cancel)
	if res := c.final(cancel); res.StatusCode != 200 {
		t.Errorf("CANCEL: %d", res.StatusCode)
	}
	if res := c.final(req); res.StatusCode != 487 {
		t.Errorf("INVITE: %d", res.StatusCode)
	}
}

func Test602CanBeCancelledWhileItRings(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	req := c.invite("602", offerSDP)
	c.status(req, 180)
	c.send(derive(req, sip.CANCEL))
	if res := c.final(req); res.StatusCode != 487 {
		t.Errorf("INVITE: %d", res.StatusCode)
	}
	eventually(t, "its media is closed", fake.last(t).isClosed)
}

func Test607SendsEarlyMedia(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	req := c.invite("607", offerSDP)
	if res := c.status(req, 183); len(res.Body()) == 0 {
		t.Error("183 without SDP")
	}
	fake.last(t).waitSent(t, 3)
	if res := c.final(req); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
}

func Test606CallsBack(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	c.called("606")
	bye := c.incoming("BYE")
	c.respond(bye, 200, "")
	invite := c.incoming("INVITE")
	if invite.From().Address.User != "606" || len(invite.Body()) == 0 {
		t.Fatalf("%v", invite)
	}
	c.respond(invite, 180, "")
	c.respond(invite, 200, offerSDP)
	if ack := c.incoming("ACK"); ack.CSeq().SeqNo != invite.CSeq().SeqNo {
		t.Error("the ACK has another CSeq")
	}
	fake.last(t).waitSent(t, 3)
}

func TestLegsAreLimited(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	for range maxLegs {
		c.called("600")
	}
	req := c.invite("600", offerSDP)
	if res := c.final(req); res.StatusCode != 503 {
		t.Errorf("one more: %d", res.StatusCode)
	}
	if len(fake.opens) != maxLegs {
		t.Errorf("%d transports", len(fake.opens))
	}
}

func TestCallsOneAfterTheOtherLeaveNothing(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	for range 60 {
		dialog := c.called("600")
		bye := c.within(dialog, "BYE", "")
		c.send(bye)
		if res := c.final(bye); res.StatusCode != 200 {
			t.Fatal(res.StatusCode)
		}
	}
	if own, between := p.Calls(); own != 0 || between != 0 {
		t.Errorf("%d and %d calls are left", own, between)
	}
	for _, transport := range fake.opens {
		eventually(t, "media closed", transport.isClosed)
	}
}

func TestOffersThatDoNotFitAreRefused(t *testing.T) {
	p, fake := start(t, nil)
	c := caller(t, p, "WS")
	video := "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 31\r\n"
	for what, test := range map[string]struct {
		body   string
		fail   error
		status int
		header string
	}{
		"no audio":             {body: video, status: 488},
		"no codec in common":   {body: offerSDP, fail: fmt.Errorf("x: %w", phone.ErrMediaIncompatible), status: 488},
		"garbage":              {body: offerSDP, fail: fmt.Errorf("x: %w", phone.ErrMediaMalformed), status: 400},
		"a required extension": {body: offerSDP, status: 420, header: "Require: 100rel"},
	} {
		fake.fail = test.fail
		var headers []string
		if test.header != "" {
			headers = append(headers, test.header)
		}
		req := c.invite("600", test.body, headers...)
		res := c.final(req)
		c.ack(req, res)
		if res.StatusCode != test.status {
			t.Errorf("%s: %d, want %d", what, res.StatusCode, test.status)
		}
	}
}

func TestClosingEndsCallsWithBye(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "WS")
	c.called("601")
	go p.Close()
	if bye := c.incoming("BYE"); bye != nil {
		c.respond(bye, 200, "")
	}
	p.Close()
}
