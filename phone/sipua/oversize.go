package sipua

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// maxDatagram is the largest request that goes by UDP where TCP can be had (RFC 3261 §18.1.1): a larger one might be cut
// in fragments, which many a router drops.
const maxDatagram = 1300

const (
	wideLimit = time.Second      // how long a call waits for TCP before it goes by UDP after all
	wideAgain = 10 * time.Minute // how long a server without TCP is believed to have none
	wideWord  = 4 * time.Second  // how long an INVITE waits for the first word by TCP; a server says 100 in 200 ms
)

// wideWay is a UDP line's TCP connection to the same server, for large requests. It belongs to the line's owner.
type wideWay struct {
	conn    *conn
	dialing bool
	waiting []func(*conn)
	refused time.Time
}

// oversized reports whether a request has to look for another way than UDP. The Via that is still to come counts.
func (l *line) oversized(m *message) bool {
	return !l.server.reliable() && len(m.bytes())+len(l.via(nil, newBranch()))+len("Via: \r\n") > maxDatagram
}

// withWide runs f with the TCP connection, or with nil where there is none.
func (l *line) withWide(f func(*conn)) {
	w := &l.wide
	if w.conn != nil || !w.refused.IsZero() && time.Since(w.refused) < wideAgain {
		f(w.conn)
		return
	}
	w.waiting = append(w.waiting, f)
	if w.dialing {
		return
	}
	w.dialing = true
	to := l.server
	to.way = nil // the same server: it is found already
	to.transport = "TCP"
	l.wait.Go(func() {
		ctx, cancel := context.WithTimeout(l.ctx, wideLimit)
		c, err := l.agent.dial(ctx, to)
		cancel()
		taken := make(chan struct{})
		l.box.put(func() {
			close(taken)
			l.onWideDialed(c, err)
		})
		select {
		case <-taken:
		case <-l.done: // nobody takes it any more
			if c != nil {
				_ = c.raw.Close()
			}
		}
	})
}

func (l *line) onWideDialed(c *conn, err error) {
	w := &l.wide
	waiting := w.waiting
	w.dialing, w.waiting = false, nil
	switch {
	case err == nil && !c.target.Same(l.server.target): // of a server that was left meanwhile
		_ = c.raw.Close()
	case err != nil:
		l.log.Debug("no TCP for large requests", "error", err)
		w.refused = time.Now()
	default:
		w.conn = c
		c.trace = func(direction string, message []byte) {
			l.agent.tracer.write(direction, string(l.account), c.transport, message)
		}
		c.run(&l.wait, l.deliver, func(c *conn, _ error) { l.box.put(func() { l.onWideClosed(c) }) })
	}
	for _, f := range waiting {
		f(w.conn)
	}
}

func (l *line) onWideClosed(c *conn) {
	if l.wide.conn == c {
		l.wide.conn = nil
	}
	for _, tx := range slices.Collect(maps.Values(l.client)) {
		switch {
		case tx.wide != c:
		case tx.unheard():
			l.wide.refused = time.Now()
			tx.narrow()
		default:
			tx.fail(phone.CauseConnection)
		}
	}
}

// unheard reports whether the far end of the wide way has said nothing at all since the request went there: somebody else
// than the server took the connection, or nobody did.
func (tx *clientTx) unheard() bool { return !tx.final && tx.wide.heard.Load() < tx.sent.UnixNano() }

// listen leaves the wide way if it leads nowhere. Only an INVITE is answered at once.
func (tx *clientTx) listen() {
	if !tx.invite {
		return
	}
	wide := tx.wide
	tx.l.after(wideWord, func() {
		if tx.wide == wide && tx.unheard() {
			wide.fail(errNoAnswer) // onWideClosed does the rest
		}
	})
}

// narrow sends the request by UDP after all (RFC 3261 §18.1.1), as a transaction of its own.
func (tx *clientTx) narrow() {
	delete(tx.l.client, tx.key)
	branch := newBranch()
	tx.key = branch + " " + tx.m.method
	tx.l.client[tx.key] = tx
	tx.m.headers = tx.m.headers[1:] // the Via of the other way
	tx.begin(nil, branch)
}

// drop forgets the connection: another server has one of its own.
func (w *wideWay) drop() {
	if w.conn != nil {
		w.conn.close()
		w.conn = nil
	}
	w.refused = time.Time{}
}

// sendOn puts a message on the wide way, or on the line's own connection.
func (l *line) sendOn(wide *conn, raw []byte) {
	if wide != nil {
		wide.send(raw)
		return
	}
	l.send(raw)
}
