package sipua

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// line is one account's signalling. All fields below the channels belong to its owner, the goroutine
// of run; everything else posts to it.
type line struct {
	agent   *Agent
	account phone.AccountID
	sink    func(phone.SignalEvent)
	log     *slog.Logger
	home    server // as the account names it
	server  server // as it was found: the connection's

	aor, local  string // "sip:1001@pbx.example", and as From and To write it
	registrar   string // the request URI of REGISTER
	contactUser string
	instance    string // names this line's contact while it lives

	ctx      context.Context // ends dialling
	cancel   context.CancelFunc
	wait     sync.WaitGroup // the connections' goroutines
	box      *mailbox
	incoming chan inbound
	dialed   chan dialed
	done     chan struct{}

	conn    *conn
	dialing bool
	up      bool          // TransportUp was posted for conn
	waiting []func(error) // run when dialling ends
	sentBy  string        // our side as conn names it
	wide    wideWay
	watch   watch
	arrived *conn // the wide way, while a request that came by it is looked at

	client    map[string]*clientTx
	served    map[string]*serverTx
	calls     map[phone.DialogID]*call
	referrals map[phone.DialogID]*referral // theirs, by the call that they came in
	ended     []endedDialog
	creds     credentials
	reg       registration

	direct            bool // no registrar
	busy              bool // no further call is taken
	leaving           bool // the connection is to be closed when nothing needs it
	closing, finished bool
}

// inbound is one message as it came, dialed the outcome of dialling.
type (
	inbound struct {
		from *conn
		data []byte
	}
	dialed struct {
		conn *conn
		err  error
		then func() // set: of goBack
	}
)

var _ phone.Line = (*line)(nil)

// run is the owner.
func (l *line) run() {
	defer close(l.done)
	for !l.finished {
		select {
		case <-l.box.wake:
			for _, f := range l.box.take() {
				if l.finished {
					break
				}
				f()
			}
		case in := <-l.incoming:
			l.onData(in)
		case d := <-l.dialed:
			l.onDialed(d)
		}
	}
	l.cancel()
	if l.conn != nil {
		l.conn.close()
	}
	if l.wide.conn != nil {
		l.wide.conn.close()
	}
}

// Close implements phone.Line.
func (l *line) Close(grace time.Duration) {
	l.box.put(func() { l.close(grace) })
	<-l.done
	l.wait.Wait()
	select { // dialled while we were closing
	case d := <-l.dialed:
		if d.conn != nil {
			_ = d.conn.raw.Close()
		}
	default:
	}
}

func (l *line) close(grace time.Duration) {
	if l.closing {
		return
	}
	l.closing = true
	for _, c := range l.calls {
		c.end(480)
	}
	if grace <= 0 {
		l.finished = true
		return
	}
	l.after(grace, func() { l.finished = true })
	l.finishIfIdle()
}

// finishIfIdle ends a closing line, or the connection of one that is to be left, when nothing is left to be said.
func (l *line) finishIfIdle() {
	switch {
	case len(l.calls) > 0 || l.reg.busy:
	case l.closing:
		l.finished = true
	case l.leaving && l.asksStill(): // a BYE that is not answered
		l.after(time.Second, l.finishIfIdle)
	case l.leaving && !l.dialing:
		l.leaving = false
		l.signOff()
	}
}

// asksStill: a request of ours, other than the question whether the server lives, waits for its answer.
func (l *line) asksStill() bool {
	for _, tx := range l.client {
		if !tx.final && tx.m.method != "OPTIONS" {
			return true
		}
	}
	return false
}

// signOff closes the connection at our own wish.
func (l *line) signOff() {
	l.wide.drop()
	c := l.conn
	if c == nil {
		return
	}
	l.conn, l.reg.bound = nil, false
	c.close()
	if l.up {
		l.up = false
		l.post(phone.TransportDown{})
	}
	for _, tx := range l.client {
		tx.fail(phone.CauseConnection)
	}
}

func (l *line) post(e phone.SignalEvent) { l.sink(e) }

// withConn runs f once there is a connection, or with the error that prevents it.
func (l *line) withConn(f func(error)) {
	if l.conn != nil {
		f(nil)
		return
	}
	l.waiting = append(l.waiting, f)
	if l.dialing {
		return
	}
	l.dialing = true
	l.wait.Go(func() {
		c, err := l.agent.dial(l.ctx, l.home)
		l.dialed <- dialed{conn: c, err: err}
	})
}

func (l *line) onDialed(d dialed) {
	l.dialing = false
	if d.then != nil {
		l.onBack(d)
		return
	}
	waiting := l.waiting
	l.waiting = nil
	if d.err != nil {
		l.log.Warn("connection failed", "error", d.err)
		l.post(phone.TransportDown{Err: d.err, Cause: causeOf(d.err)})
	} else {
		l.connected(d.conn)
	}
	for _, f := range waiting {
		f(d.err)
	}
	l.finishIfIdle()
}

