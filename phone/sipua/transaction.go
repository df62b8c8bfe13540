package sipua

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// The timers of RFC 3261 §17, table 4.
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
	timerT4 = 5 * time.Second
	giveUp  = 64 * timerT1 // B, F, H, and our patience elsewhere
)

// clientTx is a client transaction (RFC 3261 §17.1, RFC 6026). It belongs to the line's owner.
type clientTx struct {
	l        *line
	conn     *conn
	wide     *conn // the TCP connection that it took for its size; nil: the line's own
	m        *message
	raw, ack []byte
	key      string
	invite   bool
	sent     time.Time // by the wide way

	provisional, final, over bool
	interval                 time.Duration
	retry, deadline          *timer
	on                       func(*message) // every 1xx, every 2xx to an INVITE, the first other final
	failed                   func(phone.Cause)
}

// request sends m in a transaction of its own. There must be a connection. Exactly one final response or one
// failure follows, the INVITE's further 2xx apart.
func (l *line) request(m *message, on func(*message), failed func(phone.Cause)) *clientTx {
	branch := newBranch()
	tx := l.newClientTx(m, branch, on, failed)
	if l.oversized(m) {
		l.withWide(func(c *conn) { tx.begin(c, branch) })
	} else {
		tx.begin(nil, branch)
	}
	return tx
}

func (l *line) newClientTx(m *message, branch string, on func(*message), failed func(phone.Cause)) *clientTx {
	tx := &clientTx{l: l, conn: l.conn, m: m, key: branch + " " + m.method, invite: m.method == "INVITE", on: on, failed: failed}
	l.client[tx.key] = tx
	limit := giveUp
	if w := l.server.way; (tx.invite || m.method == "REGISTER") && w != nil && w.besides(l.server.target) {
		limit = patience
	}
	tx.deadline = l.after(limit, func() { tx.fail(phone.CauseRequestTimeout) }) // B, F
	return tx
}

// begin sends the request, by the wide way if there is one.
func (tx *clientTx) begin(wide *conn, branch string) {
	if tx.over || tx.final {
		return
	}
	tx.wide = wide
	tx.m.headers = append([]phone.Header{{Name: "Via", Value: tx.l.via(wide, branch)}}, tx.m.headers...)
	tx.raw, tx.sent = tx.m.bytes(), time.Now()
	tx.send(tx.raw)
	if wide != nil {
		tx.listen()
		return
	}
	if !tx.l.server.reliable() {
		tx.interval = timerT1
		tx.retry = tx.l.after(tx.interval, tx.again) // A, E
	}
}

func (tx *clientTx) send(raw []byte) { tx.l.sendOn(tx.wide, raw) }

// newBranch makes a transaction's id (RFC 3261 §8.1.1.7).
func newBranch() string { return "z9hG4bK" + randomHex(10) }

// via is our Via. The server answers on the connection that the request came by; on UDP rport asks for that (RFC 3581).
func (l *line) via(wide *conn, branch string) string {
	transport, sentBy := l.server.transport, l.sentBy
	if wide != nil {
		transport, sentBy = wide.transport, wide.sentBy(l.instance)
	}
	v := "SIP/2.0/" + transport + " " + sentBy + ";branch=" + branch
	if !l.server.webSocket() {
		v += ";rport"
	}
	return v
}

// again retransmits (timers A and E).
func (tx *clientTx) again() {
	tx.send(tx.raw)
	if tx.interval *= 2; tx.interval == 8*timerT1 && !tx.provisional {
		tx.l.suspect()
	}
	if !tx.invite && (tx.interval > timerT2 || tx.provisional) {
		tx.interval = timerT2
	}
	tx.retry = tx.l.after(tx.interval, tx.again)
}

func (tx *clientTx) stopTimers() {
	tx.l.stop(tx.retry)
	tx.l.stop(tx.deadline)
}

// end forgets the transaction.
func (tx *clientTx) end() {
	tx.over = true
	tx.stopTimers()
	if tx.l.client[tx.key] == tx {
		delete(tx.l.client, tx.key)
	}
}

// endAfter keeps the transaction to absorb repeated responses.
func (tx *clientTx) endAfter(d time.Duration) {
	tx.stopTimers()
	tx.deadline = tx.l.after(d, tx.end)
}

func (tx *clientTx) fail(cause phone.Cause) {
	if tx.over || tx.final {
		return
	}
	tx.final = true
	tx.end()
	tx.failed(cause)
}

func (l *line) onResponse(r *message) {
	_, method := r.cseq()
	branch, _ := paramOf(afterSemicolon(r.topVia()), "branch")
	tx := l.client[branch+" "+method]
	if tx == nil {
		return // late, or not ours
	}
	tx.receive(r)
}

