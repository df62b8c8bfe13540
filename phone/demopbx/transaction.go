package demopbx

import (
	"crypto/rand"
	"time"

	"github.com/emiago/sipgo/sip"
)

// timers are those of RFC 3261 §17; tests make them shorter.
type timers struct{ t1, t2 time.Duration }

func defaultTimers() timers { return timers{t1: 500 * time.Millisecond, t2: 4 * time.Second} }

// timeout is timers B, F, H: 64·T1.
func (t timers) timeout() time.Duration { return 64 * t.t1 }

// serverTx is a server transaction (RFC 3261 §17.2, RFC 6026). It belongs to the loop.
type serverTx struct {
	p        *PBX
	key      string
	req      *sip.Request
	flow     *flow
	toTag    string
	status   int    // of the last response, 0: none yet
	last     []byte // the last response as sent
	acked    bool   // an ACK for a final answer ≥ 300 came
	resend   *time.Timer
	expiry   *time.Timer
	onCancel func() // INVITE: what a CANCEL does; nil: 487 only
	onGone   func() // the flow closed before a final answer
}

// serverKey matches retransmissions, ACK and CANCEL to their transaction (RFC 3261 §17.2.3).
func serverKey(f *flow, req *sip.Request, method sip.RequestMethod) string {
	via := req.Via()
	branch, _ := via.Params.Get("branch")
	return f.remote + "|" + f.transport + "|" + branch + "|" + via.SentBy() + "|" + string(method)
}

func (p *PBX) newServerTx(f *flow, req *sip.Request) *serverTx {
	tx := &serverTx{p: p, key: serverKey(f, req, req.Method), req: req, flow: f, toTag: rand.Text()}
	p.servers[tx.key] = tx
	return tx
}

// respond makes a response to the request and sends it; edit may add to it.
func (tx *serverTx) respond(status int, text string, edit func(*sip.Response)) {
	res := sip.NewResponseFromRequest(tx.req, status, text, nil)
	if to := res.To(); to != nil && status > 100 && !tx.req.To().Params.Has("tag") {
		to.Params.Add("tag", tx.toTag)
	}
	res.AppendHeader(sip.NewHeader("Server", serverName))
	if edit != nil {
		edit(res)
	}
	tx.forward(res)
}

// forward sends a response, ours or one that came from downstream.
func (tx *serverTx) forward(res *sip.Response) {
	if tx.status >= 300 {
		return
	}
	tx.status = res.StatusCode
	tx.last = []byte(res.String())
	tx.p.journal.note(false, tx.flow, tx.req, res.StatusCode)
	tx.flow.send(tx.last)
	if res.StatusCode < 200 {
		return
	}
	tx.onCancel, tx.onGone = nil, nil
	if tx.req.IsInvite() && res.StatusCode >= 300 && !tx.flow.reliable {
		tx.retransmit(tx.p.timers.t1)
	}
	if !tx.req.IsInvite() && tx.flow.reliable {
		tx.end() // timer J is zero there
		return
	}
	if tx.expiry == nil {
		tx.expiry = tx.p.after(tx.p.timers.timeout(), tx.end)
	}
}

// retransmit repeats a final answer ≥ 300 to an INVITE until its ACK comes (timer G).
func (tx *serverTx) retransmit(d time.Duration) {
	tx.resend = tx.p.after(d, func() {
		if tx.acked || tx.p.servers[tx.key] != tx {
			return
		}
		tx.flow.send(tx.last)
		tx.retransmit(min(2*d, tx.p.timers.t2))
	})
}

// repeat answers a retransmitted request with the last response (RFC 6026: not with a 2xx to
// INVITE, which the dialog repeats by itself).
func (tx *serverTx) repeat() {
	if tx.last != nil && (!tx.req.IsInvite() || tx.status < 200 || tx.status >= 300) {
		tx.flow.send(tx.last)
	}
}

func (tx *serverTx) end() {
	stopTimer(tx.resend)
	stopTimer(tx.expiry)
	delete(tx.p.servers, tx.key)
}

// clientTx is a client transaction (RFC 3261 §17.1, RFC 6026). It belongs to the loop.
type clientTx struct {
	p          *PBX
	key        string
	req        *sip.Request
	flow       *flow
	wire       []byte
	onResponse func(*sip.Response) // every 1xx, the final one, and every repeated 2xx of an INVITE
	onTimeout  func()              // no final response in time, or the flow is gone
	answered   bool                // any response came
	final      int                 // status of the final response, 0: none yet
	cancelled  bool                // CANCEL is wanted
	cancelSent bool
	resend     *time.Timer
	expiry     *time.Timer
}