// connected takes a fresh connection over.
func (l *line) connected(c *conn) {
	before := l.server.target
	l.conn, l.server, l.sentBy = c, c.server, c.sentBy(l.instance)
	c.trace = func(direction string, message []byte) {
		l.agent.tracer.write(direction, string(l.account), c.transport, message)
	}
	c.run(&l.wait, l.deliver, func(c *conn, err error) {
		l.box.put(func() { l.onConnClosed(c, err) })
	})
	l.log.Debug("connected", "server", c.address(), "transport", c.transport)
	if before.Addr.IsValid() && (before.Host != c.target.Host || before.Addr.Port() != c.target.Addr.Port()) {
		l.moved()
	}
	l.watchOver(c)
	if c.reliable() { // on UDP only an answer tells that somebody is there
		l.setUp()
	}
}

func (l *line) setUp() {
	if !l.up {
		l.up = true
		l.post(phone.TransportUp{Encrypted: l.server.encrypted()})
	}
}

func (l *line) onConnClosed(c *conn, err error) {
	if l.conn != c {
		return
	}
	l.conn, l.up = nil, false
	l.reg.bound = false
	if w := c.way; w != nil && (errors.Is(err, errNoPong) || errors.Is(err, errNoAnswer) || !c.reliable() && !errors.Is(err, errMoved)) {
		w.failed(c.target) // no UDP socket would tell so at the next try (RFC 3261 §18.4)
	}
	l.log.Warn("connection lost", "error", err)
	l.post(phone.TransportDown{Err: fmt.Errorf("connection to %s lost: %w", c.address(), err), Cause: causeOf(err)})
	for _, tx := range l.client {
		if tx.wide == nil {
			tx.fail(phone.CauseConnection)
		}
	}
}

// deliver hands a message to the owner. It waits while the owner is busy: that is how a flood is slowed.
func (l *line) deliver(c *conn, data []byte) {
	select {
	case l.incoming <- inbound{c, data}:
	case <-c.quit:
	case <-l.done:
	}
}

// onData reads one message and gives it to its transaction or dialog.
func (l *line) onData(in inbound) {
	l.arrived = nil
	switch in.from {
	case l.conn:
	case l.wide.conn:
		l.arrived = in.from
	default:
		return // of a connection that is gone
	}
	m, err := parseMessage(in.data)
	if err != nil {
		l.log.Debug("unreadable message", "error", err)
		if m != nil && m.isRequest() {
			l.refuseMalformed(m, err)
		}
		return
	}
	l.setUp()
	if m.isRequest() {
		l.onRequest(m)
		return
	}
	l.onResponse(m)
}

// send puts a message on the wire, if there is one; what gets lost is its sender's timers' affair.
func (l *line) send(raw []byte) {
	if l.conn != nil {
		l.conn.send(raw)
	}
}

// contact is our own address as the server reaches it: on this connection (RFC 7118 §5, RFC 3261 §8.1.1.8).
func (l *line) contact() string {
	return "<" + l.contactURI() + ">"
}

// dialogContact is contact for what makes a dialog: where the registrar does outbound, the far end's requests are to come
// over this very flow (RFC 5626 §4.3, "ob").
func (l *line) dialogContact() string {
	if l.reg.bound && l.reg.outbound {
		return "<" + l.contactURI() + ";ob>"
	}
	return l.contact()
}

// preload adds the way that a request outside of dialogs takes: the proxy that wants to be named, and then the
// registrar's own (RFC 3261 §8.1.2, RFC 3608 §6.1).
func (l *line) preload(m *message, routes []string) {
	if l.home.route != "" && (len(routes) == 0 || parseNameAddr(routes[0]).uri != parseNameAddr(l.home.route).uri) {
		m.add("Route", l.home.route)
	}
	for _, route := range routes {
		m.add("Route", route)
	}
}

func (l *line) contactURI() string {
	scheme := "sip:"
	if strings.HasPrefix(l.aor, "sips:") { // RFC 3261 §8.1.1.8
		scheme = "sips:"
	}
	uri := scheme + l.contactUser + "@" + l.contactHost()
	if l.server.transport == "UDP" || scheme == "sips:" && l.server.transport == "TLS" { // which is what sips means
		return uri
	}
	param := l.server.uriParam()
	if param == "wss" { // RFC 7118 §5.1: there is no such parameter value, WSS is WS over TLS
		param = "ws"
	}
	return uri + ";transport=" + param
}

// SetCredential implements phone.Line. An empty user keeps the one that authenticates now.
func (l *line) SetCredential(user string, s phone.Secret) {
	l.box.put(func() {
		if user != "" {
			l.creds.user = oneLine(user)
		}
		l.creds.secret = s
		l.creds.forget()
	})
}
