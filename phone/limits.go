package phone

// defaultCallLimit and mostCalls bound the calls at a time (contract, isMaxCall).
const (
	defaultCallLimit = 2
	mostCalls        = 8
)

// isMaxCall: no further call is accepted on that account (nil: on the first one).
func (l *loop) isMaxCall(a *account) bool {
	limit := l.callLimit()
	if a == nil && len(l.accounts) > 0 {
		a = l.accounts[0]
	}
	if a != nil && a.acc.MaxCalls > 0 {
		limit = min(a.acc.MaxCalls, mostCalls)
	}
	if l.cfg.NoCallWaiting {
		limit = 1
	}
	n := -max(0, len(l.members())-1) // a conference counts as one
	for _, s := range l.order {
		if s.call.State != StateEnding && (!s.call.IsTransfer || l.cfg.NoCallWaiting) {
			n++
		}
	}
	return n >= limit
}

// callLimit is how many calls the phone takes at a time, where the account says nothing else.
func (l *loop) callLimit() int {
	if l.cfg.CallLimit <= 0 {
		return defaultCallLimit
	}
	return min(l.cfg.CallLimit, mostCalls)
}

// SetCallLimit says how many calls may be there at a time (2 … 8; an account's MaxCalls goes before it), and whether a call
// may come in beside a live one at all (contract, isMaxCall). It changes nothing about calls that are there.
// Error: ErrNotSupported for another number.
func (o *Operator) SetCallLimit(limit int, waiting bool) error {
	return o.do(func(l *loop) error {
		if limit < defaultCallLimit || limit > mostCalls {
			return ErrNotSupported
		}
		l.cfg.CallLimit, l.cfg.NoCallWaiting, l.dirty = limit, !waiting, true
		return nil
	})
}

// updateBusy tells each line whether another call would be refused.
func (l *loop) updateBusy() {
	for _, a := range l.accounts {
		if busy := l.isMaxCall(a); busy != a.busy {
			a.busy = busy
			a.line.SetBusy(busy)
		}
	}
}
