package phone

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// The registration's times (contract, "Behaviour that the tables do not show").
const (
	registerExpires  = 1800 * time.Second
	backoffFirst     = 2 * time.Second
	backoffMost      = 2 * time.Minute
	reconnectFirst   = 500 * time.Millisecond // after a connection that had worked was lost
	refusedPause     = 10 * time.Minute       // after 403 and 404: an administrator must act first
	longestPause     = time.Hour              // whatever a server asks for
	longestBinding   = 24 * time.Hour         // and however long it wants to remember us
	refreshMargin    = 30 * time.Second       // before the end of a long binding
	lineClosingGrace = 2 * time.Second
)

// account is an account with its line. It belongs to the loop.
type account struct {
	acc    Account // with its secret
	line   Line
	state  AccountState // what snapshots show: without the secret
	secret bool         // nobody reads the signalling on its way to the server
	wanted bool         // registered is what we want
	busy   bool         // another call would be refused, as its line knows
	tries  int          // failures since the last success

	lostLine   bool      // its connection went while it was registered
	foundAgain time.Time // and when it registered anew

	ending  bool   // REGISTER with Expires 0 is under way
	leaving bool   // and then the transport is to be closed
	renewed bool   // new credentials came while a REGISTER with the old ones was under way
	retry   *timer // the next try, or the refresh
	expiry  *timer // the binding's end
}

func (a *account) unregistering() bool { return a.ending }

// update changes the account's shown state and tells isRegisteredChange when that changed.
func (l *loop) update(a *account, f func(*AccountState)) {
	was := a.state.Registered
	f(&a.state)
	l.dirty = true
	if a.state.Registered != was {
		l.emit(Event{Name: EventIsRegisteredChange, Account: a.acc.ID, On: a.state.Registered})
	}
}

// register sends a REGISTER now, whatever timer was running.
func (l *loop) register(a *account) {
	a.retry.stop()
	a.wanted, a.leaving = true, false
	if a.ending { // the un-REGISTER under way comes first
		return
	}
	l.update(a, func(s *AccountState) { s.Registering, s.NextTry = true, time.Time{} })
	a.line.Register(registerExpires)
}

// unregister removes the binding and stays away.
func (l *loop) unregister(a *account) {
	a.retry.stop()
	a.expiry.stop()
	a.wanted = false
	if a.acc.Direct {
		l.leaveDirect(a)
		return
	}
	if !a.state.Registered && !a.state.Registering {
		l.update(a, func(s *AccountState) { s.NextTry = time.Time{} })
		return
	}
	a.ending = true
	a.line.Unregister()
}

// disconnect unregisters, and closes the transport afterwards.
func (l *loop) disconnect(a *account) {
	l.unregister(a)
	a.leaving = a.ending
	if !a.ending {
		a.line.Disconnect()
	}
}

// leaveDirect makes an account without a registrar unreachable: there is nobody to tell. As long as calls need its
// transport, new ones are refused here.
func (l *loop) leaveDirect(a *account) {
	was := a.state.Connected
	l.update(a, func(s *AccountState) { s.Connected, s.Registering, s.NextTry = false, false, time.Time{} })
	if was {
		l.emit(Event{Name: EventDisconnected, Account: a.acc.ID})
	}
	a.line.Disconnect()
}

