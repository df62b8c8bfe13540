package rtc

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestARelayIsReachedByUDPTCPAndTLSAndTellsBothAddresses(t *testing.T) {
	r := startRelay(t)
	for _, url := range []string{"turn:" + r.udp, "turn:" + r.tcp + "?transport=tcp", "turns:" + r.tls} {
		got, err := Reach(t.Context(), r.by(url, relaySecret).ICEServers[0], r.ca)
		if err != nil || !got.Mapped.Addr().IsLoopback() || !got.Relayed.Addr().IsLoopback() || got.Relayed.Port() == 0 || got.RoundTrip <= 0 {
			t.Errorf("%s: %+v, %v", url, got, err)
		}
	}
	got, err := Reach(t.Context(), phone.ICEServer{URLs: []string{"stun:" + r.udp}}, "")
	if err != nil || !got.Mapped.Addr().IsLoopback() || got.Relayed.IsValid() {
		t.Errorf("STUN: %+v, %v", got, err)
	}
}

func TestWhyAServerCannotBeUsedIsToldApart(t *testing.T) {
	r := startRelay(t)
	closed, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		url, secret, ca string
		want            error
	}{
		"wrong password":    {"turn:" + r.udp, "wrong", "", phone.ErrRelayRefused},
		"by TLS":            {"turns:" + r.tls, "wrong", r.ca, phone.ErrRelayRefused},
		"not trusted":       {"turns:" + r.tls, relaySecret, "", phone.ErrRelayCertificate},
		"no such file":      {"turns:" + r.tls, relaySecret, "/missing.pem", phone.ErrRelayCertificate},
		"nobody there":      {"turn:" + port + "?transport=tcp", relaySecret, "", phone.ErrRelayUnreachable},
		"no TLS there":      {"turns:" + r.tcp, relaySecret, "", phone.ErrRelayUnreachable},
		"no such name":      {"turn:turn.invalid", relaySecret, "", phone.ErrRelayUnreachable},
		"no address":        {"https://turn.example", relaySecret, "", phone.ErrRelayAddress},
		"DTLS, not checked": {"turns:" + r.udp + "?transport=udp", relaySecret, "", phone.ErrNotSupported},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := Reach(t.Context(), r.by(c.url, c.secret).ICEServers[0], c.ca); !errors.Is(err, c.want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	if _, err := Reach(t.Context(), phone.ICEServer{}, ""); !errors.Is(err, phone.ErrRelayAddress) {
		t.Error(err)
	}
}

func TestASilentServerIsGivenUpWithTheExamination(t *testing.T) {
	silent, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	for _, scheme := range []string{"turn:", "stun:"} {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		server := phone.ICEServer{URLs: []string{scheme + silent.LocalAddr().String()}, Username: relayUser, Credential: relaySecret}
		if _, err := Reach(ctx, server, ""); !errors.Is(err, phone.ErrRelayUnreachable) || ctx.Err() == nil {
			t.Errorf("%s %v, examination %v", scheme, err, ctx.Err())
		}
		cancel()
	}
}
