package phone

import (
	"errors"
	"time"
)

// How long an unanswered call lasts (contract).
const (
	incomingLimit = 300 * time.Second
	outgoingLimit = 180 * time.Second
	// endingLimit is how long a hung-up call waits on screen for the far end's agreement; the line goes on
	// trying in the background.
	endingLimit = 2 * time.Second
)

// onSignal handles what a line posts.
func (l *loop) onSignal(a *account, e SignalEvent) {
	switch e := e.(type) {
	case TransportUp:
		l.onTransportUp(a, e)
	case TransportDown:
		l.onTransportDown(a, e)
	case RegisterDone:
		l.onRegisterDone(a, e)
	case InviteIn:
		l.onInviteIn(a, e)
	case Progress:
		l.withDialog(a, e.Dialog, func(s *session) { l.onProgress(s, e) })
	case Accepted:
		l.withDialog(a, e.Dialog, func(s *session) { l.onAccepted(s, e) })
	case Refused:
		l.withDialog(a, e.Dialog, func(s *session) { l.onRefused(s, e) })
	case Acked:
		l.withDialog(a, e.Dialog, func(s *session) { l.onAcked(s, e) })
	case DialogEnded:
		l.onDialogEnded(a, e)
	case ReinviteIn:
		if l.isReplaced(a, e.Dialog) { // where the new call cannot be, this one goes on
			a.line.AnswerReinvite(e.Dialog, nil, 491)
			return
		}
		l.withDialog(a, e.Dialog, func(s *session) { l.onReinviteIn(s, e) })
	case ReinviteDone:
		l.withDialog(a, e.Dialog, func(s *session) { l.onReinviteDone(s, e) })
	case ReferIn:
		if l.isReplaced(a, e.Dialog) {
			a.line.ReferTell(e.Dialog, 603)
			return
		}
		l.withDialog(a, e.Dialog, func(s *session) { l.onReferIn(s, e) })
	case PartyIn:
		l.withDialog(a, e.Dialog, func(s *session) { l.onPartyIn(s, e) })
	case ReferProgress:
		l.withDialog(a, e.Dialog, func(s *session) { l.onReferProgress(s, e) })
	case InfoDone:
		l.withDialog(a, e.Dialog, func(s *session) { l.onInfoDone(s, e) })
	case InfoIn:
		l.withDialog(a, e.Dialog, func(s *session) { l.onInfo(s, e) })
	}
}

func (l *loop) withDialog(a *account, id DialogID, f func(*session)) {
	for _, s := range l.order {
		if s.dialog == id && s.line == a {
			f(s)
			return
		}
	}
}

// dialogEnded ends the call with what their CANCEL or BYE says of why.
func (l *loop) dialogEnded(s *session, e DialogEnded) {
	o := outcome{at: e.At, cause: e.Cause, status: e.Status, byUs: !e.ByThem, q850: e.Why.Q850, reason: e.Why.Text}
	if e.ByThem {
		o.cause = e.Why.ending(e.Cause)
	}
	l.finishWith(s, o)
}

