package locate

import (
	"net/netip"
	"slices"
	"time"
)

// How long a target that failed is passed over, whatever it says of itself.
const (
	failedFor  = 5 * time.Minute
	mostFailed = time.Hour
)

// Rotation remembers which targets failed lately (RFC 3263 §4.3), so that not every request has to find out anew, and the
// first one gets its turn again. It belongs to one goroutine; the zero value is ready.
type Rotation struct {
	failed map[key]time.Time // when the target may be tried again
}

// key is what makes a target the same in two answers: names, ranks and weights change from one to the next.
type key struct {
	transport string
	addr      netip.AddrPort
}

func (t Target) key() key { return key{t.Transport, t.Addr} }

// Same reports whether two targets are the same server by the same way.
func (t Target) Same(other Target) bool { return t.key() == other.key() }

// Failed passes a target over for 5 minutes: no connection, no answer, or a 503.
func (r *Rotation) Failed(t Target) { r.FailedFor(t, failedFor) }

// FailedFor passes a target over for that long, 5 minutes at least and an hour at most: a 503 with Retry-After (RFC 3261
// §21.5.4).
func (r *Rotation) FailedFor(t Target, d time.Duration) {
	if r.failed == nil {
		r.failed = make(map[key]time.Time)
	}
	now := time.Now()
	for k, until := range r.failed { // no more is kept than can matter
		if !now.Before(until) {
			delete(r.failed, k)
		}
	}
	r.failed[t.key()] = now.Add(min(max(d, failedFor), mostFailed))
}

// Worked forgets that a target failed.
func (r *Rotation) Worked(t Target) { delete(r.failed, t.key()) }

// IsFailed reports whether a target is passed over now.
func (r *Rotation) IsFailed(t Target) bool {
	until, known := r.failed[t.key()]
	return known && time.Now().Before(until)
}

// Order returns the targets to try now: those that did not fail lately, in their order. Where all did, nobody is
// better than another: all are forgiven, and the first is the first again.
func (r *Rotation) Order(targets []Target) []Target {
	good := slices.DeleteFunc(slices.Clone(targets), r.IsFailed)
	if len(good) > 0 {
		return good
	}
	for _, t := range targets {
		r.Worked(t)
	}
	return slices.Clone(targets)
}

// Better returns those targets that are preferred to the current one and may be tried again: the way back after a
// failover. A target of the same rank is not better, whatever the weights drew this time. None is better than one that
// the domain still names first; any is better than one that it names no more.
func (r *Rotation) Better(current Target, targets []Target) []Target {
	rank := int(^uint(0) >> 1)
	for _, t := range targets {
		if t.Same(current) {
			rank = t.Rank
		}
	}
	return slices.DeleteFunc(slices.Clone(targets), func(t Target) bool { return t.Rank >= rank || r.IsFailed(t) })
}
