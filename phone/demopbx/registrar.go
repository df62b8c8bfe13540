package demopbx

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Bounds of a binding's life, in seconds; SetExpires changes them.
const (
	defaultMinExpires = 5
	defaultMaxExpires = 3600
	defaultExpires    = 1800
	mostBindings      = 8 // of one user
)

// binding is one contact of one user (RFC 3261 §10.3).
type binding struct {
	contact sip.Uri
	flow    *flow
	callID  string
	cseq    uint32
	expires time.Time
	since   time.Time
}

// registrar keeps users and bindings. It belongs to the loop; time is handed in.
type registrar struct {
	users                  map[string]credential
	bindings               map[string][]*binding
	minExpires, maxExpires int
}

func newRegistrar() *registrar {
	return &registrar{
		users: map[string]credential{}, bindings: map[string][]*binding{},
		minExpires: defaultMinExpires, maxExpires: defaultMaxExpires,
	}
}

func (r *registrar) addUser(user string, c credential) { r.users[user] = c }

func (r *registrar) credential(user string) (credential, bool) {
	c, ok := r.users[user]
	return c, ok
}

func (r *registrar) known(user string) bool {
	_, ok := r.users[user]
	return ok
}

// live returns the user's bindings that have neither expired nor lost their flow, the newest first.
func (r *registrar) live(now time.Time, user string) []*binding {
	kept := slices.DeleteFunc(r.bindings[user], func(b *binding) bool {
		return !now.Before(b.expires) || b.flow.gone
	})
	if len(kept) == 0 {
		delete(r.bindings, user)
		return nil
	}
	r.bindings[user] = kept
	return slices.SortedFunc(slices.Values(kept), func(a, b *binding) int {
		return b.since.Compare(a.since)
	})
}

// byContact finds the live binding of a contact URI, of whichever user (a transfer's target).
func (r *registrar) byContact(now time.Time, uri sip.Uri) (string, *binding) {
	for user := range r.bindings {
		for _, b := range r.live(now, user) {
			if sameContact(b.contact, uri) {
				return user, b
			}
		}
	}
	return "", nil
}

// bind stores the contact. On one flow the newest contact replaces the older ones: a phone that
// was restarted does not leave its former self behind.
func (r *registrar) bind(user string, b *binding) {
	kept := slices.DeleteFunc(r.bindings[user], func(old *binding) bool {
		return old.flow == b.flow || sameContact(old.contact, b.contact)
	})
	if len(kept) >= mostBindings {
		oldest := slices.MinFunc(kept, func(a, b *binding) int { return a.since.Compare(b.since) })
		kept = slices.DeleteFunc(kept, func(b *binding) bool { return b == oldest })
	}
	r.bindings[user] = append(kept, b)
}

// unbind removes the contact, or all of the user's when all is true.
func (r *registrar) unbind(user string, contact sip.Uri, all bool) {
	r.bindings[user] = slices.DeleteFunc(r.bindings[user], func(b *binding) bool {
		return all || sameContact(b.contact, contact)
	})
	if len(r.bindings[user]) == 0 {
		delete(r.bindings, user)
	}
}

// dropFlow forgets what was bound on a connection that is gone.
func (r *registrar) dropFlow(f *flow) {
	for user, list := range r.bindings {
		list = slices.DeleteFunc(list, func(b *binding) bool { return b.flow == f })
		if len(list) == 0 {
			delete(r.bindings, user)
		} else {
			r.bindings[user] = list
		}
	}
}

func (r *registrar) hasFlow(f *flow) bool {
	for _, list := range r.bindings {
		if slices.ContainsFunc(list, func(b *binding) bool { return b.flow == f }) {
			return true
		}
	}
	return false
}

// outdated tells whether a REGISTER comes after a newer one of the same Call-ID (RFC 3261 §10.3, 7).
func (r *registrar) outdated(user, callID string, cseq uint32) bool {
	return slices.ContainsFunc(r.bindings[user], func(b *binding) bool {
		return b.callID == callID && cseq <= b.cseq
	})
}

// sameContact compares what tells contacts apart (less than RFC 3261 §19.1.4, enough for a demo).
func sameContact(a, b sip.Uri) bool {
	return a.User == b.User && strings.EqualFold(a.Host, b.Host) && cmp.Compare(a.Port, b.Port) == 0
}
