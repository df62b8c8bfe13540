package phone

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// onMedia handles what a leg posts.
func (l *loop) onMedia(s *session, e MediaEvent) {
	if s.call.State == StateEnding {
		return
	}
	switch e := e.(type) {
	case LocalDescription:
		l.onLocalDescription(s, e)
	case RemoteApplied:
		l.onRemoteApplied(s, e)
	case MediaUp:
		l.mediaFound(s)
		first := !s.call.MediaUp && s.call.NetworkType == ""
		l.change(s, func(c *Call) { c.MediaUp, c.NetworkType = true, e.NetworkType })
		if first {
			l.emit(Event{Name: EventStreamAdded, Call: s.call, At: e.At})
		}
	case MediaDown:
		l.mediaLost(s)
	case MediaFailed:
		l.onMediaFailed(s, e.Err)
	case MediaTrouble:
		l.emit(Event{Name: EventClientError, Call: s.call, Cause: CauseMedia, Err: e.Err, Reason: troubleReason(e.Err)})
	case DeviceFailed:
		l.emit(Event{Name: EventClientError, Call: s.call, Cause: CauseMedia, Err: deviceError(e)})
	case RemoteDigit:
		l.emit(Event{Name: EventDTMF, Call: s.call, Digit: e.Digit})
	case RecordStarted, RecordGap, RecordEnded:
		l.onRecord(s, e)
	case SoundMissing:
		l.change(s, func(c *Call) { c.NoSound = e.On })
	case FirstPicture:
		l.emit(Event{Name: EventStreamAdded, Call: s.call, At: e.At, Video: true})
	case FirstSound:
		l.emit(Event{Name: EventFirstSound, Call: s.call, At: e.At})
	}
}

// troubleReason says in words what a code that many errors share does not.
func troubleReason(err error) string {
	switch {
	case errors.Is(err, ErrRelayCertificate):
		return "the certificate of a relay (TURN server) is not trusted"
	case errors.Is(err, ErrRelayRefused):
		return "a relay (TURN server) refuses the account's credentials"
	}
	return ""
}

// deviceError gives a device's failure the contract's code.
func deviceError(e DeviceFailed) error {
	code := map[string]*Error{"microphone": ErrNoMicrophone, "camera": ErrNoCamera}[e.Kind]
	if code == nil {
		code = ErrLocalStream
	}
	if errors.Is(e.Err, fs.ErrPermission) {
		code = ErrNoPermission
	}
	if e.Err == nil {
		return code
	}
	return fmt.Errorf("%w: %w", code, e.Err)
}

// onLocalDescription sends the SDP where its exchange wants it.
func (l *loop) onLocalDescription(s *session, e LocalDescription) {
	line, x := s.line.line, s.exchange
	switch x {
	case exchangeInvite:
		if s.insists || l.transition(s, StateCalling, l.now()) {
			s.unsent = false
			line.Invite(s.inviteOut(e.SDP))
		}
	case exchangeAnswer, exchangeLateOffer:
		if s.call.RingsHere() {
			s.rung = e.SDP
			line.Ring(s.dialog, e.SDP)
			return
		}
		if !l.transition(s, StateAccepted, l.now()) {
			return
		}
		if x == exchangeAnswer {
			s.exchange, s.offer = exchangeNone, nil
			l.apply(s, e.Info)
		} else {
			l.cfg.Media.Start(s.call.ID)
		}
		s.answered = true
		line.Answer(s.dialog, e.SDP)
		l.emit(Event{Name: EventAccepted, Call: s.call})
	case exchangeEarly:
		l.apply(s, e.Info)
		l.earlyAnswered(s, e.SDP, 0)
	case exchangeTheirs:
		s.exchange = exchangeNone
		line.AnswerReinvite(s.dialog, e.SDP, 0)
		s.askedHold = s.askedHold || s.call.HeldByUs && e.Info.HeldByThem // an answer to who holds us cannot say that we resume
		l.apply(s, e.Info)
		l.emit(Event{Name: EventReinvite, Call: s.call})
		l.reconcile(s)
	case exchangeTheirsLate:
		line.AnswerReinvite(s.dialog, e.SDP, 0)
	case exchangeReplace, exchangeReplaceLate:
		l.answerReplaces(s, e)
	case exchangeOurs:
		s.sent = true
		line.Reinvite(s.dialog, e.SDP)
	}
}

