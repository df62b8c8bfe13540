package sipua

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/hookswitch/hookswitch/phone"
)

// wsPeer is the server's end of a WebSocket.
type wsPeer struct {
	*testing.T
	raw    interface{ Write([]byte) (int, error) }
	frames chan ws.Frame
}

// acceptWebSocket does the server's part of the handshake and reads frames.
func (s *stage) acceptWebSocket(wantURI string) *wsPeer {
	s.Helper()
	raw := <-s.conns
	s.peer = &peer{T: s.T, raw: raw}
	uri := ""
	shake, err := ws.Upgrader{
		Protocol:  func(p []byte) bool { return string(p) == "sip" },
		OnRequest: func(u []byte) error { uri = string(u); return nil },
	}.Upgrade(raw)
	if err != nil || shake.Protocol != "sip" {
		s.Fatalf("handshake: %v %+v", err, shake)
	}
	if uri != wantURI {
		s.Fatalf("asked for %s", uri)
	}
	p := &wsPeer{T: s.T, raw: raw, frames: make(chan ws.Frame, 100)}
	go func() {
		defer close(p.frames)
		for {
			f, err := ws.ReadFrame(raw)
			if err != nil {
				return
			}
			if !f.Header.Masked {
				s.Error("a client's frame without mask")
			}
			p.frames <- ws.UnmaskFrameInPlace(f)
		}
	}()
	return p
}

func (p *wsPeer) next(op ws.OpCode) []byte {
	p.Helper()
	select {
	case f, ok := <-p.frames:
		if !ok || f.Header.OpCode != op {
			p.Fatalf("want opcode %v, got %+v %q", op, f.Header, f.Payload)
		}
		return f.Payload
	case <-time.After(time.Hour):
		p.Fatalf("no frame with opcode %v", op)
	}
	return nil
}

func (p *wsPeer) send(frames ...ws.Frame) {
	p.Helper()
	for _, f := range frames {
		if _, err := p.raw.Write(ws.MustCompileFrame(f)); err != nil {
			p.Fatal(err)
		}
	}
}

// closed wants the line's Close, with that code.
func (p *wsPeer) closed(want ws.StatusCode) {
	p.Helper()
	if code, _ := ws.ParseCloseFrameData(p.next(ws.OpClose)); code != want {
		p.Errorf("closed with %d, want %d", code, want)
	}
}

func (p *wsPeer) message(op ws.OpCode) *message {
	p.Helper()
	m, err := parseMessage(p.next(op))
	if err != nil {
		p.Fatal(err)
	}
	return m
}

