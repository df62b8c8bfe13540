package avp

import (
	"net/netip"
	"time"
)

// moveAfter is how long a source must have been silent before another host may take its stream over.
const moveAfter = 3 * time.Second

// latch knows whose packets are theirs; see the package's documentation for the rules. It belongs to incoming.
type latch struct {
	signalled netip.AddrPort // of the SDP; zero: none that packets could come from
	source    netip.AddrPort // where their packets come from; zero: none came yet
	confirmed bool           // source was the signalled one
	ssrc      uint32
	last      time.Time
}

// signal takes over the address of a description.
func (l *latch) signal(address netip.AddrPort) {
	if address != l.signalled {
		*l = latch{signalled: address}
	}
}

// target is where our packets go.
func (l *latch) target() netip.AddrPort {
	if l.source.IsValid() {
		return l.source
	}
	return l.signalled
}

// admit decides about a packet. proven: SRTP authenticated it; plausible: it is of a negotiated payload type.
func (l *latch) admit(from netip.AddrPort, ssrc uint32, proven, plausible bool, now time.Time) bool {
	if from != l.source && !l.mayMove(from, ssrc, proven, plausible, now) {
		return false
	}
	if from == l.signalled {
		l.confirmed = true
	}
	l.source, l.ssrc, l.last = from, ssrc, now
	return true
}

func (l *latch) mayMove(from netip.AddrPort, ssrc uint32, proven, plausible bool, now time.Time) bool {
	switch {
	case proven:
		return true
	case !plausible:
		return false
	case from == l.signalled, !l.source.IsValid():
		return true
	}
	sameHost, silent := from.Addr() == l.source.Addr(), now.Sub(l.last) >= moveAfter
	if ssrc != l.ssrc {
		return sameHost && silent && !l.confirmed
	}
	return sameHost || silent && !l.confirmed
}
