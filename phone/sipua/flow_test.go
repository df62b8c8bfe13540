package sipua

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// natted marks a response as having come through a NAT: the request's Via names the address that the server saw.
func natted(m *message, seen string) *message {
	out := *m
	out.headers = append([]phone.Header(nil), m.headers...)
	for i, h := range out.headers {
		if h.Name == "Via" {
			out.headers[i].Value = strings.Replace(h.Value, ";rport", seen, 1)
		}
	}
	return &out
}

const seenAs = ";received=203.0.113.7;rport=40404"

// nats play a registrar on the other side of a NAT, from the first REGISTER on.
var nats = map[string]func(s *stage, p *peer, m *message){
	"the binding is made again from where we are": func(s *stage, p *peer, m *message) {
		old, _, _ := strings.Cut(m.get("Contact"), ">")
		p.reply(natted(m, seenAs), 200, "r")
		event[phone.TransportUp](s)
		again := p.request("REGISTER")
		contacts := again.lines("Contact")
		if len(contacts) != 2 || !strings.HasPrefix(contacts[0], "<sip:1001@203.0.113.7:40404>;") || contacts[1] != old+">;expires=0" {
			s.Errorf("%s", again.bytes())
		}
		p.reply(natted(again, seenAs), 200, "r", "Contact: "+contacts[0])
		if e := s.registered(); e.Expires != time.Hour {
			s.Errorf("%+v", e)
		}
		s.line.Invite(anInvite())
		has(s.T, p.request("INVITE"), "Contact", "<sip:1001@203.0.113.7:40404>")
	},
	"where the first answer is a challenge, no wrong binding is ever made": func(s *stage, p *peer, m *message) {
		p.reply(natted(m, seenAs), 401, "r", md5Challenge)
		event[phone.TransportUp](s)
		again := p.request("REGISTER")
		if c := again.lines("Contact"); len(c) != 1 || !strings.HasPrefix(c[0], "<sip:1001@203.0.113.7:40404>;") {
			s.Errorf("%s", again.bytes())
		}
		p.reply(natted(again, seenAs), 200, "r")
		s.registered()
		p.quiet(time.Second)
	},
	"the port of a TCP connection is not where we listen": func(s *stage, p *peer, m *message) {
		seen := natted(m, seenAs)
		seen.headers[0].Value = strings.Replace(seen.headers[0].Value, "/UDP", "/TCP", 1)
		p.reply(seen, 200, "r")
		event[phone.TransportUp](s)
		s.registered()
		p.quiet(time.Second)
	},
	"a NAT that changes with every request is followed once": func(s *stage, p *peer, m *message) {
		p.reply(natted(m, ";received=203.0.113.7;rport=1000"), 200, "r")
		event[phone.TransportUp](s)
		p.reply(natted(p.request("REGISTER"), ";received=203.0.113.7;rport=2000"), 200, "r")
		s.registered()
		p.quiet(time.Second)
	},
}

func TestBehindANAT(t *testing.T) {
	for name, script := range nats {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("udp"), func(s *stage) {
				s.line.Register(time.Hour)
				p := s.accept()
				script(s, p, p.request("REGISTER"))
			})
		})
	}
}

func TestNoAddressIsFollowedThatCannotBeOne(t *testing.T) {
	for _, seen := range []string{";received=nowhere;rport=1", ";received=203.0.113.7;rport=0", ";received=203.0.113.7;rport=70000",
		";received=0.0.0.0;rport=5", ";received=239.0.0.1;rport=5", ";received=fe80::1%eth0;rport=5", ";received=203.0.113.7", ";rport=5"} {
		t.Run(seen, func(t *testing.T) {
			inMemory(t, anAccount("udp"), func(s *stage) {
				s.line.Register(time.Hour)
				p := s.accept()
				m := p.request("REGISTER")
				p.reply(natted(m, seen), 401, "r", md5Challenge)
				has(t, p.request("REGISTER"), "Contact", m.get("Contact"))
			})
		})
	}
}

func TestCallsTakeTheRegistrarsWay(t *testing.T) {
	const way = "<sip:edge.example;lr>, <sip:core.example;lr>"
	for name, c := range map[string]struct{ route, want string }{
		"two hops":               {way, "<sip:edge.example;lr>; <sip:core.example;lr>"},
		"a strict router":        {"<sip:edge.example>", ""},
		"nothing":                {"", ""},
		"what cannot be read":    {"<edge>", ""},
		"more than anybody has":  {strings.Repeat("<sip:a.example;lr>,", 17), ""},
		"a line end in the name": {"<sip:e\x00dge.example;lr>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				s.line.Register(time.Hour)
				p := s.accept()
				m := p.request("REGISTER")
				event[phone.TransportUp](s)
				p.reply(m, 200, "r", "Service-Route: "+c.route)
				s.registered()
				s.line.Invite(anInvite())
				invite := p.request("INVITE")
				has(t, invite, "Route", c.want)
				p.reply(invite, 180, "t")
				event[phone.Progress](s)
				s.line.End("our-call", 0)
				has(t, p.request("CANCEL"), "Route", c.want)
			})
		})
	}
}

