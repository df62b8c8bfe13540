package sipua

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// notified wants the line's next NOTIFY, with this status in its sipfrag and this subscription state, and answers it.
func (p *peer) notified(status int, state string) *message {
	p.Helper()
	n := p.request("NOTIFY")
	if got, ok := sipfragStatus(n.body); !ok || got != status || !strings.HasPrefix(n.get("Subscription-State"), state) ||
		!strings.HasPrefix(n.get("Content-Type"), "message/sipfrag") || n.get("Contact") == "" {
		p.Fatalf("want NOTIFY of %d, %s, got %s", status, state, n.bytes())
	}
	p.reply(n, 200, "")
	return n
}

// refers sends us on to somebody, and is promised to hear of it.
func (p *peer) refers(tag, to string) {
	p.Helper()
	p.send(theirs("REFER", 7, "r", tag, "", "Refer-To: "+to))
	p.response(202, "REFER")
}

// referredBy is the usual beginning: the far end sends us to 602, is told that the user is asked, and he is.
func (s *stage) referredBy(p *peer, tag string) {
	s.Helper()
	p.refers(tag, "<sip:602@pbx.example>")
	p.notified(100, "active;expires=300")
	event[phone.ReferIn](s)
}

// referees play the far end that transfers us (RFC 3515, RFC 5589 §6).
var referees = map[string]func(s *stage, p *peer, in phone.InviteIn, tag string){
	"to the end": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		p.send(theirs("REFER", 7, "r", tag, "", "Refer-To: \"Tom\" <sip:602@pbx.example;method=INVITE?Subject=evil&X-Evil=1>",
			"Referred-By: \"Mara\" <sip:600@pbx.example>", "Contact: <sip:moved@192.0.2.9>"))
		if r := p.response(202, "REFER"); r.get("Contact") == "" || r.get("Refer-Sub") != "" {
			s.Errorf("%s", r.bytes())
		}
		n := p.notified(100, "active;expires=")
		if n.get("Event") != "refer;id=7" || n.uri != "sip:moved@192.0.2.9" || n.fromTag() != tag {
			s.Errorf("%s", n.bytes())
		}
		e := event[phone.ReferIn](s)
		e.At = time.Time{}
		if want := (phone.ReferIn{Dialog: in.Dialog, Target: "sip:602@pbx.example", Name: "Tom",
			ReferredBy: `"Mara" <sip:600@pbx.example>`}); e != want {
			s.Errorf("%+v", e)
		}
		p.send(theirs("REFER", 8, "r2", tag, "", "Refer-To: <sip:603@pbx.example>"))
		p.response(491, "REFER") // one at a time
		s.line.ReferTell(in.Dialog, 180)
		s.line.ReferTell(in.Dialog, 180)
		p.notified(180, "active")
		s.line.ReferTell(in.Dialog, 200)
		p.notified(200, "terminated;reason=noresource")
		s.line.ReferTell(in.Dialog, 486)
		p.quiet(10 * time.Minute)
		p.send(theirs("REFER", 9, "r3", tag, "", "Refer-To: <sip:603@pbx.example>"))
		p.response(202, "REFER")
	},
	"with Replaces": func(s *stage, p *peer, _ phone.InviteIn, tag string) {
		p.refers(tag, "<sip:602@192.0.2.3:5062;transport=tcp?Replaces=a%40b%3Bfrom-tag%3Dx%3Bto-tag%3Dy&Require=replaces>")
		p.notified(100, "active")
		if e := event[phone.ReferIn](s); e.Replaces != "a@b;to-tag=y;from-tag=x" || e.Target != "sip:602@192.0.2.3:5062;transport=tcp" {
			s.Errorf("%+v", e)
		}
	},
	"a number": func(s *stage, p *peer, _ phone.InviteIn, tag string) {
		p.refers(tag, "<tel:+15550142>")
		p.notified(100, "active")
		if e := event[phone.ReferIn](s); e.Target != "tel:+15550142" {
			s.Errorf("%+v", e)
		}
	},
	"without NOTIFY (RFC 4488)": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		p.send(theirs("REFER", 7, "r", tag, "", "Refer-To: sip:602@pbx.example", "Refer-Sub: false", "Require: norefersub"))
		if r := p.response(202, "REFER"); r.get("Refer-Sub") != "false" {
			s.Errorf("%s", r.bytes())
		}
		event[phone.ReferIn](s)
		s.line.ReferTell(in.Dialog, 200)
		p.quiet(10 * time.Minute)
	},
	"the call ends, the telling goes on": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		s.referredBy(p, tag)
		p.send(theirs("BYE", 8, "b", tag, ""))
		p.response(200, "BYE")
		event[phone.DialogEnded](s)
		s.line.ReferTell(in.Dialog, 603)
		p.notified(603, "terminated")
	},
	"a slow NOTIFY is not overtaken": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		p.refers(tag, "<sip:602@pbx.example>")
		first := p.request("NOTIFY")
		event[phone.ReferIn](s)
		s.line.ReferTell(in.Dialog, 180)
		s.line.ReferTell(in.Dialog, 200)
		p.quiet(time.Second)
		p.reply(first, 200, "")
		p.notified(200, "terminated")
		p.quiet(time.Minute)
	},
	"they have no time for the outcome at first": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		s.referredBy(p, tag)
		s.line.ReferTell(in.Dialog, 200)
		for range maxGlare {
			p.reply(p.request("NOTIFY"), 491, "")
		}
		p.notified(200, "terminated")
		p.quiet(time.Minute)
	},
	"they ask how it stands, and then no more": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		s.referredBy(p, tag)
		time.Sleep(100 * time.Second)
		p.send(theirs("SUBSCRIBE", 8, "s1", tag, "", "Event: refer;id=7", "Expires: 60"))
		if r := p.response(200, "SUBSCRIBE"); r.get("Expires") != "200" || r.get("Contact") == "" {
			s.Errorf("%s", r.bytes())
		}
		p.notified(100, "active;expires=200")
		p.send(theirs("SUBSCRIBE", 9, "s2", tag, "", "Event: presence"))
		p.response(405, "SUBSCRIBE")
		p.send(theirs("SUBSCRIBE", 10, "s3", tag, "", "Event: refer", "Expires: 0"))
		if r := p.response(200, "SUBSCRIBE"); r.get("Expires") != "0" {
			s.Errorf("%s", r.bytes())
		}
		p.notified(100, "terminated;reason=timeout")
		s.line.ReferTell(in.Dialog, 200)
		p.quiet(10 * time.Minute)
	},
	"nobody wants to know": func(s *stage, p *peer, in phone.InviteIn, tag string) {
		p.refers(tag, "<sip:602@pbx.example>")
		p.reply(p.request("NOTIFY"), 481, "")
		event[phone.ReferIn](s)
		s.line.ReferTell(in.Dialog, 200)
		p.quiet(10 * time.Minute)
	},
	"nobody tells the outcome": func(s *stage, p *peer, _ phone.InviteIn, tag string) {
		s.referredBy(p, tag)
		p.quiet(referralLife - time.Second)
		p.notified(100, "terminated;reason=timeout")
	},
}

