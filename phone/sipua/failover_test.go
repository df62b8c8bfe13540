package sipua

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

// town is a domain with two servers, on a fake clock: the first is preferred, the second is for when it fails.
type town struct {
	*stage
	mu    sync.Mutex
	dead  map[string]bool
	doors map[string]chan net.Conn
	ends  []net.Conn
	lost  atomic.Bool // the name servers do not answer
}

const first, second = "192.0.2.1:5060", "192.0.2.2:5060"

func (w *town) connect(_ context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead[address] {
		return nil, errors.New("refused")
	}
	ours, theirs := net.Pipe()
	w.ends = append(w.ends, theirs)
	w.doors[address] <- theirs
	return ours, nil
}

func (w *town) kill(address string, dead bool) {
	w.mu.Lock()
	w.dead[address] = dead
	w.mu.Unlock()
}

// at is the server at that address accepting the line's connection.
func (w *town) at(address string) *peer {
	w.Helper()
	select {
	case raw := <-w.doors[address]:
		return newPeer(w.T, raw)
	case <-time.After(2 * giveUp):
		w.Fatalf("the line does not connect to %s", address)
	}
	return nil
}

// empty wants that nobody connects to that address.
func (w *town) empty(address string) {
	w.Helper()
	if len(w.doors[address]) > 0 {
		w.Fatalf("the line connects to %s", address)
	}
}

// register answers one REGISTER there, and wants it done.
func (w *town) registerAt(p *peer) {
	w.Helper()
	m := p.request("REGISTER")
	p.reply(m, 200, "r", "Contact: "+m.get("Contact"))
	for {
		select {
		case e := <-w.events:
			if done, ok := e.(phone.RegisterDone); ok {
				if done.Cause != phone.CauseNone {
					w.Fatalf("%+v", done)
				}
				return
			}
		case <-time.After(time.Minute):
			w.Fatal("not registered")
		}
	}
}

func inTown(t *testing.T, transport string, script func(w *town), dead ...string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &town{stage: &stage{T: t, events: make(chan phone.SignalEvent, 1000)}, dead: make(map[string]bool),
			doors: map[string]chan net.Conn{first: make(chan net.Conn, 10), second: make(chan net.Conn, 10)}}
		account := anAccount(strings.ToLower(transport))
		l, err := New(Options{}).newLine(account, func(e phone.SignalEvent) { w.events <- e })
		if err != nil {
			t.Fatal(err)
		}
		if q := l.home.way.request; q.Host != "pbx.example" || q.Port != 0 || q.Transport != transport {
			t.Errorf("asks for %+v", q)
		}
		l.home.way.connect = w.connect
		l.home.way.find = func(context.Context, locate.Request) ([]locate.Target, error) {
			if w.lost.Load() {
				return nil, locate.ErrTimeout
			}
			return []locate.Target{{Transport: transport, Addr: netip.MustParseAddrPort(first), Host: "one.pbx.example"},
				{Transport: transport, Addr: netip.MustParseAddrPort(second), Host: "two.pbx.example", Rank: 1}}, nil
		}
		w.line = l
		go l.run()
		defer func() {
			l.Close(0)
			for _, end := range w.ends {
				end.Close()
			}
			synctest.Wait()
		}()
		for _, address := range dead {
			w.kill(address, true)
		}
		l.Register(time.Hour)
		script(w)
	})
}

// failovers: how the first server fails, and what the line does then.
var failovers = map[string]struct {
	transport string
	script    func(w *town)
}{
	"no answer over UDP": {"UDP", func(w *town) {
		w.at(first).request("REGISTER")
		began := time.Now()
		p := w.at(second)
		if d := time.Since(began); d > giveUp {
			w.Errorf("took %v", d)
		}
		w.registerAt(p)
	}},
	"503 over TCP": {"TCP", func(w *town) {
		p := w.at(first)
		p.reply(p.request("REGISTER"), 503, "r", "Retry-After: 60")
		p = w.at(second)
		event[phone.TransportUp](w.stage)
		event[phone.TransportDown](w.stage)
		event[phone.TransportUp](w.stage)
		w.registerAt(p)
	}},
	"the connection breaks before the answer": {"TCP", func(w *town) {
		p := w.at(first)
		p.request("REGISTER")
		p.raw.Close()
		w.registerAt(w.at(second))
	}},
	"both fail, so the registration does": {"TCP", func(w *town) {
		for _, address := range []string{first, second} {
			p := w.at(address)
			p.reply(p.request("REGISTER"), 503, "r", "Retry-After: 60")
		}
		for {
			e := <-w.events
			if done, ok := e.(phone.RegisterDone); ok {
				if done.Status != 503 || done.RetryAfter != time.Minute {
					w.Errorf("%+v", done)
				}
				break
			}
		}
		w.noEvent(time.Minute)
		w.empty(first)
	}},
	"a wrong password is wrong everywhere": {"TCP", func(w *town) {
		p := w.at(first)
		p.reply(p.request("REGISTER"), 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 401, "r", strings.Replace(md5Challenge, "n-md5", "n-2", 1))
		event[phone.TransportUp](w.stage)
		if e := w.registered(); e.Cause != phone.CauseAuthentication {
			w.Errorf("%+v", e)
		}
		w.empty(second)
	}},
	"the second server asks for the password anew": {"TCP", func(w *town) {
		p := w.at(first)
		p.reply(p.request("REGISTER"), 401, "r", md5Challenge)
		p.reply(p.request("REGISTER"), 503, "r")
		p = w.at(second)
		p.reply(p.request("REGISTER"), 401, "r", strings.Replace(md5Challenge, "n-md5", "n-2", 1)+", stale=true")
		w.registerAt(p)
	}},
	"killed while registered; the first is tried again, then passed over": {"TCP", func(w *town) {
		p := w.at(first)
		w.registerAt(p)
		w.kill(first, true)
		p.raw.Close()
		event[phone.TransportDown](w.stage)
		w.line.Register(time.Hour)
		w.registerAt(w.at(second))
	}},
	"a server that says 503 is not left during a call": {"TCP", func(w *town) {
		p := w.at(first)
		w.registerAt(p)
		w.talkingIn(p)
		w.line.Register(time.Hour)
		p.reply(p.request("REGISTER"), 503, "r")
		if e := w.registered(); e.Status != 503 {
			w.Errorf("%+v", e)
		}
		w.empty(second)
	}},
}

