package sipua

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

const newSDP = "v=0\r\no=- 3 3 IN IP4 192.0.2.3\r\ns=-\r\nt=0 0\r\n"

// changes: the scripts play the server's part in changes of session.
var changes = map[string]func(s *stage, p *peer){
	"ours": func(s *stage, p *peer) {
		in, _ := s.talkingIn(p)
		s.line.Reinvite(in.Dialog, []byte(newSDP))
		m := p.request("INVITE")
		if n, _ := m.cseq(); n != 1 || m.toTag() != "their-tag" || string(m.body) != newSDP {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 200, "", "Contact: <sip:moved@192.0.2.9>", theirSDP)
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 200 || string(e.SDP) != theirSDP || e.Cause != phone.CauseNone {
			s.Errorf("%+v", e)
		}
		p.reply(m, 200, "", "Contact: <sip:moved@192.0.2.9>", theirSDP)
		if ack := p.request("ACK"); ack.uri != "sip:moved@192.0.2.9" {
			s.Errorf("%s", ack.bytes())
		}
	},
	"the ACK has the INVITE's number, though INFO went in between": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		m := p.request("INVITE")
		s.line.Info("our-call", "application/dtmf-relay", []byte("Signal=1"))
		p.reply(p.request("INFO"), 200, "")
		event[phone.InfoDone](s)
		p.reply(m, 200, "", theirSDP)
		if ack := p.request("ACK"); ack.get("CSeq") != "2 ACK" {
			s.Errorf("%s", ack.bytes())
		}
		event[phone.ReinviteDone](s)
	},
	"ours is refused": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 488, "")
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 488 || e.Cause != phone.CauseIncompatibleSDP {
			s.Errorf("%+v", e)
		}
		s.noEvent(time.Second)
	},
	"ours meets theirs and is tried again": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 491, "")
		p.request("ACK")
		began := time.Now()
		m := p.request("INVITE")
		if d := time.Since(began); d < 2100*time.Millisecond || d > 4*time.Second {
			s.Errorf("tried again after %v", d)
		}
		if n, _ := m.cseq(); n != 3 {
			s.Errorf("CSeq %d", n)
		}
		p.reply(m, 200, "", theirSDP)
		p.request("ACK")
		event[phone.ReinviteDone](s)
	},
	"ours meets theirs, whose next try comes first": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		s.line.Reinvite(in.Dialog, []byte(ourSDP))
		p.reply(p.request("INVITE"), 491, "")
		p.request("ACK")
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		if e := event[phone.ReinviteIn](s); !e.Yielded {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.send(theirs("ACK", 2, "re-ack", tag, ""))
		p.quiet(time.Minute)
		s.line.Reinvite(in.Dialog, []byte(newSDP))
		p.reply(p.request("INVITE"), 200, "", theirSDP)
		p.request("ACK")
		event[phone.ReinviteDone](s)
	},
	"ours comes while theirs is looked at, and again when they say": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 500, "", "Retry-After: 7")
		p.request("ACK")
		began := time.Now()
		m := p.request("INVITE")
		if d := time.Since(began); d != 7*time.Second {
			s.Errorf("tried again after %v", d)
		}
		p.reply(m, 500, "", "Retry-After: 3600")
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 500 {
			s.Errorf("%+v", e)
		}
	},
	"who never has time gets it five times more": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		for range 6 {
			p.reply(p.request("INVITE"), 491, "")
			p.request("ACK")
		}
		if e := event[phone.ReinviteDone](s); e.Status != 491 {
			s.Errorf("%+v", e)
		}
		p.quiet(time.Minute)
	},
	"ours meets a broken server": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(p.request("INVITE"), 500, "")
		p.request("ACK")
		if e := event[phone.ReinviteDone](s); e.Status != 500 {
			s.Errorf("%+v", e)
		}
	},
	"ours finds the dialog gone": func(s *stage, p *peer) { s.changeEnds(p, 481) },
	"ours finds nobody there":    func(s *stage, p *peer) { s.changeEnds(p, 408) },
	"ours is never answered": func(s *stage, p *peer) {
		s.talkingOut(p)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.request("INVITE")
		if e := event[phone.ReinviteDone](s); e.Status != 0 || e.Cause != phone.CauseRequestTimeout {
			s.Errorf("%+v", e)
		}
		event[phone.DialogEnded](s)
	},
	"theirs": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP, "Contact: <sip:moved@192.0.2.9>"))
		p.response(100, "INVITE")
		if e := event[phone.ReinviteIn](s); e.Dialog != in.Dialog || string(e.SDP) != newSDP {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.response(200, "INVITE") // until the ACK comes
		p.send(theirs("ACK", 2, "re-ack", tag, ""))
		p.quiet(time.Minute)
		s.line.End(in.Dialog, 0)
		if bye := p.request("BYE"); bye.uri != "sip:moved@192.0.2.9" {
			s.Errorf("%s", bye.bytes())
		}
	},
	"theirs overtakes their ACK": func(s *stage, p *peer) {
		in, ok := s.answeredIn(p)
		p.send(theirs("INVITE", 2, "re", ok.toTag(), newSDP, "Contact: <sip:600@192.0.2.2:5070>"))
		p.response(100, "INVITE")
		event[phone.Acked](s)
		if e := event[phone.ReinviteIn](s); string(e.SDP) != newSDP {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		if again := p.response(200, "INVITE"); again.get("CSeq") != "2 INVITE" {
			s.Errorf("%s", again.bytes())
		}
		p.send(theirs("ACK", 1, "late", ok.toTag(), ""))
		p.send(theirs("ACK", 2, "in time", ok.toTag(), ""))
		s.noEvent(time.Minute)
		s.line.End(in.Dialog, 0)
		p.request("BYE")
	},
	"theirs overtakes the ACK that has the answer": func(s *stage, p *peer) {
		p.send(invite("first", ""))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		tag := p.response(200, "INVITE").toTag()
		p.send(theirs("INVITE", 2, "re", tag, newSDP, "Contact: <sip:600@192.0.2.2:5070>"))
		p.response(500, "INVITE")
		p.send(theirs("ACK", 2, "refused", tag, ""))
		p.send(theirs("ACK", 1, "late", tag, theirSDP))
		if e := event[phone.Acked](s); string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
	},
	"theirs comes though we have hung up before their ACK": func(s *stage, p *peer) {
		in, ok := s.answeredIn(p)
		s.line.End(in.Dialog, 0)
		s.noEvent(10 * time.Millisecond) // until the line knows
		p.send(theirs("INVITE", 2, "re", ok.toTag(), newSDP, "Contact: <sip:600@192.0.2.2:5070>"))
		p.response(500, "INVITE")
		p.send(theirs("ACK", 2, "refused", ok.toTag(), ""))
		p.send(theirs("ACK", 1, "late", ok.toTag(), ""))
		p.reply(p.request("BYE"), 200, "")
	},
	"theirs without an offer": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, ""))
		p.response(100, "INVITE")
		if e := event[phone.ReinviteIn](s); e.SDP != nil {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.send(theirs("ACK", 2, "re-ack", tag, newSDP))
		if e := event[phone.Acked](s); string(e.SDP) != newSDP {
			s.Errorf("%+v", e)
		}
	},
	"theirs without an offer, and its ACK without an answer": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, ""))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.send(theirs("ACK", 2, "re-ack", tag, ""))
		if e := event[phone.Acked](s); e.SDP != nil {
			s.Errorf("%+v", e)
		}
	},
	"theirs is refused": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		s.line.AnswerReinvite(in.Dialog, nil, 488)
		p.response(488, "INVITE")
		p.send(theirs("ACK", 2, "re", tag, ""))
		s.noEvent(time.Minute)
	},
	"theirs while ours is open": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		s.line.Reinvite(in.Dialog, []byte(ourSDP))
		p.request("INVITE")
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(491, "INVITE")
	},
	"ours waits until theirs is done": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		s.line.Reinvite(in.Dialog, []byte(ourSDP))
		p.quiet(time.Second)
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.send(theirs("ACK", 2, "re-ack", tag, ""))
		p.request("INVITE")
	},
	"theirs while theirs is open": func(s *stage, p *peer) {
		_, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		p.send(theirs("INVITE", 3, "re2", tag, newSDP))
		if r := p.response(500, "INVITE"); r.get("Retry-After") == "" {
			s.Errorf("%s", r.bytes())
		}
	},
	"theirs is cancelled": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		p.send(theirs("CANCEL", 2, "re", tag, ""))
		p.response(200, "CANCEL")
		p.response(487, "INVITE")
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		p.quiet(time.Second)
		s.noEvent(time.Second)
	},
	"theirs by UPDATE": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("UPDATE", 2, "u", tag, newSDP))
		event[phone.ReinviteIn](s)
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		if r := p.response(200, "UPDATE"); string(r.body) != ourSDP {
			s.Errorf("%s", r.bytes())
		}
		p.quiet(time.Minute)
	},
	"theirs is not acknowledged": func(s *stage, p *peer) {
		in, tag := s.talkingIn(p)
		p.send(theirs("INVITE", 2, "re", tag, newSDP))
		p.response(100, "INVITE")
		event[phone.ReinviteIn](s)
		s.line.AnswerReinvite(in.Dialog, []byte(ourSDP), 0)
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseNoAck {
			s.Errorf("%+v", e)
		}
	},
}

