package sipua

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// longSDP makes an INVITE of more than 1300 bytes.
var longSDP = ourSDP + strings.Repeat("a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n", 30)

func aLongInvite() phone.InviteOut {
	o := anInvite()
	o.SDP = []byte(longSDP)
	return o
}

// largeRequests play the server of a UDP line, first on UDP and then on TCP.
var largeRequests = map[string]func(s *stage, udp *peer){
	"TCP is taken, and everything of that transaction goes there": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		defer func() { _ = udp.raw.Close() }()
		m := tcp.request("INVITE")
		if !strings.HasPrefix(m.get("Via"), "SIP/2.0/TCP ") || m.get("Contact") == "" || strings.Contains(m.get("Contact"), "tcp") {
			s.Errorf("%s", m.bytes())
		}
		tcp.reply(m, 407, "t", proxyAsks("pbx", "n", ""))
		tcp.request("ACK")
		m = tcp.request("INVITE")
		tcp.reply(m, 180, "t")
		event[phone.Progress](s)
		tcp.quiet(10 * time.Second) // nothing is repeated there
		s.line.End("our-call", 0)
		cancel := tcp.request("CANCEL")
		if cancel.get("Via") != m.get("Via") {
			s.Errorf("%s", cancel.bytes())
		}
		tcp.reply(cancel, 200, "t")
		tcp.reply(m, 487, "t")
		tcp.request("ACK")
		event[phone.DialogEnded](s)
		udp.quiet(time.Second)
	},
	"small requests of the same call go by UDP": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		defer func() { _ = udp.raw.Close() }()
		tcp.reply(tcp.request("INVITE"), 200, "t", "Contact: <sip:600@192.0.2.2>", theirSDP)
		if ack := udp.request("ACK"); !strings.HasPrefix(ack.get("Via"), "SIP/2.0/UDP ") {
			s.Errorf("%s", ack.bytes())
		}
		event[phone.Accepted](s)
		tcp.send(theirs("OPTIONS", 1, "x", "", "")) // what comes by TCP is answered there
		tcp.response(200, "OPTIONS")
		s.line.End("our-call", 0)
		udp.reply(udp.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
	},
	"TCP is refused: UDP after all, and no second try at once": func(s *stage, udp *peer) {
		dials := 0
		s.line.agent.dial = func(context.Context, server) (*conn, error) {
			dials++
			return nil, errors.New("refused")
		}
		for range 2 {
			s.line.Invite(aLongInvite())
			m := udp.request("INVITE")
			if !strings.HasPrefix(m.get("Via"), "SIP/2.0/UDP ") {
				s.Errorf("%s", m.bytes())
			}
			udp.reply(m, 486, "t")
			udp.request("ACK")
			event[phone.Refused](s)
		}
		if dials != 1 {
			s.Errorf("%d dials", dials)
		}
		s.noEvent(time.Second) // the line itself is up
	},
	"TCP does not answer: UDP after a second": func(s *stage, udp *peer) {
		s.line.agent.dial = func(ctx context.Context, _ server) (*conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		s.line.Invite(aLongInvite())
		udp.within("INVITE", wideLimit)
	},
	"TCP is lost in the middle": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		defer func() { _ = udp.raw.Close() }()
		tcp.reply(tcp.request("INVITE"), 100, "")
		_ = tcp.raw.Close()
		if e := event[phone.Refused](s); e.Cause != phone.CauseConnection {
			s.Errorf("%+v", e)
		}
		s.noEvent(time.Second)
	},
	"TCP is taken by somebody who hangs up: UDP at once, and for the next call": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		first := tcp.request("INVITE")
		_ = tcp.raw.Close()
		for range 2 {
			m := udp.request("INVITE")
			if via := m.get("Via"); !strings.HasPrefix(via, "SIP/2.0/UDP ") || via == first.get("Via") || len(m.list("Via")) != 1 {
				s.Errorf("%s", m.bytes())
			}
			udp.reply(m, 486, "t")
			udp.request("ACK")
			event[phone.Refused](s)
			s.line.Invite(aLongInvite())
		}
		udp.request("INVITE")
	},
	"TCP is taken by somebody who says nothing: UDP after some seconds": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		tcp.request("INVITE")
		tcp.quiet(wideWord - time.Second)
		m := udp.within("INVITE", time.Second)
		udp.reply(m, 180, "t")
		event[phone.Progress](s)
		s.line.End("our-call", 0)
		if cancel := udp.request("CANCEL"); cancel.get("Via") != m.get("Via") {
			s.Errorf("%s", cancel.bytes())
		}
	},
	"TCP said something before: a call that waits goes on": func(s *stage, udp *peer) {
		s.line.Invite(aLongInvite())
		tcp := s.accept()
		defer func() { _ = udp.raw.Close() }()
		tcp.reply(tcp.request("INVITE"), 100, "")
		tcp.quiet(2 * wideWord)
	},
	"the line is closed while TCP is dialled": func(s *stage, udp *peer) {
		s.line.agent.dial = func(ctx context.Context, _ server) (*conn, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		s.line.Invite(aLongInvite())
		udp.quiet(wideLimit / 2)
		s.line.Close(0)
	},
}

// TestLargeRequestsOverUDP: RFC 3261 §18.1.1.
func TestLargeRequestsOverUDP(t *testing.T) {
	for name, script := range largeRequests {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("udp"), func(s *stage) { script(s, s.register()) })
		})
	}
}
