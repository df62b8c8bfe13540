package sipua

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// incomingSequences play the server's part in calls that come to us.
var incomingSequences = map[string]func(s *stage, p *peer){
	"rings, is answered, is hung up here": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP, "Record-Route: <sip:proxy.example;lr>", "Alert-Info: <http://x/ring>"))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		if in.From.Number != "600" || in.From.Name != "Alice" || in.To != "1001" || in.SIPCallID != "their-call" ||
			string(in.SDP) != theirSDP || len(in.Headers) != 1 {
			s.Errorf("%+v", in)
		}
		s.line.Ring(in.Dialog, nil)
		tag := p.response(180, "INVITE").toTag()
		s.line.Ring(in.Dialog, []byte(ourSDP))
		p.response(183, "INVITE")
		p.send(invite("x", theirSDP)) // repeated
		p.response(183, "INVITE")
		s.line.Answer(in.Dialog, []byte(ourSDP))
		ok := p.response(200, "INVITE")
		if ok.toTag() != tag || tag == "" || string(ok.body) != ourSDP || ok.get("Record-Route") != "<sip:proxy.example;lr>" {
			s.Errorf("%s", ok.bytes())
		}
		p.send(theirs("ACK", 1, "a", tag, ""))
		event[phone.Acked](s)
		p.quiet(time.Minute)
		s.line.End(in.Dialog, 0)
		bye := p.request("BYE")
		if bye.uri != "sip:600@192.0.2.2:5070" || bye.get("Route") != "<sip:proxy.example;lr>" || bye.fromTag() != tag || bye.toTag() != "their-tag" {
			s.Errorf("%s", bye.bytes())
		}
		p.reply(bye, 200, "")
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseTerminated || e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"the ACK is lost once": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		began := time.Now()
		p.response(200, "INVITE")
		for _, at := range []time.Duration{500, 1500, 3500, 7500, 11500} {
			p.response(200, "INVITE")
			if d := time.Since(began); d != at*time.Millisecond {
				s.Errorf("repeated after %v, not %v", d, at*time.Millisecond)
			}
		}
		p.send(theirs("ACK", 1, "a", p.response(200, "INVITE").toTag(), ""))
		event[phone.Acked](s)
		p.quiet(time.Minute)
	},
	"the ACK never comes": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		began := time.Now()
		m := p.next("200")
		for !m.isRequest() {
			m = p.next("200 or BYE")
		}
		if m.method != "BYE" || time.Since(began) != giveUp {
			s.Errorf("%s after %v", m.method, time.Since(began))
		}
		if e := event[phone.DialogEnded](s); e.Cause != phone.CauseNoAck {
			s.Errorf("%+v", e)
		}
		p.reply(m, 481, "")
	},
	"hung up before the ACK": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		tag := p.response(200, "INVITE").toTag()
		s.line.End(in.Dialog, 0)
		p.quiet(100 * time.Millisecond)
		p.send(theirs("ACK", 1, "a", tag, ""))
		event[phone.Acked](s)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
	},
	"cancelled": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		p.send(theirs("CANCEL", 1, "x", "", ""))
		p.response(200, "CANCEL")
		p.response(487, "INVITE")
		if e := event[phone.DialogEnded](s); e.Dialog != in.Dialog || e.Cause != phone.CauseCanceled || !e.ByThem {
			s.Errorf("%+v", e)
		}
		s.line.Answer(in.Dialog, []byte(ourSDP)) // too late
		p.quiet(time.Second)
	},
	"CANCEL crosses our 200": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Answer(in.Dialog, []byte(ourSDP))
		tag := p.response(200, "INVITE").toTag()
		p.send(theirs("CANCEL", 1, "x", "", ""))
		p.response(200, "CANCEL")
		p.send(theirs("ACK", 1, "a", tag, ""))
		event[phone.Acked](s)
		p.send(theirs("BYE", 2, "b", tag, ""))
		p.response(200, "BYE")
		event[phone.DialogEnded](s)
	},
	"CANCEL of nothing": func(s *stage, p *peer) {
		p.send(theirs("CANCEL", 1, "x", "", ""))
		p.response(481, "CANCEL")
	},
	"refused here": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		s.line.End(event[phone.InviteIn](s).Dialog, 603)
		tag := p.response(603, "INVITE").toTag()
		p.send(theirs("ACK", 1, "x", tag, ""))
		if e := event[phone.DialogEnded](s); e.Status != 603 || e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"without an offer, the answer comes with the ACK": func(s *stage, p *peer) {
		p.send(invite("x", ""))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		if in.SDP != nil {
			s.Errorf("%q", in.SDP)
		}
		s.line.Answer(in.Dialog, []byte(ourSDP))
		p.send(theirs("ACK", 1, "a", p.response(200, "INVITE").toTag(), theirSDP))
		if e := event[phone.Acked](s); string(e.SDP) != theirSDP {
			s.Errorf("%+v", e)
		}
	},
	"the same call by two ways": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		event[phone.InviteIn](s)
		p.send(invite("y", theirSDP))
		p.response(482, "INVITE")
		s.noEvent(time.Second)
	},
	"the caller ends it by BYE while it rings": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Ring(in.Dialog, nil)
		p.send(theirs("BYE", 2, "b", p.response(180, "INVITE").toTag(), ""))
		p.response(200, "BYE")
		p.response(487, "INVITE")
		event[phone.DialogEnded](s)
	},
	"the network's word beats the caller's": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP, `Remote-Party-ID: "RPID" <sip:2@h>`,
			"P-Asserted-Identity: \"Pa\\\"i\u202e\" <sip:%2B49123@h>, <tel:+49123>", "Contacts-Company: ACME"))
		p.response(100, "INVITE")
		if in := event[phone.InviteIn](s); in.From != (phone.Party{Number: "+49123", Name: `Pa"i`, Company: "ACME"}) {
			s.Errorf("%+v", in.From)
		}
	},
	"an extension that we do not know": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP, "Require: timer, foo, bar"))
		if r := p.response(420, "INVITE"); r.get("Unsupported") != "foo, bar" {
			s.Errorf("%s", r.bytes())
		}
	},
	"an invitation that expires": func(s *stage, p *peer) {
		began := time.Now()
		p.send(invite("x", theirSDP, "Expires: 20"))
		p.response(100, "INVITE")
		in := event[phone.InviteIn](s)
		s.line.Ring(in.Dialog, nil)
		p.response(180, "INVITE")
		p.response(487, "INVITE")
		e := event[phone.DialogEnded](s)
		if e.Cause != phone.CauseExpires || e.Status != 487 || !e.ByThem || time.Since(began) != 20*time.Second {
			s.Errorf("%+v after %v", e, time.Since(began))
		}
	},
	"one that is answered does not, nor one that names no seconds": func(s *stage, p *peer) {
		s.talkingIn(p, "Expires: 20")
		p.send(strings.Replace(invite("second", theirSDP, "Expires: Thu, 01 Dec 2033 16:00:00 GMT"), "their-call", "other-call", 1))
		p.response(100, "INVITE")
		event[phone.InviteIn](s)
		p.quiet(time.Minute)
		s.noEvent(time.Second)
	},
	"every extension that we name may be required": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP, "Require: "+supported, "Answer-Mode: Auto"))
		p.response(100, "INVITE")
		if in := event[phone.InviteIn](s); len(in.Headers) != 1 {
			s.Errorf("%+v", in)
		}
	},
	"a body that is no SDP": func(s *stage, p *peer) {
		p.send(invite("x", "hello", "Content-Type: text/plain"))
		p.response(415, "INVITE")
	},
	"SDP in an encoding that we do not know": func(s *stage, p *peer) {
		p.send(invite("x", theirSDP, "Content-Encoding: gzip"))
		if r := p.response(415, "INVITE"); r.get("Accept-Encoding") != "identity" {
			s.Errorf("%s", r.bytes())
		}
	},
	"SDP within a multipart body": func(s *stage, p *peer) {
		p.send(invite("x", "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: application/sdp\r\n\r\n"+theirSDP+"\r\n--b--\r\n",
			"Content-Type: multipart/mixed;boundary=b"))
		p.response(100, "INVITE")
		if in := event[phone.InviteIn](s); string(in.SDP) != theirSDP {
			s.Errorf("%q", in.SDP)
		}
	},
}

