package sipua

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is a line with a scripted server at the other end of an in-memory connection.
type stage struct {
	*testing.T
	line   *line
	events chan phone.SignalEvent
	conns  chan net.Conn // the server's ends, one for each dial
	peer   *peer
}

// peer is the server's end of one connection.
type peer struct {
	*testing.T
	raw  net.Conn
	in   chan *message
	mute atomic.Bool // it leaves the line's questions whether it lives to the test
}

const (
	ourSDP   = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
	theirSDP = "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\nt=0 0\r\n"
)

func anAccount(transport string) phone.Account {
	return phone.Account{ID: "a", URI: "sip:1001@pbx.example", Server: transport + ":pbx.example", Secret: phone.NewPassword("secret")}
}

// inMemory runs a test on a fake clock, with a line whose connections are pipes.
func inMemory(t *testing.T, account phone.Account, script func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{T: t, events: make(chan phone.SignalEvent, 1000), conns: make(chan net.Conn, 10)}
		agent := New(Options{UserAgent: "Hookswitch/test"})
		agent.dial = func(_ context.Context, to server) (*conn, error) {
			ours, theirs := net.Pipe()
			s.conns <- theirs
			return newConn(to, ours)
		}
		opened, err := agent.Open(account, func(e phone.SignalEvent) { s.events <- e })
		if err != nil {
			t.Fatal(err)
		}
		s.line = opened.(*line)
		defer func() {
			opened.Close(0)
			if s.peer != nil {
				s.peer.raw.Close()
			}
			synctest.Wait()
		}()
		script(s)
	})
}

// accept is the server accepting the line's connection.
func (s *stage) accept() *peer {
	s.Helper()
	select {
	case raw := <-s.conns:
		s.peer = newPeer(s.T, raw)
	case <-time.After(time.Minute):
		s.Fatal("the line did not connect")
	}
	return s.peer
}

func newPeer(t *testing.T, raw net.Conn) *peer { return listenTo(&peer{T: t, raw: raw}) }

// newMutePeer leaves OPTIONS to the test.
func newMutePeer(t *testing.T, raw net.Conn) *peer {
	p := &peer{T: t, raw: raw}
	p.mute.Store(true)
	return listenTo(p)
}

func listenTo(p *peer) *peer {
	t, raw := p.T, p.raw
	p.in = make(chan *message, 1000)
	go func() {
		defer close(p.in)
		var buffered []byte
		chunk := make([]byte, 64<<10)
		for {
			n, err := raw.Read(chunk)
			if err != nil {
				return
			}
			for buffered = append(buffered, chunk[:n]...); ; {
				buffered = []byte(strings.TrimLeft(string(buffered), "\r\n"))
				size, err := messageLength(buffered)
				if err != nil || size == 0 || len(buffered) < size {
					break
				}
				m, err := parseMessage(buffered[:size])
				if err != nil && (m == nil || m.status != 400) { // which gives their own faults back
					t.Errorf("the line sent %q: %v", buffered[:size], err)
				}
				buffered = buffered[size:]
				if m.method == "OPTIONS" && !p.mute.Load() {
					_, _ = raw.Write(responseTo(m, 200, "o").bytes())
					continue
				}
				p.in <- m
			}
		}
	}()
	return p
}

// request waits for the line's next message and wants it to be this request.
func (p *peer) request(method string) *message {
	p.Helper()
	m := p.next("request " + method)
	if m.method != method {
		p.Fatalf("want %s, got %s", method, m.bytes())
	}
	return m
}

// response waits for the line's next message and wants it to be this response.
func (p *peer) response(status int, method string) *message {
	p.Helper()
	m := p.next(fmt.Sprintf("%d to %s", status, method))
	if _, of := m.cseq(); m.isRequest() || m.status != status || of != method {
		p.Fatalf("want %d to %s, got %s", status, method, m.bytes())
	}
	return m
}

func (p *peer) next(what string) *message {
	p.Helper()
	select {
	case m, ok := <-p.in:
		if !ok {
			p.Fatalf("the line closed the connection instead of: %s", what)
		}
		return m
	case <-time.After(2 * giveUp):
		p.Fatalf("the line never sent: %s", what)
	}
	return nil
}

// quiet wants that nothing is sent for that long.
func (p *peer) quiet(d time.Duration) {
	p.Helper()
	select {
	case m, ok := <-p.in:
		if ok {
			p.Fatalf("unexpected: %s", m.bytes())
		}
	case <-time.After(d):
	}
}

func (p *peer) send(raw string) {
	p.Helper()
	if _, err := p.raw.Write([]byte(raw)); err != nil {
		p.Fatal(err)
	}
}

