package demopbx

import (
	"context"
	"slices"
	"time"
)

// This file holds what tests ask of the PBX.

// watch waits until ready says yes. ready runs in the loop, after every batch of events.
func (p *PBX) watch(ctx context.Context, ready func() bool) error {
	yes := make(chan struct{})
	if err := p.ask(ctx, func() { p.watchers[yes] = ready }); err != nil {
		return err
	}
	select {
	case <-yes:
		return nil
	case <-ctx.Done():
		p.mail.post(func() { delete(p.watchers, yes) })
		return ctx.Err()
	case <-p.loopDone:
		return ErrClosed
	}
}

func (p *PBX) notifyWatchers() {
	for yes, ready := range p.watchers {
		if ready() {
			delete(p.watchers, yes)
			close(yes)
		}
	}
}

// WaitRegistered waits until the user has a live binding.
func (p *PBX) WaitRegistered(ctx context.Context, user string) error {
	return p.watch(ctx, func() bool { return len(p.registrar.live(time.Now(), user)) > 0 })
}

// WaitSeen waits until a message that match accepts has passed, from the beginning on, and returns it.
// match runs in the PBX's own goroutine and must be quick.
func (p *PBX) WaitSeen(ctx context.Context, match func(Seen) bool) (Seen, error) {
	var found Seen
	err := p.watch(ctx, func() bool {
		i := slices.IndexFunc(p.journal.seen, match)
		if i >= 0 {
			found = p.journal.seen[i]
		}
		return i >= 0
	})
	return found, err
}

// Seen returns the last messages that passed, the oldest first.
func (p *PBX) Seen() []Seen {
	var seen []Seen
	_ = p.ask(p.ctx, func() { seen = slices.Clone(p.journal.seen) })
	return seen
}

// Count returns how many requests of a method came in.
func (p *PBX) Count(method string) int {
	n := 0
	for _, s := range p.Seen() {
		if s.In && s.Status == 0 && s.Method == method {
			n++
		}
	}
	return n
}

// Bindings returns the live contacts of a user, the newest first.
func (p *PBX) Bindings(user string) []string {
	var contacts []string
	_ = p.ask(p.ctx, func() {
		for _, b := range p.registrar.live(time.Now(), user) {
			contacts = append(contacts, b.contact.String())
		}
	})
	return contacts
}

// Calls returns how many calls run: with the PBX itself, and between extensions.
func (p *PBX) Calls() (own, between int) {
	_ = p.ask(p.ctx, func() { own, between = len(p.legs), len(p.proxied) })
	return own, between
}

// Pongs returns how many WebSocket PINGs were answered, and how many were not in time.
func (p *PBX) Pongs() (answered, missed uint64) { return p.pongs.Load(), p.pongsMissed.Load() }

// DropConnections closes the TCP, TLS, WS and WSS connections on which the user registered, without a
// word of SIP, and returns how many there were.
func (p *PBX) DropConnections(user string) int {
	n := 0
	_ = p.ask(p.ctx, func() {
		for _, f := range p.flows {
			if f.user == user {
				f.close()
				n++
			}
		}
	})
	return n
}

// RefuseRegister makes the registrar answer every REGISTER with the status; 0 ends that.
func (p *PBX) RefuseRegister(status int) {
	_ = p.ask(p.ctx, func() { p.refuse = status })
}

// ExpireBindings forgets the user's bindings, as if their time had passed.
func (p *PBX) ExpireBindings(user string) {
	_ = p.ask(p.ctx, func() { delete(p.registrar.bindings, user) })
}

// ExpireNonces makes every nonce that is out stale.
func (p *PBX) ExpireNonces() {
	_ = p.ask(p.ctx, func() {
		for _, n := range p.nonces.nonces {
			n.issued = time.Now().Add(-2 * nonceLifetime)
		}
	})
}

// SetExpires bounds the granted time, in seconds: a shorter wish gets 423, a longer one most.
func (p *PBX) SetExpires(least, most int) {
	_ = p.ask(p.ctx, func() { p.registrar.minExpires, p.registrar.maxExpires = least, most })
}

// hangUpAll ends every leg and takes no new ones.
func (p *PBX) hangUpAll() {
	p.finalizing = true
	for _, l := range p.legs {
		l.hangup(480)
	}
}

// pendingByes counts the BYEs and CANCELs that wait for their answer on a connection that stands.
func (p *PBX) pendingByes() int {
	n := 0
	for _, tx := range p.clients {
		if tx.final == 0 && !tx.flow.gone && !tx.req.IsInvite() {
			n++
		}
	}
	return n
}
