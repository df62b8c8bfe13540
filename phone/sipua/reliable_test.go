package sipua

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// reliably is the header lines of a reliable provisional response of theirs.
func reliably(number int, more ...string) []string {
	return append([]string{"Require: 100rel", "RSeq: " + strconv.Itoa(number), "Contact: <sip:600@192.0.2.2>"}, more...)
}

var reliableOut = map[string]func(s *stage, p *peer, m *message){
	"each is acknowledged, once, in its order": func(s *stage, p *peer, m *message) {
		has(s.T, m, "Supported", supported)
		p.reply(m, 180, "t", reliably(314)...)
		first := p.request("PRACK")
		has(s.T, first, "RAck", "314 1 INVITE")
		has(s.T, first, "CSeq", "2 PRACK")
		if first.uri != "sip:600@192.0.2.2" || first.toTag() != "t" {
			s.Errorf("%s", first.bytes())
		}
		p.reply(first, 200, "")
		event[phone.Progress](s)
		p.reply(m, 180, "t", reliably(314)...) // repeated
		p.reply(m, 183, "t", reliably(316)...) // 315 is missing
		p.quiet(time.Second)
		s.noEvent(time.Second)
		p.reply(m, 183, "t", reliably(315, theirSDP)...)
		second := p.request("PRACK")
		has(s.T, second, "RAck", "315 1 INVITE")
		if e := event[phone.Progress](s); string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
		p.reply(second, 200, "")
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>") // the answer came before
		if ack := p.request("ACK"); ack.get("CSeq") != "1 ACK" {
			s.Errorf("%s", ack.bytes())
		}
		if e := event[phone.Accepted](s); string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
		s.line.End("our-call", 0)
		has(s.T, p.request("BYE"), "CSeq", "4 BYE")
	},
	"each fork counts for itself": func(s *stage, p *peer, m *message) {
		for tag, number := range map[string]int{"a": 7, "b": 99} {
			p.reply(m, 183, tag, reliably(number, theirSDP)...)
			prack := p.request("PRACK")
			has(s.T, prack, "RAck", strconv.Itoa(number)+" 1 INVITE")
			if prack.toTag() != tag {
				s.Errorf("%s", prack.bytes())
			}
			if e := event[phone.Progress](s); e.Fork != tag {
				s.Errorf("%+v", e)
			}
		}
	},
	"PRACK answers a challenge": func(s *stage, p *peer, m *message) {
		p.reply(m, 180, "t", reliably(1)...)
		p.reply(p.request("PRACK"), 407, "", strings.Replace(md5Challenge, "WWW", "Proxy", 1))
		again := p.request("PRACK")
		has(s.T, again, "RAck", "1 1 INVITE")
		credentialsOf(s.T, again, "Proxy-Authorization", password)
	},
	"without a number it counts for nothing": func(s *stage, p *peer, m *message) {
		for _, number := range []string{"", "RSeq: 0", "RSeq: 99999999999", "RSeq: x"} {
			p.reply(m, 180, "t", "Require: 100rel", number+": ")
		}
		p.quiet(time.Second)
		s.noEvent(time.Second)
	},
	"UPDATE offers before and after their answer": func(s *stage, p *peer, m *message) {
		p.reply(m, 183, "t", "Contact: <sip:600@192.0.2.2>")
		event[phone.Progress](s)
		p.send(inCall(m, "t", "UPDATE", 1, newSDP))
		p.response(491, "UPDATE")
		p.reply(m, 183, "t", reliably(5, theirSDP)...)
		p.request("PRACK")
		event[phone.Progress](s)
		p.send(inCall(m, "t", "UPDATE", 2, newSDP))
		if e := event[phone.ReinviteIn](s); string(e.SDP) != newSDP || e.Fork != "t" {
			s.Errorf("%+v", e)
		}
		p.send(inCall(m, "t", "UPDATE", 3, newSDP)) // before that is answered
		if r := p.response(500, "UPDATE"); r.get("Retry-After") == "" {
			s.Errorf("%s", r.bytes())
		}
		s.line.AnswerReinvite("our-call", []byte(newSDP), 0)
		if r := p.response(200, "UPDATE"); string(r.body) != newSDP {
			s.Errorf("%s", r.bytes())
		}
		p.send(inCall(m, "t", "UPDATE", 4)) // only where they are now
		p.response(200, "UPDATE")
		p.send(inCall(m, "t", "INVITE", 5, newSDP))
		p.response(491, "INVITE")
		s.noEvent(time.Second)
	},
}

