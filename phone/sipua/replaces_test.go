package sipua

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// replacing is another INVITE, which names a dialog.
func replacing(value string, more ...string) string {
	m := strings.NewReplacer("their-call", "new-call", "their-tag", "new-tag", "sip:600@", "sip:602@").Replace(invite("taker", theirSDP, more...))
	return strings.Replace(m, "\r\nCSeq:", "\r\nReplaces: "+value+"\r\nCSeq:", 1)
}

// replacements take the place of a call (RFC 3891 §3): each returns what the INVITE is refused with, or 0 and whom it replaces.
var replacements = map[string]func(s *stage, p *peer) (value string, status int, replaced phone.DialogID){
	"a call that came to us": func(s *stage, p *peer) (string, int, phone.DialogID) {
		in, tag := s.talkingIn(p)
		return "their-call;to-tag=" + tag + ";from-tag=their-tag", 0, in.Dialog
	},
	"a call of ours": func(s *stage, p *peer) (string, int, phone.DialogID) {
		m := s.talkingOut(p)
		return "our-call;from-tag=their-tag;to-tag=" + m.fromTag(), 0, "our-call"
	},
	"a call of ours that rings": func(s *stage, p *peer) (string, int, phone.DialogID) {
		m := s.callingOut(p)
		p.reply(m, 180, "their-tag", "Contact: <sip:600@192.0.2.2>")
		event[phone.Progress](s)
		return "our-call;from-tag=their-tag;early-only;to-tag=" + m.fromTag(), 0, "our-call"
	},
	"early-only, but it stands": func(s *stage, p *peer) (string, int, phone.DialogID) {
		m := s.talkingOut(p)
		return "our-call;from-tag=their-tag;early-only;to-tag=" + m.fromTag(), 486, ""
	},
	"the tags the wrong way round": func(s *stage, p *peer) (string, int, phone.DialogID) {
		_, tag := s.talkingIn(p)
		return "their-call;to-tag=their-tag;from-tag=" + tag, 481, ""
	},
	"a wrong tag": func(s *stage, p *peer) (string, int, phone.DialogID) {
		_, tag := s.talkingIn(p)
		return "their-call;to-tag=" + tag + ";from-tag=guessed", 481, ""
	},
	"a call that rings here": func(s *stage, p *peer) (string, int, phone.DialogID) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		s.line.Ring(event[phone.InviteIn](s).Dialog, nil)
		return "their-call;to-tag=" + p.response(180, "INVITE").toTag() + ";from-tag=their-tag", 481, ""
	},
	"a call that has ended": func(s *stage, p *peer) (string, int, phone.DialogID) {
		_, tag := s.talkingIn(p)
		p.send(theirs("BYE", 2, "b", tag, ""))
		p.response(200, "BYE")
		event[phone.DialogEnded](s)
		return "their-call;to-tag=" + tag + ";from-tag=their-tag", 603, ""
	},
	"a call that is being ended": func(s *stage, p *peer) (string, int, phone.DialogID) {
		in, tag := s.talkingIn(p)
		s.line.End(in.Dialog, 0)
		p.request("BYE")
		return "their-call;to-tag=" + tag + ";from-tag=their-tag", 603, ""
	},
	"nothing": func(*stage, *peer) (string, int, phone.DialogID) { return "no-call;to-tag=a;from-tag=b", 481, "" },
	"no tags": func(*stage, *peer) (string, int, phone.DialogID) { return "their-call", 400, "" },
	"two at once": func(*stage, *peer) (string, int, phone.DialogID) {
		return "a;to-tag=a;from-tag=b, b;to-tag=a;from-tag=b", 400, ""
	},
	"too long": func(*stage, *peer) (string, int, phone.DialogID) {
		return strings.Repeat("a", maxReplaces) + ";to-tag=a;from-tag=b", 400, ""
	},
}

func TestReplacesFindsTheDialogByItsTags(t *testing.T) {
	for name, script := range replacements {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				value, status, replaced := script(s, p)
				p.send(replacing(value, "Require: replaces", "Referred-By: <sip:603@pbx.example>"))
				if status != 0 {
					p.response(status, "INVITE")
					s.noEvent(time.Second)
					return
				}
				p.response(100, "INVITE")
				in := event[phone.InviteIn](s)
				if in.Replaces != replaced || in.From.Number != "602" || in.By.Number != "603" {
					t.Errorf("%+v", in)
				}
			})
		})
	}
}

