package phone

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// oneCallPer is the least time between two calls (contract, CALL_TOO_MANY_TIMES).
const oneCallPer = time.Second

// mostHeaders bounds the extra headers of one call.
const mostHeaders = 32

// placeCall checks the rules of the contract's call(), then begins the call.
func (l *loop) placeCall(r CallRequest) (Call, error) {
	parent := l.sessions[r.TransferOf]
	if parent != nil && r.Account == "" { // two that are joined go over one account
		r.Account = parent.line.acc.ID
	}
	a, err := l.accountFor(r.Account)
	if err != nil {
		return Call{}, err
	}
	target, err := l.mayCall(a, r)
	if err != nil {
		return Call{}, err
	}
	from := l.redirectTo(target)
	r.Headers = append(slices.Clone(r.Headers), from.headers...)
	s := &session{target: target, opts: r, visited: from.visited, call: Call{Number: r.Number, Party: Party{Number: r.Number}}}
	s.pictures.on, s.pictures.sees = r.Video, r.WatchVideo && !r.Video
	if parent != nil {
		s.call.IsTransfer = true
		s.call.TransferParent = parentOf(parent.call, l.now())
	}
	return l.beginCall(a, s), nil
}

// beginCall places a call that may be placed: s knows its target and whom to show.
func (l *loop) beginCall(a *account, s *session) Call {
	l.holdOthers(nil)
	l.lastCall = l.now()
	id := l.newCallID("")
	s.dialog, s.line = DialogID(id), a
	s.call.ID, s.call.Account, s.call.Direction = id, a.acc.ID, Outbound
	s.call.StartedAt, s.call.Record = l.lastCall, RecordStop
	l.add(s)
	l.transition(s, StateGathering, l.lastCall)
	l.emit(Event{Name: EventNewRTCSession, Call: s.call})
	l.emit(Event{Name: EventStartSession, Call: s.call})
	l.setCurrent(id)
	l.askDirectory(s)
	l.openLeg(s)
	l.offer(s, exchangeInvite)
	limit := a.acc.RingLimit
	if limit == 0 {
		limit = outgoingLimit
	}
	s.giveUp = l.after(limit, func(l *loop) {
		a.line.End(s.dialog, 408)
		l.finish(s, CauseNoAnswer, 0, true)
	})
	return s.call
}

// insist calls again, once, where encryption is preferred and was refused: who must encrypt does not take what could be
// left in the clear (RFC 8643 §3), and says no more than 488. Nothing is lost by asking for more.
func (l *loop) insist(s *session, status int) bool {
	waits := s.call.State == StateCalling || s.call.State == StateRinging
	if status != 488 && status != 606 || !waits || s.insists || s.line.acc.EncryptionPolicy() != EncryptionPreferred {
		return false
	}
	s.insists, s.unsent, s.dialog = true, true, DialogID(l.newCallID(""))
	s.earlyFork, s.earlySDP, s.earlyApplied, s.earlyChanged = "", "", false, false
	l.change(s, func(c *Call) { c.EarlyMedia = false })
	l.renewLeg(s)
	l.offer(s, exchangeInvite)
	return true
}

// inviteOut is the INVITE of an outgoing call.
func (s *session) inviteOut(sdp []byte) InviteOut {
	o := InviteOut{Dialog: s.dialog, Target: s.target, SDP: sdp, Headers: s.opts.Headers}
	if r := s.follows; r != nil {
		o.Replaces, o.ReferredBy = r.in.Replaces, r.in.ReferredBy
	}
	return o
}

// mayCall is every reason not to place a call, in the order in which a user would want to know.
func (l *loop) mayCall(a *account, r CallRequest) (target string, err error) {
	if target, err = TargetURI(r.Number, a.acc); err != nil {
		return "", err
	}
	if len(r.Headers) > mostHeaders {
		return "", fmt.Errorf("%w: there are more than %d", ErrHeaderNotAllowed, mostHeaders)
	}
	for _, h := range r.Headers {
		if err := CheckHeader(h); err != nil {
			return "", err
		}
	}
	consult, parent := r.TransferOf != "", l.sessions[r.TransferOf]
	switch {
	case r.Video && l.mayFilm(a) != nil:
		return "", l.mayFilm(a)
	case r.WatchVideo && !a.pictures():
		return "", ErrNotSupported
	case !a.state.Ready():
		return "", ErrRegistryFailed
	case consult && (parent == nil || parent.call.State == StateEnding):
		return "", ErrAttendedParentNotFound
	case !l.lastCall.IsZero() && l.now().Sub(l.lastCall) < oneCallPer:
		return "", ErrCallTooSoon
	case l.unansweredOutgoing() || l.ringsBesideLive():
		return "", ErrCurrentCallNotConnected
	case !consult && l.isMaxCall(a):
		return "", ErrMaxCalls
	case !l.cfg.AllowSilence && !l.cfg.Devices.HaveMicrophone():
		return "", ErrNoMicrophone
	}
	return target, nil
}

