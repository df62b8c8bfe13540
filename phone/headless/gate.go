package headless

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// gateLimit is the longest that commands wait for the first registration: a little more than SIP's own
// patience with a silent server (RFC 3261 §17.1.2.2: 64·T1).
const gateLimit = 35 * time.Second

// registrationGate opens when the outcome of the first registration is known: one account is
// registered, or every account has failed once. With no account it is open.
type registrationGate struct {
	op     Operator
	cancel func()

	mu     sync.Mutex
	failed map[phone.AccountID]bool
	open   chan struct{} // closed: the outcome is known
	isOpen bool
}

// newRegistrationGate subscribes at once, so that nothing that Start brings can be missed.
func newRegistrationGate(op Operator) *registrationGate {
	g := &registrationGate{op: op, failed: make(map[phone.AccountID]bool), open: make(chan struct{})}
	g.cancel = op.Subscribe(func(f func()) { f() }, g.onEvent)
	g.look()
	return g
}

func (g *registrationGate) close() { g.cancel() }

func (g *registrationGate) onEvent(e phone.Event) {
	if e.Name == phone.EventRegistrationFailed {
		g.mu.Lock()
		g.failed[e.Account] = true
		g.mu.Unlock()
	}
	switch e.Name {
	case phone.EventRegistered, phone.EventRegistrationFailed, phone.EventAccountsChange, phone.EventConnected:
		g.look()
	}
}

// look opens the gate if the operator's state allows it.
func (g *registrationGate) look() {
	s := g.op.Snapshot()
	g.mu.Lock()
	defer g.mu.Unlock()
	known := s.Ready()
	if !known {
		known = true
		for _, a := range s.Accounts {
			known = known && (g.failed[a.Account.ID] || a.Cause != phone.CauseNone)
		}
	}
	if known && !g.isOpen {
		g.isOpen = true
		close(g.open)
	}
}

// wait returns when the gate is open. The error wraps phone.ErrRegistryFailed.
func (g *registrationGate) wait(ctx context.Context) error {
	select {
	case <-g.open:
		return nil
	default:
	}
	timer := time.NewTimer(gateLimit)
	defer timer.Stop()
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: stopped while it was waited for", phone.ErrRegistryFailed)
	case <-timer.C:
		return fmt.Errorf("%w: there is no outcome yet", phone.ErrRegistryFailed)
	}
}