func TestTransferredByThem(t *testing.T) {
	for name, script := range referees {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				in, tag := s.talkingIn(p)
				script(s, p, in, tag)
			})
		})
	}
}

// TestRefersThatNoUserIsAskedAbout: what a REFER may not ask for, and the answer to it.
func TestRefersThatNoUserIsAskedAbout(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header string
	}{
		"nothing to refer to":   {400, "X: y"},
		"two at once":           {400, "Refer-To: <sip:602@pbx.example>, <sip:603@pbx.example>"},
		"a web page":            {416, "Refer-To: <http://pbx.example/evil>"},
		"a mail":                {416, "Refer-To: <mailto:tom@pbx.example>"},
		"a file":                {416, "Refer-To: <file:///etc/passwd>"},
		"no host":               {400, "Refer-To: <sip:>"},
		"no brackets, no URI":   {400, "Refer-To: hello"},
		"another method":        {603, "Refer-To: <sip:602@pbx.example;method=BYE>"},
		"broken Replaces":       {400, "Refer-To: <sip:602@pbx.example?Replaces=x>"},
		"badly escaped":         {400, "Refer-To: <sip:602@pbx.example?Replaces=a%zz>"},
		"two dialogs at once":   {400, "Refer-To: <sip:602@pbx.example?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc&Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>"},
		"a line in Replaces":    {400, "Refer-To: <sip:602@pbx.example?Replaces=a%0d%0aX:y%3Bto-tag%3Db%3Bfrom-tag%3Dc>"},
		"ourselves":             {482, "Refer-To: <sip:1001@PBX.example>"},
		"too long":              {400, "Refer-To: <sip:" + strings.Repeat("6", 2000) + "@pbx.example>"},
		"a number with headers": {400, "Refer-To: <tel:+15550142?Replaces=x>"},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				_, tag := s.talkingIn(p)
				p.send(theirs("REFER", 7, "r", tag, "", c.header))
				p.response(c.status, "REFER")
				s.noEvent(time.Second)
			})
		})
	}
}