func parentOf(c Call, now time.Time) TransferParent {
	p := TransferParent{CallID: c.ID, Name: c.Party.Name, Number: c.Number, Avatar: c.Party.Avatar}
	if !c.AnsweredAt.IsZero() {
		p.CallDuration = now.Sub(c.AnsweredAt)
	}
	if !c.HeldAt.IsZero() {
		p.HoldDuration = now.Sub(c.HeldAt)
	}
	return p
}

// unansweredOutgoing: an outgoing call is not yet answered.
func (l *loop) unansweredOutgoing() bool {
	for _, s := range l.order {
		if s.call.Direction == Outbound && !s.answered && s.call.State != StateEnding {
			return true
		}
	}
	return false
}

// ringsBesideLive: an incoming call rings while another one is live.
func (l *loop) ringsBesideLive() bool {
	var rings, live bool
	for _, s := range l.order {
		rings = rings || s.call.RingsHere()
		live = live || !s.call.RingsHere() && s.call.State != StateEnding
	}
	return rings && live
}

// newCallID takes the SIP Call-ID where it is free and well formed, else makes one.
func (l *loop) newCallID(sip string) CallID {
	if id := CallID(sip); isCallToken(sip) && l.sessions[id] == nil {
		return id
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return CallID(hex.EncodeToString(b[:]))
}

// isCallToken: RFC 3261 §25.1 word [ "@" word ] of token characters, at most 128 of them.
func isCallToken(s string) bool {
	if s == "" || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '!', c == '%', c == '*', c == '_', c == '+', c == '`', c == '\'', c == '~', c == '@':
		default:
			return false
		}
	}
	return true
}

func (l *loop) onProgress(s *session, e Progress) {
	if s.call.State != StateCalling && s.call.State != StateRinging {
		return
	}
	if e.Party != (Party{}) {
		l.updateParty(s, e.Party)
	}
	if s.call.State == StateCalling {
		l.transition(s, StateRinging, e.At)
	}
	l.tellReferrer(s, e.Status)
	s.keepEarly(e.Fork, e.SDP)
	if e.SDP == nil || s.earlyFork != "" && s.earlyFork != e.Fork || s.earlySDP == string(e.SDP) {
		return // one transport cannot take two fingerprints: the first fork's early media is heard
	}
	s.earlyFork, s.earlySDP = e.Fork, string(e.SDP)
	l.change(s, func(c *Call) { c.EarlyMedia = true })
	l.cfg.Media.Remote(s.call.ID, e.SDP, true)
}

// mostForks bounds how many early answers are kept.
const mostForks = 16

// keepEarly keeps a fork's early answer: its 200 may come without one.
func (s *session) keepEarly(fork string, sdp []byte) {
	if sdp == nil || len(s.forks) >= mostForks && s.forks[fork] == nil {
		return
	}
	if s.forks == nil {
		s.forks = make(map[string][]byte)
	}
	s.forks[fork] = sdp
}

func (l *loop) onAccepted(s *session, e Accepted) {
	if s.call.Direction != Outbound {
		return
	}
	if s.exchange == exchangeEarly { // our answer to their UPDATE comes first
		s.accepted = &e
		return
	}
	if !l.transition(s, StateAccepted, e.At) {
		return
	}
	s.answered = true
	s.giveUp.stop()
	l.tellReferrer(s, 200)
	if e.Party != (Party{}) {
		l.updateParty(s, e.Party)
	}
	l.change(s, func(c *Call) { c.EarlyMedia = false })
	l.emit(Event{Name: EventAccepted, Call: s.call, At: e.At})
	if s.earlyChanged && e.Fork == s.earlyFork { // what a 200 says after that is not looked at (RFC 3261 §13.2.1)
		e.SDP = []byte(s.earlySDP)
	}
	if e.SDP == nil { // its own reliable answer came before (RFC 3262 §5)
		e.SDP = s.forks[e.Fork]
	}
	switch {
	case e.SDP != nil && !(s.earlySDP == string(e.SDP) && s.earlyFork == e.Fork):
		l.applyAnswer(s, e.SDP)
	case s.earlySDP != "":
		s.exchange = exchangeNone
		l.confirm(s, e.At)
	default: // a 200 to an offer must hold an answer (RFC 3261 §13.2.1)
		l.fail(s, CauseBadMedia, ErrMediaMalformed)
		return
	}
	l.cfg.Media.Start(s.call.ID)
}

func (l *loop) onRefused(s *session, e Refused) {
	if waits := s.call.State == StateCalling || s.call.State == StateRinging || s.call.State == StateEnding; !waits || s.call.Direction != Outbound {
		return
	}
	cause := e.Cause
	if cause == CauseNone {
		cause = CauseOfStatus(e.Status)
	}
	o := outcome{at: e.At, cause: e.Why.refusal(cause, e.Status), status: e.Status, q850: e.Why.Q850, reason: e.Reason, retryAfter: e.RetryAfter}
	if o.reason == "" || e.Why.Text != "" {
		o.reason = e.Why.Text
	}
	if l.insist(s, e.Status) {
		return
	}
	if s.call.State == StateEnding {
		o.cause, o.byUs = CauseCanceled, true
	} else if redirect, loop := l.redirected(s, e); loop {
		o.cause = CauseLoop
	} else {
		o.redirect = redirect
	}
	l.finishWith(s, o)
}