// applyAnswer gives their answer to the transport; RemoteApplied or MediaFailed ends the exchange.
func (l *loop) applyAnswer(s *session, answer []byte) {
	s.applying = true
	l.cfg.Media.Remote(s.call.ID, answer, false)
}

// onRemoteApplied ends an exchange in which the offer was ours.
func (l *loop) onRemoteApplied(s *session, e RemoteApplied) {
	s.applying = false
	l.apply(s, e.Info)
	switch x := s.exchange; x {
	case exchangeInvite:
		if s.call.State == StateAccepted {
			s.exchange = exchangeNone
			l.confirm(s, l.now())
		} else {
			s.earlyApplied = true
			l.takeNext(s)
		}
	case exchangeLateOffer:
		s.exchange = exchangeNone
		l.confirm(s, l.now())
	case exchangeReplaceLate:
		l.replacedCall(s, l.now())
	case exchangeTheirsLate, exchangeOurs:
		s.exchange, s.unheard = exchangeNone, false
		if x == exchangeTheirsLate {
			l.emit(Event{Name: EventReinvite, Call: s.call})
		}
		l.reconcile(s)
	}
}

// apply takes over what was negotiated.
func (l *loop) apply(s *session, i MediaInfo) {
	l.change(s, func(c *Call) {
		// Ours is what we asked for in this exchange, not what the direction says: an answer of
		// "inactive" to their "inactive" is no wish of ours.
		c.HeldByThem, c.HeldByUs, s.events = i.HeldByThem, s.askedHold, i.DTMF
		c.Codec, c.Encrypted, c.KeysExposed = i.Codec, i.Encrypted, i.KeysInSDP && !s.line.secret
		s.settleVideo(c, i.Video)
	})
}

// onMediaFailed ends the exchange under way; without one, or before the call stands, the call.
func (l *loop) onMediaFailed(s *session, err error) {
	s.applying = false
	broken := errors.Is(err, ErrLocalStream)
	switch x := s.exchange; {
	case (x == exchangeTheirs || x == exchangeTheirsLate) && !broken: // the session runs on as before (RFC 3261 §14.2)
		s.exchange, s.pictures.sees = exchangeNone, s.pictures.sees && s.call.Video
		s.line.line.AnswerReinvite(s.dialog, nil, statusOfMedia(err))
		l.reconcile(s)
	case x == exchangeEarly && !broken:
		l.earlyAnswered(s, nil, statusOfMedia(err))
	case s.replaced != "":
		l.takeBack(s, statusOfMedia(err))
	case x == exchangeInvite && s.call.State == StateAccepted && errors.Is(err, ErrMediaElsewhere):
		l.elsewhere(s)
	case x == exchangeOurs && errors.Is(err, ErrMediaElsewhere) && !s.unheard:
		s.unheard = true
		l.offer(s, exchangeOurs)
	case x == exchangeOurs && s.unheard:
		l.fail(s, causeOfMedia(err), err)
	case x == exchangeOurs && !broken:
		s.exchange = exchangeNone
		l.cfg.Media.Rollback(s.call.ID)
		l.giveUpWish(s)
	default:
		l.fail(s, causeOfMedia(err), err)
	}
}

func (l *loop) onReinviteDone(s *session, e ReinviteDone) {
	if s.exchange != exchangeOurs || !s.sent {
		return
	}
	s.sent = false
	if e.SDP != nil && e.Status < 300 {
		l.applyAnswer(s, e.SDP)
		return
	}
	if s.unheard { // a call that cannot have any sound is none
		l.fail(s, CauseMedia, ErrMediaElsewhere)
		return
	}
	s.exchange = exchangeNone
	l.cfg.Media.Rollback(s.call.ID)
	l.giveUpWish(s)
}

// giveUpWish: the far end refused our change, so the wish becomes what is, and the sound with it.
func (l *loop) giveUpWish(s *session) {
	s.wantHold = s.call.HeldByUs
	l.cfg.Media.Hold(s.call.ID, s.wantHold)
	s.restoreVideo()
	l.change(s, func(c *Call) { c.HoldPending, c.VideoPending = false, false })
	if !l.takeNext(s) {
		l.sendTransfer(s)
	}
}