// onRegisterDone is the outcome of a REGISTER; for a Direct account, that of connecting.
func (l *loop) onRegisterDone(a *account, e RegisterDone) {
	if a.ending && e.Cause == CauseNone && e.Expires > 0 {
		return // a REGISTER that was under way when the un-REGISTER was asked for
	}
	if a.ending || !a.wanted {
		a.ending = false
		l.update(a, func(s *AccountState) { s.Registered, s.Registering = false, false })
		switch {
		case a.wanted:
			l.register(a)
		case a.leaving:
			a.leaving = false
			a.line.Disconnect()
		}
		return
	}
	failed, renewed := e.Cause != CauseNone || e.Expires <= 0, a.renewed
	a.renewed = false
	switch {
	case failed && renewed: // what was refused is not what counts now
		l.register(a)
		return
	case failed:
		l.onRegisterFailed(a, e)
		return
	}
	a.tries = 0
	if a.acc.Direct {
		l.update(a, func(s *AccountState) {
			s.Registering, s.Cause, s.Status, s.Reason, s.NextTry = false, CauseNone, 0, "", time.Time{}
		})
		l.onTransportUp(a, TransportUp{Encrypted: a.secret})
		l.seekWays(a)
		return
	}
	first := !a.state.Registered
	granted := min(e.Expires, longestBinding)
	until := l.now().Add(granted)
	l.update(a, func(s *AccountState) {
		s.Registered, s.Registering, s.Connected = true, false, true
		s.Cause, s.Status, s.Reason, s.NextTry, s.Expires = CauseNone, e.Status, "", time.Time{}, until
	})
	if first {
		l.emit(Event{Name: EventRegistered, Account: a.acc.ID, Status: e.Status})
		l.seekWays(a)
	}
	a.retry.stop()
	a.expiry.stop()
	a.retry = l.after(refreshAfter(granted), func(l *loop) { l.register(a) })
	a.expiry = l.after(granted, func(l *loop) {
		l.update(a, func(s *AccountState) { s.Registered = false })
	})
}

// refreshAfter is when a binding of the given length is renewed: shortly before its end, but
// not so late that one lost answer costs the registration.
func refreshAfter(granted time.Duration) time.Duration {
	early := granted - refreshMargin
	if most := granted * 85 / 100; early < granted/2 || early > most {
		early = most
	}
	return early
}

func (l *loop) onRegisterFailed(a *account, e RegisterDone) {
	cause := e.Cause
	if cause == CauseNone {
		cause = CauseSIP
	}
	a.tries++
	lasting := cause == CauseAuthentication || (cause == CauseRejected || cause == CauseNotFound) && e.Status != 0
	stillBound := !lasting && a.state.Registered && l.now().Before(a.state.Expires)
	l.update(a, func(s *AccountState) {
		s.Registered, s.Registering = stillBound, false
		s.Cause, s.Status, s.Reason = cause, e.Status, e.Reason
	})
	l.emit(Event{Name: EventRegistrationFailed, Account: a.acc.ID, Cause: cause, Status: e.Status, Reason: e.Reason, Err: e.Err})
	if a.acc.RegisterTries > 0 && a.tries > a.acc.RegisterTries {
		a.wanted = false // only the user, or new credentials, start again
		return
	}
	switch {
	case cause == CauseAuthentication: // the same password again would only lock the account
	case lasting:
		l.retryAfter(a, max(refusedPause, min(e.RetryAfter, longestPause)))
	default:
		l.retryAfter(a, backoff(a.tries, e.RetryAfter))
	}
}

// backoff doubles from try to try up to a limit; jitter keeps a building full of phones from
// calling at the same moment. What the server asked for (Retry-After) is the least.
func backoff(tries int, asked time.Duration) time.Duration {
	d := backoffMost
	if tries < 8 {
		d = min(backoffFirst<<max(tries-1, 0), backoffMost)
	}
	d = d/2 + rand.N(d)
	return max(d, min(asked, longestPause))
}

func (l *loop) retryAfter(a *account, d time.Duration) {
	a.retry.stop()
	l.update(a, func(s *AccountState) { s.NextTry = l.now().Add(d) })
	a.retry = l.after(d, func(l *loop) { l.register(a) })
}

func (l *loop) onTransportUp(a *account, e TransportUp) {
	a.secret = e.Encrypted
	if a.state.Connected || a.acc.Direct && !a.wanted {
		return
	}
	l.update(a, func(s *AccountState) { s.Connected = true })
	l.emit(Event{Name: EventConnected, Account: a.acc.ID})
}