// reply answers a request; more are header lines, and a body last when it begins with "v=".
func (p *peer) reply(to *message, status int, tag string, more ...string) {
	p.Helper()
	r := responseTo(to, status, tag)
	for _, line := range more {
		if strings.HasPrefix(line, "v=") {
			r.setBody(sdpType, []byte(line))
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		r.add(name, value)
	}
	p.send(string(r.bytes()))
}

// event waits for the next event and wants it to be a T.
func event[T phone.SignalEvent](s *stage) T {
	s.Helper()
	var want T
	select {
	case e := <-s.events:
		got, ok := e.(T)
		if !ok {
			s.Fatalf("want %T, got %T %+v", want, e, e)
		}
		return got
	case <-time.After(2 * giveUp):
		s.Fatalf("no %T came", want)
	}
	return want
}

// noEvent wants that nothing is posted for that long.
func (s *stage) noEvent(d time.Duration) {
	s.Helper()
	select {
	case e := <-s.events:
		s.Fatalf("unexpected %T %+v", e, e)
	case <-time.After(d):
	}
}

// register brings the line into the state in which calls come.
func (s *stage) register() *peer {
	s.Helper()
	s.line.Register(time.Hour)
	p := s.accept()
	m := p.request("REGISTER")
	if s.line.server.reliable() {
		event[phone.TransportUp](s)
	}
	p.reply(m, 200, "r", "Contact: "+m.get("Contact"))
	if !s.line.server.reliable() {
		event[phone.TransportUp](s)
	}
	if done := event[phone.RegisterDone](s); done.Cause != phone.CauseNone || done.Expires != time.Hour {
		s.Fatalf("%+v", done)
	}
	return p
}

// invite makes their INVITE; more are header lines. A body is SDP.
func invite(branch, body string, more ...string) string {
	return theirs("INVITE", 1, branch, "", body, append([]string{"Contact: <sip:600@192.0.2.2:5070>"}, more...)...)
}

// theirs makes a request of theirs in the call "their-call", To tag as given.
func theirs(method string, number int, branch, toTag, body string, more ...string) string {
	m := &message{method: method, uri: "sip:1001@line.invalid"}
	m.add("Via", "SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK"+branch)
	m.add("Max-Forwards", "70")
	m.add("From", `"Alice" <sip:600@pbx.example>;tag=their-tag`)
	to := "<sip:1001@pbx.example>"
	if toTag != "" {
		to += ";tag=" + toTag
	}
	m.add("To", to)
	m.add("Call-ID", "their-call")
	m.add("CSeq", cseqValue(uint32(number), method))
	for _, line := range more {
		name, value, _ := strings.Cut(line, ": ")
		m.add(name, value)
	}
	if body != "" && m.get("Content-Type") == "" {
		m.add("Content-Type", sdpType)
	}
	m.body = []byte(body)
	return string(m.bytes())
}

// talkingIn makes a confirmed incoming call and returns our tag; more are header lines of the INVITE.
func (s *stage) talkingIn(p *peer, more ...string) (in phone.InviteIn, tag string) {
	s.Helper()
	in, ok := s.answeredIn(p, more...)
	tag = ok.toTag()
	p.send(theirs("ACK", 1, "ack1", tag, ""))
	event[phone.Acked](s)
	return in, tag
}

// answeredIn answers an incoming call and returns our 200, whose ACK is still to come.
func (s *stage) answeredIn(p *peer, more ...string) (in phone.InviteIn, ok *message) {
	s.Helper()
	p.send(invite("first", theirSDP, more...))
	p.response(100, "INVITE")
	in = event[phone.InviteIn](s)
	s.line.Answer(in.Dialog, []byte(ourSDP))
	return in, p.response(200, "INVITE")
}

// talkingOut makes a confirmed outgoing call "our-call" and returns its INVITE; more are header lines of the 200.
func (s *stage) talkingOut(p *peer, more ...string) *message {
	s.Helper()
	m := s.callingOut(p)
	p.reply(m, 200, "their-tag", append(more, "Contact: <sip:600@192.0.2.2:5070>", theirSDP)...)
	p.request("ACK")
	event[phone.Accepted](s)
	return m
}

// callingOut begins the outgoing call "our-call" and returns its INVITE.
func (s *stage) callingOut(p *peer) *message {
	s.Helper()
	s.line.Invite(phone.InviteOut{Dialog: "our-call", Target: "sip:600@pbx.example", SDP: []byte(ourSDP)})
	return p.request("INVITE")
}
