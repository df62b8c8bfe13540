//go:build linux

package interop

import (
	"crypto/md5"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestWeRegisterOverEveryTransport(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		k := startKamailio(t, func(k *kamailio) { k.Algorithm = algorithm })
		for name, server := range k.servers("1001") {
			t.Run(algorithm+" over "+name, func(t *testing.T) {
				proves(t, "Kamailio", "registers us", "digest "+algorithm, strings.TrimSuffix(name, " with a path"))
				before := strings.Count(k.text(), "REGISTERED 1001")
				p := startOurs(t, k.account("1001", server))
				p.awaitRegistered()
				await(t, "Kamailio's log tells of it", 5*time.Second, func() bool { return strings.Count(k.text(), "REGISTERED 1001") > before })
				if path, with := strings.CutPrefix(server, "wss://"+address(k.WSS)); with && path != "" && !k.said("HANDSHAKE tls "+path) {
					t.Errorf("the handshake did not ask for %s", path)
				}
				p.must(p.Disconnect())
				await(t, "we are unregistered and the transport is closed", 5*time.Second, func() bool {
					line := p.Snapshot().Accounts[0]
					return !line.Registered && !line.Connected
				})
				p.must(p.Start())
				p.awaitRegistered()
			})
		}
	}
}

func TestAnHA1IsAsGoodAsThePassword(t *testing.T) {
	k := startKamailio(t)
	account := k.account("1001", "ws://"+address(k.WS))
	sum := md5.Sum([]byte("1001:" + k.Domain + ":" + k.Users["1001"]))
	account.Secret, account.Realm = phone.NewHA1(hex.EncodeToString(sum[:])), k.Domain
	startOurs(t, account).awaitRegistered()
}

// Kamailio sends a PING with a payload after a second of silence, and drops who has not answered two seconds later.
// It notes that it waits for the PONG after it has sent the PING, and overlooks one that comes sooner than that; hence
// the distance.
func TestThePingsOfTheServerAreAnswered(t *testing.T) {
	k := startKamailio(t, func(k *kamailio) { k.Silence = 1 })
	p := startOurs(t, k.account("1001", "ws://"+distant(t, k.WS, 20*time.Millisecond)),
		k.account("1003", "wss://"+distant(t, k.WSS, 20*time.Millisecond)))
	p.awaitRegistered()
	p.awaitRegistered()
	// That nothing happens can only be seen by waiting.
	if event, err := p.events.WaitFor(phone.EventDisconnected, 8*time.Second); err == nil {
		t.Errorf("the connection of %s broke: %s %v", event.Account, event.Cause, event.Err)
	}
	if k.said("forcibly closing") {
		t.Error("Kamailio closed a connection")
	}
}

func TestAFailedRegistrationSaysWhy(t *testing.T) {
	k := startKamailio(t)
	expired := startKamailio(t, func(k *kamailio) { k.authority = newAuthority(t, -time.Hour) })
	nobody, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	unreachable := nobody.Addr().String()
	_ = nobody.Close()

	wrong := k.account("1001", "ws://"+address(k.WS))
	wrong.Secret = phone.NewPassword("not this one")
	strange := k.account("1001", "wss://"+address(k.WSS))
	strange.CA = ""
	for name, c := range map[string]struct {
		account phone.Account
		cause   phone.Cause
	}{
		"wrong password":         {wrong, phone.CauseAuthentication},
		"unknown authority":      {strange, phone.CauseCertificate},
		"expired certificate":    {expired.account("1001", "wss://"+address(expired.WSS)), phone.CauseCertificateExpired},
		"nobody listens for WS":  {k.account("1001", "ws://"+unreachable), phone.CauseConnection},
		"nobody listens for TCP": {k.account("1001", "tcp:"+unreachable), phone.CauseConnection},
	} {
		t.Run(name, func(t *testing.T) {
			p := startOurs(t, c.account)
			event, err := p.events.WaitFor(phone.EventRegistrationFailed, 10*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if event.Cause != c.cause {
				t.Errorf("the cause is %q (%v), not %q", event.Cause, event.Err, c.cause)
			}
			if p.Snapshot().Registered() {
				t.Error("registered all the same")
			}
		})
	}
}
