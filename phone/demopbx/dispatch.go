package demopbx

import (
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// addFlow makes a connection known and reports false when there are too many.
func (p *PBX) addFlow(f *flow) bool {
	accepted := false
	err := p.ask(p.ctx, func() {
		if len(p.flows) >= maxFlows {
			return
		}
		p.nextFlow++
		f.id, f.lastSeen = p.nextFlow, time.Now()
		p.flows[f.id] = f
		accepted = true
	})
	return err == nil && accepted
}

// removeFlow tells the loop that a connection ended, and why.
func (p *PBX) removeFlow(f *flow, cause error) {
	p.mail.post(func() {
		p.log.Debug("connection ended", "transport", f.transport, "remote", f.remote, "cause", cause)
		f.gone = true
		delete(p.flows, f.id)
		p.registrar.dropFlow(f)
		for _, tx := range p.servers {
			if tx.flow == f && tx.onGone != nil {
				tx.onGone()
			}
		}
		for _, tx := range p.clients {
			if tx.flow == f && tx.final == 0 {
				tx.end()
				if tx.onTimeout != nil {
					tx.onTimeout()
				}
			}
		}
	})
}

// receive takes one message of a connection. It waits while the loop is behind, which slows the
// peer down, and reports false when the PBX is closing.
func (p *PBX) receive(f *flow, message []byte) bool {
	select {
	case p.inflight <- struct{}{}:
	case <-p.ctx.Done():
		return false
	}
	return p.mail.post(func() {
		<-p.inflight
		p.onMessage(f, message)
	})
}

// receiveUDP takes one datagram, and drops it when the loop is behind.
func (p *PBX) receiveUDP(from netip.AddrPort, message []byte) {
	if !from.Addr().Unmap().IsLoopback() {
		return
	}
	select {
	case p.inflight <- struct{}{}:
	default:
		return
	}
	p.mail.post(func() {
		<-p.inflight
		if f := p.udpFlow(from); f != nil {
			p.onMessage(f, message)
		}
	})
}

// udpFlow returns the flow of a UDP peer; old ones without a binding make room for new ones.
func (p *PBX) udpFlow(from netip.AddrPort) *flow {
	if f := p.udpFlows[from]; f != nil {
		f.lastSeen = time.Now()
		return f
	}
	if len(p.udpFlows) >= maxPeers {
		for address, f := range p.udpFlows {
			if time.Since(f.lastSeen) > 2*p.timers.timeout() && !p.registrar.hasFlow(f) {
				f.gone = true
				delete(p.udpFlows, address)
			}
		}
		if len(p.udpFlows) >= maxPeers {
			return nil
		}
	}
	socket, address := p.sockets.udp, net.UDPAddrFromAddrPort(from)
	p.nextFlow++
	f := &flow{
		id: p.nextFlow, transport: "UDP", local: p.Address("UDP"), remote: from.String(), lastSeen: time.Now(),
		write: func(message []byte) { _, _ = socket.WriteToUDP(message, address) },
	}
	p.udpFlows[from] = f
	return f
}

// onMessage is where every message enters the loop.
func (p *PBX) onMessage(f *flow, data []byte) {
	message, err := p.parser.ParseSIP(data)
	if err != nil || message == nil || message.Via() == nil || message.CSeq() == nil || message.CallID() == nil {
		p.log.Debug("not a SIP message", "transport", f.transport, "remote", f.remote, "bytes", len(data))
		return
	}
	f.lastSeen = time.Now()
	message.SetTransport(f.transport)
	message.SetSource(f.remote)
	fillVia(f, message.Via())
	switch m := message.(type) {
	case *sip.Response:
		p.onResponse(f, m)
	case *sip.Request:
		p.journal.note(true, f, m, 0)
		p.onRequest(f, m)
	}
}

func (p *PBX) onResponse(f *flow, res *sip.Response) {
	branch, _ := res.Via().Params.Get("branch")
	p.journal.add(Seen{
		At: time.Now(), In: true, Transport: f.transport, Remote: f.remote, Method: string(res.CSeq().MethodName),
		Status: res.StatusCode, CallID: res.CallID().Value(), CSeq: res.CSeq().SeqNo, Direction: direction(res.Body()),
	})
	tx := p.clients[clientKey(branch, res.CSeq().MethodName)]
	if tx == nil || tx.flow != f || res.From() == nil || res.To() == nil {
		return // late, or not from whom we asked
	}
	tx.receive(res)
}

func (p *PBX) onRequest(f *flow, req *sip.Request) {
	if fault := wellFormed(req); fault != "" {
		if !req.IsAck() && req.From() != nil && req.To() != nil {
			res := sip.NewResponseFromRequest(req, 400, fault, nil)
			f.send([]byte(res.String()))
		}
		return
	}
	if req.IsAck() {
		p.onAck(f, req)
		return
	}
	if tx := p.servers[serverKey(f, req, req.Method)]; tx != nil {
		tx.repeat()
		return
	}
	if len(p.servers) >= mostTransactions {
		p.log.Warn("too many transactions; a request is dropped", "remote", f.remote)
		return
	}
	tx := p.newServerTx(f, req)
	if forwards := req.MaxForwards(); forwards != nil && forwards.Val() == 0 && req.Method != sip.REGISTER {
		tx.respond(483, reason(483), nil)
		return
	}
	switch {
	case req.Method == sip.CANCEL:
		p.onCancel(tx)
	case tag(req.To().Params) != "":
		p.onInDialog(tx)
	case req.Method == sip.REGISTER:
		p.onRegister(tx)
	case req.Method == sip.INVITE:
		p.onInvite(tx)
	default:
		p.onOther(tx)
	}
}

// onAck: for an answer ≥ 300 it ends the transaction's retransmissions, for a 2xx it belongs to a dialog.
func (p *PBX) onAck(f *flow, req *sip.Request) {
	if tx := p.servers[serverKey(f, req, sip.INVITE)]; tx != nil && tx.status >= 300 {
		tx.acked = true
		stopTimer(tx.resend)
		return
	}
	if l := p.legOf(req); l != nil {
		l.onAck(req)
		return
	}
	if d, down := p.proxiedOf(req); d != nil {
		d.relayAck(f, req, down)
	}
}

func (p *PBX) onCancel(tx *serverTx) {
	invite := p.servers[serverKey(tx.flow, tx.req, sip.INVITE)]
	if invite == nil {
		tx.respond(481, reason(481), nil)
		return
	}
	tx.respond(200, "OK", nil)
	if invite.status >= 200 {
		return // it crossed the final answer: too late
	}
	if invite.onCancel != nil {
		invite.onCancel()
	} else {
		invite.respond(487, reason(487), nil)
	}
}

// onInDialog routes a request with a To tag to the leg or the proxied dialog it belongs to.
func (p *PBX) onInDialog(tx *serverTx) {
	if l := p.legOf(tx.req); l != nil {
		if tx.flow != l.flow && tx.flow.user != l.user {
			tx.respond(403, reason(403), nil)
			return
		}
		l.flow = tx.flow
		l.onRequest(tx)
		return
	}
	if d, down := p.proxiedOf(tx.req); d != nil {
		d.relay(tx, down)
		return
	}
	tx.respond(481, reason(481), nil)
}

// onOther serves requests outside of dialogs that are neither REGISTER nor INVITE.
func (p *PBX) onOther(tx *serverTx) {
	if tx.flow.user == "" || len(p.registrar.live(time.Now(), tx.flow.user)) == 0 {
		user, ok := p.demand(time.Now(), tx, "Proxy-Authorization", 407, "Proxy-Authenticate")
		if !ok {
			return
		}
		tx.flow.user = user
	}
	switch tx.req.Method {
	case sip.OPTIONS:
		tx.respond(200, "OK", func(res *sip.Response) {
			res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
			res.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
		})
	default:
		tx.respond(405, reason(405), func(res *sip.Response) {
			res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
		})
	}
}

// digestAlgorithm returns the algorithm of a request's credentials, for the journal.
func digestAlgorithm(req *sip.Request) string {
	for _, name := range []string{"Authorization", "Proxy-Authorization"} {
		if h := req.GetHeader(name); h != nil {
			_, rest, found := strings.Cut(h.Value(), "algorithm=")
			if !found {
				return "MD5"
			}
			value, _, _ := strings.Cut(rest, ",")
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// direction returns the first media direction attribute of an SDP.
func direction(sdp []byte) string {
	for line := range strings.Lines(string(sdp)) {
		switch line = strings.TrimSpace(line); line {
		case "a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive":
			return line[2:]
		}
	}
	if len(sdp) > 0 {
		return "sendrecv"
	}
	return ""
}
