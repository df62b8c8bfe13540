package sipua

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/icholy/digest"
)

// Challenges as servers write them.
const (
	md5Challenge = `WWW-Authenticate: Digest realm="pbx", nonce="n-md5", algorithm=MD5, qop="auth"`
	shaChallenge = `WWW-Authenticate: Digest realm="pbx", nonce="n-sha", algorithm=SHA-256, qop="auth,auth-int", opaque="o"`
	oldChallenge = `WWW-Authenticate: Digest realm="pbx", nonce="n-old"`
	yetOther     = `WWW-Authenticate: Digest realm="elsewhere", nonce="n-other", algorithm=SHA-256, qop="auth"`
)

// credentialsOf checks the answer in m against an independent implementation and returns it.
func credentialsOf(t *testing.T, m *message, header string, o digest.Options) *digest.Credentials {
	t.Helper()
	got, err := digest.ParseCredentials(m.get(header))
	if err != nil {
		t.Fatalf("%v in %s", err, m.bytes())
	}
	o.Method, o.URI, o.Count, o.Cnonce = m.method, m.uri, got.Nc, got.Cnonce
	var qop []string
	if got.QOP != "" {
		qop = []string{got.QOP}
	}
	want, err := digest.Digest(&digest.Challenge{Realm: got.Realm, Nonce: got.Nonce, Opaque: got.Opaque, Algorithm: got.Algorithm, QOP: qop}, o)
	if err != nil {
		t.Fatal(err)
	}
	if got.Response != want.Response || got.URI != m.uri || got.Username != o.Username {
		t.Errorf("got %s, want %s", got, want)
	}
	return got
}

var password = digest.Options{Username: "1001", Password: "secret"}