func TestFailover(t *testing.T) {
	for name, c := range failovers {
		t.Run(name, func(t *testing.T) { inTown(t, c.transport, c.script) })
	}
}

// TestTwoServersBehindSRV is the whole way with real sockets and a real name server: an account that names no server, two
// registrars, of which one dies.
func TestTwoServersBehindSRV(t *testing.T) {
	var servers []net.Listener
	var zone []string
	for i := range 2 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		servers = append(servers, listener)
		_, port, _ := net.SplitHostPort(listener.Addr().String())
		zone = append(zone, "_sip._tcp.pbx.example. 60 IN SRV "+string(rune('1'+i))+" 0 "+port+" sip.pbx.example.")
	}
	account := anAccount("tcp")
	account.Server = ""
	s, l := onLoopback(t, Options{Resolver: locate.New(locate.Options{Servers: []string{locatetest.Serve(t, append(zone, "sip.pbx.example. 60 IN A 127.0.0.1")...).Addr}})}, account)
	registerAt := func(listener net.Listener) net.Conn {
		t.Helper()
		l.Register(time.Hour)
		raw, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		p := newPeer(t, raw)
		m := p.request("REGISTER")
		if !strings.HasPrefix(m.topVia(), "SIP/2.0/TCP ") || !strings.Contains(m.get("Contact"), ";transport=tcp>") {
			t.Errorf("%s", m.bytes())
		}
		event[phone.TransportUp](s)
		p.reply(m, 200, "r")
		if done := event[phone.RegisterDone](s); done.Cause != phone.CauseNone {
			t.Fatalf("%+v", done)
		}
		return raw
	}
	raw := registerAt(servers[0])
	servers[0].Close()
	raw.Close()
	event[phone.TransportDown](s)
	defer registerAt(servers[1]).Close()
}

func TestASecureAccountsContactIsSecure(t *testing.T) {
	for server, want := range map[string]string{"tls:pbx.example": "<sips:1001@pipe>", "wss://pbx.example": "<sips:1001@LINE.invalid;transport=ws>"} {
		account := anAccount("tls")
		account.URI, account.Server = "sips:1001@pbx.example", server
		l, err := New(Options{}).newLine(account, func(phone.SignalEvent) {})
		if err != nil {
			t.Fatal(err)
		}
		l.cancel()
		l.sentBy = "pipe"
		if l.server.webSocket() {
			l.sentBy = "LINE.invalid"
		}
		if got := l.contact(); got != want {
			t.Errorf("%s: %s, want %s", server, got, want)
		}
	}
}

func TestWhatIsAskedOfTheDomain(t *testing.T) {
	for _, c := range []struct {
		uri, server string
		want        locate.Request
	}{
		{"sip:1001@pbx.example", "", locate.Request{Host: "pbx.example"}},
		{"sips:1001@pbx.example", "", locate.Request{Host: "pbx.example", Secure: true}},
		{"sip:1001@pbx.example:5070;transport=tcp", "", locate.Request{Host: "pbx.example", Port: 5070, Transport: "tcp"}},
		{"sip:1001@pbx.example", "udp:proxy.example", locate.Request{Host: "proxy.example", Transport: "UDP"}},
		{"sip:1001@pbx.example", "tls:[2001:db8::1]:5071", locate.Request{Host: "2001:db8::1", Port: 5071, Transport: "TLS"}},
	} {
		account := anAccount("tcp")
		account.URI, account.Server = c.uri, c.server
		l, err := New(Options{}).newLine(account, func(phone.SignalEvent) {})
		if err != nil {
			t.Fatal(err)
		}
		l.cancel()
		if got := l.home.way.request; got != c.want {
			t.Errorf("%s, %q: %+v", c.uri, c.server, got)
		}
	}
}