func TestOnlyACallThatStandsIsTransferred(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		p.send(invite("x", theirSDP))
		p.response(100, "INVITE")
		s.line.Ring(event[phone.InviteIn](s).Dialog, nil)
		tag := p.response(180, "INVITE").toTag()
		p.send(theirs("REFER", 7, "r", tag, "", "Refer-To: <sip:602@pbx.example>"))
		p.response(603, "REFER")
		s.noEvent(time.Second)
	})
}

func TestACallThatFollowsATransferNamesWhoAskedAndWhomItReplaces(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(phone.InviteOut{Dialog: "our-call", Target: "sip:602@pbx.example", SDP: []byte(ourSDP),
			Replaces: "a;to-tag=b;from-tag=c", ReferredBy: "<sip:600@pbx.example>"})
		m := p.request("INVITE")
		if m.get("Replaces") != "a;to-tag=b;from-tag=c" || m.get("Referred-By") != "<sip:600@pbx.example>" ||
			!hasToken(m.list("Supported"), "replaces") {
			t.Errorf("%s", m.bytes())
		}
		p.reply(m, 486, "t")
		event[phone.Refused](s)
	})
}

// TestHostileSipfrags: a NOTIFY's body may be anything; what cannot be read tells nothing.
func TestHostileSipfrags(t *testing.T) {
	for body, want := range map[string]int{
		"SIP/2.0 486 Busy Here": 486, "\r\nSIP/2.0 200 OK\r\n": 200, "SIP/2.0 180\n": 180, "sip/2.0 603 \xff\xfe": 603,
		"": 0, "SIP/2.0": 0, "SIP/2.0 99 x": 0, "SIP/2.0 700 x": 0, "SIP/2.0 2000 x": 0, "SIP/2.0 -20 x": 0, "HTTP/1.1 200 OK": 0,
		"INVITE sip:a@b SIP/2.0": 0, "SIP/3.0 200 OK": 0, "\x00SIP/2.0 200 OK": 0, strings.Repeat("A", 1<<20): 0,
		"SIP/2.0 200 " + strings.Repeat("A", 1<<18): 0,
		"SIP/2.0 180 Ringing\r\nVia: x\r\n\r\nv=0":  180,
	} {
		if got, ok := sipfragStatus([]byte(body)); got != want || ok != (want != 0) {
			t.Errorf("%.40q: %d, want %d", body, got, want)
		}
	}
}

func FuzzSipfrag(f *testing.F) {
	for _, s := range []string{"SIP/2.0 486 Busy Here", "", "SIP/2.0 999 \xff", "INVITE sip:a@b SIP/2.0"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if status, ok := sipfragStatus(body); ok != (status >= 100 && status <= 699) {
			t.Errorf("%q: %d, %t", body, status, ok)
		}
	})
}

