package rtc

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestSoundGoesOnWhenTheFarEndChangesItsSource(t *testing.T) {
	// What a PBX does that starts music, or hands the call on, without a word in SIP.
	a, b := connected(t)
	out := b.Transport.(*transport).current.Load().out
	first := carriertest.Send(b, a, 111, "one").SSRC
	for i := range 5 {
		out.mu.Lock()
		out.ssrc = first + 1 + uint32(i)
		out.mu.Unlock()
		if got := carriertest.Send(b, a, 111, "another").SSRC; got != first+1+uint32(i) {
			t.Fatalf("source %d", got)
		}
	}
	carriertest.Exchange(b, a, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Send(b, a, 111, "after an exchange")
}

func TestALostFarEndIsToldAsDownAndThenAsFailed(t *testing.T) {
	f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback, lossAfter: 200 * time.Millisecond, failAfter: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a, b := newEnd(t, f), newEnd(t, f)
	carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Await(a, "connection", a.Ups)
	carriertest.Await(b, "connection", b.Ups)
	b.Close()
	carriertest.Await(a, "loss", a.Downs)
	if err := a.Failure(); !errors.Is(err, phone.ErrLocalStream) {
		t.Error(err)
	}
	a.Transport.WriteRTP(&rtp.Header{PayloadType: 111}, []byte("into nothing"))
}

func TestAFarEndMayRestartICE(t *testing.T) {
	b, a := newBrowser(t, false), newEnd(t, newFactory(t))
	answer, _ := a.Answer(b.local(b.pc.CreateOffer(nil)), phone.MediaWish{})
	b.remote(webrtc.SDPTypeAnswer, answer)
	carriertest.Await(a, "connection", a.Ups)
	before, err := parseDescription([]byte(answer), 0)
	if err != nil {
		t.Fatal(err)
	}
	peerBefore := a.Transport.(*transport).current.Load()
	answer, _ = a.Answer(b.local(b.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})), phone.MediaWish{})
	after, err := parseDescription([]byte(answer), 0)
	if err != nil {
		t.Fatal(err)
	}
	if after.ufrag == before.ufrag || after.password == before.password || !after.sameCertificate(before) {
		t.Error("the answer to a restart must bring new ICE credentials and keep the certificate")
	}
	b.remote(webrtc.SDPTypeAnswer, answer)
	if a.Transport.(*transport).current.Load() != peerBefore {
		t.Error("the DTLS association was thrown away")
	}
	carriertest.WaitFor(t, "the path after the restart", func() bool {
		return b.pc.ICEConnectionState() == webrtc.ICEConnectionStateConnected && a.Transport.Stats().NetworkType == "host"
	})
}

func TestAnICELiteFarEndIsConnectedSoon(t *testing.T) {
	b, a := newBrowser(t, true), newEnd(t, newFactory(t))
	b.remote(webrtc.SDPTypeOffer, a.Offer(phone.MediaWish{}))
	n := a.Remote(b.local(b.pc.CreateAnswer(nil)))
	if n.Audio.Name != "opus" {
		t.Errorf("%+v", n.Audio)
	}
	carriertest.Await(a, "connection", a.Ups)
}

func TestAnICELiteCallerIsConnectedTo(t *testing.T) {
	b, a := newBrowser(t, true), newEnd(t, newFactory(t))
	answer, _ := a.Answer(b.local(b.pc.CreateOffer(nil)), phone.MediaWish{})
	b.remote(webrtc.SDPTypeAnswer, answer)
	carriertest.Await(a, "connection", a.Ups)
	b.talk(a)
}

func TestAnOfferOfOursIsAnsweredWithOtherPayloadTypes(t *testing.T) {
	// Against RFC 3264, but seen: the answer has numbers of its own.
	b, a := newBrowser(t, false), newEnd(t, newFactory(t))
	b.remote(webrtc.SDPTypeOffer, a.Offer(phone.MediaWish{}))
	answer := b.local(b.pc.CreateAnswer(nil))
	n := a.Remote(renumber(answer, "111", "98"))
	if n.Audio.PayloadType != 98 || n.Receive[98].Name != "opus" || n.Receive[111].Name != "opus" {
		t.Errorf("%+v", n)
	}
	carriertest.Await(a, "connection", a.Ups)
}

func TestARefusalLeavesTheRunningSessionAlone(t *testing.T) {
	a, b := connected(t)
	for _, bad := range []string{"", "v=0\r\n", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"} {
		a.Transport.Answer([]byte(bad), phone.MediaWish{})
		if err := a.Failure(); !errors.Is(err, phone.ErrMediaMalformed) && !errors.Is(err, phone.ErrMediaIncompatible) {
			t.Error(err)
		}
	}
	carriertest.Send(a, b, 111, "goes on")
	carriertest.Send(b, a, 111, "goes on")
}

func TestServersThatCannotBeReadAreLeftOut(t *testing.T) {
	f := newFactory(t)
	e := carriertest.New(t, f, phone.LegOptions{ICEServers: []phone.ICEServer{
		{URLs: []string{"nonsense"}}, {URLs: []string{"turn:192.0.2.1"}}, {URLs: []string{"stun:127.0.0.1:9"}},
	}})
	start := time.Now()
	e.Offer(phone.MediaWish{})
	if took := time.Since(start); took > gatherGrace+time.Second {
		t.Errorf("a silent STUN server delayed the offer by %v", took)
	}
}

func TestWithoutAnyAddressThereIsAnError(t *testing.T) {
	f, err := New(Options{IPFilter: func(net.IP) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	e := newEnd(t, f)
	e.Transport.Offer(phone.MediaWish{})
	if err := e.Failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Error(err)
	}
}

func TestSixtyCallsLeaveNoFileOpen(t *testing.T) {
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc here")
		}
		return len(entries)
	}
	f := newFactory(t)
	call := func() {
		a, b := newEnd(t, f), newEnd(t, f)
		carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
		carriertest.Await(a, "connection", a.Ups)
		carriertest.Await(b, "connection", b.Ups)
		a.Close()
		b.Close()
	}
	call()
	before := open()
	for range 60 {
		call()
	}
	carriertest.WaitFor(t, "return to the files open before", func() bool { return open() <= before })
}
