package sipua

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

const takesUpdate = "Allow: INVITE, ACK, BYE, UPDATE"

// within waits for the line's next message, and wants it after just that time.
func (p *peer) within(method string, want time.Duration) *message {
	p.Helper()
	began := time.Now()
	for {
		select {
		case m, ok := <-p.in:
			if took := time.Since(began); !ok || m.method != method || took != want {
				p.Fatalf("after %v, want %s after %v: %s", took, method, want, m.bytes())
			}
			return m
		case <-time.After(2 * time.Hour):
			p.Fatalf("the line never sent %s", method)
		}
	}
}

// has wants a header to hold just this.
func has(t *testing.T, m *message, name, want string) {
	t.Helper()
	if got := strings.Join(m.lines(name), "; "); got != want {
		t.Errorf("%s: %q, want %q, in %s", name, got, want, m.bytes())
	}
}

// sessions play the far end of calls with session timers.
var sessions = map[string]func(s *stage, p *peer){
	"we ask, and refresh by UPDATE": func(s *stage, p *peer) {
		m := s.talkingOut(p, takesUpdate, "Session-Expires: 1800;refresher=uac")
		has(s.T, m, "Session-Expires", "1800")
		has(s.T, m, "Supported", supported)
		for range 3 {
			u := p.within("UPDATE", 900*time.Second)
			has(s.T, u, "Session-Expires", "1800;refresher=uac")
			if len(u.body) != 0 || u.toTag() != "their-tag" {
				s.Errorf("%s", u.bytes())
			}
			p.reply(u, 200, "", "Session-Expires: 1800;refresher=uac", takesUpdate)
		}
		u := p.within("UPDATE", 900*time.Second)
		s.noEvent(time.Second)
		p.reply(u, 200, "", "Session-Expires: 1800;refresher=uac", takesUpdate, "P-Asserted-Identity: <sip:602@pbx.example>")
		if e := event[phone.PartyIn](s); e.Party.Number != "602" { // they were transferred meanwhile
			s.Errorf("%+v", e)
		}
	},
	"who names no refresher leaves it to us": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600")
		p.reply(p.within("UPDATE", 300*time.Second), 200, "", "Session-Expires: 600")
		p.within("UPDATE", 300*time.Second)
	},
	"we refresh by re-INVITE where UPDATE is not taken": func(s *stage, p *peer) {
		s.talkingOut(p, "x: 600; refresher=UAC") // Session-Expires has a short form too
		m := p.within("INVITE", 300*time.Second)
		has(s.T, m, "Session-Expires", "600;refresher=uac")
		if string(m.body) != ourSDP {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 200, "", "Session-Expires: 600;refresher=uac", theirSDP)
		p.request("ACK")
		p.within("INVITE", 300*time.Second)
		s.noEvent(time.Second) // the operator knows nothing of it
	},
	"UPDATE is refused for good, so that re-INVITE follows": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.reply(p.within("UPDATE", 300*time.Second), 501, "")
		p.reply(p.within("INVITE", 0), 200, "", "Session-Expires: 600;refresher=uac", theirSDP)
		p.request("ACK")
		p.within("INVITE", 300*time.Second)
	},
	"a refresh meets their change and is tried again": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.reply(p.within("UPDATE", 300*time.Second), 491, "")
		p.reply(p.within("UPDATE", 30*time.Second), 200, "", "Session-Expires: 600;refresher=uac")
		p.within("UPDATE", 300*time.Second)
	},
	"nobody answers our refresh": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.within("UPDATE", 300*time.Second)
		p.within("BYE", giveUp)
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseDialog {
			s.Errorf("%+v", e)
		}
	},
	"our refreshes are refused until the session expires": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 90;refresher=uac")
		began := time.Now()
		for {
			m := p.next("UPDATE or BYE")
			if m.method == "BYE" {
				p.reply(m, 200, "")
				break
			}
			p.reply(m, 500, "")
		}
		if d := time.Since(began); d != 60*time.Second { // §10: min(32 s, a third) before the end
			s.Errorf("BYE after %v", d)
		}
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseRequestTimeout || e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"a refresh finds the dialog gone": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.reply(p.within("UPDATE", 300*time.Second), 481, "")
		p.request("BYE")
		event[phone.DialogEnded](s)
	},
	"they refresh, and then no more": func(s *stage, p *peer) {
		m := s.talkingOut(p, "Session-Expires: 1800;refresher=uas")
		for n := range 3 {
			p.quiet(15 * time.Minute)
			p.send(inCall(m, "their-tag", "UPDATE", 7+n, "Session-Expires: 1800;refresher=uac", "Supported: timer"))
			ok := p.response(200, "UPDATE")
			has(s.T, ok, "Session-Expires", "1800;refresher=uac")
			has(s.T, ok, "Require", "timer")
		}
		p.reply(p.within("BYE", 1768*time.Second), 200, "")
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseRequestTimeout {
			s.Errorf("%+v", e)
		}
	},
	"they want no timer": func(s *stage, p *peer) {
		m := s.talkingOut(p, takesUpdate)
		p.quiet(2 * time.Hour)
		s.line.Reinvite("our-call", []byte(newSDP))
		re := p.request("INVITE")
		has(s.T, re, "Session-Expires", "")
		p.reply(re, 200, "", theirSDP)
		p.request("ACK")
		event[phone.ReinviteDone](s)
		p.send(inCall(m, "their-tag", "BYE", 7))
		p.response(200, "BYE")
	},
	"the timer is switched off by a 200 that does not name it": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.reply(p.within("UPDATE", 300*time.Second), 200, "")
		p.quiet(2 * time.Hour)
	},
	"422 to our INVITE": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		for i, least := range []string{"3600", "7200", "7201"} { // each from a proxy further on
			p.reply(m, 422, "t", "Min-SE: "+least)
			p.request("ACK")
			m = p.request("INVITE")
			has(s.T, m, "Session-Expires", least)
			has(s.T, m, "Min-SE", least)
			has(s.T, m, "CSeq", strconv.Itoa(i+2)+" INVITE")
		}
		p.reply(m, 422, "t", "Min-SE: 9000") // three times is enough
		p.request("ACK")
		if e := event[phone.Refused](s); e.Status != 422 {
			s.Errorf("%+v", e)
		}
	},
	"422 that asks for no more than we offered": func(s *stage, p *peer) {
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 422, "t", "Min-SE: 120")
		p.request("ACK")
		event[phone.Refused](s)
	},
	"422 to our refresh": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.reply(p.within("UPDATE", 300*time.Second), 422, "", "Min-SE: 900")
		u := p.within("UPDATE", 0)
		has(s.T, u, "Session-Expires", "900;refresher=uac")
		has(s.T, u, "Min-SE", "900")
		p.reply(u, 200, "", "Session-Expires: 900;refresher=uac")
		p.within("UPDATE", 450*time.Second)
	},
	"422 to our re-INVITE": func(s *stage, p *peer) {
		s.talkingOut(p, "Session-Expires: 600;refresher=uas")
		s.line.Reinvite("our-call", []byte(newSDP))
		m := p.request("INVITE")
		has(s.T, m, "Session-Expires", "600;refresher=uas")
		p.reply(m, 422, "", "Min-SE: 900")
		p.request("ACK")
		m = p.request("INVITE")
		has(s.T, m, "Session-Expires", "900;refresher=uas")
		p.reply(m, 200, "", "Session-Expires: 900;refresher=uas", theirSDP)
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 200 {
			s.Errorf("%+v", e)
		}
	},
	"their interval is too brief": func(s *stage, p *peer) {
		p.send(invite("brief", theirSDP, "Session-Expires: 60", "Supported: timer"))
		has(s.T, p.response(422, "INVITE"), "Min-SE", "90")
		s.noEvent(time.Second)
	},
	"their change has too brief an interval": func(s *stage, p *peer) {
		_, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP, "Session-Expires: 60"))
		p.response(422, "INVITE")
		s.noEvent(time.Second)
	},
	"our operator's change refreshes": func(s *stage, p *peer) {
		s.talkingOut(p, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.quiet(200 * time.Second)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 200, "", "Session-Expires: 600;refresher=uac", theirSDP)
		p.request("ACK")
		event[phone.ReinviteDone](s)
		p.within("UPDATE", 300*time.Second)
	},
	"a refresh that is due waits for our operator's change": func(s *stage, p *peer) {
		s.talkingOut(p, "Session-Expires: 600;refresher=uac")
		p.quiet(290 * time.Second)
		s.line.Reinvite("our-call", []byte(newSDP))
		m := p.request("INVITE")
		p.reply(m, 100, "")
		p.quiet(20 * time.Second) // due after 10
		p.reply(m, 200, "", theirSDP, "Session-Expires: 600;refresher=uac")
		p.request("ACK")
		event[phone.ReinviteDone](s)
		if m = p.within("INVITE", 300*time.Second); string(m.body) != newSDP {
			s.Errorf("%s", m.bytes())
		}
	},
	"our operator's change waits for a refresh": func(s *stage, p *peer) {
		s.talkingOut(p, "Session-Expires: 600;refresher=uac")
		refresh := p.within("INVITE", 300*time.Second)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.quiet(time.Second)
		p.reply(refresh, 200, "", theirSDP, "Session-Expires: 600;refresher=uac")
		p.request("ACK")
		m := p.request("INVITE")
		if string(m.body) != newSDP {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 200, "", theirSDP, "Session-Expires: 600;refresher=uac")
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 200 {
			s.Errorf("%+v", e)
		}
	},
	"a refused change is not what we refresh with": func(s *stage, p *peer) {
		s.talkingOut(p, "Session-Expires: 600;refresher=uac")
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 488, "")
		p.request("ACK")
		event[phone.ReinviteDone](s)
		if m := p.within("INVITE", 300*time.Second); string(m.body) != ourSDP {
			s.Errorf("%s", m.bytes())
		}
	},
}

