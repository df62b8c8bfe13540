package sipua

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestReasonHeadersAreRead(t *testing.T) {
	for text, want := range map[string]phone.Why{
		`SIP;cause=200;text="Call completed elsewhere"`:    {SIP: 200, Text: "Call completed elsewhere"},
		`Q.850 ;cause=16 ;text="Terminated"`:               {Q850: 16, Text: "Terminated"},
		`q.850;Cause=17, SIP;cause=486;text="Busy; here"`:  {SIP: 486, Q850: 17, Text: "Busy; here"},
		`SIP;cause=486, SIP;cause=600`:                     {SIP: 486},
		`X-ACME;cause=5, Q.850;cause=31`:                   {Q850: 31},
		`SIP;cause=100`:                                    {},
		`SIP;cause=99999999999999999999`:                   {},
		`Q.850;cause=0`:                                    {},
		`Q.850;cause=128`:                                  {},
		`SIP;text="x"`:                                     {},
		`SIP`:                                              {},
		`;cause=200`:                                       {},
		"SIP;cause=603;text=\"a\u202eb\"":                  {SIP: 603, Text: "ab"},
		strings.Repeat("X;cause=1, ", 8) + `SIP;cause=200`: {}, // no end of them
		`SIP;cause=487;text="` + strings.Repeat("a", 2*maxNumber) + `"`: {SIP: 487, Text: strings.Repeat("a", maxNumber)},
	} {
		m := &message{}
		m.add("Reason", text)
		if got := whyOf(m); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// FuzzReason: what others give as a reason stays within its bounds and on its line.
func FuzzReason(f *testing.F) {
	f.Add(`SIP;cause=200;text="Call completed elsewhere", Q.850;cause=16`)
	f.Fuzz(func(t *testing.T, text string) {
		m := &message{}
		m.add("Reason", text)
		w := whyOf(m)
		if w.SIP != 0 && (w.SIP < 200 || w.SIP > 699) || w.Q850 < 0 || w.Q850 > 127 || len([]rune(w.Text)) > maxNumber || strings.ContainsAny(w.Text, "\r\n\x00") {
			t.Errorf("%q: %+v", text, w)
		}
	})
}

// reasonsIn are the ways in which an incoming call ends with a word of why.
var reasonsIn = map[string]func(s *stage, p *peer){
	"their CANCEL": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		event[phone.InviteIn](s)
		p.send(theirs("CANCEL", 1, "x", "", "", `Reason: SIP;cause=200;text="Call completed elsewhere"`))
		p.response(200, "CANCEL")
		p.response(487, "INVITE")
		if e := event[phone.DialogEnded](s); e.Why.SIP != 200 || !e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"their BYE": func(s *stage, p *peer) {
		_, tag := s.talkingIn(p)
		p.send(theirs("BYE", 2, "b", tag, "", "Reason: Q.850;cause=38"))
		p.response(200, "BYE")
		if e := event[phone.DialogEnded](s); e.Why.Q850 != 38 {
			s.Errorf("%+v", e)
		}
	},
	"our BYE when the user hangs up": func(s *stage, p *peer) {
		in, _ := s.talkingIn(p)
		s.line.End(in.Dialog, 0)
		has(s.T, p.request("BYE"), "Reason", `Q.850;cause=16;text="Normal call clearing"`)
	},
	"our BYE when the sound cannot be": func(s *stage, p *peer) {
		in, _ := s.talkingIn(p)
		s.line.End(in.Dialog, 488)
		has(s.T, p.request("BYE"), "Reason", `SIP;cause=488;text="Not Acceptable Here"`)
	},
	"our BYE when no ACK came": func(s *stage, p *peer) {
		s.answeredIn(p)
		m := p.next("200 or BYE")
		for !m.isRequest() {
			m = p.next("200 or BYE")
		}
		has(s.T, m, "Reason", `SIP;cause=408;text="Request Timeout"`)
		event[phone.DialogEnded](s)
	},
}

// TestReasons: who ends a call tells why, and is understood (RFC 3326).
func TestReasons(t *testing.T) {
	for name, script := range reasonsIn {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestOurCancelSaysWhyWhereTheUserDidNot(t *testing.T) {
	for status, want := range map[int]string{0: "", 408: `SIP;cause=408;text="Request Timeout"`} {
		inMemory(t, anAccount("tcp"), func(s *stage) {
			p := s.register()
			s.line.Invite(anInvite())
			m := p.request("INVITE")
			p.reply(m, 180, "t")
			event[phone.Progress](s)
			s.line.End("our-call", status)
			cancel := p.request("CANCEL")
			if got := cancel.get("Reason"); got != want {
				t.Errorf("%d: %q", status, got)
			}
			p.reply(cancel, 200, "")
			p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", theirSDP) // they cross
			p.request("ACK")
			bye := p.request("BYE")
			if status != 0 {
				has(t, bye, "Reason", want)
			}
		})
	}
}

func TestARefusalTellsItsReasonAndItsWay(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 302, "t", "Contact: <tel:+15550199>", "Diversion: <sip:600@pbx.example>;reason=unconditional",
			`Reason: Q.850;cause=22;text="Number changed"`)
		p.request("ACK")
		e := event[phone.Refused](s)
		if e.Redirect != "tel:+15550199" || len(e.Diversion) != 1 || e.Diversion[0].Value != "<sip:600@pbx.example>;reason=unconditional" ||
			e.Why != (phone.Why{Q850: 22, Text: "Number changed"}) {
			t.Errorf("%+v", e)
		}
	})
}