func clientKey(branch string, method sip.RequestMethod) string { return branch + "|" + string(method) }

// request sends req, which has no Via of ours yet, over f. onResponse and onTimeout may be nil.
func (p *PBX) request(f *flow, req *sip.Request, onResponse func(*sip.Response), onTimeout func()) *clientTx {
	branch := sip.RFC3261BranchMagicCookie + rand.Text()
	req.PrependHeader(newVia(f, branch))
	tx := &clientTx{
		p: p, key: clientKey(branch, req.Method), req: req, flow: f, wire: []byte(req.String()),
		onResponse: onResponse, onTimeout: onTimeout,
	}
	p.clients[tx.key] = tx
	p.journal.note(false, f, req, 0)
	f.send(tx.wire)
	if !f.reliable {
		tx.retransmit(p.timers.t1)
	}
	tx.expiry = p.after(p.timers.timeout(), tx.expire)
	return tx
}

func (tx *clientTx) retransmit(d time.Duration) {
	tx.resend = tx.p.after(d, func() {
		if tx.final != 0 || (tx.req.IsInvite() && tx.answered) || tx.p.clients[tx.key] != tx {
			return
		}
		tx.flow.send(tx.wire)
		next := 2 * d
		if !tx.req.IsInvite() {
			next = min(next, tx.p.timers.t2)
		}
		tx.retransmit(next)
	})
}

// expire is timers B and F, and after a final response the end of the transaction.
func (tx *clientTx) expire() {
	if tx.p.clients[tx.key] != tx {
		return
	}
	if tx.final == 0 && tx.req.IsInvite() && tx.answered && !tx.cancelSent {
		return // it rings: the caller decides how long
	}
	tx.end()
	if tx.final == 0 && tx.onTimeout != nil {
		tx.onTimeout()
	}
}

func (tx *clientTx) end() {
	stopTimer(tx.resend)
	stopTimer(tx.expiry)
	delete(tx.p.clients, tx.key)
}

// receive takes one response.
func (tx *clientTx) receive(res *sip.Response) {
	tx.answered = true
	invite := tx.req.IsInvite()
	if res.StatusCode < 200 {
		if tx.final != 0 {
			return
		}
		if tx.cancelled {
			tx.sendCancel()
		}
		tx.deliver(res)
		return
	}
	if invite && res.StatusCode >= 300 {
		tx.flow.send([]byte(tx.ackFor(res).String()))
	}
	repeated := tx.final != 0
	if !repeated {
		tx.final = res.StatusCode
		stopTimer(tx.expiry)
		tx.expiry = tx.p.after(tx.p.timers.timeout(), tx.end)
	}
	if !repeated || (invite && res.StatusCode < 300) {
		tx.deliver(res)
	}
	if !invite && tx.flow.reliable {
		tx.end()
	}
}

func (tx *clientTx) deliver(res *sip.Response) {
	if tx.onResponse != nil {
		tx.onResponse(res)
	}
}

// ackFor is the ACK of the transaction itself, for an answer ≥ 300 (RFC 3261 §17.1.1.3).
func (tx *clientTx) ackFor(res *sip.Response) *sip.Request {
	ack := derive(tx.req, sip.ACK)
	if to := res.To(); to != nil {
		ack.ReplaceHeader(to)
	}
	return ack
}

// cancel withdraws an INVITE: at once when it has been answered with a 1xx, otherwise when one comes
// (RFC 3261 §9.1).
func (tx *clientTx) cancel() {
	tx.cancelled = true
	if tx.answered && tx.final == 0 {
		tx.sendCancel()
	}
}

func (tx *clientTx) sendCancel() {
	if tx.cancelSent {
		return
	}
	tx.cancelSent = true
	cancel := derive(tx.req, sip.CANCEL)
	branch, _ := tx.req.Via().Params.Get("branch")
	c := &clientTx{p: tx.p, key: clientKey(branch, sip.CANCEL), req: cancel, flow: tx.flow, wire: []byte(cancel.String())}
	tx.p.clients[c.key] = c
	tx.p.journal.note(false, tx.flow, cancel, 0)
	tx.flow.send(c.wire)
	if !tx.flow.reliable {
		c.retransmit(tx.p.timers.t1)
	}
	c.expiry = tx.p.after(tx.p.timers.timeout(), c.expire)
	// The INVITE's own end: a peer that never sends its 487 does not keep us.
	stopTimer(tx.expiry)
	tx.expiry = tx.p.after(tx.p.timers.timeout(), tx.expire)
}

func stopTimer(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
