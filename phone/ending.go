package phone

import "time"

// outcome is how a call ended.
type outcome struct {
	at         time.Time // of what ended it; zero: now
	cause      Cause
	status     int
	byUs       bool
	err        error
	reason     string
	q850       int
	redirect   string
	retryAfter time.Duration
}

// hangup ends the call in whichever state it is; status is the refusal of an incoming call (0: 486).
func (l *loop) hangup(s *session, status int) {
	if s.call.State == StateEnding {
		return
	}
	cause := CauseTerminated
	if !s.answered {
		cause = CauseCanceled
	}
	if s.call.Direction == Inbound && !s.answered {
		cause = CauseRejected
		if status == 0 {
			status = 486
		}
	} else {
		status = 0 // a CANCEL or BYE of the user's own
	}
	sent := s.call.State != StateGathering && !s.unsent
	if r := l.requestOf(s.call.ID); r != nil { // who hangs up does not want to be sent on
		l.dropRequest(r, 603, CauseRejected)
	}
	l.transition(s, StateEnding, l.now(), func(c *Call) { c.EndedByUs, c.Cause = true, cause })
	l.cfg.Media.Close(s.call.ID)
	if !sent { // nothing is on the wire yet
		l.finish(s, cause, 0, true)
		return
	}
	s.line.line.End(s.dialog, status)
	l.endReplaced(s)
	s.ending = l.after(endingLimit, func(l *loop) { l.finish(s, cause, 0, true) })
	l.chooseCurrent(s)
	l.endLonelyConference()
}

// fail ends a call that cannot go on from our side.
func (l *loop) fail(s *session, cause Cause, err error) {
	status := statusOfMedia(err)
	l.emit(Event{Name: EventClientError, Call: s.call, Cause: cause, Err: err})
	if s.call.State != StateGathering {
		s.line.line.End(s.dialog, status)
	}
	l.finishWith(s, outcome{cause: cause, byUs: true, err: err})
}

// finish takes the session away: the one place where calls end.
func (l *loop) finish(s *session, cause Cause, status int, byUs bool) {
	l.finishWith(s, outcome{cause: cause, status: status, byUs: byUs})
}

func (l *loop) finishWith(s *session, o outcome) {
	if l.sessions[s.call.ID] != s {
		return
	}
	if s.call.State == StateEnding { // hung up here: the first cause stays
		o.cause, o.byUs = s.call.Cause, true
	}
	if o.at.IsZero() {
		o.at = l.now()
	}
	s.giveUp.stop()
	s.ending.stop()
	s.seek.stop()
	s.auto.stop()
	l.endReplaced(s)
	l.transferEnded(s, o.byUs)
	l.cfg.Media.Close(s.call.ID)
	l.transition(s, StateEnded, o.at, func(c *Call) {
		c.Cause, c.SIPStatus, c.EndedByUs, c.Reason, c.Q850 = o.cause, o.status, o.byUs, o.reason, o.q850
		c.Redirect, c.RetryAfter = o.redirect, o.retryAfter
	})
	name := EventFailed
	if s.answered {
		name = EventEnded
	}
	l.emit(Event{Name: name, At: o.at, Call: s.call, Cause: o.cause, Status: o.status, Reason: o.reason, Err: o.err})
	l.remove(s)
	l.emit(Event{Name: EventDeleteSession, At: o.at, Call: s.call, Cause: o.cause, Status: o.status, Reason: o.reason})
	l.followFailed(s)
	l.chooseCurrent(s)
	l.endLonelyConference()
	if s.call.Direction == Outbound && !o.byUs && !s.answered {
		l.playBusy(toneOf(o.cause))
	}
	l.endConsultations(s)
}

func toneOf(c Cause) Tone {
	if c == CauseBusy {
		return ToneBusy
	}
	return ToneCongestion
}

// endConsultations: when a call ends, its consultation calls end (contract).
func (l *loop) endConsultations(parent *session) {
	for _, s := range append([]*session(nil), l.order...) {
		if s.call.IsTransfer && s.call.TransferParent.CallID == parent.call.ID {
			l.hangup(s, 0)
		}
	}
}

func (l *loop) add(s *session) {
	l.sessions[s.call.ID] = s
	s.taping.wish = RecordStop
	l.order = append(l.order, s)
	l.busyTone = ToneNone
	l.dirty = true
}

func (l *loop) remove(s *session) {
	delete(l.sessions, s.call.ID)
	for i, x := range l.order {
		if x == s {
			l.order = append(l.order[:i:i], l.order[i+1:]...)
			break
		}
	}
	l.dirty = true
}

func (l *loop) setCurrent(id CallID) {
	if l.current != id {
		l.current = id
		l.dirty = true
		l.emit(Event{Name: EventCurrentChange, Call: l.callOf(id)})
	}
}

func (l *loop) callOf(id CallID) Call {
	if s := l.sessions[id]; s != nil {
		return s.call
	}
	return Call{}
}

// chooseCurrent picks the next foreground call when gone was it: a transfer's parent first, or who was in a conference with it,
// then the most recent one.
func (l *loop) chooseCurrent(gone *session) {
	if l.current != gone.call.ID {
		return
	}
	if gone.call.IsTransfer {
		if p := l.sessions[gone.call.TransferParent.CallID]; p != nil && p.call.State != StateEnding {
			l.setCurrent(p.call.ID)
			return
		}
	}
	if rest := l.members(); gone.call.Conference && len(rest) > 0 {
		l.setCurrent(rest[0].call.ID)
		return
	}
	for i := len(l.order) - 1; i >= 0; i-- {
		if s := l.order[i]; s != gone && s.call.State != StateEnding && !s.call.RingsHere() {
			l.setCurrent(s.call.ID)
			return
		}
	}
	if l.sessions[gone.call.ID] == nil {
		l.setCurrent("")
	}
}
