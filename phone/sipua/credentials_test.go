package sipua

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/icholy/digest"
)

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// proxyAsks is a proxy's challenge; nonce counts as MD5 with qop.
func proxyAsks(realm, nonce, more string) string {
	return `Proxy-Authenticate: Digest realm="` + realm + `", nonce="` + nonce + `", algorithm=MD5, qop="auth"` + more
}

// realmsOf checks every Proxy-Authorization of a request, and returns the nonce of each realm.
func realmsOf(t *testing.T, m *message, header string) map[string]digest.Credentials {
	t.Helper()
	out := make(map[string]digest.Credentials)
	for _, v := range m.lines(header) {
		one := &message{method: m.method, uri: m.uri}
		one.add(header, v)
		c := credentialsOf(t, one, header, password)
		if _, twice := out[c.Realm]; twice {
			t.Errorf("realm %s twice in %s", c.Realm, m.bytes())
		}
		out[c.Realm] = *c
	}
	return out
}

func TestSeveralProxiesAskAtOnceAndThenTheServer(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 407, "t", proxyAsks("edge", "e1", ""), proxyAsks("core", "c1", ""))
		p.request("ACK")
		m := p.request("INVITE")
		if got := realmsOf(t, m, "Proxy-Authorization"); len(got) != 2 || got["edge"].Nonce != "e1" || got["core"].Nonce != "c1" {
			t.Errorf("%s", m.bytes())
		}
		p.reply(m, 407, "t", proxyAsks("last", "l1", "")) // one hop further
		p.request("ACK")
		m = p.request("INVITE")
		if got := realmsOf(t, m, "Proxy-Authorization"); len(got) != 3 || got["edge"].Nc != 2 || got["last"].Nc != 1 {
			t.Errorf("%s", m.bytes())
		}
		p.reply(m, 401, "t", md5Challenge)
		p.request("ACK")
		m = p.request("INVITE")
		credentialsOf(t, m, "Authorization", password)
		p.reply(m, 407, "t", proxyAsks("edge", "e2", ", stale=true"))
		p.request("ACK")
		m = p.request("INVITE")
		if got := realmsOf(t, m, "Proxy-Authorization"); got["edge"].Nonce != "e2" || got["edge"].Nc != 1 || got["core"].Nc != 4 {
			t.Errorf("%s", m.bytes())
		}
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", theirSDP)
		ack := p.request("ACK")
		if got, want := strings.Join(ack.lines("Proxy-Authorization"), "|"), strings.Join(m.lines("Proxy-Authorization"), "|"); got != want {
			t.Errorf("the ACK has %s, the INVITE %s", got, want)
		}
		event[phone.Accepted](s)
	})
}

func TestNoEndlessChainOfRealmsIsAnswered(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		asked := 0
		for m := p.request("INVITE"); ; asked++ {
			p.reply(m, 407, "t", proxyAsks("realm "+string(rune('a'+asked)), "n", ""))
			p.request("ACK")
			if m = p.maybe("INVITE"); m == nil {
				break
			}
		}
		if asked != maxRealms {
			t.Errorf("%d realms were answered", asked)
		}
		if e := event[phone.Refused](s); e.Cause != phone.CauseAuthentication {
			t.Errorf("%+v", e)
		}
	})
}

// maybe returns the request, or nil when a second passes without one.
func (p *peer) maybe(method string) *message {
	p.Helper()
	select {
	case m := <-p.in:
		if m.method != method {
			p.Fatalf("%s", m.bytes())
		}
		return m
	case <-time.After(time.Second):
		return nil
	}
}

func TestAnAccountsOwnRealmIsTheOnlyOne(t *testing.T) {
	account := anAccount("tcp")
	account.Realm = "core"
	inMemory(t, account, func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 407, "t", proxyAsks("edge", "e1", ""), proxyAsks("core", "c1", ""))
		p.request("ACK")
		m := p.request("INVITE")
		if got := realmsOf(t, m, "Proxy-Authorization"); len(got) != 1 || got["core"].Nonce != "c1" {
			t.Errorf("%s", m.bytes())
		}
	})
}

