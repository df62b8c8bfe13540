package sipua

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/hookswitch/hookswitch/phone"
)

// TestTCPStream: messages in pieces and in bunches, and what surrounds them.
func TestTCPStream(t *testing.T) {
	for name, script := range map[string]func(s *stage, p *peer){
		"in pieces": func(s *stage, p *peer) {
			for _, b := range []byte(invite("x", theirSDP)) {
				p.send(string(b))
			}
			p.response(100, "INVITE")
			event[phone.InviteIn](s)
		},
		"pipelined": func(s *stage, p *peer) {
			p.send(theirs("OPTIONS", 1, "a", "", "") + "\r\n" + theirs("OPTIONS", 2, "b", "", "") + theirs("INFO", 3, "c", "", "x"))
			p.response(200, "OPTIONS")
			p.response(200, "OPTIONS")
			p.response(481, "INFO")
		},
		"a malformed message is answered, the next one served": func(s *stage, p *peer) {
			p.send(strings.Replace(theirs("OPTIONS", 1, "a", "", ""), "CSeq: 1 OPTIONS", "CSeq: 1 INVITE", 1))
			if r := p.next("400"); r.status != 400 {
				t.Errorf("%s", r.bytes())
			}
			p.send(theirs("OPTIONS", 1, "b", "", ""))
			p.response(200, "OPTIONS")
		},
		"no boundary, no connection": func(s *stage, p *peer) {
			p.send(strings.Replace(theirs("OPTIONS", 1, "a", "", ""), "Content-Length: 0", "Content-Length: -5", 1))
			event[phone.TransportDown](s)
		},
		"a body of several megabytes": func(s *stage, p *peer) {
			p.send(strings.Replace(theirs("OPTIONS", 1, "a", "", ""), "Content-Length: 0", "Content-Length: 5000000", 1))
			if e := event[phone.TransportDown](s); !errors.Is(e.Err, errTooLarge) {
				t.Errorf("%v", e.Err)
			}
		},
		"headers without end": func(s *stage, p *peer) {
			go p.raw.Write([]byte("OPTIONS sip:a SIP/2.0\r\nX: " + strings.Repeat("x", 2*maxHead)))
			if e := event[phone.TransportDown](s); !errors.Is(e.Err, errTooLarge) {
				t.Errorf("%v", e.Err)
			}
		},
		"a body of 100 KiB is no trouble": func(s *stage, p *peer) {
			p.send(invite("x", "v=0\r\n"+strings.Repeat("a=x:1\r\n", 15000)))
			p.response(100, "INVITE")
			event[phone.InviteIn](s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestTCPKeepAlive(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		s.line.Register(time.Hour)
		raw := <-s.conns
		s.peer = &peer{T: t, raw: raw}
		buffer := make([]byte, 4096)
		answer := func(method string) {
			t.Helper()
			n, err := raw.Read(buffer)
			m, unreadable := parseMessage(buffer[:n])
			if err != nil || unreadable != nil || m.method != method {
				t.Fatalf("%q %v", buffer[:n], err)
			}
			s.peer.reply(m, 200, "r")
		}
		answer("REGISTER")
		event[phone.TransportUp](s)
		s.registered()
		ping := func() {
			t.Helper()
			if n, err := raw.Read(buffer); err != nil || string(buffer[:n]) != "\r\n\r\n" {
				t.Fatalf("%q %v", buffer[:n], err)
			}
		}
		ping() // a server that never answers keep-alives is not to blame
		answer("OPTIONS")
		ping()
		raw.Write([]byte("\r\n"))
		s.noEvent(15 * time.Second)
		ping() // one that did must go on doing so
		event[phone.TransportDown](s)
	})
}

func TestTheServersOwnKeepAliveIsAnswered(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		s.line.Register(time.Hour)
		raw := <-s.conns
		s.peer = &peer{T: t, raw: raw}
		buffer := make([]byte, 4096)
		raw.Read(buffer)
		raw.Write([]byte("\r\n\r\n"))
		if n, err := raw.Read(buffer); err != nil || string(buffer[:n]) != "\r\n" {
			t.Fatalf("%q %v", buffer[:n], err)
		}
	})
}

