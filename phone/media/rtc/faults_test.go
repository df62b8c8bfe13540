package rtc

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

func TestSoundGoesOnWhenTheFarEndChangesItsSource(t *testing.T) {
	// What a PBX does that starts music, or hands the call on, without a word in SIP.
	a, b := connected(t)
	out := b.transport.(*transport).current.Load().out
	first := send(b, a, 111, "one").SSRC
	for i := range 5 {
		out.mu.Lock()
		out.ssrc = first + 1 + uint32(i)
		out.mu.Unlock()
		if got := send(b, a, 111, "another").SSRC; got != first+1+uint32(i) {
			t.Fatalf("source %d", got)
		}
	}
	exchange(b, a, phone.MediaWish{}, phone.MediaWish{})
	exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	send(b, a, 111, "after an exchange")
}

func TestALostFarEndIsToldAsDownAndThenAsFailed(t *testing.T) {
	f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback, lossAfter: 200 * time.Millisecond, failAfter: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	a, b := newEnd(t, f), newEnd(t, f)
	exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	await(a, "connection", a.ups)
	await(b, "connection", b.ups)
	b.close()
	await(a, "loss", a.downs)
	if err := a.failure(); !errors.Is(err, phone.ErrLocalStream) {
		t.Error(err)
	}
	a.transport.WriteRTP(&rtp.Header{PayloadType: 111}, []byte("into nothing"))
}

// browser is a far end of pion's own making: it answers and offers as pion does.
type browser struct {
	t  testing.TB
	pc *webrtc.PeerConnection
}

func newBrowser(t testing.TB, lite bool) *browser {
	t.Helper()
	var s webrtc.SettingEngine
	s.SetIncludeLoopbackCandidate(true)
	s.SetIPFilter(net.IP.IsLoopback)
	s.SetLite(lite)
	if lite {
		s.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	}
	s.LoggerFactory = silence{}
	m := &webrtc.MediaEngine{}
	if err := m.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	pc, err := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(s)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.GracefulClose() })
	if _, err := pc.AddTrack(&outTrack{}); err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, pc: pc}
}

// local completes a description of its own.
func (b *browser) local(d webrtc.SessionDescription, err error) []byte {
	b.t.Helper()
	done := webrtc.GatheringCompletePromise(b.pc)
	if err == nil {
		err = b.pc.SetLocalDescription(d)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), patience)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		b.t.Fatal("the browser gathers for ever")
	}
	return []byte(b.pc.LocalDescription().SDP)
}

func (b *browser) remote(kind webrtc.SDPType, raw []byte) {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: string(raw)}); err != nil {
		b.t.Fatal(err)
	}
}

func TestAFarEndMayRestartICE(t *testing.T) {
	b, a := newBrowser(t, false), newEnd(t, newFactory(t))
	answer, _ := a.answer(b.local(b.pc.CreateOffer(nil)), phone.MediaWish{})
	b.remote(webrtc.SDPTypeAnswer, answer)
	await(a, "connection", a.ups)
	before, err := parseDescription(answer, 0)
	if err != nil {
		t.Fatal(err)
	}
	peerBefore := a.transport.(*transport).current.Load()
	answer, _ = a.answer(b.local(b.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})), phone.MediaWish{})
	after, err := parseDescription(answer, 0)
	if err != nil {
		t.Fatal(err)
	}
	if after.ufrag == before.ufrag || after.password == before.password || !after.sameCertificate(before) {
		t.Error("the answer to a restart must bring new ICE credentials and keep the certificate")
	}
	b.remote(webrtc.SDPTypeAnswer, answer)
	if a.transport.(*transport).current.Load() != peerBefore {
		t.Error("the DTLS association was thrown away")
	}
	waitFor(t, "the path after the restart", func() bool {
		return b.pc.ICEConnectionState() == webrtc.ICEConnectionStateConnected && a.transport.Stats().NetworkType == "host"
	})
}

func TestAnICELiteFarEndIsConnectedSoon(t *testing.T) {
	b, a := newBrowser(t, true), newEnd(t, newFactory(t))
	b.remote(webrtc.SDPTypeOffer, a.offer(phone.MediaWish{}))
	n := a.remote(b.local(b.pc.CreateAnswer(nil)))
	if n.Audio.Name != "opus" {
		t.Errorf("%+v", n.Audio)
	}
	await(a, "connection", a.ups)
}

func TestAnOfferOfOursIsAnsweredWithOtherPayloadTypes(t *testing.T) {
	// Against RFC 3264, but seen: the answer has numbers of its own.
	b, a := newBrowser(t, false), newEnd(t, newFactory(t))
	b.remote(webrtc.SDPTypeOffer, a.offer(phone.MediaWish{}))
	answer := b.local(b.pc.CreateAnswer(nil))
	n := a.remote(renumber(answer, "111", "98"))
	if n.Audio.PayloadType != 98 || n.Receive[98].Name != "opus" || n.Receive[111].Name != "opus" {
		t.Errorf("%+v", n)
	}
	await(a, "connection", a.ups)
}

func TestARefusalLeavesTheRunningSessionAlone(t *testing.T) {
	a, b := connected(t)
	for _, bad := range []string{"", "v=0\r\n", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"} {
		a.transport.Answer([]byte(bad), phone.MediaWish{})
		if err := a.failure(); !errors.Is(err, phone.ErrMediaMalformed) && !errors.Is(err, phone.ErrMediaIncompatible) {
			t.Error(err)
		}
	}
	send(a, b, 111, "goes on")
	send(b, a, 111, "goes on")
}

func TestServersThatCannotBeReadAreLeftOut(t *testing.T) {
	f := newFactory(t)
	e := newEnd(t, f)
	transport, err := f.NewTransport(phone.LegOptions{ICEServers: []phone.ICEServer{
		{URLs: []string{"nonsense"}}, {URLs: []string{"turn:192.0.2.1"}}, {URLs: []string{"stun:127.0.0.1:9"}},
	}}, e)
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	start := time.Now()
	transport.Offer(phone.MediaWish{})
	await(e, "offer", e.sdp)
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
	e.transport.Offer(phone.MediaWish{})
	if err := e.failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Error(err)
	}
}

var _ media.TransportSink = (*end)(nil)

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
		exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
		await(a, "connection", a.ups)
		await(b, "connection", b.ups)
		a.close()
		b.close()
	}
	call()
	before := open()
	for range 60 {
		call()
	}
	waitFor(t, "return to the files open before", func() bool { return open() <= before })
}
