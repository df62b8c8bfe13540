package sipua

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func anInvite() phone.InviteOut {
	return phone.InviteOut{Dialog: "our-call", Target: "sip:600@pbx.example", SDP: []byte(ourSDP),
		Headers: []phone.Header{{Name: "X-Note", Value: "one\r\nEvil: two"}}}
}

// outgoingSequences play the server's part in calls that we make.
var outgoingSequences = map[string]func(s *stage, p *peer){
	"answered, then they hang up": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		p.reply(m, 100, "")
		p.reply(m, 180, "t1")
		if e := event[phone.Progress](s); e.Status != 180 || e.Fork != "t1" || e.SDP != nil {
			s.Errorf("%+v", e)
		}
		p.reply(m, 183, "t1", "Contact: <sip:600@192.0.2.2>", theirSDP)
		if e := event[phone.Progress](s); string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
		p.reply(m, 200, "t1", "Contact: <sip:600@192.0.2.2>", `P-Asserted-Identity: "Bob" <sip:601@pbx.example>`, theirSDP)
		ack := p.request("ACK")
		if n, _ := ack.cseq(); n != 1 || ack.uri != "sip:600@192.0.2.2" || ack.toTag() != "t1" {
			s.Errorf("%s", ack.bytes())
		}
		if e := event[phone.Accepted](s); e.Party.Number != "601" || e.Party.Name != "Bob" || string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
		p.send(inCall(m, "t1", "BYE", 7))
		p.response(200, "BYE")
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseTerminated || !e.ByThem {
			s.Errorf("%+v", e)
		}
		p.send(inCall(m, "t1", "INFO", 8))
		p.response(481, "INFO")
	},
	"a repeated 200 is acknowledged again, with the INVITE's number even after other requests": func(s *stage, p *peer) {
		m := s.talkingOut(p)
		s.line.Info("our-call", "application/dtmf-relay", []byte("Signal=1"))
		p.reply(p.request("INFO"), 200, "")
		if e := event[phone.InfoDone](s); e.Status != 200 || e.Dialog != "our-call" {
			s.Errorf("%+v", e)
		}
		p.reply(m, 200, "their-tag", "Contact: <sip:600@192.0.2.2:5070>", theirSDP)
		if n, _ := p.request("ACK").cseq(); n != 1 {
			s.Errorf("ACK of CSeq %d", n)
		}
		s.noEvent(time.Second)
	},
	"a 200 of a second fork is acknowledged and ended": func(s *stage, p *peer) {
		m := s.talkingOut(p)
		p.reply(m, 200, "other", "Contact: <sip:602@192.0.2.3>", theirSDP)
		if ack := p.request("ACK"); ack.toTag() != "other" || ack.uri != "sip:602@192.0.2.3" {
			s.Errorf("%s", ack.bytes())
		}
		bye := p.request("BYE")
		if bye.toTag() != "other" || bye.uri != "sip:602@192.0.2.3" {
			s.Errorf("%s", bye.bytes())
		}
		p.reply(bye, 200, "")
		s.noEvent(time.Second)
	},
	"no CANCEL before a 1xx": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		s.line.End("our-call", 0)
		p.quiet(time.Second)
		p.reply(m, 100, "")
		cancel := p.request("CANCEL")
		if cancel.get("Via") != m.get("Via") || cancel.uri != m.uri || cancel.toTag() != "" || cancel.get("CSeq") != "1 CANCEL" {
			s.Errorf("%s", cancel.bytes())
		}
		p.reply(cancel, 200, "t")
		p.reply(m, 487, "t")
		if ack := p.request("ACK"); ack.get("Via") != m.get("Via") || ack.get("CSeq") != "1 ACK" || ack.toTag() != "t" {
			s.Errorf("%s", ack.bytes())
		}
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseCanceled || e.Status != 487 || e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"CANCEL crosses the 200": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		p.reply(m, 180, "t")
		event[phone.Progress](s)
		s.line.End("our-call", 0)
		cancel := p.request("CANCEL")
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", theirSDP)
		p.request("ACK")
		bye := p.request("BYE")
		p.reply(cancel, 481, "t")
		p.reply(bye, 200, "")
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseCanceled {
			s.Errorf("%+v", e)
		}
		s.noEvent(time.Minute)
	},
	"CANCEL without any final answer": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		p.reply(m, 180, "t")
		event[phone.Progress](s)
		s.line.End("our-call", 0)
		began := time.Now()
		p.reply(p.request("CANCEL"), 200, "t")
		event[phone.DialogEnded](s)
		if d := time.Since(began); d != giveUp {
			s.Errorf("ended after %v", d)
		}
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", theirSDP) // too late, but not ignored
		p.request("ACK")
		p.reply(p.request("BYE"), 200, "")
	},
	"refused": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 486, "t")
		p.request("ACK")
		if e := event[phone.Refused](s); e.Status != 486 || e.Cause != phone.CauseBusy || e.Reason != "Busy Here" {
			s.Errorf("%+v", e)
		}
	},
	"nobody answers at all": func(s *stage, p *peer) {
		began := time.Now()
		s.line.Invite(anInvite())
		p.request("INVITE")
		if e := event[phone.Refused](s); e.Status != 0 || e.Cause != phone.CauseRequestTimeout || time.Since(began) != giveUp {
			s.Errorf("%+v after %v", e, time.Since(began))
		}
	},
	"the connection is lost": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		p.request("INVITE")
		p.raw.Close()
		event[phone.TransportDown](s)
		if e := event[phone.Refused](s); e.Cause != phone.CauseConnection {
			s.Errorf("%+v", e)
		}
	},
	"no header of ours carries a line break": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		if m.get("Evil") != "" || !strings.HasPrefix(m.get("X-Note"), "one") {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 603, "t")
		p.request("ACK")
		event[phone.Refused](s)
	},
	"an early fork is told by its tag": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		p.reply(m, 183, "a", theirSDP)
		p.reply(m, 183, "b", theirSDP)
		if a, b := event[phone.Progress](s), event[phone.Progress](s); a.Fork != "a" || b.Fork != "b" {
			s.Errorf("%+v %+v", a, b)
		}
		p.reply(m, 200, "b", "Contact: <sip:b@192.0.2.2>", theirSDP)
		p.request("ACK")
		if e := event[phone.Accepted](s); e.Fork != "b" {
			s.Errorf("%+v", e)
		}
	},
}

