package sipua

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

const (
	// maxFailovers bounds how many servers one request tries.
	maxFailovers = 8
	// patience is how long a server may be silent on an INVITE or a REGISTER where there is another one. It has 200 ms to
	// say 100 (RFC 3261 §17.2.1), and a person would not wait timer B's 32 s; in this time UDP has asked five times.
	patience = 16 * timerT1
	// maxRepeats bounds how often a request within a dialog is sent again because its connection broke.
	maxRepeats = 2
)

var errNoAnswer = errors.New("the server does not answer")

// failOver registers with the domain's next server after this one failed (RFC 3263 §4.3): it did not answer, its
// connection broke, or it says 503. false: there is no other one. A server that still speaks is not left during a call.
func (l *line) failOver(x *registering, refusal *message, why error) bool {
	w := l.server.way
	if w == nil || l.closing || x.expires == 0 || x.hops >= maxFailovers || refusal != nil && len(l.calls) > 0 {
		return false
	}
	w.failedFor(l.server.target, pauseOf(refusal))
	if !w.others() {
		return false
	}
	x.hops++
	x.attempt, x.left, x.moved = attempt{}, "", false // what one server asked and saw is not the next one's
	l.leave(why)
	l.register(x)
	return true
}

// elsewhere gives up the server that a request failed at, so that the next one gets the request (RFC 3263 §4.3). false:
// there is no other, or too many were tried.
func (l *line) elsewhere(from *conn, hops *int, refusal *message, why error) bool {
	if from == nil || from.way == nil || l.closing || *hops >= maxFailovers {
		return false
	}
	from.way.failedFor(from.target, pauseOf(refusal))
	if !from.way.others() {
		return false
	}
	*hops++
	if l.conn == from {
		l.leave(why)
	}
	return true
}

// onceMore reports whether a request within a dialog, whose connection broke, is to be sent again on the next one.
func (l *line) onceMore(a *attempt, cause phone.Cause) bool {
	if cause != phone.CauseConnection || l.closing || a.hops >= maxRepeats {
		return false
	}
	a.hops++
	return true
}

// failOver sends a call's INVITE to the next server: the same request, but for its branch, where nobody can have heard of
// it. Phones that rang may still know it, and would refuse it as a loop (RFC 3261 §8.2.2.2): for them it is a new one.
func (c *call) failOver(from *conn, refusal *message, why error) bool {
	l := c.l
	if c.unwanted || c.over || c.state != calling || refusal != nil && len(l.calls) > 1 || !l.elsewhere(from, &c.hops, refusal, why) {
		return false
	}
	rang := len(c.forks) > 0
	clear(c.forks)
	c.tx, c.early, c.provisional, c.attempt = nil, nil, false, attempt{}
	l.withConn(func(err error) {
		switch {
		case c.over:
		case err != nil:
			c.refused(0, causeOf(err))
		case rang:
			c.sendInvite()
		default:
			c.repeatInvite()
		}
	})
	return true
}

// moved settles what belonged to a server that was left for another one: who called through it cannot hear our answer any
// more. Calls that stand go on, their sound has a way of its own.
func (l *line) moved() {
	l.reg.routes = nil
	l.wide.drop()
	for _, c := range l.calls {
		switch {
		case c.state == ringing:
			c.finish(phone.DialogEnded{Cause: phone.CauseConnection, ByThem: true})
			continue
		case c.theirs != nil:
			c.theirs = nil
		case c.await != nil && c.await.reinvite:
			c.await.stop(l)
			c.await = nil
		}
		c.retryChange()
	}
}

// routesBy is the route set as a request has to follow it now. Where the proxy that the dialog was made through has been
// left for another one of its domain, that one stands in its place, as if Record-Route had named the domain: the
// path to the far end must not lead through a dead machine.
func (d *dialog) routesBy(l *line) []string {
	now := l.server.target.Addr
	if !d.edge.IsValid() || !now.IsValid() || now == d.edge || len(d.routes) == 0 {
		return d.routes
	}
	if at, ok := addressOf(d.routes[0]); !ok || at != d.edge {
		return d.routes
	}
	rest := d.routes[1:]
	if len(rest) > 0 { // a proxy between two transports records itself twice (RFC 5658)
		if at, ok := addressOf(rest[0]); ok && at.Addr() == d.edge.Addr() {
			rest = rest[1:]
		}
	}
	return append([]string{routeTo(now.String(), l.server.transport)}, rest...)
}

// addressOf reads a route that names its proxy by number.
func addressOf(route string) (netip.AddrPort, bool) {
	u, ok := parseURI(parseNameAddr(route).uri)
	if !ok {
		return netip.AddrPort{}, false
	}
	ip, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	if err != nil || u.Port < 0 || u.Port > 65535 {
		return netip.AddrPort{}, false
	}
	transport, _ := u.UriParams.Get("transport")
	port := uint16(u.Port)
	switch {
	case port != 0:
	case strings.EqualFold(transport, "tls") || strings.EqualFold(u.Scheme, "sips"):
		port = 5061
	default:
		port = 5060
	}
	return netip.AddrPortFrom(ip.Unmap(), port), true
}

// pauseOf is how long a server that says 503 wants to be left alone; 0: it does not say, or says nothing at all (nil).
func pauseOf(refusal *message) time.Duration {
	if refusal == nil {
		return 0
	}
	return seconds(refusal.get("Retry-After"))
}

// leave gives the connection up.
func (l *line) leave(why error) {
	c := l.conn
	if c == nil {
		return
	}
	l.log.Warn("server left", "server", c.address(), "error", why)
	l.conn = nil
	if l.up {
		l.up = false
		l.post(phone.TransportDown{Err: fmt.Errorf("%s left: %w", c.address(), why), Cause: phone.CauseConnection})
	}
	c.close()
	l.reg.bound = false
	for _, tx := range l.client { // their answers cannot come any more
		tx.fail(phone.CauseConnection)
	}
}

// goBack tries whether a server that the domain prefers works again, and runs then afterwards: on its connection if so, on
// the present one if not. false: there is nothing to try. Calls are not moved.
func (l *line) goBack(then func()) bool {
	w := l.server.way
	if w == nil || l.conn == nil || l.dialing || len(l.calls) > 0 || !w.away(l.server.target) {
		return false
	}
	l.dialing = true
	home, current := l.home, l.server.target
	l.wait.Go(func() {
		c, err := w.back(l.ctx, home, current, l.question)
		l.dialed <- dialed{conn: c, err: err, then: then}
	})
	return true
}

// onBack is the outcome of goBack.
func (l *line) onBack(d dialed) {
	old := l.conn
	switch {
	case d.conn == nil:
		l.log.Debug("preferred server still away", "error", d.err)
	case len(l.calls) > 0:
		_ = d.conn.raw.Close()
	default:
		l.connected(d.conn)
		if old != nil {
			old.close()
		}
	}
	d.then()
	waiting := l.waiting
	l.waiting = nil
	for _, f := range waiting { // the old connection broke meanwhile
		l.withConn(f)
	}
}

// question is an OPTIONS that asks whether anybody is there. It reads only what never changes.
func (l *line) question(raw net.Conn) []byte {
	m := l.newRequest("OPTIONS", l.registrar)
	m.add("Via", "SIP/2.0/UDP "+raw.LocalAddr().String()+";branch="+newBranch()+";rport")
	m.add("From", l.local+";tag="+randomHex(8))
	m.add("To", "<"+l.registrar+">")
	m.add("Call-ID", randomHex(12))
	m.add("CSeq", cseqValue(1, "OPTIONS"))
	return m.bytes()
}