// registrations play the registrar, from the first REGISTER on.
var registrations = map[string]func(s *stage, p *peer, m *message){
	"our own binding's expiry counts": func(s *stage, p *peer, m *message) {
		p.reply(m, 200, "r", "Expires: 9", `Contact: "other, phone" <sip:1001@192.0.2.7>;expires=11, `+m.get("Contact")[:strings.Index(m.get("Contact"), ">")+1]+";Expires=77")
		if e := s.registered(); e.Expires != 77*time.Second || e.Status != 200 {
			s.Errorf("%+v", e)
		}
	},
	"what nobody can read is the usual time, and what nobody outlives a day": func(s *stage, p *peer, m *message) {
		for expires, want := range map[string]time.Duration{"abc": time.Hour, "-1": time.Hour, "": time.Hour, "60;x": time.Minute,
			"2147483647": 24 * time.Hour, "4294967295": 24 * time.Hour, strings.Repeat("9", 40): 24 * time.Hour} {
			p.reply(m, 200, "r", "Contact: "+m.get("Contact")[:strings.Index(m.get("Contact"), ">")+1]+`;expires="`+expires+`"`)
			if e := s.registered(); e.Expires != want || e.Cause != phone.CauseNone {
				s.Errorf("%q: %+v", expires, e)
			}
			s.line.Register(time.Hour)
			m = p.request("REGISTER")
		}
		p.reply(m, 200, "r")
		s.registered()
	},
	"the Expires header counts where the binding says nothing": func(s *stage, p *peer, m *message) {
		p.reply(m, 200, "r", "Expires: 55")
		if e := s.registered(); e.Expires != 55*time.Second {
			s.Errorf("%+v", e)
		}
	},
	"MD5": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge)
		m = p.request("REGISTER")
		if n, _ := m.cseq(); n != 2 {
			s.Errorf("CSeq %d", n)
		}
		credentialsOf(s.T, m, "Authorization", password)
		p.reply(m, 200, "r")
		s.registered()
		s.line.Register(time.Hour) // the next one authenticates at once
		m = p.request("REGISTER")
		if c := credentialsOf(s.T, m, "Authorization", password); c.Nc != 2 || c.Nonce != "n-md5" {
			s.Errorf("%s", c)
		}
		p.reply(m, 200, "r")
		s.registered()
	},
	"without qop": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", oldChallenge)
		m = p.request("REGISTER")
		credentialsOf(s.T, m, "Authorization", password)
		p.reply(m, 200, "r")
		s.registered()
	},
	"the strongest of our realm": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge, shaChallenge, yetOther)
		m = p.request("REGISTER")
		if c := credentialsOf(s.T, m, "Authorization", password); c.Nonce != "n-sha" || c.QOP != "auth" || c.Opaque != "o" {
			s.Errorf("%s", c)
		}
		p.reply(m, 200, "r")
		s.registered()
	},
	"the strongest, whatever the order": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", shaChallenge, md5Challenge)
		m = p.request("REGISTER")
		if c := credentialsOf(s.T, m, "Authorization", password); c.Nonce != "n-sha" {
			s.Errorf("%s", c)
		}
		p.reply(m, 200, "r")
		s.registered()
	},
	"off and on again while one is under way": func(s *stage, p *peer, m *message) {
		s.line.Unregister()
		s.line.Unregister()
		s.line.Register(time.Hour)
		p.reply(m, 200, "r")
		s.registered()
		for _, expires := range []string{"0", "3600"} {
			m = p.request("REGISTER")
			if m.get("Expires") != expires {
				s.Errorf("%s", m.bytes())
			}
			p.reply(m, 200, "r")
			s.registered()
		}
		p.quiet(time.Minute)
	},
	"wrong password": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 401, "r", strings.Replace(md5Challenge, "n-md5", "n-2", 1))
		if e := s.registered(); e.Cause != phone.CauseAuthentication || e.Status != 401 || e.Err == nil {
			s.Errorf("%+v", e)
		}
		p.quiet(time.Minute)
	},
	"the same nonce again, though called stale": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 401, "r", md5Challenge+", stale=true")
		if e := s.registered(); e.Cause != phone.CauseAuthentication {
			s.Errorf("%+v", e)
		}
	},
	"a server that asks each time, and always with one nonce": func(s *stage, p *peer, m *message) {
		for n := range 3 {
			p.reply(m, 401, "r", md5Challenge)
			m = p.request("REGISTER")
			if nc := fmt.Sprintf("nc=%08x", 1+2*n); !strings.Contains(m.get("Authorization"), nc) { // each use is counted
				s.Errorf("want %s: %s", nc, m.get("Authorization"))
			}
			p.reply(m, 200, "r")
			s.registered()
			s.line.Register(time.Hour)
			if m = p.request("REGISTER"); m.get("Authorization") == "" {
				s.Errorf("nothing in advance: %s", m.bytes())
			}
		}
		p.reply(m, 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 401, "r", md5Challenge) // but what is refused is refused
		if e := s.registered(); e.Cause != phone.CauseAuthentication {
			s.Errorf("%+v", e)
		}
		p.quiet(time.Minute)
	},
	"a stale nonce is renewed once": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 401, "r", strings.Replace(md5Challenge, "n-md5", "n-2", 1)+", stale=true")
		p.reply(p.request("REGISTER"), 401, "r", strings.Replace(md5Challenge, "n-md5", "n-3", 1)+", stale=true")
		if e := s.registered(); e.Cause != phone.CauseAuthentication {
			s.Errorf("%+v", e)
		}
	},
	"another realm is never answered": func(s *stage, p *peer, m *message) {
		p.reply(m, 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 200, "r")
		s.registered()
		s.line.Register(time.Hour)
		p.reply(p.request("REGISTER"), 401, "r", yetOther)
		if e := s.registered(); e.Cause != phone.CauseAuthentication {
			s.Errorf("%+v", e)
		}
		p.quiet(time.Minute)
	},
	"a proxy asks too": func(s *stage, p *peer, m *message) {
		p.reply(m, 407, "r", "Proxy-Authenticate: "+md5Challenge[len("WWW-Authenticate: "):])
		m = p.request("REGISTER")
		credentialsOf(s.T, m, "Proxy-Authorization", password)
		p.reply(m, 401, "r", shaChallenge)
		m = p.request("REGISTER")
		credentialsOf(s.T, m, "Proxy-Authorization", password)
		credentialsOf(s.T, m, "Authorization", password)
		p.reply(m, 200, "r")
		s.registered()
	},
	"too brief": func(s *stage, p *peer, m *message) {
		p.reply(m, 423, "r", "Min-Expires: 7200")
		m = p.request("REGISTER")
		if m.get("Expires") != "7200" {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 423, "r", "Min-Expires: 9999")
		if e := s.registered(); e.Status != 423 {
			s.Errorf("%+v", e)
		}
	},
	"busy server": func(s *stage, p *peer, m *message) {
		p.reply(m, 503, "r", "Retry-After: 120 (maintenance)")
		if e := s.registered(); e.RetryAfter != 2*time.Minute || e.Cause != phone.CauseServer || e.Status != 503 {
			s.Errorf("%+v", e)
		}
	},
	"each refusal has the seed's name": func(s *stage, p *peer, m *message) {
		for status, want := range map[int]phone.Cause{403: "Rejected", 404: "Not Found", 408: "Request Timeout", 480: "Unavailable", 500: "Server Error",
			600: "Busy", 603: "Rejected", 302: "Redirected", 420: "SIP Failure Code", 401: "Authentication Error", 407: "Authentication Error"} {
			p.reply(m, status, "r")
			if e := s.registered(); e.Cause != want || e.Status != status {
				s.Errorf("%d: %+v", status, e)
			}
			s.line.Register(time.Hour)
			m = p.request("REGISTER")
		}
		p.reply(m, 200, "r")
		s.registered()
	},
	"no answer": func(s *stage, p *peer, m *message) {
		event[phone.TransportDown](s) // the connection may be dead, whatever the system believes
		if e := s.registered(); e.Cause != phone.CauseRequestTimeout || e.Status != 0 {
			s.Errorf("%+v", e)
		}
	},
	"connection lost": func(s *stage, p *peer, m *message) {
		p.raw.Close()
		event[phone.TransportDown](s)
		if e := s.registered(); e.Cause != phone.CauseConnection {
			s.Errorf("%+v", e)
		}
	},
	"unregister": func(s *stage, p *peer, m *message) {
		s.line.Unregister() // waits for the REGISTER under way
		p.reply(m, 200, "r", "Expires: 60")
		s.registered()
		m = p.request("REGISTER")
		if m.get("Expires") != "0" || !strings.HasSuffix(m.get("Contact"), ";expires=0") {
			s.Errorf("%s", m.bytes())
		}
		p.reply(m, 200, "r")
		if e := s.registered(); e.Expires != 0 || e.Cause != phone.CauseNone {
			s.Errorf("%+v", e)
		}
	},
	"a second REGISTER while one is under way is ignored": func(s *stage, p *peer, m *message) {
		s.line.Register(time.Hour)
		p.quiet(time.Second)
		p.reply(m, 200, "r")
		s.registered()
		s.noEvent(time.Minute)
	},
	"an INVITE is challenged": func(s *stage, p *peer, m *message) {
		p.reply(m, 200, "r")
		s.registered()
		s.line.Invite(anInvite())
		first := p.request("INVITE")
		p.reply(first, 407, "t", "Proxy-Authenticate: "+shaChallenge[len("WWW-Authenticate: "):])
		if ack := p.request("ACK"); ack.get("Via") != first.get("Via") {
			s.Errorf("%s", ack.bytes())
		}
		again := p.request("INVITE")
		if n, _ := again.cseq(); n != 2 || again.callID() != first.callID() || again.fromTag() != first.fromTag() || again.get("Via") == first.get("Via") {
			s.Errorf("%s", again.bytes())
		}
		credentialsOf(s.T, again, "Proxy-Authorization", password)
		p.reply(again, 200, "t2", "Contact: <sip:600@192.0.2.2>", theirSDP)
		if ack := p.request("ACK"); ack.get("CSeq") != "2 ACK" || ack.get("Proxy-Authorization") != again.get("Proxy-Authorization") {
			s.Errorf("%s", ack.bytes())
		}
		event[phone.Accepted](s)
		s.line.End("our-call", 0)
		bye := p.request("BYE")
		if c := credentialsOf(s.T, bye, "Proxy-Authorization", password); c.Nc != 2 {
			s.Errorf("%s", c)
		}
		p.reply(bye, 200, "")
		event[phone.DialogEnded](s)
	},
	"an INVITE's challenge is answered once": func(s *stage, p *peer, m *message) {
		p.reply(m, 200, "r")
		s.registered()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 401, "t", md5Challenge)
		p.request("ACK")
		p.reply(p.request("INVITE"), 401, "t", strings.Replace(md5Challenge, "n-md5", "n-2", 1))
		p.request("ACK")
		if e := event[phone.Refused](s); e.Cause != phone.CauseAuthentication || e.Status != 401 {
			s.Errorf("%+v", e)
		}
	},
}