// TestOutgoingSequences plays the server's part in calls that we make.
func TestOutgoingSequences(t *testing.T) {
	for name, script := range outgoingSequences {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

// inCall makes a request of theirs within a call that our INVITE began.
func inCall(invite *message, theirTag, method string, number int, more ...string) string {
	m := &message{method: method, uri: parseNameAddr(invite.get("Contact")).uri}
	m.add("Via", "SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK"+randomHex(4))
	m.add("From", invite.get("To")+";tag="+theirTag)
	m.add("To", invite.get("From"))
	m.add("Call-ID", invite.callID())
	m.add("CSeq", cseqValue(uint32(number), method))
	for _, line := range more {
		if strings.HasPrefix(line, "v=") {
			m.setBody(sdpType, []byte(line))
			continue
		}
		name, value, _ := strings.Cut(line, ": ")
		m.add(name, value)
	}
	return string(m.bytes())
}

func TestRouteSetsAreLooseOrStrict(t *testing.T) {
	for name, c := range map[string]struct{ recorded, uri, routes string }{
		"loose": {"<sip:p1.example;lr>, <sip:p2.example;lr>", "sip:600@192.0.2.2", "<sip:p2.example;lr> <sip:p1.example;lr>"},
		"strict": {"<sip:p1.example;lr>, <sip:p2.example;transport=tcp>", "sip:p2.example;transport=tcp",
			"<sip:p1.example;lr> <sip:600@192.0.2.2>"},
		"none": {"", "sip:600@192.0.2.2", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				s.line.Invite(anInvite())
				m := p.request("INVITE")
				more := []string{"Contact: <sip:600@192.0.2.2>", theirSDP}
				if c.recorded != "" {
					more = append(more, "Record-Route: "+c.recorded)
				}
				p.reply(m, 200, "t", more...)
				for _, method := range []string{"ACK", "BYE"} {
					if method == "BYE" {
						event[phone.Accepted](s)
						s.line.End("our-call", 0)
					}
					r := p.request(method)
					if got := strings.Join(r.lines("Route"), " "); r.uri != c.uri || got != c.routes {
						t.Errorf("%s: %s, routes %s", method, r.uri, got)
					}
					if method == "BYE" {
						p.reply(r, 200, "")
					}
				}
				event[phone.DialogEnded](s)
			})
		})
	}
}

func TestUDPRetransmitsUntilAnAnswerComes(t *testing.T) {
	inMemory(t, anAccount("udp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		began := time.Now()
		m := p.request("INVITE")
		for _, at := range []time.Duration{500, 1500, 3500} {
			again := p.request("INVITE")
			if d := time.Since(began); d != at*time.Millisecond || again.get("Via") != m.get("Via") {
				t.Errorf("repeated after %v", d)
			}
		}
		p.reply(m, 100, "")
		p.quiet(time.Minute)
		p.reply(m, 404, "t")
		p.request("ACK")
		event[phone.Refused](s)
		p.reply(m, 404, "t") // our ACK was lost
		p.request("ACK")
	})
}
