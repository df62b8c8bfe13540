package demopbx

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// phoneClient is a scripted SIP phone: it sends what it is told, and answers nothing by itself.
type phoneClient struct {
	t         testing.TB
	account   Account
	transport string
	write     func([]byte) error
	in        chan sip.Message
	hangUp    func()
	callID    string
	fromTag   string
	seq       uint32
	branch    int
	contact   string
	algorithm string // of the digest
	password  string
}

func newPhone(t testing.TB, p *PBX, user int, transport string) *phoneClient {
	t.Helper()
	c := &phoneClient{
		t: t, account: p.Account(user), transport: transport, in: make(chan sip.Message, 100),
		callID: fmt.Sprintf("%s-%s-%d", t.Name(), transport, time.Now().UnixNano()), fromTag: "from-tag", algorithm: "SHA-256",
	}
	c.password = c.account.Password
	c.contact = fmt.Sprintf("<sip:%s@%s.invalid;transport=ws>", c.account.User, strings.ToLower(transport)+c.account.User)
	switch transport {
	case "WS", "WSS":
		c.dialWebSocket()
	case "UDP":
		c.dialUDP(p.Address("UDP"))
	default:
		c.dialStream(p.Address(transport))
	}
	t.Cleanup(func() { c.hangUp() })
	return c
}

func (c *phoneClient) roots() *tls.Config {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(c.account.CAPEM) {
		c.t.Fatal("no CA")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func (c *phoneClient) parse(data []byte) {
	if len(strings.TrimSpace(string(data))) == 0 {
		return
	}
	m, err := sip.ParseMessage(data)
	if err != nil {
		c.t.Errorf("the PBX sent what cannot be parsed: %v\n%s", err, data)
		return
	}
	select {
	case c.in <- m:
	default:
	}
}

func (c *phoneClient) dialWebSocket() {
	url := c.account.WS
	options := &websocket.DialOptions{Subprotocols: []string{"sip"}}
	if c.transport == "WSS" {
		url = c.account.WSS
		options.HTTPClient = httpClient(c.roots())
	}
	ctx, cancel := context.WithCancel(context.Background())
	conn, _, err := websocket.Dial(ctx, url, options)
	if err != nil {
		cancel()
		c.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return
			}
			c.parse(data)
		}
	}()
	c.write = func(b []byte) error { return conn.Write(ctx, websocket.MessageText, b) }
	c.hangUp = func() {
		cancel()
		_ = conn.CloseNow()
		if options.HTTPClient != nil {
			options.HTTPClient.CloseIdleConnections()
		}
		<-done
	}
}

func (c *phoneClient) dialUDP(address string) {
	conn, err := net.Dial("udp4", address)
	if err != nil {
		c.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, maxMessage)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			c.parse(buffer[:n])
		}
	}()
	c.write = func(b []byte) error { _, err := conn.Write(b); return err }
	c.hangUp = func() { _ = conn.Close(); <-done }
}

func (c *phoneClient) dialStream(address string) {
	var conn net.Conn
	var err error
	if c.transport == "TLS" {
		conn, err = tls.Dial("tcp", address, c.roots())
	} else {
		conn, err = net.Dial("tcp", address)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		reader := bufio.NewReader(conn)
		for {
			message, err := readMessage(reader)
			if err != nil {
				return
			}
			c.parse(message)
		}
	}()
	c.write = func(b []byte) error { _, err := conn.Write(b); return err }
	c.hangUp = func() { _ = conn.Close(); <-done }
}

// request makes a request outside of a dialog.
func (c *phoneClient) request(method, target, body string, headers ...string) *sip.Request {
	c.seq++
	to := target
	if method == "REGISTER" {
		to = c.account.URI
	}
	return c.build(method, target, "<"+to+">", c.seq, body, headers...)
}

func (c *phoneClient) build(method, target, to string, seq uint32, body string, headers ...string) *sip.Request {
	c.branch++
	lines := []string{
		method + " " + target + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/%s client.invalid;branch=z9hG4bK-%s-%d;rport", c.transport, c.callID, c.branch),
		"Max-Forwards: 70",
		fmt.Sprintf("From: <%s>;tag=%s", c.account.URI, c.fromTag),
		"To: " + to,
		"Call-ID: " + c.callID,
		fmt.Sprintf("CSeq: %d %s", seq, method),
		"Contact: " + c.contact,
	}
	lines = append(lines, headers...)
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	lines = append(lines, fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	m, err := sip.ParseMessage([]byte(strings.Join(lines, "\r\n")))
	if err != nil {
		c.t.Fatal(err)
	}
	return m.(*sip.Request)
}

func (c *phoneClient) send(m sip.Message) {
	c.t.Helper()
	if err := c.write([]byte(m.String())); err != nil {
		c.t.Fatal(err)
	}
}

// next returns the next message that fits.
func (c *phoneClient) next(what string, fits func(sip.Message) bool) sip.Message {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case m := <-c.in:
			if fits(m) {
				return m
			}
		case <-deadline:
			c.t.Fatalf("%s did not come", what)
		}
	}
}

// final waits for the final response to a request.
func (c *phoneClient) final(req *sip.Request) *sip.Response {
	c.t.Helper()
	return c.next("a final response to "+string(req.Method), func(m sip.Message) bool {
		res, ok := m.(*sip.Response)
		return ok && res.StatusCode >= 200 && res.CSeq().SeqNo == req.CSeq().SeqNo && res.CSeq().MethodName == req.Method
	}).(*sip.Response)
}