// onInviteIn lets a new call ring. It is refused where it could not be answered: when the phone is full, or when nothing in its
// offer fits, for which nobody should be called to the phone. Either way it is a missed call.
func (l *loop) onInviteIn(a *account, e InviteIn) {
	if e.Replaces != "" {
		l.onReplaces(a, e)
		return
	}
	asked := alertingOf(e.Headers)
	c := Call{ID: l.newCallID(e.SIPCallID), Account: a.acc.ID, Direction: Inbound, Party: e.From,
		Number: e.From.Number, StartedAt: e.At, Record: RecordStop, CalledFor: e.For, ReferredBy: e.By, Ring: asked.ring}
	if l.closing || l.isMaxCall(a) {
		l.refuse(a, e, c, CauseBusy, 486, nil)
		return
	}
	if a.acc.Direct && !a.wanted { // we have left, and nobody could tell the server so
		a.line.End(e.Dialog, 480)
		return
	}
	if asked.must && !(a.acc.AutoAnswer && l.liveCalls() == 0) { // RFC 5373 §4.3: no person is to answer it
		l.refuse(a, e, c, CauseRejected, 403, nil)
		return
	}
	if e.SDP != nil {
		if err := l.cfg.Media.Examine(l.legOptions(a), e.SDP); err != nil {
			l.refuse(a, e, c, causeOfMedia(err), statusOfMedia(err), err)
			return
		}
	}
	c.Video = e.SDP != nil && l.cfg.Media.OffersVideo(l.legOptions(a), e.SDP)
	s := &session{call: c, dialog: e.Dialog, line: a, offer: e.SDP}
	l.add(s)
	l.transition(s, StateRinging, e.At)
	l.emit(Event{Name: EventNewRTCSession, Call: s.call, At: e.At})
	l.emit(Event{Name: EventIncoming, Call: s.call, At: e.At})
	l.askDirectory(s)
	l.openLeg(s)
	if e.WantsOffer {
		l.offer(s, exchangeLateOffer)
	} else {
		a.line.Ring(e.Dialog, nil)
	}
	s.giveUp = l.after(incomingLimit, func(l *loop) {
		a.line.End(s.dialog, 408)
		l.finish(s, CauseNoAnswer, 408, true)
	})
	l.autoAnswerIfAsked(s, asked)
}

// refuse answers a call that never rang.
func (l *loop) refuse(a *account, e InviteIn, c Call, cause Cause, status int, err error) {
	a.line.End(e.Dialog, status)
	c.State, c.Cause, c.SIPStatus, c.EndedAt = StateEnded, cause, status, e.At
	l.emit(Event{Name: EventMissed, Call: c, At: e.At, Cause: cause, Status: status, Err: err})
}

func (l *loop) legOptions(a *account) LegOptions {
	return LegOptions{Policy: a.acc.MediaPolicy(), Encryption: a.acc.EncryptionPolicy(), Ports: a.acc.MediaPorts, Server: a.acc.Host(), ICEServers: a.acc.ICEServers,
		CA: a.acc.CA, AllowSilence: l.cfg.AllowSilence}
}

func (l *loop) openLeg(s *session) {
	id := s.call.ID
	s.leg++
	this := s.leg
	o := l.legOptions(s.line)
	if s.insists {
		o.Encryption = EncryptionRequired
	}
	l.cfg.Media.Open(id, o,
		func(e MediaEvent) {
			l.post(func(l *loop) {
				if x := l.sessions[id]; x == s && s.leg == this { // not of an earlier call or leg of that id
					l.onMedia(s, e)
				}
			})
		})
}

// answer accepts a ringing incoming call.
func (l *loop) answer(id CallID, o AnswerOptions) error {
	s := l.sessions[id]
	switch {
	case s == nil:
		return ErrCallNotFound
	case !s.call.RingsHere():
		return ErrInvalidState
	case l.unansweredOutgoing():
		return ErrCurrentCallNotConnected
	case !l.cfg.AllowSilence && !l.cfg.Devices.HaveMicrophone():
		return ErrNoMicrophone
	}
	if o.Video {
		if err := l.mayFilm(s.line); err != nil {
			return err
		}
	}
	s.pictures.on = o.Video
	l.holdOthers(s)
	s.giveUp.stop()
	l.transition(s, StateAnswering, l.now())
	l.emit(Event{Name: EventStartSession, Call: s.call})
	switch {
	case s.rung != nil: // our offer went with the ringing
		l.answerRung(s)
	case s.exchange == exchangeLateOffer: // it is being made
	case s.offer == nil:
		l.offer(s, exchangeLateOffer)
	default:
		l.answerOffer(s, exchangeAnswer, s.offer)
		l.cfg.Media.Start(id) // the microphone opens while the 200 travels
	}
	if o.Beep {
		l.cfg.Media.Beep(id)
	}
	return nil
}