func TestOutboundIsOfferedUntilAProxyCannot(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		s.line.Register(time.Hour)
		p := s.accept()
		m := p.request("REGISTER")
		event[phone.TransportUp](s)
		contact := regexp.MustCompile(`^<[^>]*>;\+sip\.instance="<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>";reg-id=1;expires=3600$`)
		if !contact.MatchString(m.get("Contact")) || !supports(m, "outbound") {
			t.Errorf("%s", m.bytes())
		}
		p.reply(m, 439, "r")
		plain := p.request("REGISTER")
		if strings.Contains(plain.get("Contact"), "reg-id") || supports(plain, "outbound") {
			t.Errorf("%s", plain.bytes())
		}
		p.reply(plain, 439, "r") // not again
		if e := s.registered(); e.Status != 439 {
			t.Errorf("%+v", e)
		}
	})
}

// TestContactsNameTheFlowWhereTheRegistrarDoesOutbound: then, and only then, with "ob".
func TestContactsNameTheFlowWhereTheRegistrarDoesOutbound(t *testing.T) {
	for _, does := range []bool{true, false} {
		inMemory(t, anAccount("tcp"), func(s *stage) {
			s.line.Register(time.Hour)
			p := s.accept()
			m := p.request("REGISTER")
			event[phone.TransportUp](s)
			want, require := "<sip:1001@pipe;transport=tcp>", "X: y"
			if does {
				want, require = "<sip:1001@pipe;transport=tcp;ob>", "Require: outbound"
			}
			p.reply(m, 200, "r", require)
			s.registered()
			s.line.Invite(anInvite())
			has(t, p.request("INVITE"), "Contact", want)
			_, ok := s.answeredIn(p)
			has(t, ok, "Contact", want)
			s.line.Register(time.Hour)
			if again := p.request("REGISTER"); !strings.HasPrefix(again.get("Contact"), "<sip:1001@pipe;transport=tcp>;") {
				t.Errorf("%s", again.bytes())
			}
		})
	}
}

// TestAServersFlowTimerIsObeyed, down to 5 s, and its silence is noticed all the same.
func TestAServersFlowTimerIsObeyed(t *testing.T) {
	for timer, want := range map[string]time.Duration{"20": 16 * time.Second, "1": 5 * time.Second, "0": 30 * time.Second, "600": 30 * time.Second, "x": 30 * time.Second} {
		inMemory(t, anAccount("tcp"), func(s *stage) {
			s.line.Register(time.Hour)
			raw := <-s.conns
			s.peer = &peer{T: t, raw: raw}
			buffer := make([]byte, 4096)
			n, _ := raw.Read(buffer)
			m, err := parseMessage(buffer[:n])
			if err != nil {
				t.Fatal(err)
			}
			s.peer.reply(m, 200, "r", "Flow-Timer: "+timer)
			event[phone.TransportUp](s)
			s.registered()
			for range 3 {
				began := time.Now()
				if n, err := raw.Read(buffer); err != nil || string(buffer[:n]) != "\r\n\r\n" || time.Since(began) != want {
					t.Errorf("Flow-Timer %s: %q %v after %v", timer, buffer[:n], err, time.Since(began))
				}
				s.peer.send("\r\n")
			}
			began := time.Now()
			go func() {
				for _, err := raw.Read(buffer); err == nil; _, err = raw.Read(buffer) {
				}
			}()
			if event[phone.TransportDown](s); time.Since(began) != want+pongLimit {
				t.Errorf("Flow-Timer %s: silence noticed after %v", timer, time.Since(began))
			}
		})
	}
}