// onLoopback opens a line over real sockets.
func onLoopback(t *testing.T, o Options, account phone.Account) (*stage, phone.Line) {
	t.Helper()
	s := &stage{T: t, events: make(chan phone.SignalEvent, 1000)}
	l, err := New(o).Open(account, func(e phone.SignalEvent) { s.events <- e })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(0) })
	s.line = l.(*line)
	return s, l
}

// certificate makes a certificate for 127.0.0.1 that ends at the given time.
func certificate(t *testing.T, end time.Time) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: end.Add(-48 * time.Hour),
		NotAfter: end, IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// TestCertificates: only a certificate that verifies is spoken to; an account's own CA may vouch for it.
func TestCertificates(t *testing.T) {
	good, goodPEM := certificate(t, time.Now().Add(24*time.Hour))
	expired, expiredPEM := certificate(t, time.Now().Add(-time.Hour))
	for name, c := range map[string]struct {
		certificate tls.Certificate
		ca          []byte
		cause       phone.Cause
	}{
		"known to the account's CA file": {good, goodPEM, phone.CauseNone},
		"unknown":                        {good, nil, phone.CauseCertificate},
		"expired":                        {expired, expiredPEM, phone.CauseCertificate},
	} {
		for _, transport := range []string{"wss", "tls"} {
			t.Run(name+" "+transport, func(t *testing.T) {
				listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{c.certificate}, MinVersion: tls.VersionTLS12})
				if err != nil {
					t.Fatal(err)
				}
				done := make(chan struct{})
				t.Cleanup(func() { listener.Close(); <-done })
				go func() {
					defer close(done)
					for {
						raw, err := listener.Accept()
						if err != nil {
							return
						}
						serveOneRegister(raw, transport == "wss")
					}
				}()
				account := anAccount("wss")
				account.Server = transport + "://" + listener.Addr().String()
				if c.ca != nil {
					account.CA = filepath.Join(t.TempDir(), "ca.pem")
					if err := os.WriteFile(account.CA, c.ca, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				s, l := onLoopback(t, Options{RootCAs: x509.NewCertPool()}, account)
				l.Register(time.Hour)
				if c.cause == phone.CauseNone {
					event[phone.TransportUp](s)
				} else if e := event[phone.TransportDown](s); e.Cause != c.cause {
					t.Errorf("%+v", e)
				}
				if e := s.registered(); e.Cause != c.cause {
					t.Errorf("%+v", e)
				}
			})
		}
	}
}

// serveOneRegister answers the first message on the connection with 200.
func serveOneRegister(raw net.Conn, webSocket bool) {
	defer raw.Close()
	_ = raw.SetDeadline(time.Now().Add(10 * time.Second))
	buffer := make([]byte, 64<<10)
	if !webSocket {
		n, _ := raw.Read(buffer)
		if m, err := parseMessage(buffer[:n]); err == nil {
			raw.Write(responseTo(m, 200, "r").bytes())
		}
		raw.Read(buffer) // until the client goes
		return
	}
	if _, err := (ws.Upgrader{Protocol: func([]byte) bool { return true }}).Upgrade(raw); err != nil {
		return
	}
	f, err := ws.ReadFrame(raw)
	if err != nil {
		return
	}
	if m, err := parseMessage(ws.UnmaskFrameInPlace(f).Payload); err == nil {
		_ = ws.WriteFrame(raw, ws.NewTextFrame(responseTo(m, 200, "r").bytes()))
	}
	raw.Read(buffer)
}

func TestUDPListensToItsServerOnly(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	stranger, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	account := anAccount("udp")
	account.Server = "udp:" + server.LocalAddr().String()
	s, l := onLoopback(t, Options{}, account)
	l.Register(time.Hour)
	_ = server.SetDeadline(time.Now().Add(10 * time.Second))
	buffer := make([]byte, 64<<10)
	n, line, err := server.ReadFrom(buffer)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseMessage(buffer[:n])
	if err != nil || !strings.Contains(m.get("Via"), ";rport") || !strings.Contains(m.get("Contact"), line.String()) {
		t.Fatalf("%v %s", err, buffer[:n])
	}
	if _, err := stranger.WriteTo([]byte(theirs("OPTIONS", 1, "evil", "", "")), line); err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.WriteTo(responseTo(m, 403, "r").bytes(), line); err != nil {
		t.Fatal(err)
	}
	if _, err := server.WriteTo(responseTo(m, 200, "r").bytes(), line); err != nil {
		t.Fatal(err)
	}
	event[phone.TransportUp](s)
	if e := s.registered(); e.Status != 200 {
		t.Errorf("a stranger's answer counted: %+v", e)
	}
	asks := strings.Replace(theirs("OPTIONS", 1, "good", "", ""), ";branch=", ";rport;branch=", 1)
	if _, err := server.WriteTo([]byte(asks), line); err != nil {
		t.Fatal(err)
	}
	n, _, err = server.ReadFrom(buffer)
	port := server.LocalAddr().String()[len("127.0.0.1:"):]
	if err != nil || !strings.Contains(string(buffer[:n]), ";branch=z9hG4bKgood;rport="+port+";received=127.0.0.1") {
		t.Errorf("%v %s", err, buffer[:n])
	}
	_ = stranger.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _, err := stranger.ReadFrom(buffer); err == nil {
		t.Errorf("a stranger was answered: %s", buffer[:n])
	}
}

