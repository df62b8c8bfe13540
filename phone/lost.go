package phone

import (
	"fmt"
	"time"
)

// The way that a call's media takes may be lost in mid-call: a laptop changes its network, a NAT forgets us, a firewall
// closes. The dialog stands, so a re-INVITE that restarts ICE looks for another way.
//
//	MediaDown ──▶ patience ──▶ re-INVITE (MediaWish.Restart) ──▶ their answer ──▶ MediaUp: found
//	                   ▲                                            │
//	                   └── lostPause, at once when registered anew ◀┴─ refused, or no way yet
//	lostLimit, or MediaFailed (the transport gives up) ──▶ the call ends
//
// Both ends notice. Whoever has moved must be the one to offer: nobody reaches it where it was, and a re-INVITE that
// wanders there keeps the other one's out (RFC 3261 §14.2). It knows, since its server's connection went too.

// The pauses of the search.
const (
	lostPause = 5 * time.Second // between two attempts
	// justMoved: for so long after the server was found again, a loss is put down to a move of ours.
	justMoved = 15 * time.Second
	// Where nothing tells that we moved, they may have. They need some seconds to notice and to register.
	callerWaits = 3 * time.Second
	calleeWaits = 6 * time.Second
	// lostLimit is when a call without a way is given up.
	lostLimit = 30 * time.Second
)

// mediaLost looks for another way. The sound is gone already, so nothing is risked.
func (l *loop) mediaLost(s *session) {
	l.change(s, func(c *Call) { c.MediaUp = false })
	if !s.lost {
		s.lost, s.lostAt = true, l.now()
	}
	a := s.line
	switch {
	case s.call.NetworkType == "" && s.call.Direction == Outbound: // there never was a way: what was gathered late may be one
		l.seekWay(s)
	case !a.foundAgain.IsZero() && l.now().Sub(a.foundAgain) < justMoved:
		l.seekWay(s)
	case !a.state.Connected: // seekWays comes
		l.seekLater(s, lostPause)
	case s.call.Direction == Outbound:
		l.seekLater(s, callerWaits)
	default:
		l.seekLater(s, calleeWaits)
	}
}

func (l *loop) seekLater(s *session, pause time.Duration) {
	s.seek.stop()
	s.seek = l.after(pause, func(l *loop) { l.seekWay(s) })
}

// mediaFound ends the search.
func (l *loop) mediaFound(s *session) {
	s.lost, s.unheard = false, false
	s.seek.stop()
}

// seekWay offers a restart, now where no exchange is under way, and again after a pause while there is no way.
func (l *loop) seekWay(s *session) {
	since := s.lostAt
	if s.call.AnsweredAt.After(since) { // while it rang, nobody missed it
		since = s.call.AnsweredAt
	}
	switch {
	case !s.lost:
		return
	case s.call.State == StateTalking && l.now().Sub(since) >= lostLimit:
		l.fail(s, CauseMedia, fmt.Errorf("phone: no way for the sound was found: %w", ErrLocalStream))
		return
	}
	if s.call.State == StateTalking && s.exchange == exchangeNone && s.replaced == "" {
		s.sent = false
		l.offer(s, exchangeOurs)
	}
	l.seekLater(s, lostPause)
}

// seekWays is for all calls of an account that has found its server again: now a re-INVITE gets through.
func (l *loop) seekWays(a *account) {
	if !a.lostLine {
		return
	}
	a.lostLine, a.foundAgain = false, l.now()
	for _, s := range l.order {
		if s.line == a {
			l.seekWay(s)
		}
	}
}

// elsewhere: the answer came from another far end than the early one, and a transport cannot take two. The dialog
// stands (RFC 3261 §13.2.2.4), so the call is confirmed, and gets its media by a new offer at once.
func (l *loop) elsewhere(s *session) {
	s.exchange, s.unheard = exchangeNone, true
	l.confirm(s, l.now())
	if s.call.State == StateTalking && s.exchange == exchangeNone {
		l.offer(s, exchangeOurs)
	}
}