// TestIncomingSequences plays the server's part in calls that come to us.
func TestIncomingSequences(t *testing.T) {
	for name, script := range incomingSequences {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) { script(s, s.register()) })
		})
	}
}

func TestRequestsOutsideOfDialogs(t *testing.T) {
	for method, want := range map[string]int{"OPTIONS": 200, "BYE": 481, "INFO": 481, "UPDATE": 481, "NOTIFY": 489, "REFER": 603,
		"MESSAGE": 405, "SUBSCRIBE": 405, "REGISTER": 405, "FROBNICATE": 501} {
		t.Run(method, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(theirs(method, 1, "x", "", ""))
				r := p.response(want, method)
				if (want == 200 || want == 405 || want == 501) && !strings.Contains(r.get("Allow"), "INVITE") {
					t.Errorf("%s", r.bytes())
				}
				s.noEvent(time.Second)
			})
		})
	}
}

// TestInDialogRequests: who may speak in a call, and in which order.
func TestInDialogRequests(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, tag := s.talkingIn(p)
		p.send(theirs("INFO", 5, "i", tag, "Signal=5", "Content-Type: application/dtmf-relay"))
		p.response(200, "INFO")
		if e := event[phone.InfoIn](s); e.Dialog != in.Dialog || string(e.Body) != "Signal=5" {
			t.Errorf("%+v", e)
		}
		p.send(theirs("INFO", 4, "j", tag, ""))
		p.response(500, "INFO") // out of order
		p.send(theirs("INFO", 6, "k", "foreign", ""))
		p.response(481, "INFO")
		p.send(strings.Replace(theirs("BYE", 6, "l", tag, ""), "their-tag", "stranger", 1))
		p.response(481, "BYE")
		p.send(theirs("OPTIONS", 6, "m", tag, ""))
		p.response(200, "OPTIONS")
		p.send(theirs("NOTIFY", 7, "n", tag, "", "Event: refer", "Subscription-State: active"))
		p.response(481, "NOTIFY") // of a subscription that nobody made
		p.send(theirs("MESSAGE", 8, "o", tag, ""))
		p.response(405, "MESSAGE")
		p.send(theirs("UPDATE", 9, "p", tag, "", "Contact: <sip:moved@192.0.2.9>"))
		p.response(200, "UPDATE") // only the target
		s.noEvent(time.Second)
		s.line.End(in.Dialog, 0)
		if bye := p.request("BYE"); bye.uri != "sip:moved@192.0.2.9" {
			t.Errorf("%s", bye.bytes())
		}
	})
}

func TestUDPRepeatsARefusalUntilItsAck(t *testing.T) {
	inMemory(t, anAccount("udp"), func(s *stage) {
		p := s.register()
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		s.line.End(event[phone.InviteIn](s).Dialog, 486)
		p.response(486, "INVITE")
		tag := p.response(486, "INVITE").toTag()
		p.send(theirs("ACK", 1, "x", tag, ""))
		p.quiet(time.Minute)
	})
}

func TestCallsSurviveALostConnection(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, _ := s.talkingIn(p)
		p.raw.Close()
		event[phone.TransportDown](s)
		s.noEvent(time.Second)
		s.line.End(in.Dialog, 0)
		p = s.accept()
		event[phone.TransportUp](s)
		p.reply(p.request("BYE"), 200, "")
		event[phone.DialogEnded](s)
	})
}
