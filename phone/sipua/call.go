package sipua

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// callState is where a call's INVITE stands.
type callState int

const (
	calling   callState = iota // our INVITE has no final answer
	ringing                    // their INVITE has none
	answered                   // our 200 awaits its ACK
	confirmed                  // both sides agree
	ending                     // our BYE awaits its answer
)

// call is one INVITE, its dialogs, and what the operator knows as a DialogID. It belongs to the line's owner.
type call struct {
	l        *line
	id       phone.DialogID
	callID   string
	localTag string
	outgoing bool
	state    callState
	over     bool // DialogEnded or Refused was posted
	unwanted bool // End was called while the INVITE was still open
	why      int  // End's status, to be told by CANCEL or BYE

	// Outgoing.
	out         phone.InviteOut
	seq         uint32
	attempt     attempt
	hops        int // servers left for it
	tx          *clientTx
	provisional bool // a 1xx came, so that CANCEL may go (RFC 3261 §9.1)
	cancelled   bool
	acks        map[string][]byte // by to-tag: the ACK for each fork's 2xx
	forks       map[string]*dialog
	early       *dialog // the newest of them

	// Incoming.
	invite    *serverTx
	reliable  *reliable // our 18x that awaits PRACK
	rseq      uint32
	ringLater func() // what waits for that

	dialog  *dialog // the one that counts
	sdp     []byte  // the last description of ours that both sides agreed on
	session sessionTimer
	await   *ackWait
	theirs  *serverTx // their re-INVITE or UPDATE, not answered yet
	ours    *change   // our re-INVITE
	wish    *change   // the operator's, while a refresh of ours is on the wire
	backoff *timer    // until our re-INVITE is tried again
	refers  reports   // what our REFER began
}

// finish ends the call for the operator: the one place where calls leave the line.
func (c *call) finish(e phone.SignalEvent) {
	if c.over {
		return
	}
	c.over = true
	c.l.stop(c.backoff)
	c.stopSession()
	c.reliable.stop(c.l)
	if c.await != nil {
		c.await.stop(c.l)
	}
	if c.theirs != nil && c.theirs.status < 200 {
		c.theirs.reply(487)
	}
	delete(c.l.calls, c.id)
	c.l.rememberEnded(c)
	now := time.Now()
	switch e := e.(type) {
	case phone.DialogEnded:
		e.Dialog, e.At = c.id, now
		c.l.post(e)
	case phone.Refused:
		e.Dialog, e.At = c.id, now
		c.l.post(e)
	}
	c.l.finishIfIdle()
}

// End implements phone.Line.
func (l *line) End(id phone.DialogID, status int) {
	l.box.put(func() {
		if c := l.calls[id]; c != nil {
			c.end(status)
		}
	})
}

func (c *call) end(status int) {
	if c.state != ringing && !c.unwanted {
		c.why = status
	}
	switch c.state {
	case calling:
		c.unwanted = true
		switch {
		case c.tx == nil: // nothing is on the wire yet
			c.finish(phone.DialogEnded{Cause: phone.CauseCanceled})
		case c.provisional:
			c.cancel()
		}
	case ringing:
		if status < 300 || status > 699 {
			status = 486
		}
		c.invite.reply(status, warningOf(status)...)
		c.finish(phone.DialogEnded{Cause: phone.CauseOfStatus(status), Status: status})
	case answered: // no BYE before the ACK (RFC 3261 §15)
		c.unwanted = true
	case confirmed:
		c.bye(phone.CauseTerminated)
	case ending:
	}
}

// bye ends a confirmed dialog; DialogEnded with the cause follows its answer.
func (c *call) bye(cause phone.Cause) {
	c.state = ending
	over := func() { c.finish(phone.DialogEnded{Cause: cause}) }
	c.l.sendBye(c.dialog, c.why, over)
	c.l.after(giveUp, over) // however many servers are tried
}

// sendBye says BYE in any dialog, and why (0: the user hung up); done is called when it was answered or given up.
func (l *line) sendBye(d *dialog, why int, done func()) {
	l.transact(func() *message {
		m := d.next(l, "BYE")
		because(m, why)
		return m
	}, func(*message) { done() }, func(phone.Cause) { done() })
}

