package sipua

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// maxCalls bounds what a hostile or broken server can make us remember; the operator's own limit is far lower.
const maxCalls = 64

// ringAgain: proxies may forget a call that they hear nothing of for three minutes (RFC 3261 §13.3.1.1).
const ringAgain = 60 * time.Second

// onInvite begins an incoming call.
func (l *line) onInvite(st *serverTx) {
	m := st.m
	switch {
	case l.merged(st): // the same request by another way (RFC 3261 §8.2.2.2)
		st.reply(482)
		return
	case l.closing:
		st.reply(480)
		return
	case len(l.calls) >= maxCalls:
		st.reply(503, phone.Header{Name: "Retry-After", Value: "10"})
		return
	case bodyUnusable(m):
		st.reply(415, phone.Header{Name: "Accept", Value: accepted}, phone.Header{Name: "Accept-Encoding", Value: "identity"})
		return
	case sessionTooBrief(st):
		return
	case len(m.list("Contact")) > 1: // none is what RFC 2543 allowed
		st.reply(400)
		return
	}
	replaced, status := l.toReplace(m)
	if status != 0 {
		st.reply(status)
		return
	}
	st.reply(100)
	c := &call{l: l, id: phone.DialogID(randomHex(12)), callID: m.callID(), localTag: st.toTag, state: ringing, invite: st,
		dialog: l.dialogOfRequest(m, st.toTag)}
	l.calls[c.id] = c
	l.post(phone.InviteIn{
		Dialog: c.id, SIPCallID: m.callID(), From: partyOf(m), To: l.calledNumber(m), SDP: sdpOf(m), At: time.Now(),
		WantsOffer: sdpOf(m) == nil && hasToken(m.list("Require"), "100rel"),
		For:        l.calledFor(m), By: referredBy(m), Replaces: replaced,
		Headers: headersOf(m, "Alert-Info", "Call-Info", "Answer-Mode", "Priv-Answer-Mode"),
	})
	c.expireAfter(seconds(m.get("Expires")))
}

// expireAfter ends an invitation that nobody has answered after as long as its caller gave it (RFC 3261 §13.3.1); 0: without end.
func (c *call) expireAfter(limit time.Duration) {
	if limit <= 0 {
		return
	}
	c.l.after(limit, func() {
		if c.state == ringing && !c.over {
			c.invite.reply(487)
			c.finish(phone.DialogEnded{Cause: phone.CauseExpires, Status: 487, ByThem: true})
		}
	})
}

// calledNumber is who was called: To's user, or the request URI's.
func (l *line) calledNumber(m *message) string {
	if n := numberOf(parseNameAddr(m.get("To")).uri); n != "" {
		return n
	}
	return numberOf(m.uri)
}

// merged finds another transaction of the same INVITE.
func (l *line) merged(st *serverTx) bool {
	for _, other := range l.served {
		if other != st && other.m.method == "INVITE" && other.m.toTag() == "" && other.m.callID() == st.m.callID() &&
			other.m.fromTag() == st.m.fromTag() && other.m.get("CSeq") == st.m.get("CSeq") {
			return true
		}
	}
	return false
}

// dialogResponse makes a response that creates or refreshes the dialog (RFC 3261 §12.1.1).
func (c *call) dialogResponse(st *serverTx, status int, sdp []byte) *message {
	r := st.response(status)
	for _, v := range st.m.lines("Record-Route") {
		r.add("Record-Route", v)
	}
	r.add("Contact", c.l.dialogContact())
	r.add("Allow", allowed)
	if status >= 200 {
		r.add("Supported", supported)
	}
	r.setBody(sdpType, sdp)
	return r
}

// accept answers an INVITE or UPDATE with 200, and with what becomes of the session timer.
func (c *call) accept(st *serverTx, sdp []byte) {
	r := c.dialogResponse(st, 200, sdp)
	if c.state == answered || c.state == confirmed {
		c.grantSession(st.m, r)
	}
	st.respond(r)
}

// Ring implements phone.Line.
func (l *line) Ring(id phone.DialogID, sdp []byte) {
	l.box.put(func() {
		if c := l.calls[id]; c != nil && c.state == ringing {
			c.ring(sdp)
		}
	})
}

func (c *call) ring(sdp []byte) {
	status := 180
	if sdp != nil && sdpOf(c.invite.m) != nil {
		status = 183
	}
	if c.sdp != nil { // agreed: not a second time
		sdp = nil
	}
	c.l.stop(c.backoff)
	if hasToken(c.invite.m.list("Require"), "100rel") {
		c.ringReliably(status, sdp)
	} else {
		c.invite.respond(c.dialogResponse(c.invite, status, sdp))
	}
	c.backoff = c.l.after(ringAgain, func() {
		if c.state == ringing && !c.over {
			c.ring(sdp)
		}
	})
}

// Answer implements phone.Line.
func (l *line) Answer(id phone.DialogID, sdp []byte) {
	l.box.put(func() {
		if c := l.calls[id]; c != nil && c.state == ringing {
			l.stop(c.backoff)
			c.answer(sdp)
		}
	})
}

// answer sends the 200. One that would overtake an answer of ours on its way waits for its PRACK, and does not say it
// again (RFC 3262 §3, §5).
func (c *call) answer(sdp []byte) {
	if c.over || c.state != ringing {
		return
	}
	if c.reliable != nil && c.reliable.sdp != nil {
		c.ringLater = func() { c.answer(sdp) }
		return
	}
	c.reliable.stop(c.l)
	c.reliable = nil
	c.state = answered
	body := sdp
	if c.sdp != nil {
		body = nil
	} else {
		c.sdp = sdp
	}
	c.accept(c.invite, body)
	c.awaitAck(c.invite, false)
}