// webSocketScripts: what a server may do on the transport, after the first REGISTER m.
var webSocketScripts = map[string]func(s *stage, p *wsPeer, m *message){
	"names itself as RFC 7118 wants": func(s *stage, p *wsPeer, m *message) {
		sentBy, protocol, _ := cutVia(m.get("Via"))
		if protocol != "SIP/2.0/WSS" || !strings.HasSuffix(sentBy, ".invalid") ||
			!strings.Contains(m.get("Contact"), "@"+sentBy+";transport=ws>") {
			s.Errorf("%s", m.bytes())
		}
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
	},
	"a PING with payload is answered": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewPingFrame([]byte("are you there?")))
		if pong := p.next(ws.OpPong); string(pong) != "are you there?" {
			s.Errorf("%q", pong)
		}
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
	},
	"fragments, with a PING between them": func(s *stage, p *wsPeer, m *message) {
		a := okTo(m)
		p.send(ws.NewFrame(ws.OpText, false, a[:10]), ws.NewPingFrame([]byte("p")), ws.NewFrame(ws.OpContinuation, false, a[10:40]),
			ws.NewFrame(ws.OpContinuation, true, a[40:]))
		p.next(ws.OpPong)
		s.registered()
	},
	"a binary frame": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewBinaryFrame(okTo(m)))
		s.registered()
	},
	"a keep-alive of line ends": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame([]byte("\r\n\r\n")))
		if pong := p.next(ws.OpText); string(pong) != "\r\n" {
			s.Errorf("%q", pong)
		}
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
	},
	"rubbish in a frame is passed over": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame([]byte("hello")), ws.NewTextFrame(nil), ws.NewBinaryFrame([]byte{0, 255, 13, 10, 13, 10}), ws.NewTextFrame(okTo(m)))
		s.registered()
	},
	"our PING goes every 30 s": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
		before := time.Now()
		for range 3 {
			p.send(ws.NewPongFrame(p.next(ws.OpPing)))
		}
		if d := time.Since(before); d != 90*time.Second {
			s.Errorf("three in %v", d)
		}
		s.noEvent(time.Second)
	},
	"no PONG, no connection": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
		p.next(ws.OpPing)
		asked := time.Now()
		if e := event[phone.TransportDown](s); e.Cause != phone.CauseConnection || e.Err == nil || time.Since(asked) > pongLimit {
			s.Errorf("%+v after %v", e, time.Since(asked))
		}
		s.noEvent(time.Minute)
	},
	"a masked frame breaks the protocol": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.MaskFrame(ws.NewTextFrame(okTo(m))))
		event[phone.TransportDown](s)
		p.closed(ws.StatusProtocolError)
	},
	"a frame of several megabytes is not taken": func(s *stage, p *wsPeer, m *message) {
		var head bytes.Buffer
		if err := ws.WriteHeader(&head, ws.Header{Fin: true, OpCode: ws.OpText, Length: 5 << 20}); err != nil {
			s.Fatal(err)
		}
		p.raw.Write(head.Bytes())
		event[phone.TransportDown](s)
		p.closed(ws.StatusMessageTooBig)
	},
	"the server says goodbye": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusGoingAway, "restart")))
		if e := event[phone.TransportDown](s); !strings.Contains(e.Err.Error(), "restart") {
			s.Errorf("%v", e.Err)
		}
		if e := s.registered(); e.Cause != phone.CauseConnection {
			s.Errorf("%+v", e)
		}
		p.closed(ws.StatusNormalClosure)
	},
	"our own end is a proper one": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
		s.line.Close(time.Second)
		p.closed(ws.StatusNormalClosure)
	},
	"an INVITE comes on the same connection": func(s *stage, p *wsPeer, m *message) {
		p.send(ws.NewTextFrame(okTo(m)))
		s.registered()
		p.send(ws.NewTextFrame([]byte(invite("x", theirSDP))))
		if m := p.message(ws.OpText); m.status != 100 {
			s.Errorf("%s", m.bytes())
		}
		event[phone.InviteIn](s)
	},
}

// okTo is a 200 to a REGISTER.
func okTo(m *message) []byte { return responseTo(m, 200, "r").bytes() }

// TestWebSocket: what a server may do on the transport, in memory and on a fake clock.
func TestWebSocket(t *testing.T) {
	for name, script := range webSocketScripts {
		t.Run(name, func(t *testing.T) {
			account := anAccount("wss")
			account.Server = "wss://pbx.example/ws?exten=1001"
			inMemory(t, account, func(s *stage) {
				s.line.Register(time.Hour)
				p := s.acceptWebSocket("/ws?exten=1001")
				event[phone.TransportUp](s)
				script(s, p, p.message(ws.OpText))
			})
		})
	}
}

func TestABodyThatIsNoTextGoesInABinaryFrame(t *testing.T) {
	w := &webSocket{}
	for text, want := range map[string]ws.OpCode{"ä": ws.OpText, "\xff": ws.OpBinary} {
		f, err := ws.ReadFrame(bytes.NewReader(w.frame([]byte(text))))
		if err != nil || f.Header.OpCode != want {
			t.Errorf("%q: %v %v", text, f.Header.OpCode, err)
		}
	}
}
