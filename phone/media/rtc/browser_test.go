package rtc

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// browser is a far end of pion's own making: it answers and offers as pion does.
type browser struct {
	t     testing.TB
	pc    *webrtc.PeerConnection
	out   *outTrack
	heard chan *rtp.Packet
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
	b := &browser{t: t, pc: pc, out: &outTrack{sent: &carrier.Sent{}}, heard: make(chan *rtp.Packet, 1000)}
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			select {
			case b.heard <- packet:
			default:
			}
		}
	})
	if _, err := pc.AddTrack(b.out); err != nil {
		t.Fatal(err)
	}
	return b
}

// local completes a description of its own.
func (b *browser) local(d webrtc.SessionDescription, err error) string {
	b.t.Helper()
	done := webrtc.GatheringCompletePromise(b.pc)
	if err == nil {
		err = b.pc.SetLocalDescription(d)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), carriertest.Patience)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
		b.t.Fatal("the browser gathers for ever")
	}
	return b.pc.LocalDescription().SDP
}

func (b *browser) remote(kind webrtc.SDPType, raw string) {
	b.t.Helper()
	if err := b.pc.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: raw}); err != nil {
		b.t.Fatal(err)
	}
}

// talk sends both ways until both have heard.
func (b *browser) talk(a *end) {
	b.t.Helper()
	said, heard := false, false
	for seq := uint16(1); seq < 250 && !(said && heard); seq++ {
		h := &rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 960}
		b.out.write(h, []byte("from the browser"))
		a.Write(111, seq, "from us")
		timer := time.NewTimer(20 * time.Millisecond)
		for waiting := true; waiting; {
			select {
			case p := <-b.heard:
				said = said || string(p.Payload) == "from us"
			case p := <-a.Packets:
				heard = heard || string(p.Payload) == "from the browser"
			case <-timer.C:
				waiting = false
			}
		}
	}
	if !said || !heard {
		b.t.Errorf("the browser hears us: %t; we hear it: %t", said, heard)
	}
}