// TestReplacesAndJoinTogetherAreRefused: nobody can take a call's place and stand beside it (RFC 3891 §3).
func TestReplacesAndJoinTogetherAreRefused(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		_, tag := s.talkingIn(p)
		dialog := "their-call;to-tag=" + tag + ";from-tag=their-tag"
		p.send(replacing(dialog, "Join: "+dialog))
		p.response(400, "INVITE")
		s.noEvent(time.Second)
	})
}

func FuzzReplaces(f *testing.F) {
	for _, s := range []string{"a@b;to-tag=c;from-tag=d", "a;early-only;from-tag=\"x\";to-tag=y", ";;;", "a;to-tag=0;from-tag=0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		r, ok := parseReplaces(value)
		if !ok {
			return
		}
		if again, ok := parseReplaces(r.String()); !ok || again != r {
			t.Errorf("%q: %+v became %+v", value, r, again)
		}
	})
}

// TestACallThatStillRangIsCancelledWhenAnotherTakesItsPlace: the whole sequence, with the 200 of the newcomer first.
func TestACallThatStillRangIsCancelledWhenAnotherTakesItsPlace(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		m := s.callingOut(p)
		p.reply(m, 180, "their-tag", "Contact: <sip:600@192.0.2.2>")
		event[phone.Progress](s)
		p.send(replacing("our-call;from-tag=their-tag;early-only;to-tag=" + m.fromTag()))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		s.line.End("our-call", 0)
		p.response(200, "INVITE")
		p.reply(p.request("CANCEL"), 200, "")
		p.reply(m, 487, "their-tag")
		p.request("ACK")
		if e := event[phone.DialogEnded](s); e.Dialog != "our-call" || e.Cause != phone.CauseCanceled {
			t.Errorf("%+v", e)
		}
	})
}

// TestWhileTheConsultationRingsItsEarlyDialogMayBeNamed: the account's switch EarlyReplaces.
func TestWhileTheConsultationRingsItsEarlyDialogMayBeNamed(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, _ := s.talkingIn(p)
		m := s.callingOut(p)
		s.line.Refer(in.Dialog, "", phone.ReplacedDialog{ID: "our-call", Line: s.line})
		if e := event[phone.ReferProgress](s); !e.Final || e.Cause != phone.CauseDialog {
			t.Errorf("nothing rings yet: %+v", e)
		}
		p.reply(m, 180, "early-tag", "Contact: <sip:602@192.0.2.3>")
		event[phone.Progress](s)
		s.line.Refer(in.Dialog, "", phone.ReplacedDialog{ID: "our-call", Line: s.line})
		refer := p.request("REFER")
		want := "<sip:602@192.0.2.3?Replaces=our-call%3Bto-tag%3Dearly-tag%3Bfrom-tag%3D" + m.fromTag() + "%3Bearly-only>"
		if refer.get("Refer-To") != want || refer.callID() != "their-call" {
			t.Errorf("%s, want %s", refer.bytes(), want)
		}
	})
}

// TestTheReplacedDialogMayBeAnotherLines: REFER goes over the one, and names what only the other knows.
func TestTheReplacedDialogMayBeAnotherLines(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		in, _ := s.talkingIn(s.register())
		first := s.peer
		second := &stage{T: s.T, events: make(chan phone.SignalEvent, 100), conns: s.conns}
		account := anAccount("tcp")
		account.ID = "b"
		opened, err := s.line.agent.Open(account, func(e phone.SignalEvent) { second.events <- e })
		if err != nil {
			t.Fatal(err)
		}
		second.line = opened.(*line)
		defer func() { opened.Close(0); second.peer.raw.Close() }()
		m := second.talkingOut(second.register())
		s.line.Refer(in.Dialog, "", phone.ReplacedDialog{ID: "our-call", Line: second.line})
		refer := first.request("REFER")
		want := "<sip:600@192.0.2.2:5070?Replaces=our-call%3Bto-tag%3Dtheir-tag%3Bfrom-tag%3D" + m.fromTag() + ">"
		if refer.get("Refer-To") != want || refer.callID() != "their-call" {
			t.Errorf("%s, want %s", refer.bytes(), want)
		}
		first.reply(refer, 603, "")
		event[phone.ReferProgress](s)
		s.line.Refer(in.Dialog, "", phone.ReplacedDialog{ID: "gone", Line: second.line})
		if e := event[phone.ReferProgress](s); !e.Final || e.Cause != phone.CauseDialog || e.Dialog != in.Dialog {
			t.Errorf("%+v", e)
		}
	})
}
