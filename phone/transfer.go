package phone

import (
	"context"
	"time"
)

// transferPatience is how long the final NOTIFY of a transfer may take before the user is asked (contract, blindTransfer).
const transferPatience = 60 * time.Second

// transfer is a REFER of ours under way. It belongs to the loop.
type transfer struct {
	target  string   // as shown
	uri     string   // what Refer-To names
	consult *session // attended: the call that takes this one's place (or the parent, where the account refers the other way round)
	sent    bool
	resume  bool // the call was not held before, so that a failure brings the sound back
	asked   *timer
}

// BlindTransfer sends the far end to number (contract, blindTransfer; RFC 5589 §6): the call is held, REFER is sent, and the
// call stays until NOTIFY tells the outcome. A final 2xx, or their BYE, ends it; a failure brings it back with
// EventTransferFailed. Without a word for 60 s EventTransferUnconfirmed asks the user.
// Errors: ErrCallNotFound, ErrInvalidNumber, ErrInvalidState (not talking, in a conference, or a transfer is under way).
func (o *Operator) BlindTransfer(ctx context.Context, id CallID, number string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error { return l.blindTransfer(s, number) })
}

// AttendedTransfer joins the far end of a consultation call with that of its parent (contract, attendedTransfer): id is the
// consultation call, number its target as shown. REFER goes into the parent's dialog, with Replaces of the consultation's
// (RFC 3891, RFC 5589 §7). While the consultation call still rings it is cancelled and the parent is sent blindly. Account's
// EarlyReplaces and ReferConsultation change that.
// Errors: ErrCallNotFound, ErrAttendedParentNotFound, ErrInvalidState, ErrNotSupported (two different accounts).
func (o *Operator) AttendedTransfer(ctx context.Context, id CallID, number string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error { return l.attendedTransfer(s, number) })
}

func (l *loop) blindTransfer(s *session, number string) error {
	uri, err := TargetURI(number, s.line.acc)
	if err != nil {
		return err
	}
	return l.beginTransfer(s, &transfer{target: number, uri: uri})
}

func (l *loop) attendedTransfer(consult *session, number string) error {
	parent := l.sessions[consult.call.TransferParent.CallID]
	switch {
	case !consult.call.IsTransfer || parent == nil:
		return ErrAttendedParentNotFound
	case parent.line != consult.line:
		return ErrNotSupported
	}
	if number == "" {
		number = consult.call.Number
	}
	switch talking := consult.call.State == StateTalking; {
	case talking && consult.line.acc.ReferConsultation:
		return l.beginTransfer(consult, &transfer{target: parent.call.Number, consult: parent})
	case talking, consult.call.State == StateRinging && consult.line.acc.EarlyReplaces:
		return l.beginTransfer(parent, &transfer{target: number, consult: consult})
	case consult.call.State == StateEnding:
		return ErrInvalidState
	}
	if err := l.blindTransfer(parent, number); err != nil {
		return err
	}
	l.hangup(consult, 0)
	return nil
}

// beginTransfer holds the call first: who is being transferred should not hear us meanwhile.
func (l *loop) beginTransfer(s *session, t *transfer) error {
	if s.call.State != StateTalking || s.transfer != nil || s.inConference() {
		return ErrInvalidState
	}
	t.resume = !s.wantHold
	s.transfer = t
	l.change(s, func(c *Call) { c.Transferring, c.TransferTarget = true, t.target })
	l.wishHold(s, true)
	l.sendTransfer(s)
	return nil
}

// sendTransfer sends the REFER once no offer/answer exchange is under way; a refused hold does not prevent it.
func (l *loop) sendTransfer(s *session) {
	t := s.transfer
	if t == nil || t.sent || s.exchange != exchangeNone || s.call.State != StateTalking {
		return
	}
	t.sent = true
	var replaces DialogID
	if t.consult != nil {
		// They may have hung up while we held the parent.
		if x := t.consult.call.State; x != StateTalking && (x != StateRinging || !t.consult.line.acc.EarlyReplaces) {
			l.transferFailed(s, CauseDialog, 0)
			return
		}
		replaces = t.consult.dialog
	}
	s.line.line.Refer(s.dialog, t.uri, replaces)
	t.asked = l.after(transferPatience, func(l *loop) { l.emit(Event{Name: EventTransferUnconfirmed, Call: s.call}) })
}

// onReferProgress follows what the far end tells about the transfer.
func (l *loop) onReferProgress(s *session, e ReferProgress) {
	t := s.transfer
	if t == nil || !t.sent {
		return
	}
	switch {
	case !e.Final:
		l.emit(Event{Name: EventTransferProgress, Call: s.call, Status: e.Status})
	case e.Cause == CauseNone && e.Status >= 200 && e.Status < 300:
		l.emit(Event{Name: EventTransferred, Call: s.call, Status: e.Status})
		l.endTransfer(s)
		l.hangup(s, 0)
		if t.consult != nil && l.sessions[t.consult.call.ID] == t.consult {
			l.hangup(t.consult, 0)
		}
	default:
		cause := e.Cause
		if cause == CauseNone {
			cause = CauseOfStatus(e.Status)
		}
		l.transferFailed(s, cause, e.Status)
	}
}

// transferFailed gives the call back, with the sound it had, unless the user speaks with somebody else by now.
func (l *loop) transferFailed(s *session, cause Cause, status int) {
	resume := s.transfer.resume
	l.endTransfer(s)
	l.emit(Event{Name: EventTransferFailed, Call: s.call, Cause: cause, Status: status})
	if resume && !l.anotherSpeaks(s) {
		l.wishHold(s, false)
	}
}

func (l *loop) endTransfer(s *session) {
	s.transfer.asked.stop()
	s.transfer = nil
	l.change(s, func(c *Call) { c.Transferring, c.TransferTarget = false, "" })
}

// transferEnded: the transferred call went away; their BYE is a transfer's success (contract).
func (l *loop) transferEnded(s *session, byUs bool) {
	t := s.transfer
	if t == nil {
		return
	}
	l.endTransfer(s)
	if byUs || !t.sent {
		return
	}
	l.emit(Event{Name: EventTransferred, Call: s.call})
	if t.consult != nil && l.sessions[t.consult.call.ID] == t.consult {
		l.hangup(t.consult, 0)
	}
}