func TestAProxyThatWantsToBeNamedIs(t *testing.T) {
	for server, want := range map[string]string{
		"udp:edge.example;lr":      "<sip:edge.example;lr>",
		"tcp:edge.example:5070;lr": "<sip:edge.example:5070;transport=tcp;lr>",
		"tcp:edge.example":         "",
	} {
		for _, service := range []string{"", "<sip:core.example;lr>", want + ", <sip:core.example;lr>"} {
			account := anAccount("tcp")
			account.Server = server
			inMemory(t, account, func(s *stage) {
				s.line.server.transport = s.line.home.transport // that nothing is found for
				s.line.Register(time.Hour)
				p := s.accept()
				m := p.request("REGISTER")
				has(t, m, "Route", want)
				if m.uri != "sip:pbx.example" {
					t.Errorf("%s", m.bytes())
				}
				p.reply(m, 200, "r", "Service-Route: "+strings.TrimPrefix(service, ", "))
				event[phone.TransportUp](s)
				s.registered()
				s.line.Invite(anInvite())
				all := want
				if strings.Contains(service, "core") {
					all = strings.TrimPrefix(want+"; <sip:core.example;lr>", "; ")
				}
				has(t, p.request("INVITE"), "Route", all)
			})
		}
	}
	for _, server := range []string{"wss://pbx.example;lr", "udp:;lr", "udp:pbx.example;maddr=x"} {
		if s, err := parseServer(server); err == nil {
			t.Errorf("%s: %+v", server, s)
		}
	}
}

func TestRedirectionsNameTheirTarget(t *testing.T) {
	for _, c := range []struct {
		status  int
		contact string
		want    string
	}{
		{302, "<sip:602@pbx.example>", "sip:602@pbx.example"},
		{301, `"Bob" <sips:bob@elsewhere.example:5071;transport=tcp?Subject=hi>;expires=60`, "sips:bob@elsewhere.example:5071;transport=tcp"},
		{300, "<sip:low@h>;q=0.1, <sip:high@h>;q=0.9, <sip:mid@h>;q=0.5", "sip:high@h"},
		{302, "<mailto:bob@h>, <http://h/>", ""},
		{302, "", ""},
		{305, "<sip:proxy.example>", ""}, // nobody to call
		{486, "<sip:602@pbx.example>", ""},
	} {
		inMemory(t, anAccount("tcp"), func(s *stage) {
			p := s.register()
			s.line.Invite(anInvite())
			p.reply(p.request("INVITE"), c.status, "t", "Contact: "+c.contact, "Retry-After: 18;duration=3600 (lunch)")
			p.request("ACK")
			if e := event[phone.Refused](s); e.Redirect != c.want || e.RetryAfter != 18*time.Second ||
				(c.status < 400) != (e.Cause == phone.CauseRedirected) {
				t.Errorf("%d %s: %+v", c.status, c.contact, e)
			}
			p.quiet(time.Second) // nobody is called before the user agrees
		})
	}
}

// TestForks: three phones ring, two answer.
func TestForks(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		m := p.request("INVITE")
		for number, tag := range []string{"a", "b", "c"} {
			p.reply(m, 183, tag, "Require: 100rel", "RSeq: 1", "Contact: <sip:"+tag+"@192.0.2.2>", "Record-Route: <sip:"+tag+".example;lr>", theirSDP)
			if prack := p.request("PRACK"); prack.uri != "sip:"+tag+"@192.0.2.2" || prack.get("Route") != "<sip:"+tag+".example;lr>" || prack.get("CSeq") != "2 PRACK" {
				t.Errorf("%d: %s", number, prack.bytes())
			}
			if e := event[phone.Progress](s); e.Fork != tag {
				t.Errorf("%+v", e)
			}
		}
		p.reply(m, 200, "b", "Contact: <sip:b@192.0.2.2>", "Record-Route: <sip:b.example;lr>")
		p.request("ACK")
		if e := event[phone.Accepted](s); e.Fork != "b" || string(e.SDP) != theirSDP {
			t.Errorf("%+v", e)
		}
		p.reply(m, 200, "c", "Contact: <sip:c@192.0.2.2>", "Record-Route: <sip:c.example;lr>", theirSDP)
		if ack := p.request("ACK"); ack.uri != "sip:c@192.0.2.2" || ack.toTag() != "c" {
			t.Errorf("%s", ack.bytes())
		}
		bye := p.request("BYE")
		if bye.toTag() != "c" || bye.get("Route") != "<sip:c.example;lr>" {
			t.Errorf("%s", bye.bytes())
		}
		p.reply(bye, 200, "")
		p.reply(m, 200, "c", "Contact: <sip:c@192.0.2.2>", theirSDP) // repeated: the ACK again, no second BYE
		p.request("ACK")
		p.quiet(time.Minute)
		s.noEvent(time.Second)
		s.line.End("our-call", 0)
		if bye := p.request("BYE"); bye.toTag() != "b" || bye.get("CSeq") != "3 BYE" {
			t.Errorf("%s", bye.bytes())
		}
	})
}