// onBye ends the call at their wish (RFC 3261 §15.1.2).
func (c *call) onBye(st *serverTx) {
	if c.outgoing && c.state == calling {
		st.reply(481) // only the caller may end an early dialog by BYE
		return
	}
	st.reply(200)
	if c.state == ringing {
		c.invite.reply(487)
		c.finish(phone.DialogEnded{Cause: phone.CauseCanceled, Status: 487, ByThem: true, Why: whyOf(st.m)})
		return
	}
	c.finish(phone.DialogEnded{Cause: phone.CauseTerminated, ByThem: c.state != ending, Why: whyOf(st.m)})
}

// Info implements phone.Line.
func (l *line) Info(id phone.DialogID, contentType string, body []byte) {
	l.box.put(func() {
		c := l.calls[id]
		if c == nil || c.dialog == nil || c.state != confirmed {
			return
		}
		done := func(status int) {
			if !c.over {
				l.post(phone.InfoDone{Dialog: id, Status: status})
			}
		}
		l.transact(func() *message {
			m := c.dialog.next(l, "INFO")
			m.setBody(contentType, body)
			return m
		}, func(r *message) {
			c.onInDialogAnswer(r)
			done(r.status)
		}, func(cause phone.Cause) {
			done(0)
			if cause == phone.CauseRequestTimeout {
				c.broken()
			}
		})
	})
}

// onInDialogAnswer: an answer that says the dialog is gone ends it here too (RFC 3261 §12.2.1.2).
func (c *call) onInDialogAnswer(r *message) {
	if r.status == 481 || r.status == 408 {
		c.broken()
	}
}

// broken ends a dialog that the far end does not know any more.
func (c *call) broken() {
	if c.over || c.state == ending {
		return
	}
	c.l.sendBye(c.dialog, 481, func() {})
	c.finish(phone.DialogEnded{Cause: phone.CauseDialog})
}

// ackWait repeats a 2xx to an INVITE until its ACK comes, over reliable transports too (RFC 3261 §13.3.1.4).
type ackWait struct {
	number          uint32
	raw             []byte
	reinvite        bool
	offered         bool // the 200 brought our offer
	interval        time.Duration
	retry, deadline *timer
}

func (w *ackWait) stop(l *line) {
	l.stop(w.retry)
	l.stop(w.deadline)
}

// awaitAck repeats the 200 that has just been sent for st.
func (c *call) awaitAck(st *serverTx, reinvite bool) {
	number, _ := st.m.cseq()
	w := &ackWait{number: number, raw: st.last, reinvite: reinvite, offered: sdpOf(st.m) == nil, interval: timerT1}
	c.await = w
	var again func()
	again = func() {
		st.send(w.raw)
		w.interval = min(2*w.interval, timerT2)
		w.retry = c.l.after(w.interval, again)
	}
	w.retry = c.l.after(w.interval, again)
	w.deadline = c.l.after(giveUp, func() {
		w.stop(c.l)
		c.await = nil
		if c.state == ending {
			return
		}
		c.state = ending
		c.l.sendBye(c.dialog, 408, func() {}) // the ACK is what did not come in time
		c.finish(phone.DialogEnded{Cause: phone.CauseNoAck})
	})
}

// onAck ends the wait for it.
func (c *call) onAck(m *message) {
	number, _ := m.cseq()
	w := c.await
	if w == nil || w.number != number {
		return // repeated, or of another exchange
	}
	w.stop(c.l)
	c.await = nil
	sdp := sdpOf(m)
	if w.reinvite {
		if sdp != nil || w.offered { // an offer of ours that stays unanswered is news, too
			c.l.post(phone.Acked{Dialog: c.id, SDP: sdp, At: time.Now()})
		}
		c.retryChange()
		return
	}
	c.state = confirmed
	c.l.post(phone.Acked{Dialog: c.id, SDP: sdp, At: time.Now()})
	if c.unwanted {
		c.bye(phone.CauseTerminated)
	}
}