// TestChangesOfSession: re-INVITE and UPDATE, both ways (RFC 3261 §14, RFC 3311).
func TestChangesOfSession(t *testing.T) {
	for name, script := range changes {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestTransfer(t *testing.T) {
	for name, script := range map[string]func(s *stage, p *peer){
		"blind": func(s *stage, p *peer) {
			m := s.talkingOut(p)
			s.line.Refer("our-call", "sip:602@pbx.example", phone.ReplacedDialog{})
			refer := p.request("REFER")
			if refer.get("Refer-To") != "<sip:602@pbx.example>" {
				t.Errorf("%s", refer.bytes())
			}
			p.reply(refer, 202, "")
			event[phone.ReferProgress](s)
			for body, want := range map[string]phone.ReferProgress{
				"SIP/2.0 486 Busy Here": {Dialog: "our-call", Status: 486, Final: true, Cause: phone.CauseBusy},
			} {
				n := inCall(m, "their-tag", "NOTIFY", 3, "Event: refer;id=2", "Subscription-State: active", "Content-Type: message/sipfrag")
				head := n[:len(n)-len("Content-Length: 0\r\n\r\n")]
				p.send(head + "Content-Length: 21\r\n\r\n" + body)
				p.response(200, "NOTIFY")
				if e := event[phone.ReferProgress](s); e != want {
					t.Errorf("%+v", e)
				}
			}
		},
		"attended": func(s *stage, p *peer) {
			in, tag := s.talkingIn(p)
			s.talkingOut(p)
			s.line.Refer("our-call", "", phone.ReplacedDialog{ID: in.Dialog, Line: s.line})
			want := "<sip:600@192.0.2.2:5070?Replaces=their-call%3Bto-tag%3Dtheir-tag%3Bfrom-tag%3D" + tag + ">"
			if refer := p.request("REFER"); refer.get("Refer-To") != want {
				t.Errorf("%s", refer.bytes())
			}
		},
		"of a call that is gone": func(s *stage, _ *peer) {
			s.line.Refer("our-call", "sip:602@pbx.example", phone.ReplacedDialog{})
			if e := event[phone.ReferProgress](s); !e.Final || e.Cause != phone.CauseDialog {
				t.Errorf("%+v", e)
			}
		},
		"refused": func(s *stage, p *peer) {
			s.talkingOut(p)
			s.line.Refer("our-call", "sip:602@pbx.example", phone.ReplacedDialog{})
			p.reply(p.request("REFER"), 603, "")
			if e := event[phone.ReferProgress](s); !e.Final || e.Cause != phone.CauseRejected {
				t.Errorf("%+v", e)
			}
			s.noEvent(time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

// changeEnds: this answer to our re-INVITE ends the call (RFC 3261 §12.2.1.2).
func (s *stage) changeEnds(p *peer, status int) {
	s.Helper()
	s.talkingOut(p)
	s.line.Reinvite("our-call", []byte(newSDP))
	p.reply(p.request("INVITE"), status, "")
	p.request("ACK")
	p.request("BYE")
	event[phone.ReinviteDone](s)
	if e := event[phone.DialogEnded](s); e.Cause != phone.CauseDialog {
		s.Errorf("%+v", e)
	}
}