// onTransportDown: a binding over a connection dies with it (RFC 5626 §4.2.1), so the account is
// registered anew; running calls go on, their media has a way of its own.
func (l *loop) onTransportDown(a *account, e TransportDown) {
	a.lostLine = a.lostLine || a.state.Ready()
	was := a.state.Connected
	l.update(a, func(s *AccountState) {
		s.Connected, s.Registered, s.Cause = false, false, e.Cause
	})
	a.expiry.stop()
	if was {
		l.emit(Event{Name: EventDisconnected, Account: a.acc.ID, Cause: e.Cause, Err: e.Err})
	}
	if a.ending {
		a.ending = false
		return
	}
	// A REGISTER under way reports its own failure and its own next try.
	if a.wanted && !a.state.Registering {
		l.retryAfter(a, reconnectFirst+rand.N(reconnectFirst))
	}
}

// accountFor picks the account of a new call: the one named, else the first that is ready, else the first.
func (l *loop) accountFor(id AccountID) (*account, error) {
	var first *account
	for _, a := range l.accounts {
		if id != "" {
			if a.acc.ID == id {
				return a, nil
			}
			continue
		}
		if a.state.Ready() {
			return a, nil
		}
		if first == nil {
			first = a
		}
	}
	if first == nil {
		return nil, ErrAccountNotFound
	}
	return first, nil
}

func (l *loop) addAccount(a Account) error {
	if a.ID == "" {
		a.ID = AccountID(a.URI)
	}
	if err := CheckAccount(a); err != nil {
		return err
	}
	line, err := l.openLine(a)
	if err != nil {
		return err
	}
	l.removeAccount(a.ID)
	x := &account{acc: a, line: line.Line, state: AccountState{Account: a}}
	x.state.Account.Secret, x.state.Account.ICEServers = Secret{}, withoutCredentials(a.ICEServers)
	line.bind(x)
	l.accounts = append(l.accounts, x)
	l.dirty = true
	l.emit(Event{Name: EventAccountsChange, Account: a.ID})
	if l.started {
		l.register(x)
	}
	return nil
}

// openedLine is a line whose events wait for their account.
type openedLine struct {
	Line
	bind func(*account)
}

// openLine opens the line; its events find their account in the loop, never before it is known there.
func (l *loop) openLine(a Account) (openedLine, error) {
	var owner *account // loop only
	line, err := l.cfg.Signalling.Open(a, func(e SignalEvent) {
		l.post(func(l *loop) {
			if owner != nil && slices.Contains(l.accounts, owner) {
				l.onSignal(owner, e)
			}
		})
	})
	if _, ours := errors.AsType[*Error](err); err != nil && !ours {
		err = fmt.Errorf("%w: %w", ErrAccountInvalid, err)
	}
	return openedLine{line, func(x *account) { owner = x }}, err
}

// removeAccount ends its calls, unregisters and closes its line in the background.
func (l *loop) removeAccount(id AccountID) bool {
	for i, a := range l.accounts {
		if a.acc.ID != id {
			continue
		}
		for _, s := range append([]*session(nil), l.order...) {
			if s.line == a {
				l.hangup(s, 0)
				l.finish(s, CauseTerminated, 0, true)
			}
		}
		for _, r := range slices.Clone(l.requests) {
			if r.line == a {
				l.dropRequest(r, 603, CauseRejected)
			}
		}
		l.unregister(a)
		a.retry.stop()
		a.expiry.stop()
		l.accounts = append(l.accounts[:i:i], l.accounts[i+1:]...)
		l.dirty = true
		l.emit(Event{Name: EventAccountsChange, Account: id})
		l.closers.Go(func() { a.line.Close(lineClosingGrace) })
		return true
	}
	return false
}

// updatePermission follows recordPermissions: that of the current call's account, else of the first account.
func (l *loop) updatePermission() {
	var of Account
	if s := l.sessions[l.current]; s != nil {
		of = s.line.acc
	} else if len(l.accounts) > 0 {
		of = l.accounts[0].acc
	}
	if p := of.RecordPermissions; p != l.permission {
		l.permission = p
		l.dirty = true
		l.emit(Event{Name: EventRecordPermissionsChange, Account: of.ID, Value: p})
	}
}