// TestRequestsWithinACallAreAuthorized: in advance, with a nonce count that only grows, and anew where the nonce is stale.
func TestRequestsWithinACallAreAuthorized(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 407, "t", proxyAsks("pbx", "n1", ""))
		p.request("ACK")
		m := p.request("INVITE")
		p.reply(m, 183, "t", reliably(1, theirSDP)...)
		count := 1
		next := func(method string) *message {
			t.Helper()
			m := p.request(method)
			count++
			if c := credentialsOf(t, m, "Proxy-Authorization", password); c.Nc != count || c.Nonce != "n1" {
				t.Errorf("want nc %d: %s", count, m.bytes())
			}
			return m
		}
		p.reply(next("PRACK"), 200, "")
		event[phone.Progress](s)
		p.reply(m, 200, "t", "Contact: <sip:600@192.0.2.2>", takesUpdate, "Session-Expires: 600;refresher=uac")
		p.request("ACK")
		event[phone.Accepted](s)
		s.line.Info("our-call", "application/dtmf-relay", []byte("Signal=1"))
		p.reply(next("INFO"), 200, "")
		event[phone.InfoDone](s)
		s.line.Refer("our-call", "sip:602@pbx.example", phone.ReplacedDialog{})
		p.reply(next("REFER"), 603, "")
		event[phone.ReferProgress](s)
		s.line.Reinvite("our-call", []byte(newSDP))
		p.reply(next("INVITE"), 200, "", theirSDP, takesUpdate, "Session-Expires: 600;refresher=uac")
		p.request("ACK")
		event[phone.ReinviteDone](s)
		p.quiet(299 * time.Second)
		p.reply(next("UPDATE"), 407, "", proxyAsks("pbx", "n2", ", stale=true"))
		again := p.request("UPDATE")
		if c := credentialsOf(t, again, "Proxy-Authorization", password); c.Nc != 1 || c.Nonce != "n2" {
			t.Errorf("%s", again.bytes())
		}
		p.reply(again, 200, "")
		s.line.End("our-call", 0)
		bye := p.request("BYE")
		if c := credentialsOf(t, bye, "Proxy-Authorization", password); c.Nc != 2 || c.Nonce != "n2" {
			t.Errorf("%s", bye.bytes())
		}
		p.reply(bye, 200, "")
		event[phone.DialogEnded](s)
	})
}

// TestBodiesAndSessionsAreHashed computes RFC 7616 §3.4.2 and §3.4.3 by hand: auth-int, and the -sess algorithms.
func TestBodiesAndSessionsAreHashed(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		s.line.Invite(anInvite())
		p.reply(p.request("INVITE"), 407, "t", `Proxy-Authenticate: Digest realm="pbx", nonce="n", algorithm=MD5-sess, qop="auth-int"`)
		p.request("ACK")
		m := p.request("INVITE")
		c, err := digest.ParseCredentials(m.get("Proxy-Authorization"))
		if err != nil || c.QOP != "auth-int" || c.Algorithm != "MD5-sess" || c.Cnonce == "" {
			t.Fatalf("%v in %s", err, m.bytes())
		}
		a1 := md5Hex(md5Hex("1001:pbx:secret") + ":n:" + c.Cnonce)
		a2 := md5Hex("INVITE:" + m.uri + ":" + md5Hex(string(m.body)))
		if want := md5Hex(a1 + ":n:00000001:" + c.Cnonce + ":auth-int:" + a2); c.Response != want {
			t.Errorf("got %s, want %s", c.Response, want)
		}
	})
}

// TestTheNextNonceIsTaken: what Authentication-Info gives is used from then on, also where a nonce is for one request only.
func TestTheNextNonceIsTaken(t *testing.T) {
	for name, qop := range map[string]string{"auth": `, qop="auth"`, "none": ""} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				s.line.Invite(anInvite())
				p.reply(p.request("INVITE"), 407, "t", `Proxy-Authenticate: Digest realm="pbx", nonce="n1"`+qop)
				p.request("ACK")
				p.reply(p.request("INVITE"), 200, "t", "Contact: <sip:600@192.0.2.2>", `Proxy-Authentication-Info: nextnonce="n2"`, theirSDP)
				p.request("ACK")
				event[phone.Accepted](s)
				s.line.Info("our-call", "application/dtmf-relay", []byte("Signal=1"))
				info := p.request("INFO")
				if c := credentialsOf(t, info, "Proxy-Authorization", password); c.Nonce != "n2" || qop != "" && c.Nc != 1 {
					t.Errorf("%s", info.bytes())
				}
				p.reply(info, 200, "", `Authentication-Info: nextnonce="another's"`, `Proxy-Authentication-Info: nextnonce="`+strings.Repeat("n", maxNonce+1)+`"`)
				event[phone.InfoDone](s)
				s.line.End("our-call", 0)
				bye := p.request("BYE")
				if qop == "" { // n2 is spent
					if bye.get("Proxy-Authorization") != "" {
						t.Errorf("%s", bye.bytes())
					}
				} else if c := credentialsOf(t, bye, "Proxy-Authorization", password); c.Nonce != "n2" || c.Nc != 2 {
					t.Errorf("%s", bye.bytes())
				}
				p.reply(bye, 200, "")
				event[phone.DialogEnded](s)
			})
		})
	}
}