func (c *phoneClient) status(req *sip.Request, status int) *sip.Response {
	c.t.Helper()
	return c.next(fmt.Sprint(status), func(m sip.Message) bool {
		res, ok := m.(*sip.Response)
		return ok && res.StatusCode == status && res.CSeq().SeqNo == req.CSeq().SeqNo
	}).(*sip.Response)
}

// incoming waits for a request.
func (c *phoneClient) incoming(method sip.RequestMethod) *sip.Request {
	c.t.Helper()
	return c.next(string(method), func(m sip.Message) bool {
		req, ok := m.(*sip.Request)
		return ok && req.Method == method
	}).(*sip.Request)
}

// authorized adds credentials for the challenge to a copy of the request with the next CSeq.
func (c *phoneClient) authorized(req *sip.Request, res *sip.Response) *sip.Request {
	c.t.Helper()
	header, name := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		header, name = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(header) {
		challenge, err := digest.ParseChallenge(h.Value())
		if err != nil || challenge.Algorithm != c.algorithm {
			continue
		}
		return c.withCredentials(req, name, challenge, 1)
	}
	c.t.Fatalf("no challenge with %s in %v", c.algorithm, res.GetHeaders(header))
	return nil
}

func (c *phoneClient) withCredentials(req *sip.Request, name string, challenge *digest.Challenge, count int) *sip.Request {
	c.t.Helper()
	credentials, err := digest.Digest(challenge, digest.Options{
		Method: string(req.Method), URI: req.Recipient.String(), Count: count,
		Username: c.account.User, Password: c.password,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	again := req.Clone()
	removeAll(again, name)
	c.seq++
	c.branch++
	again.CSeq().SeqNo = c.seq
	again.Via().Params.Add("branch", fmt.Sprintf("z9hG4bK-%s-%d", c.callID, c.branch))
	again.AppendHeader(sip.NewHeader(name, credentials.String()))
	return again
}

// authenticated sends the request, answers one challenge, and returns the request as sent last.
func (c *phoneClient) authenticated(req *sip.Request) (*sip.Request, *sip.Response) {
	c.t.Helper()
	c.send(req)
	res := c.final(req)
	if res.StatusCode != 401 && res.StatusCode != 407 {
		return req, res
	}
	if req.IsInvite() {
		c.ack(req, res)
	}
	req = c.authorized(req, res)
	c.send(req)
	return req, nil
}

func (c *phoneClient) register(headers ...string) *sip.Response {
	c.t.Helper()
	if len(headers) == 0 {
		headers = []string{"Expires: 1800"}
	}
	req, res := c.authenticated(c.request("REGISTER", "sip:"+loopback, "", headers...))
	if res == nil {
		res = c.final(req)
	}
	return res
}

// registered registers and insists that it works.
func (c *phoneClient) registered() {
	c.t.Helper()
	if res := c.register(); res.StatusCode != 200 {
		c.t.Fatalf("REGISTER: %d %s", res.StatusCode, res.Reason)
	}
}

// invite sends an authenticated INVITE; what comes then is the caller's to wait for.
func (c *phoneClient) invite(number, body string, headers ...string) *sip.Request {
	c.t.Helper()
	c.callID += "i"
	req, res := c.authenticated(c.request("INVITE", "sip:"+number+"@"+loopback, body, headers...))
	if res != nil {
		c.t.Fatalf("INVITE was not challenged: %d", res.StatusCode)
	}
	return req
}

// ack acknowledges a final response to an INVITE.
func (c *phoneClient) ack(req *sip.Request, res *sip.Response) {
	c.t.Helper()
	target := req.Recipient.String()
	if res.StatusCode < 300 && res.Contact() != nil {
		target = res.Contact().Address.String()
	}
	ack := c.build("ACK", target, res.To().Value(), req.CSeq().SeqNo, "", c.route(res)...)
	if res.StatusCode >= 300 {
		ack.Via().Params = req.Via().Params.Clone()
	}
	c.send(ack)
}

func (c *phoneClient) route(res *sip.Response) []string {
	var routes []string
	for _, h := range res.GetHeaders("Record-Route") {
		routes = append([]string{"Route: " + h.Value()}, routes...)
	}
	return routes
}

// within makes a request inside the dialog that res confirmed.
func (c *phoneClient) within(res *sip.Response, method, body string, headers ...string) *sip.Request {
	c.t.Helper()
	c.seq++
	return c.build(method, res.Contact().Address.String(), res.To().Value(), c.seq, body, append(c.route(res), headers...)...)
}

// called calls a number and waits until it is answered.
func (c *phoneClient) called(number string) *sip.Response {
	c.t.Helper()
	req := c.invite(number, offerSDP)
	res := c.final(req)
	if res.StatusCode != 200 {
		c.t.Fatalf("%s: %d %s", number, res.StatusCode, res.Reason)
	}
	c.ack(req, res)
	return res
}

// respond answers a request; edit may add to it.
func (c *phoneClient) respond(req *sip.Request, status int, body string) {
	c.t.Helper()
	res := sip.NewResponseFromRequest(req, status, reason(status), nil)
	if !req.To().Params.Has("tag") && status > 100 {
		res.To().Params.Add("tag", "callee-tag")
	}
	res.AppendHeader(sip.NewHeader("Contact", c.contact))
	if body != "" {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
		res.SetBody([]byte(body))
	}
	c.send(res)
}
