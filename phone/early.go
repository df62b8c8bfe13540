package phone

// onEarlyOffer answers an UPDATE of theirs before our call is answered (RFC 3311 §5.1): their reliable answer ended the first
// exchange on the wire. Only the fork that is heard may change what is heard; others are told that this phone cannot (504).
func (l *loop) onEarlyOffer(s *session, e ReinviteIn) {
	switch {
	case e.SDP == nil || s.exchange != exchangeInvite || s.earlySDP == "" || e.Fork != s.earlyFork:
		s.line.line.AnswerReinvite(s.dialog, nil, 504)
	case !s.earlyApplied: // they are quicker than our transport
		s.next = &e
	default:
		if e.Party != (Party{}) {
			l.updateParty(s, e.Party)
		}
		l.answerOffer(s, exchangeEarly, e.SDP)
	}
}

// earlyAnswered ends that exchange: with our answer, or with a status where there is none.
func (l *loop) earlyAnswered(s *session, sdp []byte, status int) {
	s.exchange = exchangeInvite
	s.line.line.AnswerReinvite(s.dialog, sdp, status)
	if sdp != nil {
		s.earlyChanged = true
		l.emit(Event{Name: EventReinvite, Call: s.call})
	}
	if later := s.accepted; later != nil {
		s.accepted = nil
		l.onAccepted(s, *later)
	}
}

// answerRung answers a call whose offer of ours went with its ringing (RFC 3262 §5). Where their answer came with PRACK and is in
// use, the 200's ACK confirms; else what their answer brings.
func (l *loop) answerRung(s *session) {
	if !l.transition(s, StateAccepted, l.now()) {
		return
	}
	s.answered = true
	l.cfg.Media.Start(s.call.ID)
	s.line.line.Answer(s.dialog, s.rung)
	l.emit(Event{Name: EventAccepted, Call: s.call})
}
