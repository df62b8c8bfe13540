package demopbx

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
)

func TestEveryListenerIsOnLoopback(t *testing.T) {
	p, _ := start(t, nil)
	for _, transport := range []string{"UDP", "TCP", "TLS", "WS", "WSS"} {
		if address := p.Address(transport); !isLoopback(address) {
			t.Errorf("%s listens on %s", transport, address)
		}
	}
}

func TestWithoutCredentialsNothingIsDone(t *testing.T) {
	p, fake := start(t, nil)
	c := newPhone(t, p, 0, "UDP")
	for method, status := range map[string]int{"INVITE": 407, "OPTIONS": 407, "MESSAGE": 407, "SUBSCRIBE": 407, "BYE": 407} {
		req := c.request(method, "sip:600@"+loopback, "")
		c.send(req)
		if res := c.final(req); res.StatusCode != status {
			t.Errorf("%s: %d, want %d", method, res.StatusCode, status)
		} else if method == "INVITE" {
			c.ack(req, res)
		}
	}
	if len(fake.opens) != 0 {
		t.Error("media was opened")
	}
}

func TestACallerMustBeRegisteredAndHonestAndStayHere(t *testing.T) {
	p, _ := start(t, nil)
	c := newPhone(t, p, 0, "TCP")
	try := func(what string, status int, req *sip.Request) {
		t.Helper()
		c.callID += "x"
		*req.CallID() = sip.CallIDHeader(c.callID)
		req, res := c.authenticated(req)
		if res == nil {
			res = c.final(req)
		}
		c.ack(req, res)
		if res.StatusCode != status {
			t.Errorf("%s: %d, want %d", what, res.StatusCode, status)
		}
	}
	try("not registered", 403, c.request("INVITE", "sip:600@"+loopback, offerSDP))
	c.registered()
	liar := c.request("INVITE", "sip:600@"+loopback, offerSDP)
	liar.From().Address.User = "1002"
	try("another's name", 403, liar)
	try("another host", 404, c.request("INVITE", "sip:600@example.com", offerSDP))
	try("no hops left", 483, withoutHops(c.request("INVITE", "sip:600@"+loopback, offerSDP)))
}

func withoutHops(req *sip.Request) *sip.Request {
	none := sip.MaxForwardsHeader(0)
	req.ReplaceHeader(&none)
	return req
}

func TestRequestsOfNoDialogGet481(t *testing.T) {
	p, _ := start(t, nil)
	c := caller(t, p, "WS")
	for _, method := range []string{"BYE", "INFO", "UPDATE", "INVITE"} {
		c.seq++
		req := c.build(method, "sip:600@"+loopback, "<sip:600@"+loopback+">;tag=none", c.seq, "")
		c.send(req)
		if res := c.final(req); res.StatusCode != 481 {
			t.Errorf("%s: %d", method, res.StatusCode)
		}
	}
	cancel := c.request("CANCEL", "sip:600@"+loopback, "")
	c.send(cancel)
	if res := c.final(cancel); res.StatusCode != 481 {
		t.Errorf("CANCEL: %d", res.StatusCode)
	}
}

func TestGarbageLeavesThePBXRunning(t *testing.T) {
	p, _ := start(t, nil)
	garbage := []string{
		"", "\r\n", "\x00\xff\x00", "hello", "INVITE\r\n\r\n", "INVITE sip:600@127.0.0.1 SIP/2.0\r\n\r\n",
		"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nCSeq: 1 INVITE\r\nCall-ID: x\r\n\r\n",
		"INVITE sip:600@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nCSeq: 1 BYE\r\nCall-ID: x\r\nFrom: <sip:a@b>\r\nTo: <sip:b@c>\r\n\r\n",
		"REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK7\r\nCSeq: 1 REGISTER\r\nCall-ID: \r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\n\r\n",
		"REGISTER * SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK8\r\nCSeq: 1 REGISTER\r\nCall-ID: y\r\nFrom: <sip:a@b>;tag=1\r\nTo: *\r\nContact: *\r\nAuthorization: Digest x\r\nContent-Length: 0\r\n\r\n",
		strings.Repeat("A", 65000),
	}
	for _, transport := range []string{"UDP", "WS", "TCP"} {
		for _, text := range garbage {
			c := newPhone(t, p, 0, transport)
			_ = c.write([]byte(text))
			c.hangUp()
		}
	}
	newPhone(t, p, 1, "UDP").registered()
}

