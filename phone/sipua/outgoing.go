package sipua

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Invite implements phone.Line.
func (l *line) Invite(o phone.InviteOut) {
	l.box.put(func() { l.invite(o) })
}

func (l *line) invite(o phone.InviteOut) {
	if l.calls[o.Dialog] != nil || l.closing {
		return
	}
	c := &call{l: l, id: o.Dialog, callID: string(o.Dialog), localTag: randomHex(8), outgoing: true, out: o,
		acks: make(map[string][]byte), forks: make(map[string]*dialog)}
	l.calls[c.id] = c
	_, ok := parseURI(o.Target)
	if !ok || c.callID == "" || strings.ContainsAny(c.callID, " \t\r\n\x00") {
		c.finish(phone.Refused{Cause: phone.CauseAddress})
		return
	}
	l.withConn(func(err error) {
		switch {
		case c.over:
		case err != nil:
			c.refused(0, causeOf(err))
		default:
			c.sendInvite()
		}
	})
}

// sendInvite sends the INVITE, for the first time or with the answer to a challenge.
func (c *call) sendInvite() {
	c.seq++
	c.repeatInvite()
}

// repeatInvite sends it with the number that it has: another server gets the same request (RFC 3263 §4.3).
func (c *call) repeatInvite() {
	l := c.l
	m := l.newRequest("INVITE", c.out.Target)
	l.preload(m, l.reg.routes)
	m.add("From", l.local+";tag="+c.localTag)
	m.add("To", "<"+c.out.Target+">")
	m.add("Call-ID", c.callID)
	m.add("CSeq", cseqValue(c.seq, "INVITE"))
	m.add("Contact", l.dialogContact())
	m.add("Allow", allowed)
	m.add("Accept", accepted)
	c.askSession(m)
	if c.out.Replaces != "" {
		m.add("Replaces", c.out.Replaces)
	}
	if c.out.ReferredBy != "" {
		m.add("Referred-By", c.out.ReferredBy)
	}
	for _, h := range c.out.Headers {
		if isToken(h.Name) {
			m.add(h.Name, h.Value)
		}
	}
	m.setBody(sdpType, c.out.SDP)
	l.creds.authorize(m, &c.attempt)
	c.provisional = false
	from := l.conn
	c.tx = l.request(m, func(r *message) { c.onInviteResponse(m, r) }, func(cause phone.Cause) {
		if !c.failOver(from, nil, fmt.Errorf("INVITE: %s", cause)) {
			c.refused(0, cause)
		}
	})
}

func (c *call) onInviteResponse(invite, r *message) {
	switch {
	case r.status < 200:
		c.onProvisional(invite, r)
	case r.status < 300:
		c.onInvite2xx(invite, r)
	case (r.status == 401 || r.status == 407) && !c.unwanted && !c.over:
		if c.l.creds.challenged(r, &c.attempt) != nil {
			c.refusedBy(r, phone.CauseAuthentication)
			return
		}
		c.sendInvite()
	case !c.unwanted && !c.over && c.session.raise(r, &c.session.raised):
		c.sendInvite()
	case r.status == 503 && c.failOver(c.l.conn, r, fmt.Errorf("INVITE: 503 %s", displayText(r.reason, maxNumber))):
	case c.unwanted:
		c.refused(r.status, phone.CauseCanceled)
	default:
		c.refusedBy(r, phone.CauseOfStatus(r.status))
	}
}

// refusedBy tells their final answer with all that it says.
func (c *call) refusedBy(r *message, cause phone.Cause) {
	c.finish(phone.Refused{Status: r.status, Reason: displayText(r.reason, maxNumber), Cause: cause, Why: whyOf(r),
		Redirect: redirectOf(r), Diversion: headersOf(r, "Diversion"), RetryAfter: seconds(r.get("Retry-After"))})
}

// redirectOf is where a 300, 301 or 302 points: its Contact with the highest q (RFC 3261 §8.1.3.4). The headers that such a
// URI may carry are dropped: no stranger writes our INVITE.
func redirectOf(r *message) (target string) {
	if r.status < 300 || r.status > 302 {
		return ""
	}
	best := -1.0
	for _, v := range r.list("Contact") {
		a := parseNameAddr(v)
		uri, _, _ := strings.Cut(a.uri, "?")
		if _, ok := parseURI(uri); !ok && !strings.EqualFold(uri[:min(4, len(uri))], "tel:") {
			continue
		}
		q, err := strconv.ParseFloat(a.param("q"), 64)
		if err != nil {
			q = 1
		}
		if q > best {
			target, best = uri, q
		}
	}
	return target
}

