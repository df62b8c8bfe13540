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
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error { return l.blindTransfer(s, number) })
}

// AttendedTransfer joins the far end of a consultation call with that of its parent (contract, attendedTransfer): id is the
// consultation call, number its target as shown ("": as it was dialled). REFER goes into the parent's dialog, with Replaces of the
// consultation's (RFC 3891, RFC 5589 §7), whichever of the two came in and whoever is held. While an outgoing consultation call
// still rings it is cancelled and the parent is sent blindly. Account's EarlyReplaces and ReferConsultation change that.
//
// The parent is the call that CallRequest.TransferOf named. Where none was named, because the colleague rang in or was called
// as usual, it is the one other call that talks and may be sent on; where there are several, TransferToCall says which.
// A failure leaves both calls, as EventTransferFailed tells.
//
// Errors: ErrCallNotFound; ErrInvalidNumber (longer than 128 characters, or no text); ErrAttendedParentNotFound (the parent is gone,
// or none or more than one fits);
// ErrInvalidState (one of the two rings here, is being answered, set up or transferred, or is in a conference).
func (o *Operator) AttendedTransfer(ctx context.Context, id CallID, number string) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error {
		if !presentable(number) {
			return ErrInvalidNumber
		}
		parent := l.parentFor(s)
		if parent == nil {
			return ErrAttendedParentNotFound
		}
		return l.joinOthers(parent, s, number)
	})
}

// TransferToCall sends the far end of call id to that of call to, as AttendedTransfer does with a parent and its consultation
// call, whether or not the one was placed because of the other. The two may belong to different accounts: the servers' affair
// is then whether the one reaches the other.
// Errors: ErrCallNotFound (either), ErrInvalidState (as for AttendedTransfer, or both are the same call).
func (o *Operator) TransferToCall(ctx context.Context, id, to CallID) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error {
		consult := l.sessions[to]
		if consult == nil {
			return ErrCallNotFound
		}
		return l.joinOthers(s, consult, "")
	})
}

func (l *loop) blindTransfer(s *session, number string) error {
	uri, err := TargetURI(number, s.line.acc)
	if err != nil {
		return err
	}
	return l.beginTransfer(s, &transfer{target: number, uri: uri})
}

// parentFor is the call that a consultation call is to be joined with, nil where that is not plain.
func (l *loop) parentFor(consult *session) (parent *session) {
	if consult.call.IsTransfer {
		return l.sessions[consult.call.TransferParent.CallID]
	}
	for _, s := range l.order {
		switch {
		case s == consult || !s.mayBeSent():
		case parent != nil || s.isConsultationOf(consult):
			return nil
		default:
			parent = s
		}
	}
	return parent
}

// mayBeSent reports whether a transfer of the call may begin.
func (s *session) mayBeSent() bool {
	return s.call.State == StateTalking && s.transfer == nil && !s.inConference()
}

func (s *session) isConsultationOf(parent *session) bool {
	return s.call.IsTransfer && s.call.TransferParent.CallID == parent.call.ID
}

// joinOthers refers the parent to the other end of the consultation call, or the other way round where its account says so.
func (l *loop) joinOthers(parent, consult *session, number string) error {
	if parent == consult || !parent.mayBeSent() {
		return ErrInvalidState
	}
	if number == "" {
		number = consult.call.Number
	}
	acc := consult.line.acc
	switch waits := consult.call.Direction == Outbound && !consult.answered && consult.call.State != StateEnding; {
	case consult.mayBeSent() && acc.ReferConsultation:
		return l.beginTransfer(consult, &transfer{target: parent.call.Number, consult: parent})
	case consult.mayBeSent(), waits && consult.call.State == StateRinging && acc.EarlyReplaces:
		return l.beginTransfer(parent, &transfer{target: number, consult: consult})
	case !waits:
		return ErrInvalidState
	}
	uri, err := TargetURI(number, acc) // as it was dialled: there it is known
	if err != nil {
		return err
	}
	if err := l.beginTransfer(parent, &transfer{target: number, uri: uri}); err != nil {
		return err
	}
	l.hangup(consult, 0)
	return nil
}

// beginTransfer holds the call first: who is being transferred should not hear us meanwhile.
func (l *loop) beginTransfer(s *session, t *transfer) error {
	if !s.mayBeSent() {
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
	var replaces ReplacedDialog
	if t.consult != nil {
		// They may have hung up while we held the parent.
		if x := t.consult.call.State; x != StateTalking && (x != StateRinging || !t.consult.line.acc.EarlyReplaces) {
			l.transferFailed(s, CauseDialog, 0)
			return
		}
		replaces = ReplacedDialog{ID: t.consult.dialog, Line: t.consult.line.line}
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
		if l.isThere(t.consult) && !s.isConsultationOf(t.consult) { // now it is one, for whoever tells how it ended
			parent := parentOf(s.call, l.now())
			l.change(t.consult, func(c *Call) { c.IsTransfer, c.TransferParent = true, parent })
		}
		l.hangup(s, 0)
		if l.isThere(t.consult) {
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

// transferEnded: the transferred call went away; their BYE is a transfer's success (contract). A consultation call has served
// its purpose then. A call that was none is left: who takes its place ends it, and if nobody does, the user still has it.
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
	if l.isThere(t.consult) && (t.consult.isConsultationOf(s) || s.isConsultationOf(t.consult)) {
		l.hangup(t.consult, 0)
	}
}

// isThere reports whether s is a session that was not taken away meanwhile.
func (l *loop) isThere(s *session) bool { return s != nil && l.sessions[s.call.ID] == s }
