package sipua

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

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
		"a folded Content-Length": func(s *stage, p *peer) {
			p.send(strings.Replace(theirs("OPTIONS", 1, "a", "", "x"), "Content-Length: ", "l :\r\n \t", 1))
			p.response(200, "OPTIONS")
			p.send(theirs("OPTIONS", 2, "b", "", ""))
			p.response(200, "OPTIONS")
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
	for name, script := range map[string]func(s *stage, k keepAlives){
		"who never answers keep-alives is not to blame, who did must go on doing so": func(s *stage, k keepAlives) {
			k.ping()
			k.answer("OPTIONS")
			k.ping()
			k.write("\r\n")
			s.noEvent(15 * time.Second)
			k.ping()
			event[phone.TransportDown](s)
		},
		"who sends line ends of its own need not answer ours": func(s *stage, k keepAlives) {
			k.write("\r\n")
			k.ping()
			k.answer("OPTIONS")
			k.ping()
			s.noEvent(15 * time.Second)
		},
		"an answer may come together with the server's own keep-alive": func(s *stage, k keepAlives) {
			k.ping()
			k.write("\r\n")
			k.ping()
			k.write("\r\n\r\n\r\n")
			k.expect("\r\n")
			s.noEvent(15 * time.Second)
			k.ping()
			event[phone.TransportDown](s)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				s.line.Register(time.Hour)
				k := keepAlives{stage: s, raw: <-s.conns}
				s.peer = &peer{T: t, raw: k.raw}
				k.answer("REGISTER")
				event[phone.TransportUp](s)
				s.registered()
				script(s, k)
			})
		})
	}
}

// keepAlives is a server that sees what is between the messages.
type keepAlives struct {
	*stage
	raw net.Conn
}

func (k keepAlives) read() string {
	k.Helper()
	buffer := make([]byte, 4096)
	n, err := k.raw.Read(buffer)
	if err != nil {
		k.Fatal(err)
	}
	return string(buffer[:n])
}

func (k keepAlives) expect(want string) {
	k.Helper()
	if got := k.read(); got != want {
		k.Fatalf("%q", got)
	}
}

func (k keepAlives) ping() { k.Helper(); k.expect("\r\n\r\n") }

func (k keepAlives) write(text string) {
	k.Helper()
	if _, err := k.raw.Write([]byte(text)); err != nil {
		k.Fatal(err)
	}
}

func (k keepAlives) answer(method string) {
	k.Helper()
	text := k.read()
	m, unreadable := parseMessage([]byte(text))
	if unreadable != nil || m.method != method {
		k.Fatalf("%q", text)
	}
	k.peer.reply(m, 200, "r")
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