// refused ends a call that was not accepted: Refused, or DialogEnded where we gave it up ourselves.
func (c *call) refused(status int, cause phone.Cause) {
	if c.unwanted {
		c.finish(phone.DialogEnded{Cause: phone.CauseCanceled, Status: status})
		return
	}
	c.finish(phone.Refused{Status: status, Cause: cause})
}

// onProvisional follows early dialogs, one for each to-tag (RFC 3261 §13.2.2.1).
func (c *call) onProvisional(invite, r *message) {
	if c.over || c.state != calling {
		return
	}
	c.provisional = true
	if c.unwanted {
		c.cancel()
		return
	}
	if r.status == 100 {
		return
	}
	tag := r.toTag()
	d := c.forks[tag]
	if d != nil {
		d.refresh(r)
	} else if tag != "" && len(c.forks) < 32 {
		d = c.l.dialogOfResponse(invite, r)
		c.forks[tag] = d
	}
	if d != nil {
		c.early = d
	}
	if !c.acknowledge(d, invite, r) {
		return
	}
	sdp := sdpOf(r)
	if d != nil && sdp != nil {
		d.answer = sdp
	}
	c.l.post(phone.Progress{Dialog: c.id, Status: r.status, SDP: sdp, Fork: tag, Party: assertedParty(r), At: time.Now()})
}

// cancel sends CANCEL, once, and bounds the wait for the INVITE's final answer (RFC 3261 §9.1).
func (c *call) cancel() {
	if c.cancelled {
		return
	}
	c.cancelled = true
	invite := c.tx
	m := c.l.newRequest("CANCEL", invite.m.uri)
	for _, h := range invite.m.headers {
		switch h.Name {
		case "Route", "From", "To", "Call-ID":
			m.add(h.Name, h.Value)
		}
	}
	number, _ := invite.m.cseq()
	m.add("CSeq", cseqValue(number, "CANCEL"))
	because(m, c.why)
	branch, _, _ := strings.Cut(invite.key, " ")
	if c.l.conn != nil {
		c.l.newClientTx(m, branch, func(*message) {}, func(phone.Cause) {}).begin(invite.wide, branch) // by the INVITE's own way
	}
	c.l.after(giveUp, func() {
		if !c.over && c.state == calling {
			invite.abandon()
			c.finish(phone.DialogEnded{Cause: phone.CauseCanceled})
		}
	})
}

// onInvite2xx acknowledges every 2xx, and again each time it is repeated. The first one is the call; what another fork
// sends, or what crossed our CANCEL, is ended with BYE (RFC 3261 §13.2.2.4).
func (c *call) onInvite2xx(invite, r *message) {
	l, tag := c.l, r.toTag()
	if ack := c.acks[tag]; ack != nil {
		l.send(ack)
		return
	}
	if len(c.acks) >= 32 {
		return
	}
	d := l.dialogOfResponse(invite, r)
	if early := c.forks[tag]; early != nil {
		d.localSeq = max(d.localSeq, early.localSeq)
		d.remoteSeq, d.remoteSeqKnown, d.answer, d.ours = early.remoteSeq, early.remoteSeqKnown, early.answer, early.ours
	}
	ack := d.ackOf(l, invite)
	c.acks[tag] = ack
	l.send(ack)
	switch {
	case c.over || c.dialog != nil:
		why := c.why
		if c.dialog != nil { // another fork has the call
			why = 200
		}
		l.sendBye(d, why, func() {})
	case c.unwanted:
		c.dialog = d
		c.bye(phone.CauseCanceled)
	default:
		c.dialog, c.state, c.sdp = d, confirmed, c.out.SDP
		if d.ours != nil {
			c.sdp = d.ours
		}
		c.sessionAgreed(r)
		clear(c.forks)
		sdp := sdpOf(r)
		if sdp == nil { // a reliable 183 was the answer already (RFC 3262 §5)
			sdp = d.answer
		}
		l.post(phone.Accepted{Dialog: c.id, SDP: sdp, Fork: tag, Party: assertedParty(r), At: time.Now()})
	}
}