// FuzzReferTo: whatever a Refer-To says, what reaches the operator is a URI without headers, and a Replaces that we read
// ourselves.
func FuzzReferTo(f *testing.F) {
	for _, s := range []string{"<sip:602@pbx.example?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>", "sip:602@pbx.example;method=BYE", "<tel:1>", "<http://x>"} {
		f.Add(s)
	}
	opened, err := New(Options{}).newLine(anAccount("tcp"), func(phone.SignalEvent) {})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(opened.cancel)
	f.Fuzz(func(t *testing.T, value string) {
		m := &message{method: "REFER"}
		m.add("Refer-To", value)
		r, status := opened.readRefer(m)
		if status != 0 {
			return
		}
		if strings.ContainsAny(r.Target, "?\r\n ") {
			t.Errorf("%q: target %q", value, r.Target)
		}
		if again, ok := parseReplaces(r.Replaces); r.Replaces != "" && (!ok || again.String() != r.Replaces) {
			t.Errorf("%q: Replaces %q", value, r.Replaces)
		}
	})
}

func TestNotifyTellsOnceAndOnlyWhereItIsAwaited(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		m := s.talkingOut(p)
		number := 2
		notify := func(want int, state, body string) {
			t.Helper()
			number++
			n := inCall(m, "their-tag", "NOTIFY", number, "Event: refer", "Subscription-State: "+state, "Content-Type: message/sipfrag")
			p.send(strings.Replace(n, "Content-Length: 0\r\n\r\n", "Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body, 1))
			p.response(want, "NOTIFY")
		}
		notify(481, "active", "SIP/2.0 200 OK")
		s.line.Refer("our-call", "sip:602@pbx.example", phone.ReplacedDialog{})
		refer := p.request("REFER")
		notify(200, "active", "SIP/2.0 100 Trying") // it overtakes the 202
		event[phone.ReferProgress](s)
		p.reply(refer, 202, "")
		event[phone.ReferProgress](s)
		notify(200, "active", "rubbish")
		notify(200, "active", "SIP/2.0 200 OK")
		if e := event[phone.ReferProgress](s); !e.Final || e.Status != 200 {
			t.Errorf("%+v", e)
		}
		notify(200, "terminated;reason=noresource", "SIP/2.0 486 Busy Here") // they contradict themselves
		notify(481, "active", "SIP/2.0 200 OK")
		s.noEvent(time.Second)
	})
}

// TestAWordOfTheTransferBeforeSaysNothingOfTheNext: a second REFER in the dialog is told from the first by the id of its
// NOTIFYs (RFC 3515 §2.4.6).
func TestAWordOfTheTransferBeforeSaysNothingOfTheNext(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		m := s.talkingOut(p)
		number := 2
		notify := func(want int, id, state, body string) {
			t.Helper()
			number++
			n := inCall(m, "their-tag", "NOTIFY", number, "Event: refer;id="+id, "Subscription-State: "+state, "Content-Type: message/sipfrag")
			p.send(strings.Replace(n, "Content-Length: 0\r\n\r\n", "Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body, 1))
			p.response(want, "NOTIFY")
		}
		refer := func(to string) string {
			t.Helper()
			s.line.Refer("our-call", to, phone.ReplacedDialog{})
			r := p.request("REFER")
			p.reply(r, 202, "")
			event[phone.ReferProgress](s)
			cseq, _ := r.cseq()
			return strconv.FormatUint(uint64(cseq), 10)
		}
		first := refer("sip:602@pbx.example")
		notify(200, first, "active", "SIP/2.0 486 Busy Here")
		event[phone.ReferProgress](s)
		second := refer("sip:603@pbx.example")
		notify(481, first, "terminated;reason=noresource", "SIP/2.0 486 Busy Here")
		s.noEvent(time.Second)
		notify(200, "77", "active", "SIP/2.0 180 Ringing") // an id that nobody gave: there is but one transfer that it can mean
		event[phone.ReferProgress](s)
		notify(200, second, "terminated;reason=noresource", "SIP/2.0 200 OK")
		if e := event[phone.ReferProgress](s); !e.Final || e.Status != 200 {
			t.Errorf("%+v", e)
		}
	})
}
