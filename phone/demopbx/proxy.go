package demopbx

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	mostProxied = 64              // calls between extensions
	ringLimit   = 3 * time.Minute // timer C of RFC 3261 §16.6
)

// party is one side of a call between extensions.
type party struct {
	user string
	flow *flow
}

// proxied is a call between two extensions. The PBX is a stateful proxy there, which stays in the
// path by Record-Route (RFC 3261 §16): SDP, re-INVITE, UPDATE, INFO and REFER pass end to end.
type proxied struct {
	p                   *PBX
	key                 string
	caller, callee      party
	confirmed, finished bool
}

func proxiedKey(callID, fromTag string) string { return callID + "|" + fromTag }

// proxiedOf finds the call of an in-dialog request; down tells that it goes from caller to callee.
func (p *PBX) proxiedOf(req *sip.Request) (d *proxied, down bool) {
	callID := req.CallID().Value()
	if d := p.proxied[proxiedKey(callID, tag(req.From().Params))]; d != nil {
		return d, true
	}
	return p.proxied[proxiedKey(callID, tag(req.To().Params))], false
}

// connect forwards an INVITE to the callee's newest contact.
func (p *PBX) connect(tx *serverTx, caller, callee string, b *binding) {
	key := proxiedKey(tx.req.CallID().Value(), tag(tx.req.From().Params))
	if p.proxied[key] != nil {
		tx.respond(482, reason(482), nil)
		return
	}
	if len(p.proxied) >= mostProxied {
		tx.respond(503, reason(503), nil)
		return
	}
	d := &proxied{p: p, key: key, caller: party{caller, tx.flow}, callee: party{callee, b.flow}}
	p.proxied[key] = d
	tx.respond(100, reason(100), nil)
	req := forwarded(tx.req)
	req.Recipient = *b.contact.Clone()
	removeAll(req, "P-Asserted-Identity")
	req.AppendHeader(sip.NewHeader("P-Asserted-Identity", "<sip:"+caller+"@"+loopback+">"))
	req.PrependHeader(recordRoute(b.flow))
	d.send(tx, b.flow, req)
}

// forwarded copies a request for the next hop (RFC 3261 §16.6).
func forwarded(original *sip.Request) *sip.Request {
	req := original.Clone()
	removeAll(req, "Route")
	removeAll(req, "Proxy-Authorization")
	if forwards := req.MaxForwards(); forwards != nil {
		next := sip.MaxForwardsHeader(forwards.Val() - 1)
		req.ReplaceHeader(&next)
	} else {
		next := sip.MaxForwardsHeader(70)
		req.AppendHeader(&next)
	}
	return req
}

func recordRoute(f *flow) *sip.RecordRouteHeader {
	uri := ourURI(f, "")
	uri.UriParams.Add("lr", "")
	return &sip.RecordRouteHeader{Address: uri}
}

// send forwards a request and relays what comes back.
func (d *proxied) send(tx *serverTx, to *flow, req *sip.Request) {
	cancelled := false
	method := req.Method
	var limit *time.Timer
	finish := func(status int) {
		stopTimer(limit)
		d.settled(method, tag(tx.req.To().Params) != "", status)
	}
	client := d.p.request(to, req, func(res *sip.Response) {
		if res.StatusCode == 100 {
			return
		}
		if res.StatusCode >= 200 {
			finish(res.StatusCode)
		}
		up := res.Clone()
		up.RemoveHeader("Via")
		if up.Via() == nil {
			return
		}
		if route := up.RecordRoute(); route != nil {
			route.Address = recordRoute(tx.flow).Address // our address as that side sees it (§16.7, 8)
		}
		tx.forward(up)
	}, func() {
		status := 408
		if cancelled {
			status = 487
		}
		finish(status)
		tx.respond(status, reason(status), nil)
	})
	if method != sip.INVITE {
		return
	}
	withdraw := func() { cancelled = true; client.cancel() }
	tx.onCancel, tx.onGone = withdraw, withdraw
	limit = d.p.after(ringLimit, func() {
		if client.final == 0 {
			withdraw()
		}
	})
}

// settled keeps the call's life: a refused INVITE or a BYE ends it.
func (d *proxied) settled(method sip.RequestMethod, inDialog bool, status int) {
	switch {
	case method == sip.INVITE && !inDialog && status < 300:
		d.confirmed = true
	case method == sip.INVITE && !inDialog, method == sip.BYE:
		d.finished = true
		delete(d.p.proxied, d.key)
	}
}

// relay forwards an in-dialog request to the other side.
func (d *proxied) relay(tx *serverTx, down bool) {
	to, ok := d.route(tx.flow, down)
	if !ok {
		tx.respond(403, reason(403), nil)
		return
	}
	if to == nil {
		d.settled(tx.req.Method, true, 480)
		tx.respond(480, reason(480), nil)
		return
	}
	if tx.req.IsInvite() {
		tx.respond(100, reason(100), nil)
	}
	d.send(tx, to, forwarded(tx.req))
}

// relayAck forwards the ACK for a 2xx, which has no answer.
func (d *proxied) relayAck(f *flow, ack *sip.Request, down bool) {
	to, ok := d.route(f, down)
	if !ok || to == nil {
		return
	}
	req := forwarded(ack)
	branch, _ := ack.Via().Params.Get("branch")
	req.PrependHeader(newVia(to, branch+"-relay"))
	d.p.journal.note(false, to, req, 0)
	to.send([]byte(req.String()))
}

// route tells where a request from f goes. ok is false when f is not of that side. A side that
// came back on a new connection is followed.
func (d *proxied) route(f *flow, down bool) (to *flow, ok bool) {
	from, other := &d.caller, &d.callee
	if !down {
		from, other = other, from
	}
	if f != from.flow && f.user != from.user {
		return nil, false
	}
	from.flow = f
	return d.p.flowOf(other.flow, other.user), true
}

// flowOf returns the flow itself while it stands, otherwise that of the user's newest binding, or nil.
func (p *PBX) flowOf(f *flow, user string) *flow {
	if !f.gone {
		return f
	}
	if live := p.registrar.live(time.Now(), user); len(live) > 0 {
		return live[0].flow
	}
	return nil
}
