package phone

import "time"

// The way that a call's media takes may be lost in mid-call: a laptop changes its network, a NAT forgets us, a firewall
// closes. The dialog stands, so a re-INVITE that restarts ICE looks for another way.
//
//	MediaDown ──▶ re-INVITE (MediaWish.Restart) ──▶ their answer ──▶ MediaUp: found
//	                   ▲                                 │
//	                   └──── lostPause, or registered ◀──┴─ refused, or no way yet
//	MediaFailed (the transport gives up) ──▶ the call ends

// lostPause is between two attempts to find a way for a call's media.
const lostPause = 5 * time.Second

// mediaLost looks for another way. The sound is gone already, so nothing is risked.
func (l *loop) mediaLost(s *session) {
	l.change(s, func(c *Call) { c.MediaUp = false })
	s.lost = true
	l.seekWay(s)
}

// mediaFound ends the search.
func (l *loop) mediaFound(s *session) {
	s.lost, s.unheard = false, false
	s.seek.stop()
}

// seekWay offers a restart, now where no exchange is under way, and again after a pause while there is no way.
func (l *loop) seekWay(s *session) {
	if !s.lost {
		return
	}
	if s.call.State == StateTalking && s.exchange == exchangeNone && s.replaced == "" {
		s.sent = false
		l.offer(s, exchangeOurs)
	}
	s.seek.stop()
	s.seek = l.after(lostPause, func(l *loop) { l.seekWay(s) })
}

// seekWays is for all calls of an account that has found its server again: now a re-INVITE gets through.
func (l *loop) seekWays(a *account) {
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
