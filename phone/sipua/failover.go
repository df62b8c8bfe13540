package sipua

import (
	"fmt"
	"net"

	"github.com/hookswitch/hookswitch/phone"
)

// maxFailovers bounds how many servers one registration tries.
const maxFailovers = 8

// failOver registers with the domain's next server after this one failed (RFC 3263 §4.3): it did not answer, its
// connection broke, or it says 503. false: there is no other one. A server that still speaks is not left during a call.
func (l *line) failOver(x *registering, answered bool, why error) bool {
	w := l.server.way
	if w == nil || l.closing || x.expires == 0 || x.hops >= maxFailovers || answered && len(l.calls) > 0 {
		return false
	}
	w.failed(l.server.target)
	if !w.others() {
		return false
	}
	x.hops++
	x.attempt, x.left, x.moved = attempt{}, "", false // what one server asked and saw is not the next one's
	l.leave(why)
	l.register(x)
	return true
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
	for _, tx := range l.client {
		tx.connectionLost()
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
