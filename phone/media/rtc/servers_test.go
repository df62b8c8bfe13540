package rtc

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestSoundGoesByARelayOverUDPTCPAndTLS(t *testing.T) {
	r := startRelay(t)
	for name, url := range map[string]string{
		"UDP": "turn:" + r.udp, "UDP, said": "turn:" + r.udp + "?transport=udp", "TCP": "turn:" + r.tcp + "?transport=tcp",
		"TLS": "turns:" + r.tls, "TLS, said": "turns:" + r.tls + "?transport=tcp",
	} {
		t.Run(name, func(t *testing.T) {
			f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback, relayOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			a, b := carriertest.New(t, f, r.by(url, relaySecret)), newEnd(t, newFactory(t))
			carriertest.Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
			if kind := carriertest.Await(b, "connection", b.Ups); kind != "relay" {
				t.Errorf("the way is called %q", kind)
			}
			carriertest.Await(a, "connection", a.Ups)
			carriertest.Send(a, b, 111, "by the relay")
			carriertest.Send(b, a, 111, "and back")
			if kind := a.Transport.Stats().NetworkType; kind != "relay" {
				t.Errorf("the one with the relay calls it %q", kind)
			}
		})
	}
}

func TestARelayThatRefusesThePasswordIsToldAndDelaysNothing(t *testing.T) {
	r := startRelay(t)
	for _, url := range []string{"turn:" + r.udp, "turn:" + r.tcp + "?transport=tcp", "turns:" + r.tls} {
		a := carriertest.New(t, newFactory(t), r.by(url, "wrong"))
		began := time.Now()
		offer := a.Offer(phone.MediaWish{})
		if took := time.Since(began); took > gatherGrace+time.Second || !strings.Contains(offer, "typ host") {
			t.Errorf("%s: after %v\n%s", url, took, offer)
		}
		if err := carriertest.Await(a, "trouble", a.Troubles); !errors.Is(err, phone.ErrRelayRefused) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestARelayWithoutATrustedCertificateIsToldAndNotUsed(t *testing.T) {
	r := startRelay(t)
	o := r.by("turns:"+r.tls, relaySecret)
	o.CA = ""
	a := carriertest.New(t, newFactory(t), o)
	if offer := a.Offer(phone.MediaWish{}); strings.Contains(offer, "typ relay") {
		t.Errorf("it is used all the same\n%s", offer)
	}
	if err := carriertest.Await(a, "trouble", a.Troubles); !errors.Is(err, phone.ErrRelayCertificate) {
		t.Error(err)
	}
}

func TestServersThatNeverAnswerDelayTheOfferByHalfASecondAtMost(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	deaf, err := net.Listen("tcp4", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = deaf.Close() }()
	good := startRelay(t)
	o := good.by("turn:"+good.udp, relaySecret)
	for _, url := range []string{"stun:" + silent.LocalAddr().String(), "turn:" + silent.LocalAddr().String(),
		"turn:" + deaf.Addr().String() + "?transport=tcp", "turns:" + deaf.Addr().String()} {
		o.ICEServers = append(o.ICEServers, phone.ICEServer{URLs: []string{url}, Username: "x", Credential: "y"})
	}
	a := carriertest.New(t, newFactory(t), o)
	began := time.Now()
	offer := a.Offer(phone.MediaWish{})
	if took := time.Since(began); took < gatherGrace || took > gatherGrace+time.Second {
		t.Errorf("the offer came after %v", took)
	}
	if !strings.Contains(offer, "typ host") || !strings.Contains(offer, "typ relay") {
		t.Errorf("what the others gave is not in it\n%s", offer)
	}
	began = time.Now()
	a.Close()
	if took := time.Since(began); took > closeLimit+time.Second {
		t.Errorf("and closing took %v", took)
	}
}

func TestEachURLOfAServerStandsForItself(t *testing.T) {
	r := startRelay(t)
	o := r.by("turn:"+r.udp, relaySecret)
	o.ICEServers[0].URLs = append([]string{"nonsense", "turn:", "stun:pbx.example:99999"}, o.ICEServers[0].URLs...)
	a := carriertest.New(t, newFactory(t), o)
	if offer := a.Offer(phone.MediaWish{}); !strings.Contains(offer, "typ relay") {
		t.Errorf("one bad URL takes the good one with it\n%s", offer)
	}
}

func TestTheWayIsNamedByBothOfItsEnds(t *testing.T) {
	host, srflx, prflx, relayed := webrtc.ICECandidateTypeHost, webrtc.ICECandidateTypeSrflx, webrtc.ICECandidateTypePrflx, webrtc.ICECandidateTypeRelay
	for _, c := range []struct {
		local   webrtc.ICECandidateType
		ours    string
		remote  webrtc.ICECandidateType
		theirs  string
		want    string
		because string
	}{
		{host, "192.168.1.2", host, "192.168.1.3", "host", "one room"},
		{host, "192.168.1.2", prflx, "192.168.1.3", "host", "a browser that hides its address"},
		{host, "127.0.0.1", host, "203.0.113.5", "host", "one machine, whose other address is public"},
		{host, "2001:db8::1", host, "2001:db8::2", "host", "no NAT between"},
		{host, "192.168.1.2", host, "203.0.113.5", "srflx", "a public gateway, we behind a NAT"},
		{host, "192.168.1.2", prflx, "203.0.113.5", "srflx", "both behind NATs"},
		{host, "198.51.100.1", srflx, "203.0.113.5", "srflx", "they behind a NAT"},
		{srflx, "203.0.113.9", host, "203.0.113.5", "srflx", "we behind a NAT"},
		{relayed, "203.0.113.9", host, "203.0.113.5", "relay", "our relay"},
		{host, "192.168.1.2", relayed, "203.0.113.5", "relay", "their relay"},
	} {
		pair := &webrtc.ICECandidatePair{Local: &webrtc.ICECandidate{Typ: c.local, Address: c.ours}, Remote: &webrtc.ICECandidate{Typ: c.remote, Address: c.theirs}}
		if got := pathKind(pair); got != c.want {
			t.Errorf("%s: %s, want %s", c.because, got, c.want)
		}
	}
}