// TestSessionTimers: RFC 4028.
func TestSessionTimers(t *testing.T) {
	for name, script := range sessions {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestASessionOfNoTimeIsTooBrief(t *testing.T) {
	for _, wish := range []string{"Session-Expires: 0", "Session-Expires: 00;refresher=uac", "x: 89", "Session-Expires: 1;x=/"} {
		inMemory(t, anAccount("tcp"), func(s *stage) {
			p := s.register()
			p.send(invite("a", theirSDP, "Supported: timer", wish))
			has(t, p.response(422, "INVITE"), "Min-SE", "90")
		})
	}
}

// TestWhoRefreshesTheirSession is table 2 of RFC 4028 §9, and that we keep to it.
func TestWhoRefreshesTheirSession(t *testing.T) {
	for _, c := range []struct{ name, supported, wish, granted, require string }{
		{"they ask for nothing", "Supported: timer", "X-None: 1", "", ""},
		{"nobody can read it", "Supported: timer", "Session-Expires: banana", "", ""},
		{"nor a slash", "Supported: timer", "x: /", "", ""},
		{"nor a number beyond all bounds", "Supported: timer", "Session-Expires: 99999999999999", "", ""},
		{"they leave it open", "Supported: timer", "Session-Expires: 600", "600;refresher=uac", "timer"},
		{"they refresh", "k: timer, 100rel", "Session-Expires: 600;refresher=uac", "600;refresher=uac", "timer"},
		{"we refresh", "Require: timer", "Session-Expires: 600;refresher=uas", "600;refresher=uas", "timer"},
		{"a proxy asks in their place", "X-None: 1", "Session-Expires: 600", "600;refresher=uas", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				_, ok := s.answeredIn(p, c.supported, c.wish, takesUpdate)
				has(t, ok, "Session-Expires", c.granted)
				has(t, ok, "Require", c.require)
				p.send(theirs("ACK", 1, "a", ok.toTag(), ""))
				event[phone.Acked](s)
				switch {
				case c.granted == "":
					p.quiet(time.Hour)
				case strings.HasSuffix(c.granted, "uas"):
					u := p.within("UPDATE", 300*time.Second)
					has(t, u, "Session-Expires", "600;refresher=uac")
					p.reply(u, 200, "", "Session-Expires: 600;refresher=uac")
					p.within("UPDATE", 300*time.Second)
				default:
					p.quiet(300 * time.Second)
					p.send(theirs("INVITE", 2, "re", ok.toTag(), newSDP, "Session-Expires: 600;refresher=uac", "Supported: timer"))
					p.response(100, "INVITE")
					in := event[phone.ReinviteIn](s)
					s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
					has(t, p.response(200, "INVITE"), "Session-Expires", "600;refresher=uac")
					p.send(theirs("ACK", 2, "re-a", ok.toTag(), ""))
					p.within("BYE", 568*time.Second)
				}
			})
		})
	}
}