// TestRegistration plays the registrar.
func TestRegistration(t *testing.T) {
	for name, script := range registrations {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				s.line.Register(time.Hour)
				p := s.accept()
				m := p.request("REGISTER")
				event[phone.TransportUp](s)
				script(s, p, m)
			})
		})
	}
}

func (s *stage) registered() phone.RegisterDone {
	s.Helper()
	return event[phone.RegisterDone](s)
}

func TestAnHA1AnswersMD5Only(t *testing.T) {
	account := anAccount("tcp")
	account.Secret = phone.NewHA1("d2e8b2b2cf6dc9ad0cc8b0ad5ccb4e10")
	inMemory(t, account, func(s *stage) {
		s.line.Register(time.Hour)
		p := s.accept()
		p.reply(p.request("REGISTER"), 401, "r", shaChallenge, md5Challenge)
		event[phone.TransportUp](s)
		m := p.request("REGISTER")
		credentialsOf(t, m, "Authorization", digest.Options{Username: "1001", A1: account.Secret.HA1()})
		p.reply(m, 200, "r")
		s.registered()
		s.line.SetCredential("1001", account.Secret)
		s.line.Register(time.Hour)
		m = p.request("REGISTER")
		if m.get("Authorization") != "" {
			t.Errorf("a new credential answers an old nonce: %s", m.bytes())
		}
		p.reply(m, 401, "r", shaChallenge)
		if e := s.registered(); e.Cause != phone.CauseAuthentication {
			t.Errorf("%+v", e)
		}
	})
}

func TestAnswersAgreeWithAnotherImplementation(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256", "SHA-512-256"} {
		for _, qop := range []string{"", "auth"} {
			c, ok := parseChallenge(fmt.Sprintf(`Digest realm="a \"b\"", nonce="n,=", algorithm=%s`, algorithm))
			if c.qop = qop; !ok {
				t.Fatal("unreadable")
			}
			m := &message{method: "INVITE", uri: "sip:600@pbx.example"}
			m.add("Authorization", c.answer("1001", phone.NewPassword("secret"), m, 7))
			credentialsOf(t, m, "Authorization", password)
		}
	}
}

// FuzzChallenge: a server's challenge is hostile until read.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{md5Challenge, shaChallenge, oldChallenge, `X: Digest realm="\`, `X: Digest nonce=,,"",=`} {
		_, value, _ := strings.Cut(seed, ": ")
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		c, ok := parseChallenge(value)
		if !ok {
			return
		}
		m := &message{method: "REGISTER", uri: "sip:pbx.example"}
		answer := c.answer(`u"s\er`, phone.NewPassword("p"), m, 1)
		if strings.ContainsAny(answer, "\r\n\x00") {
			t.Errorf("%q leads to %q", value, answer)
		}
	})
}
