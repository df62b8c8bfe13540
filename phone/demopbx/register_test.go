package demopbx

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

func httpClient(config *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
}

func TestAPhoneRegistersOverEveryTransport(t *testing.T) {
	for _, transport := range []string{"WS", "WSS", "TCP", "TLS", "UDP"} {
		for _, algorithm := range []string{"SHA-256", "MD5"} {
			t.Run(transport+" "+algorithm, func(t *testing.T) {
				p, _ := start(t, nil)
				c := newPhone(t, p, 0, transport)
				c.algorithm = algorithm
				res := c.register()
				if res.StatusCode != 200 || !strings.Contains(res.GetHeader("Contact").Value(), "expires=1800") {
					t.Fatalf("%d %v", res.StatusCode, res.GetHeader("Contact"))
				}
				if err := p.WaitRegistered(within(t), "1001"); err != nil {
					t.Fatal(err)
				}
				i := slices.IndexFunc(p.Seen(), func(s Seen) bool { return s.Algorithm == algorithm && s.Transport == transport })
				if i < 0 {
					t.Errorf("the journal shows no REGISTER with %s over %s", algorithm, transport)
				}
			})
		}
	}
}

func TestTheStrongestChallengeComesFirst(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "TCP")
	req := c.request("REGISTER", "sip:"+loopback, "")
	c.send(req)
	headers := c.final(req).GetHeaders("WWW-Authenticate")
	if len(headers) != 2 || !strings.Contains(headers[0].Value(), "SHA-256") || !strings.Contains(headers[1].Value(), "MD5") {
		t.Fatalf("challenges: %v", headers)
	}
}

func TestAWrongPasswordIsChallengedAgainAndThenForbidden(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "TCP")
	c.password = "guess"
	for range mostBadAuth {
		if res := c.register(); res.StatusCode != 401 {
			t.Fatalf("got %d", res.StatusCode)
		}
	}
	if res := c.register(); res.StatusCode != 403 {
		t.Fatalf("after %d guesses: %d", mostBadAuth, res.StatusCode)
	}
	if len(p.Bindings("1001")) != 0 {
		t.Fatal("a binding without the password")
	}
}

func TestTheFaultWrongPasswordRefusesTheRightOne(t *testing.T) {
	p, _ := start(t, func(o *Options) { o.Fault = FaultWrongPassword })
	if res := newPhone(t, p, 0, "WS").register(); res.StatusCode != 401 {
		t.Fatalf("got %d", res.StatusCode)
	}
}

func TestNobodyRegistersForSomebodyElse(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "TCP")
	req := c.request("REGISTER", "sip:"+loopback, "")
	req.To().Address.User = "1002"
	c.send(req)
	req = c.authorized(req, c.final(req))
	c.send(req)
	if res := c.final(req); res.StatusCode != 403 {
		t.Fatalf("got %d", res.StatusCode)
	}
}

func TestANonceIsGoodForRisingCountsOnlyUntilItIsStale(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "TCP")
	first := c.request("REGISTER", "sip:"+loopback, "", "Expires: 60")
	c.send(first)
	challenge, err := digest.ParseChallenge(c.final(first).GetHeader("WWW-Authenticate").Value())
	if err != nil {
		t.Fatal(err)
	}
	use := func(count int) *sip.Response {
		req := c.withCredentials(first, "Authorization", challenge, count)
		c.send(req)
		return c.final(req)
	}
	for _, count := range []int{1, 2} {
		if res := use(count); res.StatusCode != 200 {
			t.Fatalf("count %d: %d", count, res.StatusCode)
		}
	}
	stale := func(res *sip.Response) bool {
		return res.StatusCode == 401 && strings.Contains(res.GetHeader("WWW-Authenticate").Value(), "stale=true")
	}
	if res := use(2); !stale(res) {
		t.Errorf("a replay got %d", res.StatusCode)
	}
	p.ExpireNonces()
	if res := use(9); !stale(res) {
		t.Errorf("an old nonce got %d", res.StatusCode)
	}
}

func TestTheGrantedTimeIsBounded(t *testing.T) {
	p, _ := start(t, nil)
	p.SetExpires(30, 60)
	c := newPhone(t, p, 0, "WS")
	res := c.register("Expires: 5")
	if res.StatusCode != 423 || res.GetHeader("Min-Expires").Value() != "30" {
		t.Errorf("too short a wish: %d", res.StatusCode)
	}
	res = c.register("Expires: 7200")
	if res.StatusCode != 200 || !strings.Contains(res.GetHeader("Contact").Value(), "expires=60") {
		t.Errorf("too long a wish: %d %v", res.StatusCode, res.GetHeader("Contact"))
	}
}

func TestABindingEnds(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "WS")
	t.Run("by un-registering", func(t *testing.T) {
		c.registered()
		if res := c.register("Expires: 0"); res.StatusCode != 200 || len(p.Bindings("1001")) != 0 {
			t.Fatalf("%d, %v", res.StatusCode, p.Bindings("1001"))
		}
	})
	t.Run("by a star", func(t *testing.T) {
		c.registered()
		contact := c.contact
		c.contact = "*"
		res := c.register("Expires: 0")
		c.contact = contact
		if res.StatusCode != 200 || len(p.Bindings("1001")) != 0 {
			t.Fatalf("%d, %v", res.StatusCode, p.Bindings("1001"))
		}
	})
	t.Run("when it is expired on purpose", func(t *testing.T) {
		c.registered()
		p.ExpireBindings("1001")
		if n := len(p.Bindings("1001")); n != 0 {
			t.Fatal(n)
		}
	})
	t.Run("with its connection", func(t *testing.T) {
		c.registered()
		if n := p.DropConnections("1001"); n != 1 {
			t.Fatalf("dropped %d", n)
		}
		eventually(t, "no binding", func() bool { return len(p.Bindings("1001")) == 0 })
	})
}

func TestABindingExpiresWithTime(t *testing.T) {
	r, now := newRegistrar(), time.Unix(1000, 0)
	f := &flow{}
	r.bind("1001", &binding{flow: f, expires: now.Add(time.Minute), since: now})
	if len(r.live(now.Add(59*time.Second), "1001")) != 1 {
		t.Error("gone too early")
	}
	if len(r.live(now.Add(60*time.Second), "1001")) != 0 {
		t.Error("still there")
	}
}

func TestOnOneFlowTheNewestContactCounts(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "WS")
	c.registered()
	c.contact = "<sip:another@elsewhere.invalid;transport=ws>"
	c.registered()
	if got := p.Bindings("1001"); len(got) != 1 || !strings.Contains(got[0], "elsewhere") {
		t.Fatal(got)
	}
}

func TestTheRegistrarRefusesOnDemand(t *testing.T) {
	p, _ := start(t, nil)
	p.RefuseRegister(503)
	c := newPhone(t, p, 0, "UDP")
	if res := c.register(); res.StatusCode != 503 {
		t.Fatal(res.StatusCode)
	}
	p.RefuseRegister(0)
	c.registered()
}

func TestAnAccountDoesNotPrintItsPassword(t *testing.T) {
	p, _ := start(t, nil)
	a := p.Account(0)
	for _, text := range []string{a.String(), a.GoString(), a.LogValue().String()} {
		if strings.Contains(text, a.Password) {
			t.Error(text)
		}
	}
	if p.Accounts() != 3 || p.Account(2).User != "1003" || p.Account(0).Password == p.Account(1).Password {
		t.Error("three extensions, each with its own password, were expected")
	}
}
