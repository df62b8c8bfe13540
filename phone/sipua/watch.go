package sipua

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// The times of looking after a connection that has a binding.
const (
	watchEvery = 5 * time.Second
	askUDP     = 25 * time.Second // RFC 5626 §4.4.2: 24 to 29 s, for the NATs' sake as well
	askStream  = 40 * time.Second // after the first keep-alive had its chance to be answered
	askLimit   = 10 * time.Second // RFC 5626 §4.4.1
	doubtLimit = 4 * time.Second  // when a request has been unanswered already
	homeEvery  = 5 * time.Minute  // as long as who failed is passed over
	asleep     = 15 * time.Second // a clock that ran so much further than we did
)

var errMoved = errors.New("this machine has another address now")

// watch looks after the line's connection, so that a server that died, a network that changed and a sleep are noticed
// within seconds and not at the next refresh of the binding. It belongs to the line's owner.
//
// A stream whose server answers keep-alives looks after itself. Everywhere else, UDP above all, an OPTIONS asks (RFC 3261
// §11): STUN on the SIP port (RFC 5626 §4.4.2) is known to few servers, while every one answers a request, with whatever
// status. One that never did gets a REGISTER before it is believed dead.
type watch struct {
	next    time.Time // when to ask
	home    time.Time // when to look for a server that is preferred, once more
	asking  bool
	spoke   bool // an OPTIONS was answered here
	mute    bool // it never was, though the server lives
	source  netip.Addr
	shifted bool      // we have another address than calls that stand were told
	wall    time.Time // at the last look, without the monotonic clock that stands still in a sleep
	looked  time.Time
}

// watchOver begins with a fresh connection.
func (l *line) watchOver(c *conn) {
	now := time.Now()
	l.watch = watch{looked: now, wall: l.agent.wall(), shifted: l.watch.shifted}
	l.watch.source, _ = l.agent.source(c.raw) // not known: not compared
	l.watch.next = now.Add(askStream)
	if !c.reliable() {
		l.watch.next = now.Add(askUDP)
	}
	l.look(c)
}

func (l *line) look(c *conn) {
	l.after(watchEvery, func() {
		if l.conn != c || l.closing {
			return
		}
		l.lookAfter(c)
		if l.conn == c {
			l.look(c)
		}
	})
}

func (l *line) lookAfter(c *conn) {
	w := &l.watch
	now, wall := time.Now(), l.agent.wall()
	slept := wall.Sub(w.wall)-now.Sub(w.looked) > asleep
	w.looked, w.wall = now, wall
	switch home := l.server.way; {
	case l.hasMoved(c):
		l.watch.shifted = true
		go c.fail(errMoved)
	case !l.reg.bound || l.reg.busy:
	case slept: // the binding may be over, the connection dead
		l.log.Debug("awake again")
		w.spoke = true // now silence is enough
		l.wantRegister(l.reg.last)
		l.ask(doubtLimit)
	case len(l.calls) == 0 && home != nil && now.After(w.home) && home.away(l.server.target): // it gets its turn again
		w.home = now.Add(homeEvery)
		l.wantRegister(l.reg.last)
	case now.Before(w.next) || w.mute || c.framing.pongDue():
	default:
		l.ask(askLimit)
	}
}

// hasMoved reports whether the system would send from another address now than when the connection was made: after a move
// into another network, or into or out of a VPN. No way at all is no news: it may come back as it was. Nor is another
// address of the same IPv6 network, which privacy demands from time to time (RFC 8981).
func (l *line) hasMoved(c *conn) bool {
	w := &l.watch
	now, err := l.agent.source(c.raw)
	if err != nil || now == w.source {
		return false
	}
	before := w.source
	w.source = now
	if !before.IsValid() {
		return false
	}
	here, err := before.Prefix(64) // none of IPv4
	return err != nil || !here.Contains(now)
}

// arrivedAnew follows a registration: after a move, the far ends of calls have to learn our new Contact (RFC 3261 §12.2), or
// their BYE would never reach us.
func (l *line) arrivedAnew() {
	if !l.watch.shifted {
		return
	}
	l.watch.shifted = false
	for _, c := range l.calls {
		c.showLife()
	}
}

// ask sends an OPTIONS, to hear whether the server is there.
func (l *line) ask(limit time.Duration) {
	w, c := &l.watch, l.conn
	if w.asking || c == nil {
		return
	}
	w.asking = true
	began := time.Now()
	every := askStream
	if !c.reliable() {
		every = askUDP
	}
	w.next = began.Add(every)
	m := l.newRequest("OPTIONS", l.registrar)
	l.preload(m, nil)
	m.add("From", l.local+";tag="+randomHex(8))
	m.add("To", "<"+l.registrar+">")
	m.add("Call-ID", randomHex(12))
	m.add("CSeq", cseqValue(1, "OPTIONS"))
	tx := l.request(m, func(*message) {
		if l.conn == c {
			w.asking, w.spoke = false, true
		}
	}, func(phone.Cause) {})
	l.stop(tx.deadline)
	tx.deadline = l.after(limit, func() {
		tx.end()
		if l.conn != c {
			return
		}
		if w.asking = false; c.heard.Load() < began.UnixNano() {
			l.unanswered(c)
		}
	})
}

// unanswered: the server did not answer an OPTIONS, nor say anything else meanwhile.
func (l *line) unanswered(c *conn) {
	switch w := &l.watch; {
	case w.spoke:
		go c.fail(errNoAnswer) // not here: it tells the owner
	case !w.mute && l.reg.bound:
		w.mute = true
		l.wantRegister(l.reg.last)
	}
}

// suspect asks after the server because a request over UDP stays unanswered: its next hop or the far end may be at fault.
func (l *line) suspect() {
	if !l.watch.mute && l.reg.bound {
		l.ask(doubtLimit)
	}
}

// sourceOf is the address from which the system would send to the connection's far end now. Nothing is sent for that.
func sourceOf(raw net.Conn) (netip.Addr, error) {
	probe, err := net.Dial("udp", raw.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer probe.Close()
	at, err := netip.ParseAddrPort(probe.LocalAddr().String())
	return at.Addr().Unmap(), err
}

// wallClock goes on while the machine sleeps.
func wallClock() time.Time { return time.Now().Round(0) }