// TestTheirReliableResponses: RFC 3262 §4, as the caller.
func TestTheirReliableResponses(t *testing.T) {
	for name, script := range reliableOut {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				s.line.Invite(anInvite())
				script(s, p, p.request("INVITE"))
			})
		})
	}
}

// prack acknowledges our reliable response.
func (p *peer) prack(r *message, number int, body string) {
	p.send(theirs("PRACK", number, "prack"+strconv.Itoa(number), r.toTag(), body, "RAck: "+r.get("RSeq")+" 1 INVITE"))
}

var reliableIn = map[string]func(s *stage, p *peer, in phone.InviteIn){
	"180 is repeated until PRACK": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		r := p.response(180, "INVITE")
		has(s.T, r, "Require", "100rel")
		began := time.Now()
		for _, at := range []time.Duration{timerT1, 3 * timerT1, 7 * timerT1, 15 * timerT1} {
			if again := p.response(180, "INVITE"); time.Since(began) != at || again.get("RSeq") != r.get("RSeq") {
				s.Errorf("after %v: %s", time.Since(began), again.bytes())
			}
		}
		p.prack(r, 2, "")
		p.response(200, "PRACK")
		p.prack(r, 3, "")
		p.response(481, "PRACK")
		p.quiet(40 * time.Second)
		next := p.response(180, "INVITE") // every minute, with the next number
		was, _ := strconv.Atoi(r.get("RSeq"))
		has(s.T, next, "RSeq", strconv.Itoa(was+1))
		p.prack(next, 4, "")
		p.response(200, "PRACK")
		s.line.Answer(in.Dialog, []byte(ourSDP))
		p.send(theirs("ACK", 1, "a", p.response(200, "INVITE").toTag(), ""))
		event[phone.Acked](s)
	},
	"PRACK names another": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		r := p.response(180, "INVITE")
		for n, rack := range []string{"", "1", "1 1 INVITE", r.get("RSeq") + " 2 INVITE", r.get("RSeq") + " 1 INFO"} {
			p.send(theirs("PRACK", n+2, "p"+strconv.Itoa(n), r.toTag(), "", "RAck: "+rack))
			p.response(481, "PRACK")
		}
	},
	"nobody says PRACK": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		began := time.Now()
		for p.next("504").status != 504 {
		}
		if d := time.Since(began); d != giveUp {
			s.Errorf("504 after %v", d)
		}
		if e := event[phone.DialogEnded](s); e.Status != 504 {
			s.Errorf("%+v", e)
		}
	},
	"answered before PRACK": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		p.response(180, "INVITE")
		s.line.Answer(in.Dialog, []byte(ourSDP))
		p.send(theirs("ACK", 1, "a", p.response(200, "INVITE").toTag(), ""))
		event[phone.Acked](s)
		p.quiet(time.Minute)
	},
	"an early answer is not overtaken": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, []byte(ourSDP))
		r := p.response(183, "INVITE")
		s.line.Answer(in.Dialog, []byte(ourSDP))
		p.quiet(timerT1 / 2)
		p.prack(r, 2, "")
		p.response(200, "PRACK")
		if ok := p.response(200, "INVITE"); len(ok.body) != 0 {
			s.Errorf("%s", ok.bytes())
		}
	},
	"the second one waits for the first one's PRACK": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		r := p.response(180, "INVITE")
		s.line.Ring(in.Dialog, []byte(ourSDP))
		p.quiet(timerT1 / 2)
		p.prack(r, 2, "")
		p.response(200, "PRACK")
		p.prack(p.response(183, "INVITE"), 3, newSDP) // an offer to one who has not answered
		p.response(488, "PRACK")
		p.send(theirs("UPDATE", 4, "u", r.toTag(), newSDP))
		p.response(504, "UPDATE")
	},
	"cancelled before PRACK": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		p.response(180, "INVITE")
		p.send(theirs("CANCEL", 1, "x", "", ""))
		p.response(200, "CANCEL")
		p.response(487, "INVITE")
		event[phone.DialogEnded](s)
		p.quiet(time.Minute)
	},
	"UPDATE with an offer before our answer": func(s *stage, p *peer, in phone.InviteIn) {
		s.line.Ring(in.Dialog, nil)
		r := p.response(180, "INVITE")
		p.send(theirs("UPDATE", 2, "u", r.toTag(), newSDP))
		if r := p.response(500, "UPDATE"); r.get("Retry-After") == "" {
			s.Errorf("%s", r.bytes())
		}
	},
}