// onAcked confirms an incoming call, or ends the exchange that an offer in our 200 began.
func (l *loop) onAcked(s *session, e Acked) {
	late := s.exchange == exchangeLateOffer || s.exchange == exchangeTheirsLate || s.exchange == exchangeReplaceLate
	switch {
	case s.exchange == exchangeLateOffer && s.applying: // their answer came with PRACK; RemoteApplied confirms
	case late && e.SDP != nil:
		l.applyAnswer(s, e.SDP) // RemoteApplied confirms
	case s.exchange == exchangeReplace:
		l.replacedCall(s, e.At)
	case s.exchange == exchangeLateOffer, s.exchange == exchangeReplaceLate:
		l.fail(s, CauseBadMedia, ErrMediaMalformed)
	case s.exchange == exchangeTheirsLate:
		l.abandonOffer(s)
		l.reconcile(s)
	case s.call.Direction == Inbound: // ours are confirmed by what comes of their answer
		l.confirm(s, e.At)
	}
}

// abandonOffer: the offer in our 200 to their re-INVITE got no answer, so the session runs on as before.
func (l *loop) abandonOffer(s *session) {
	s.exchange = exchangeNone
	l.cfg.Media.Rollback(s.call.ID)
}

// confirm: the call stands on both sides. It is the current one, unless the user went on to another in the meantime, and the only
// one that is heard: a call may have been resumed while this one rang.
func (l *loop) confirm(s *session, at time.Time) {
	if !l.transition(s, StateTalking, at) {
		return
	}
	s.pictures.on = s.pictures.on && s.call.Video // what was refused is not asked for again
	if !s.wantHold || l.sessions[l.current] == nil {
		l.setCurrent(s.call.ID)
	}
	l.emit(Event{Name: EventConfirmed, Call: s.call, At: at})
	if !s.wantHold {
		l.holdOthers(s)
	}
	l.reconcile(s)
}

// onReinviteIn answers the far end's change of the session.
func (l *loop) onReinviteIn(s *session, e ReinviteIn) {
	if s.call.State == StateCalling || s.call.State == StateRinging {
		l.onEarlyOffer(s, e)
		return
	}
	if s.call.State == StateEnding {
		s.line.line.AnswerReinvite(s.dialog, nil, 481)
		return
	}
	if s.applying { // they are quicker than our transport: no glare
		s.next = &e
		return
	}
	if e.Yielded {
		l.yielded(s)
	}
	if s.exchange == exchangeTheirsLate { // they begin anew where the ACK of the last one is due
		l.abandonOffer(s)
	}
	if s.exchange != exchangeNone { // glare with an offer of ours that is still being made
		s.line.line.AnswerReinvite(s.dialog, nil, 491)
		return
	}
	if e.Party != (Party{}) {
		l.updateParty(s, e.Party)
	}
	if e.SDP == nil {
		l.offer(s, exchangeTheirsLate)
		return
	}
	l.answerOffer(s, exchangeTheirs, e.SDP)
}

// yielded: our offer is put back for theirs, and our answer says what we want. Where only ours can bring sound, it is insisted on.
func (l *loop) yielded(s *session) {
	if s.exchange != exchangeOurs || !s.sent {
		return
	}
	s.exchange, s.sent = exchangeNone, false
	l.cfg.Media.Rollback(s.call.ID)
	if s.unheard {
		l.offer(s, exchangeOurs)
	}
}

// statusOfMedia is the answer to an offer that cannot be used (RFC 3261 §21.4.26).
func statusOfMedia(err error) int {
	switch {
	case errors.Is(err, ErrMediaMalformed):
		return 400
	case errors.Is(err, ErrMediaIncompatible):
		return 488
	}
	return 500
}

func causeOfMedia(err error) Cause {
	switch {
	case errors.Is(err, ErrMediaMalformed):
		return CauseBadMedia
	case errors.Is(err, ErrMediaIncompatible):
		return CauseIncompatibleSDP
	}
	return CauseMedia
}
