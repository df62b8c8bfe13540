package phone

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// requestPatience is how long a far end's transfer waits for the user's decision.
	requestPatience = 60 * time.Second
	// mostRequests bounds those that wait at the same time.
	mostRequests = 8
)

// referral is a far end's REFER: first a question to the user, then a call that follows it. It belongs to the loop.
type referral struct {
	request TransferRequest
	in      ReferIn
	line    *account
	expiry  *timer
	resume  bool // the call was not held before, so that a failure brings the sound back
}

// AcceptTransfer calls whom the far end of call id wants us to talk to (RFC 3515, RFC 5589 §6), in the place of a call of
// theirs where they ask for that, and tells them how it goes. Errors: ErrTransferNotFound, ErrCurrentCallNotConnected,
// ErrNoMicrophone, ErrInvalidNumber.
func (o *Operator) AcceptTransfer(ctx context.Context, id CallID) (c Call, err error) {
	if err := canceled(ctx); err != nil {
		return Call{}, err
	}
	err = o.do(func(l *loop) (err error) {
		c, err = l.acceptTransfer(id)
		return err
	})
	return c, err
}

// DeclineTransfer refuses what the far end of call id wants: it hears 603, the call goes on. Error: ErrTransferNotFound.
func (o *Operator) DeclineTransfer(id CallID) error {
	return o.do(func(l *loop) error {
		r := l.requestOf(id)
		if r == nil {
			return ErrTransferNotFound
		}
		l.dropRequest(r, 603, CauseRejected)
		return nil
	})
}

func (l *loop) requestOf(id CallID) *referral {
	for _, r := range l.requests {
		if r.request.Call == id {
			return r
		}
	}
	return nil
}

// onReferIn asks the user. Nobody dials in our name. For them the call stands as soon as it is accepted: a PBX may send it on
// in the same millisecond.
func (l *loop) onReferIn(s *session, e ReferIn) {
	stands := s.call.State == StateAccepted || s.call.State == StateTalking
	if l.closing || !stands || len(l.requests) >= mostRequests || l.requestOf(s.call.ID) != nil {
		s.line.line.ReferTell(e.Dialog, 603)
		return
	}
	r := &referral{in: e, line: s.line, request: TransferRequest{Call: s.call.ID, Account: s.line.acc.ID,
		Target: shownTarget(e.Target, s.line.acc), Name: e.Name, By: s.call.Party, Attended: e.Replaces != "", At: e.At}}
	r.expiry = l.after(requestPatience, func(l *loop) { l.dropRequest(r, 603, CauseNoAnswer) })
	l.requests = append(l.requests, r)
	l.dirty = true
	l.emit(Event{Name: EventTransferRequest, Call: s.call, Account: s.line.acc.ID, Request: r.request, At: e.At})
}

// shownTarget is a SIP address for people: the number alone where it is at home on the account's domain or server.
func shownTarget(uri string, a Account) string {
	if scheme, number := cutScheme(uri); scheme == "tel" {
		number, _, _ = strings.Cut(number, ";")
		return number
	}
	plain, _, _ := strings.Cut(uri, ";")
	u, err := sipURI(plain)
	if err != nil {
		_, rest := cutScheme(plain)
		return rest
	}
	user, err := url.PathUnescape(u.user)
	if err != nil {
		user = u.user
	}
	host := Account{Server: "udp:" + u.host}.Host()
	if strings.EqualFold(host, a.Host()) || strings.EqualFold(host, Account{URI: a.URI}.Host()) {
		return user
	}
	return user + "@" + u.host
}

func (l *loop) acceptTransfer(id CallID) (Call, error) {
	r := l.requestOf(id)
	switch {
	case r == nil:
		return Call{}, ErrTransferNotFound
	case l.unansweredOutgoing():
		return Call{}, ErrCurrentCallNotConnected
	case !l.cfg.AllowSilence && !l.cfg.Devices.HaveMicrophone():
		return Call{}, ErrNoMicrophone
	}
	target := r.in.Target
	if scheme, _ := cutScheme(target); scheme == "tel" {
		number, _, _ := strings.Cut(target, ";")
		uri, err := TargetURI(number, r.line.acc)
		if err != nil {
			return Call{}, err
		}
		target = uri
	}
	if old := l.sessions[id]; old != nil {
		r.resume = old.call.State == StateTalking && !old.wantHold
	}
	l.takeRequest(r, CauseNone)
	r.line.line.ReferTell(r.in.Dialog, 100)
	return l.beginCall(r.line, &session{target: target, follows: r, call: Call{Number: r.request.Target, ReferredBy: r.request.By,
		Party: Party{Number: r.request.Target, Name: r.request.Name}}}), nil
}

// takeRequest: the question is decided.
func (l *loop) takeRequest(r *referral, cause Cause) {
	r.expiry.stop()
	l.requests = slices.DeleteFunc(l.requests, func(x *referral) bool { return x == r })
	l.dirty = true
	l.emit(Event{Name: EventTransferRequestEnded, Call: l.callOf(r.request.Call), Account: r.request.Account, Request: r.request, Cause: cause})
}

// dropRequest refuses it.
func (l *loop) dropRequest(r *referral, status int, cause Cause) {
	l.takeRequest(r, cause)
	r.line.line.ReferTell(r.in.Dialog, status)
}

// tellReferrer tells who sent us here how this call is getting on.
func (l *loop) tellReferrer(s *session, status int) {
	r := s.follows
	if r == nil || status <= 100 {
		return
	}
	if status >= 200 {
		s.follows = nil
	}
	r.line.line.ReferTell(r.in.Dialog, status)
}

// followFailed: the call that a transfer asked for did not come about, so the one with who asked goes on.
func (l *loop) followFailed(s *session) {
	r := s.follows
	if r == nil {
		return
	}
	status := s.call.SIPStatus
	switch {
	case status >= 300:
	case s.call.EndedByUs && s.call.Cause == CauseCanceled:
		status = 487
	case s.call.Cause == CauseNoAnswer:
		status = 408
	default:
		status = 503
	}
	l.tellReferrer(s, status)
	old := l.sessions[r.request.Call]
	if old == nil || old.call.State != StateTalking || !r.resume || l.anotherSpeaks(old) {
		return
	}
	for _, x := range l.order { // with it, the conference that it is a member of
		if sameLine(x, old) {
			l.wishHold(x, false)
		}
	}
	if l.current == s.call.ID {
		l.setCurrent(old.call.ID)
	}
}
