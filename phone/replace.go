package phone

import (
	"slices"
	"time"
)

// A new INVITE may take the place of a call (RFC 3891): somebody else was transferred to us. For the user it stays the
// same call, whose other end changes: its id, its row and its standing among the others are kept, its dialog and its
// media are new.
//
//	old dialog ──────────────────────────────▶ BYE (CANCEL while it still rang)
//	INVITE with Replaces ─▶ new leg ─▶ 200 ──┘ ─▶ ACK: the far end is who the INVITE says

// onReplaces lets a new call take the place of one of ours, without ringing.
func (l *loop) onReplaces(a *account, e InviteIn) {
	i := slices.IndexFunc(l.order, func(s *session) bool { return s.dialog == e.Replaces && s.line == a })
	if i < 0 || l.closing {
		a.line.End(e.Dialog, 481)
		return
	}
	s := l.order[i]
	switch early := s.call.Direction == Outbound && (s.call.State == StateCalling || s.call.State == StateRinging); {
	case s.call.State == StateEnding: // RFC 3891 §3: it has been ended
		a.line.End(e.Dialog, 603)
		return
	case s.call.State != StateTalking && !early, s.replaced != "": // in a moment it may
		a.line.End(e.Dialog, 480)
		return
	}
	if s.transfer != nil { // its dialog goes away, and with it what it would have told
		l.endTransfer(s)
	}
	s.replaced, s.dialog, s.sent = s.dialog, e.Dialog, false
	s.newcomer = e.From
	// The answers to digits that are under way would come in the old dialog.
	s.infos, s.digitsEnd = infoDigits{}, time.Time{}
	if s.taping.local && s.taping.wish != RecordStop { // consent was to recording somebody else
		l.recordHere(s, RecordStop)
	}
	l.renewLeg(s)
	if e.SDP == nil {
		l.offer(s, exchangeReplaceLate)
		return
	}
	l.answerOffer(s, exchangeReplace, e.SDP)
}

// isReplaced reports whether that dialog's place is being taken just now.
func (l *loop) isReplaced(a *account, id DialogID) bool {
	return slices.ContainsFunc(l.order, func(s *session) bool { return s.line == a && s.replaced == id })
}

// renewLeg gives the call a leg of its own anew: no transport can go on with another far end's keys and addresses.
func (l *loop) renewLeg(s *session) {
	id := s.call.ID
	l.cfg.Media.Close(id)
	l.openLeg(s)
	l.cfg.Media.Mute(id, s.call.Muted)
	l.cfg.Media.Hold(id, s.wantHold)
	if s.call.Conference {
		l.cfg.Media.Mix(id, true)
	}
}

// answerReplaces sends our 200 and lets the old far end go.
func (l *loop) answerReplaces(s *session, e LocalDescription) {
	s.line.line.Answer(s.dialog, e.SDP)
	l.endReplaced(s)
	s.giveUp.stop()
	l.cfg.Media.Start(s.call.ID)
	if !s.answered {
		s.answered = true
		l.transition(s, StateAccepted, l.now(), func(c *Call) { c.EarlyMedia = false })
		l.tellReferrer(s, 200)
		l.emit(Event{Name: EventAccepted, Call: s.call})
	}
	if s.exchange == exchangeReplace {
		l.apply(s, e.Info)
	}
	l.updateParty(s, s.newcomer)
	l.emit(Event{Name: EventReinvite, Call: s.call})
}

// replacedCall: the new call stands.
func (l *loop) replacedCall(s *session, at time.Time) {
	s.exchange = exchangeNone
	if s.call.State == StateAccepted {
		l.confirm(s, at)
		return
	}
	l.reconcile(s)
}

// endReplaced ends the dialog whose place was taken.
func (l *loop) endReplaced(s *session) {
	if s.replaced != "" {
		s.line.line.End(s.replaced, 0)
		s.replaced = ""
	}
}

// takeBack: the new call cannot be (status tells it why), so the old one goes on, with a new offer where it stood already.
func (l *loop) takeBack(s *session, status int) {
	s.line.line.End(s.dialog, status)
	s.dialog, s.replaced = s.replaced, ""
	if s.call.State != StateTalking { // its INVITE's offer went with its leg
		l.fail(s, CauseMedia, ErrLocalMediaInfo)
		return
	}
	l.renewLeg(s)
	l.cfg.Media.Start(s.call.ID)
	l.offer(s, exchangeOurs)
}

// onDialogEnded ends the call of that dialog; the old one of a call that is being replaced just goes, the new one gives
// its place back.
func (l *loop) onDialogEnded(a *account, e DialogEnded) {
	for _, s := range l.order {
		switch {
		case s.line != a:
		case s.replaced == e.Dialog:
			s.replaced = ""
			return
		case s.dialog == e.Dialog && s.replaced != "":
			l.takeBack(s, 487)
			return
		case s.dialog == e.Dialog:
			l.dialogEnded(s, e)
			return
		}
	}
}