func TestAnUnreachableServerIsAConnectionError(t *testing.T) {
	for _, transport := range []string{"tcp", "ws", "wss", "tls", "udp"} {
		t.Run(transport, func(t *testing.T) {
			free, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := free.Addr().String()
			free.Close()
			account := anAccount("tcp")
			account.Server = transport + "://" + address
			s, l := onLoopback(t, Options{}, account)
			l.Register(time.Hour)
			if e := event[phone.TransportDown](s); e.Cause != phone.CauseConnection {
				t.Errorf("%+v", e)
			}
			if e := s.registered(); e.Cause != phone.CauseConnection || e.Err == nil && transport != "udp" {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestAccountsThatCannotWorkAreRefused(t *testing.T) {
	for name, change := range map[string]func(*phone.Account){
		"no URI":               func(a *phone.Account) { a.URI = "" },
		"a URI without user":   func(a *phone.Account) { a.URI = "sip:pbx.example" },
		"a phone number":       func(a *phone.Account) { a.URI = "tel:123" },
		"an http server":       func(a *phone.Account) { a.Server = "https://pbx.example" },
		"a bad port":           func(a *phone.Account) { a.Server = "udp:pbx.example:99999" },
		"a path over TCP":      func(a *phone.Account) { a.Server = "tcp://pbx.example/ws" },
		"a password in it":     func(a *phone.Account) { a.Server = "wss://u:p@pbx.example/" },
		"a CA file that lacks": func(a *phone.Account) { a.CA = "/nonexistent" },
		"a line break":         func(a *phone.Account) { a.DisplayName = "a\r\nb" },
	} {
		t.Run(name, func(t *testing.T) {
			account := anAccount("tcp")
			change(&account)
			if l, err := New(Options{}).Open(account, func(phone.SignalEvent) {}); !errors.Is(err, phone.ErrAccountInvalid) {
				t.Errorf("%v", err)
				l.Close(0)
			}
		})
	}
}

func TestServersHaveDefaultPorts(t *testing.T) {
	for text, want := range map[string]string{"wss://h": "WSS h:443", "ws://h/x?y=z": "WS h:80", "tls:h": "TLS h:5061", "tcp:h": "TCP h:5060",
		"udp:[::1]": "UDP [::1]:5060", "udp://h:7": "UDP h:7"} {
		s, err := parseServer(text)
		if got := s.transport + " " + s.address(); err != nil || got != want {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
}

// from is a connection whose near end has that address.
type from struct {
	net.Conn
	local net.Addr
}

func (f from) LocalAddr() net.Addr { return f.local }

func TestOurSideIsNamedAsOthersCanReadIt(t *testing.T) {
	for want, local := range map[string]net.Addr{
		"192.0.2.5:5060":     &net.UDPAddr{IP: net.IPv4(192, 0, 2, 5), Port: 5060},
		"[2001:db8::5]:5060": &net.TCPAddr{IP: net.ParseIP("2001:db8::5"), Port: 5060},
		"[fe80::5]:5060":     &net.UDPAddr{IP: net.ParseIP("fe80::5"), Port: 5060, Zone: "eth0"}, // RFC 4007 §11.2: of this machine only
	} {
		c := &conn{server: server{transport: "UDP"}, raw: from{local: local}}
		if got := c.sentBy("x"); got != want {
			t.Errorf("%v: %s, want %s", local, got, want)
		}
	}
}