// takeNext answers what they wanted while the exchange before was not over here.
func (l *loop) takeNext(s *session) bool {
	next := s.next
	if next == nil {
		return false
	}
	s.next = nil
	l.onReinviteIn(s, *next)
	return true
}

// reconcile answers what they want next, or offers what is wanted here when it differs from what was negotiated, once no
// exchange is under way.
func (l *loop) reconcile(s *session) {
	if s.call.State != StateTalking || s.exchange != exchangeNone || l.takeNext(s) {
		return
	}
	if s.wantHold == s.call.HeldByUs && s.videoSettled() {
		l.change(s, func(c *Call) { c.HoldPending, c.VideoPending = false, false })
		l.sendTransfer(s)
		return
	}
	s.sent = false
	l.offer(s, exchangeOurs)
}

// offer begins an exchange with an offer of ours.
func (l *loop) offer(s *session, x exchange) {
	s.exchange, s.askedHold = x, s.wantHold
	s.asOffered(false, x)
	wish := s.wish()
	wish.Restart = s.lost
	l.cfg.Media.Offer(s.call.ID, wish)
}

// answerOffer begins an exchange with an answer of ours.
func (l *loop) answerOffer(s *session, x exchange, offer []byte) {
	s.exchange, s.askedHold = x, s.wantHold
	s.asOffered(true, x)
	l.cfg.Media.Answer(s.call.ID, offer, s.wish())
}

// wishHold changes the wish; the sound follows at once, the state when the far end agreed.
func (l *loop) wishHold(s *session, on bool) {
	if s.wantHold == on {
		return
	}
	s.wantHold = on
	l.change(s, func(c *Call) { c.HoldPending = true })
	l.cfg.Media.Hold(s.call.ID, on)
	l.reconcile(s)
}

// holdOthers holds every answered call but this one and those that are in a conference with it. One that is not confirmed yet is
// held as soon as it is.
func (l *loop) holdOthers(but *session) {
	for _, s := range l.order {
		switch s.call.State {
		case StateTalking, StateAccepted, StateAnswering:
			if but == nil || !sameLine(s, but) {
				l.wishHold(s, true)
			}
		}
	}
}

// anotherSpeaks reports whether the user has another call in the ear, or in the making.
func (l *loop) anotherSpeaks(but *session) bool {
	return slices.ContainsFunc(l.order, func(s *session) bool {
		return !sameLine(s, but) && !s.wantHold && s.call.State != StateEnding && !s.call.RingsHere()
	})
}

// onPartyIn: they changed who they are, and nothing else of the session.
func (l *loop) onPartyIn(s *session, e PartyIn) {
	if l.updateParty(s, e.Party) {
		l.emit(Event{Name: EventReinvite, Call: s.call, At: e.At})
	}
}

// updateParty takes over who the far end says it is, unless the user fixed it; what it does not say, the directory may know. It
// reports whether anything changed.
func (l *loop) updateParty(s *session, p Party) (changed bool) {
	dialled := s.call.Direction == Outbound && s.call.Party.Number == s.call.Number
	if s.manualStatus || p.Withheld && dialled { // whom we dialled is no secret
		return false
	}
	next := mergeParty(s.call.Party, p)
	s.fillIn(&next)
	return l.setParty(s, next)
}

// mergeParty is what p says, and what it leaves open of the same party.
func mergeParty(next, p Party) Party {
	if p.Withheld || p.Number != "" && p.Number != next.Number { // somebody else: nothing of the last one may stay
		next = p
	}
	if p.Name != "" {
		next.Name = p.Name
	}
	if p.Number != "" {
		next.Number = p.Number
	}
	if p.Company != "" {
		next.Company = p.Company
	}
	if p.Avatar != "" {
		next.Avatar = p.Avatar
	}
	return next
}

// setParty changes who it is and tells so, when that is a change; a new number is looked up.
func (l *loop) setParty(s *session, p Party) (changed bool) {
	old := s.call
	if p == old.Party {
		return false
	}
	l.change(s, func(c *Call) { c.Party = p })
	l.emit(Event{Name: EventStaticStatusChange, Call: s.call, Old: old})
	l.askDirectory(s)
	return true
}