func TestOversizeEndsAConnection(t *testing.T) {
	p, _ := start(t, nil)
	conn, err := net.Dial("tcp", p.Address("TCP"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "INVITE sip:600@127.0.0.1 SIP/2.0\r\nContent-Length: 99999999\r\n\r\n")
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("still open: %v", err)
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	p, _ := start(t, nil)
	var open []net.Conn
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	for range maxFlows + 1 {
		conn, err := net.Dial("tcp", p.Address("TCP"))
		if err != nil {
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	ended := 0
	for _, conn := range open {
		_, _ = io.WriteString(conn, "\r\n\r\n") // a keep-alive: those that are served answer it
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		if _, err := conn.Read(make([]byte, 2)); err != nil {
			ended++
		}
	}
	if ended != 1 {
		t.Errorf("%d of %d connections were ended, want 1", ended, len(open))
	}
}

func TestTheWebSocketDoorIsNarrow(t *testing.T) {
	p, _ := start(t, nil)
	base := "ws://" + p.Address("WS")
	for what, test := range map[string]struct {
		url     string
		options *websocket.DialOptions
		open    bool
	}{
		"the account's form":       {base + "/ws?exten=1001", &websocket.DialOptions{Subprotocols: []string{"sip"}}, true},
		"the plain form":           {base + "/", &websocket.DialOptions{Subprotocols: []string{"other", "sip"}}, true},
		"no subprotocol":           {base + "/ws", nil, false},
		"another subprotocol":      {base + "/ws", &websocket.DialOptions{Subprotocols: []string{"chat"}}, false},
		"another path":             {base + "/admin", &websocket.DialOptions{Subprotocols: []string{"sip"}}, false},
		"a page of another site":   {base + "/ws", &websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"Origin": {"https://evil.example"}}}, false},
		"a page of this very host": {base + "/ws", &websocket.DialOptions{Subprotocols: []string{"sip"}, HTTPHeader: http.Header{"Origin": {"http://localhost:8080"}}}, true},
	} {
		conn, _, err := websocket.Dial(within(t), test.url, test.options)
		if (err == nil) != test.open {
			t.Errorf("%s: %v", what, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestPingsAreSentAndMustBeAnswered(t *testing.T) {
	p, _ := start(t, func(o *Options) { o.PingInterval, o.pongTimeout = 5*time.Millisecond, 200*time.Millisecond })
	c := newPhone(t, p, 0, "WS") // its reader answers PINGs
	c.registered()
	eventually(t, "some PONGs", func() bool { answered, _ := p.Pongs(); return answered > 3 })

	silent, _, err := websocket.Dial(within(t), p.Account(1).WS, &websocket.DialOptions{
		Subprotocols: []string{"sip"}, OnPingReceived: func(context.Context, []byte) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.CloseNow() }()
	if _, _, err := silent.Read(within(t)); err == nil {
		t.Error("a client that does not answer PINGs stays connected")
	}
	if _, missed := p.Pongs(); missed == 0 {
		t.Error("nothing was missed")
	}
}

func TestTheContextEndsThePBX(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p, err := Start(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-p.loopDone:
	case <-time.After(patience):
		t.Fatal("it runs on")
	}
	p.Close()
	p.Close()
	if _, err := p.CallUser(context.Background(), "1001", "600", "602"); !errors.Is(err, ErrClosed) {
		t.Errorf("a call after Close: %v", err)
	}
}

func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("\r\n\r\nBYE sip:a@b SIP/2.0\r\nContent-Length: 2\r\n\r\nab"))
	f.Add([]byte("x\r\nl: 5\r\nContent-Length: 4\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		reader := bufio.NewReader(bytes.NewReader(data))
		for {
			message, err := readMessage(reader)
			if err != nil && !errors.Is(err, errKeepAlive) {
				return
			}
			if len(message) > maxMessage {
				t.Fatal("too large")
			}
		}
	})
}

// FuzzMessages feeds the loop itself with whatever comes, from a peer that nobody knows.
func FuzzMessages(f *testing.F) {
	p, err := newPBX(Options{})
	if err != nil {
		f.Fatal(err)
	}
	p.sockets.address = map[string]string{}
	p.makeAccounts(3, "", nil)
	peer := &flow{transport: "WS", local: "127.0.0.1:1", remote: "127.0.0.1:2", reliable: true, write: func([]byte) {}}
	f.Add([]byte("REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/WS x;branch=z9hG4bK7;rport\r\nCSeq: 1 REGISTER\r\nCall-ID: 1\r\n" +
		"From: <sip:1001@b>;tag=1\r\nTo: <sip:1001@c>\r\nContact: <sip:x@y>;expires=5\r\nAuthorization: Digest username=\"1001\"\r\n\r\n"))
	f.Add([]byte("INVITE sip:600@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/WS x;branch=z9hG4bK9\r\nCSeq: 1 INVITE\r\nCall-ID: 1\r\n" +
		"From: <sip:1001@b>;tag=1\r\nTo: <sip:600@c>;tag=2\r\nMax-Forwards: 0\r\n\r\n"))
	f.Add([]byte("SIP/2.0 200 OK\r\nVia: SIP/2.0/WS x;branch=z9hG4bK9\r\nCSeq: 1 INVITE\r\nCall-ID: 1\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p.onMessage(peer, data)
		if len(p.legs) != 0 || len(p.registrar.bindings) != 0 || len(p.proxied) != 0 {
			t.Fatal("a stranger's message had an effect")
		}
	})
}