func (tx *clientTx) receive(r *message) {
	if r.status >= 200 && !tx.final {
		tx.l.creds.renewed(r)
	}
	switch {
	case r.status < 200:
		if tx.final {
			return
		}
		tx.provisional = true
		if tx.invite { // only we end it now
			tx.stopTimers()
		}
		tx.on(r)
	case tx.invite && r.status < 300:
		if !tx.final {
			tx.final = true
			tx.endAfter(giveUp) // RFC 6026, timer M: further 2xx come to us
		}
		tx.on(r)
	case tx.final:
		if tx.ack != nil {
			tx.send(tx.ack)
		}
	default:
		tx.final = true
		if tx.invite {
			tx.ack = tx.ackOf(r).bytes()
			tx.send(tx.ack)
			tx.endAfter(giveUp) // D
		} else {
			tx.endAfter(timerT4) // K
		}
		tx.on(r)
	}
}

// ackOf is the ACK of a final response from 300 on (RFC 3261 §17.1.1.3).
func (tx *clientTx) ackOf(r *message) *message {
	ack := tx.l.newRequest("ACK", tx.m.uri)
	for _, h := range tx.m.headers {
		switch h.Name {
		case "Via", "Route", "From", "Call-ID":
			ack.add(h.Name, h.Value)
		}
	}
	number, _ := tx.m.cseq()
	ack.add("To", r.get("To"))
	ack.add("CSeq", cseqValue(number, "ACK"))
	return ack
}

// abandon stops waiting for a final answer but stays a while, for one that comes after all.
func (tx *clientTx) abandon() { tx.endAfter(giveUp) }

// serverTx is a server transaction (RFC 3261 §17.2, RFC 6026).
type serverTx struct {
	l        *line
	wide     *conn // the TCP connection that it came by; nil: the line's own
	m        *message
	key      string
	toTag    string
	status   int
	last     []byte
	acked    bool
	interval time.Duration
	retry    *timer
}

// maxServed limits the memory that a flood of requests can take.
const maxServed = 2000

// serve begins a server transaction.
func (l *line) serve(m *message) *serverTx {
	st := &serverTx{l: l, wide: l.arrived, m: m, key: serverKey(m), toTag: m.toTag()}
	if st.toTag == "" {
		st.toTag = randomHex(8)
	}
	l.served[st.key] = st
	return st
}

// serverKey matches a request to its transaction (RFC 3261 §17.2.3); ACK to an INVITE's.
func serverKey(m *message) string {
	method := m.method
	if method == "ACK" {
		method = "INVITE"
	}
	return serverKeyFor(m, method)
}

func serverKeyFor(m *message, method string) string {
	via := m.topVia()
	branch, _ := paramOf(afterSemicolon(via), "branch")
	number, _ := m.cseq()
	if len(branch) > 7 && branch[:7] == "z9hG4bK" {
		host, _, _ := cutVia(via)
		return branch + " " + host + " " + method
	}
	return m.uri + " " + m.fromTag() + " " + m.callID() + " " + cseqValue(number, method) + " " + via
}

// respond sends a response and keeps it for repetitions of the request.
func (st *serverTx) respond(r *message) {
	st.status, st.last = r.status, r.bytes()
	st.send(st.last)
	if r.status < 200 {
		return
	}
	switch {
	case st.m.method == "INVITE" && r.status >= 300:
		if !st.l.server.reliable() {
			st.interval = timerT1
			st.retry = st.l.after(st.interval, st.again) // G
		}
		st.l.after(giveUp, st.end) // H
	case st.m.method == "INVITE" || !st.l.server.reliable():
		st.l.after(giveUp, st.end) // L, J
	default:
		st.end()
	}
}

func (st *serverTx) send(raw []byte) { st.l.sendOn(st.wide, raw) }

// again retransmits a refusal until its ACK comes.
func (st *serverTx) again() {
	if st.acked {
		return
	}
	st.send(st.last)
	st.interval = min(2*st.interval, timerT2)
	st.retry = st.l.after(st.interval, st.again)
}

func (st *serverTx) end() {
	st.l.stop(st.retry)
	if st.l.served[st.key] == st {
		delete(st.l.served, st.key)
	}
}

// reply answers with a bare status; more are further headers.
func (st *serverTx) reply(status int, more ...phone.Header) {
	r := st.response(status)
	r.headers = append(r.headers, more...)
	st.respond(r)
}

// response makes a response to the transaction's request (RFC 3261 §8.2.6).
func (st *serverTx) response(status int) *message {
	r := responseTo(st.m, status, st.toTag)
	r.add("Server", st.l.agent.options.UserAgent)
	return r
}
