package sipua

import (
	"strconv"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// change is our re-INVITE, from the wish to its answer.
type change struct {
	sdp     []byte
	attempt attempt
	tries   int // how often it was refused with 491
	sent    bool
	refresh bool // a session timer's, of which the operator knows nothing
	raised  int  // how many 422s were obeyed
}

const (
	maxGlare      = 5                // 491s in a row before we give the change up
	longestLater  = 10 * time.Second // of a Retry-After that says no more than "not just now" (RFC 3261 §14.2)
	reinviteLimit = 30 * time.Second // how long their change may wait for the operator
)

// Reinvite implements phone.Line.
func (l *line) Reinvite(id phone.DialogID, sdp []byte) {
	l.box.put(func() {
		c := l.calls[id]
		switch {
		case c == nil:
		case c.state == confirmed && c.ours != nil && c.ours.refresh && c.wish == nil:
			c.replaceRefresh(&change{sdp: sdp})
		case c.dialog == nil || c.state != confirmed || c.ours != nil:
			l.post(phone.ReinviteDone{Dialog: id, Status: 491, Cause: phone.CauseSIP, At: time.Now()})
		default:
			c.ours = &change{sdp: sdp}
			c.retryChange()
		}
	})
}

// replaceRefresh: the operator's change refreshes the session as well. It waits for a refresh that is on the wire.
func (c *call) replaceRefresh(ch *change) {
	if c.ours.sent {
		c.wish = ch
		return
	}
	c.ours = ch
	c.retryChange()
}

// retryChange sends our re-INVITE as soon as the dialog is stable (RFC 3261 §14.1).
func (c *call) retryChange() {
	if c.ours == nil || c.ours.sent || c.over || c.state != confirmed || c.theirs != nil || c.await != nil || c.backoffRuns() {
		return
	}
	c.ours.sent = true
	c.sendReinvite(c.ours)
}

func (c *call) backoffRuns() bool { return c.backoff != nil && !c.backoff.stopped }

func (c *call) sendReinvite(ch *change) {
	l := c.l
	l.withConn(func(err error) {
		if c.over {
			return
		}
		if err != nil {
			c.changed(phone.ReinviteDone{Cause: causeOf(err)})
			return
		}
		m := c.dialog.next(l, "INVITE")
		m.add("Allow", allowed)
		c.askSession(m)
		m.setBody(sdpType, ch.sdp)
		l.creds.authorize(m, &ch.attempt)
		var ack []byte
		from := l.conn
		l.request(m, func(r *message) {
			switch {
			case r.status < 200:
			case ack != nil: // a repeated 2xx
				l.send(ack)
			case r.status < 300:
				c.dialog.refresh(r)
				c.sdp = ch.sdp
				if !c.over {
					c.sessionAgreed(r)
				}
				ack = c.dialog.ackOf(l, m)
				l.send(ack)
				c.tellParty(assertedParty(r))
				c.changed(phone.ReinviteDone{Status: r.status, SDP: sdpOf(r)})
			default:
				c.onChangeRefused(ch, r)
			}
		}, func(cause phone.Cause) {
			if !c.over && c.ours == ch && (l.onceMore(&ch.attempt, cause) || cause == phone.CauseRequestTimeout && l.elsewhere(from, &ch.attempt.hops, nil, errNoAnswer)) {
				c.sendReinvite(ch)
				return
			}
			c.changed(phone.ReinviteDone{Cause: cause})
			if cause == phone.CauseRequestTimeout { // RFC 3261 §14.1: as if 408 had come
				c.broken()
			}
		})
	})
}

func (c *call) onChangeRefused(ch *change, r *message) {
	if c.over || c.ours != ch {
		return
	}
	switch {
	case (r.status == 401 || r.status == 407) && c.l.creds.challenged(r, &ch.attempt) == nil:
		c.sendReinvite(ch)
		return
	case c.session.raise(r, &ch.raised):
		c.sendReinvite(ch)
		return
	}
	if wait, again := c.waitAfter(r); again && ch.tries < maxGlare {
		ch.tries++
		ch.sent = false
		c.backoff = c.l.after(wait, c.retryChange)
		return
	}
	c.changed(phone.ReinviteDone{Status: r.status, Cause: phone.CauseOfStatus(r.status)})
	c.onInDialogAnswer(r)
}

// waitAfter is how long a change waits that only came at the wrong time. After 491 the owner of the Call-ID waits longer, so that
// the two do not meet again (RFC 3261 §14.1); 500 says itself when their own change will be over (§14.2).
func (c *call) waitAfter(r *message) (wait time.Duration, again bool) {
	switch later := r.get("Retry-After"); {
	case r.status == 491 && c.outgoing:
		return 2100*time.Millisecond + time.Duration(randomBelow(191))*10*time.Millisecond, true
	case r.status == 491:
		return time.Duration(randomBelow(201)) * 10 * time.Millisecond, true
	case r.status == 500 && later != "":
		return seconds(later), seconds(later) <= longestLater
	}
	return 0, false
}

// changed tells how our re-INVITE ended.
func (c *call) changed(done phone.ReinviteDone) {
	if c.ours == nil || c.over {
		return
	}
	refresh := c.ours.refresh
	c.ours, c.wish = c.wish, nil
	if refresh {
		if done.Cause != phone.CauseNone {
			c.refreshSoon()
		}
		c.retryChange()
		return
	}
	done.Dialog, done.At = c.id, time.Now()
	c.l.post(done)
}

// onTheirChange takes their re-INVITE or UPDATE (RFC 3261 §14.2, RFC 3311 §5.2).
func (c *call) onTheirChange(st *serverTx, d *dialog) {
	m := st.m
	sdp := sdpOf(m)
	switch {
	case c.state == ending:
		st.reply(481)
	case bodyUnusable(m):
		st.reply(415, phone.Header{Name: "Accept", Value: accepted})
	case sessionTooBrief(st):
	case m.method == "UPDATE" && sdp == nil: // only the target, or a session timer's sign of life
		d.refresh(m)
		c.accept(st, nil)
		c.tellParty(d.partyWithin(m))
	case c.state == calling || c.state == ringing:
		c.onEarlyChange(st, d)
	case c.theirs != nil || c.unwanted || c.awaitsFirstACK() && (m.method == "INVITE") == c.await.offered:
		refuseForNow(st)
	case c.ours != nil && c.ours.sent, c.await != nil && c.await.offered && m.method == "UPDATE":
		st.reply(491)
	default:
		if m.method == "INVITE" {
			st.reply(100)
		}
		c.impliedACK()
		c.askForAnswer(st, d, sdp)
	}
}

// awaitsFirstACK: our 200 to their call is not acknowledged yet.
func (c *call) awaitsFirstACK() bool { return c.await != nil && !c.await.reinvite }

// impliedACK: a new request shows that they have our last 200. Their re-INVITE may overtake the ACK of the call itself, where
// a PBX takes itself out of the media at once (RFC 5407 §3.1.4); the exchange before it is complete, unless our 200 offered.
func (c *call) impliedACK() {
	w := c.await
	if w == nil {
		return
	}
	w.stop(c.l)
	c.await = nil
	if !w.reinvite {
		c.state = confirmed
		c.l.post(phone.Acked{Dialog: c.id, At: time.Now()})
	}
}

// yield puts our change back for theirs while it waits to be tried again, or for its turn: only one that is on its way makes theirs
// wait (RFC 3261 §14.2). Otherwise both would refuse each other's next try, and the one after that.
func (c *call) yield() bool {
	switch {
	case c.ours == nil || c.ours.sent:
		return false
	case c.ours.refresh: // of it the operator knows nothing
		yields := c.wish != nil
		c.wish = nil
		return yields
	}
	c.ours = nil
	c.l.stop(c.backoff)
	return true
}

// askForAnswer gives their offer to the operator.
func (c *call) askForAnswer(st *serverTx, d *dialog, offer []byte) {
	d.refresh(st.m)
	c.theirs = st
	c.l.after(reinviteLimit, func() { c.answerChange(st, nil, 500) })
	c.l.post(phone.ReinviteIn{Dialog: c.id, SDP: offer, Fork: d.remoteTag, Yielded: c.yield(), Party: d.partyWithin(st.m), At: time.Now()})
}

// refuseForNow: their own earlier request is not answered yet (RFC 3261 §14.2).
func refuseForNow(st *serverTx) {
	st.reply(500, phone.Header{Name: "Retry-After", Value: strconv.Itoa(randomBelow(10))})
}

// onEarlyChange answers an offer before the call is answered (RFC 3311 §5.2). Where another offer is open that comes first. The
// caller's phone then answers by itself; the called one's not, for nobody changes what a person has not yet agreed to (504).
func (c *call) onEarlyChange(st *serverTx, d *dialog) {
	switch {
	case c.outgoing && (st.m.method == "INVITE" || d.answer == nil || d.remoteRSeq == 0):
		st.reply(491)
	case !c.outgoing && (st.m.method == "INVITE" || c.sdp == nil):
		refuseForNow(st)
	case !c.outgoing:
		st.reply(504)
	case c.theirs != nil:
		refuseForNow(st)
	default:
		c.askForAnswer(st, d, sdpOf(st.m))
	}
}

// AnswerReinvite implements phone.Line.
func (l *line) AnswerReinvite(id phone.DialogID, sdp []byte, status int) {
	l.box.put(func() {
		if c := l.calls[id]; c != nil && c.theirs != nil {
			c.answerChange(c.theirs, sdp, status)
		}
	})
}

func (c *call) answerChange(st *serverTx, sdp []byte, status int) {
	if c.theirs != st || c.over {
		return
	}
	c.theirs = nil
	if sdp != nil {
		if early := c.forks[st.m.fromTag()]; early != nil && c.state == calling {
			early.ours = sdp
		} else {
			c.sdp = sdp
		}
		c.accept(st, sdp)
		if st.m.method == "INVITE" {
			c.awaitAck(st, true)
		}
	} else {
		if status < 300 || status > 699 {
			status = 488
		}
		st.reply(status, warningOf(status)...)
	}
	c.retryChange()
}