// TestOurReliableResponses: RFC 3262 §3, as the callee.
func TestOurReliableResponses(t *testing.T) {
	for name, script := range reliableIn {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(invite("x", theirSDP, "Require: 100rel"))
				p.response(100, "INVITE")
				script(s, p, event[phone.InviteIn](s))
			})
		})
	}
}

func TestAnOfferlessCallThatRequiresReliabilityRingsSilently(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		p.send(invite("x", "", "Require: 100rel"))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Ring(in.Dialog, nil)
		p.quiet(time.Second)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		if ok := p.response(200, "INVITE"); string(ok.body) != ourSDP {
			t.Errorf("%s", ok.bytes())
		}
	})
}

// TestUpdateBeforeTheACK: whose offer is open decides (RFC 3311 §5.2), and the wait for the ACK goes on.
func TestUpdateBeforeTheACK(t *testing.T) {
	for name, c := range map[string]struct {
		offer string
		want  int
	}{"they offered": {theirSDP, 500}, "we offered": {"", 491}} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(invite("x", c.offer))
				p.response(100, "INVITE")
				s.line.Answer(event[phone.InviteIn](s).Dialog, []byte(ourSDP))
				tag := p.response(200, "INVITE").toTag()
				p.send(theirs("UPDATE", 2, "u", tag, newSDP))
				p.response(c.want, "UPDATE")
				p.send(theirs("ACK", 1, "a", tag, theirSDP))
				event[phone.Acked](s)
			})
		})
	}
}

// TestOurOfferGoesWithTheRingingWhereTheyWantThat: RFC 3262 §5, of a call without an offer whose responses are to be acknowledged.
func TestOurOfferGoesWithTheRingingWhereTheyWantThat(t *testing.T) {
	for name, c := range map[string]struct {
		answer string // in PRACK
		body   string // of our 200
	}{"PRACK answers it": {theirSDP, ""}, "PRACK does not": {"", ourSDP}} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(invite("x", "", "Require: 100rel"))
				p.response(100, "INVITE")
				in := event[phone.InviteIn](s)
				if !in.WantsOffer || in.SDP != nil {
					t.Errorf("%+v", in)
				}
				s.line.Ring(in.Dialog, []byte(ourSDP))
				r := p.response(180, "INVITE")
				if string(r.body) != ourSDP || r.get("RSeq") == "" {
					t.Errorf("%s", r.bytes())
				}
				s.line.Answer(in.Dialog, []byte(ourSDP)) // before PRACK: it waits
				p.prack(r, 2, c.answer)
				p.response(200, "PRACK")
				if c.answer != "" {
					if e := event[phone.Acked](s); string(e.SDP) != theirSDP {
						t.Errorf("%+v", e)
					}
				}
				ok := p.response(200, "INVITE")
				if string(ok.body) != c.body {
					t.Errorf("%s", ok.bytes())
				}
				p.send(theirs("ACK", 1, "a", ok.toTag(), ""))
				if e := event[phone.Acked](s); e.SDP != nil {
					t.Errorf("%+v", e)
				}
			})
		})
	}
}

func TestAnAgreedOfferIsNotRungAgain(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		p.send(invite("x", "", "Require: 100rel"))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Ring(in.Dialog, []byte(ourSDP))
		p.prack(p.response(180, "INVITE"), 2, theirSDP)
		p.response(200, "PRACK")
		event[phone.Acked](s)
		again := p.response(180, "INVITE") // after a minute
		if len(again.body) != 0 || again.get("RSeq") == "" {
			t.Errorf("%s", again.bytes())
		}
	})
}
