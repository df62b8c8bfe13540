package phone

import (
	"slices"
	"time"
)

// exchange says which offer/answer exchange (RFC 3264) of a session is under way; there is
// at most one.
type exchange int

const (
	exchangeNone        exchange = iota
	exchangeInvite               // our INVITE's offer
	exchangeEarly                // our answer to their UPDATE before our call is answered
	exchangeAnswer               // our answer to their INVITE
	exchangeLateOffer            // our offer in the 200 to an INVITE without one; their answer comes with the ACK
	exchangeOurs                 // our re-INVITE
	exchangeTheirs               // our answer to their re-INVITE
	exchangeTheirsLate           // our offer in the 200 to a re-INVITE without one
	exchangeReplace              // our answer to an INVITE that takes the place of this call, until its ACK
	exchangeReplaceLate          // our offer in the 200 to such an INVITE without one
)

// session is a live call. It belongs to the loop; nobody else ever sees it.
type session struct {
	call   Call // what snapshots show
	dialog DialogID
	line   *account
	target string
	opts   CallRequest

	visited  []string // the targets that redirected the user here
	rung     []byte   // our offer, that went with the ringing of a call of theirs
	offer    []byte   // their initial offer, until it is answered
	exchange exchange
	sent     bool        // our offer of the exchange went to the wire
	applying bool        // their answer came: on the wire the exchange is over
	next     *ReinviteIn // what they want next, until it is over here, too

	earlyFork string // the fork whose SDP was applied
	earlySDP  string

	earlyApplied bool              // and our transport has it
	earlyChanged bool              // an UPDATE of theirs changed it since
	accepted     *Accepted         // came while that was being answered
	forks        map[string][]byte // the early SDP of each fork
	unheard      bool              // the call stands, but its media needs the offer that is out: another far end answers (lost.go)

	lost   bool      // the media's way was lost, or never found (lost.go)
	lostAt time.Time // since when
	seek   *timer    // the next attempt to find one

	askedHold    bool // what our side of the exchange under way (or the last one) asked for
	wantHold     bool // what the user wants; call.HeldByUs is what was negotiated
	pictures     pictures
	insists      bool // our INVITE went out a second time, with encryption that may not be missing
	unsent       bool // and its offer is not made yet
	answered     bool // reached accepted: its end is "ended", not "failed"
	silenced     bool // the ring tone was switched off by the user
	manualStatus bool // SetStaticStatus in manual mode
	known        known

	transfer  *transfer  // our REFER under way
	infos     infoDigits // that go by INFO
	digitsEnd time.Time  // when those in the sound are through
	events    bool       // digits go in the sound: telephone-event was negotiated
	taping    taping

	reporting reporting
	follows   *referral // the far end's REFER that made this call

	replaced DialogID // our old dialog, while a new call takes its place (replace.go)
	auto     *timer   // until it is answered by itself

	newcomer Party // who that new call is from
	leg      int   // counts the legs that this session has had

	giveUp *timer // no answer in time
	ending *timer // the far end does not react to our hang up
}

// transitions holds every allowed step of the machine that doc.go draws.
var transitions = map[State][]State{
	"":             {StateGathering, StateRinging},
	StateGathering: {StateCalling, StateEnding, StateEnded},
	StateCalling:   {StateRinging, StateAccepted, StateEnding, StateEnded},
	StateRinging:   {StateAccepted, StateAnswering, StateEnding, StateEnded},
	StateAnswering: {StateAccepted, StateEnding, StateEnded},
	StateAccepted:  {StateTalking, StateEnding, StateEnded},
	StateTalking:   {StateEnding, StateEnded},
	StateEnding:    {StateEnded},
	StateEnded:     nil,
}

// mayGo reports whether the machine allows the step.
func mayGo(from, to State, d Direction) bool {
	switch {
	case from == "" && to == StateGathering, from == StateRinging && to == StateAccepted:
		return d == Outbound
	case from == "" && to == StateRinging, to == StateAnswering && from == StateRinging:
		return d == Inbound
	}
	return slices.Contains(transitions[from], to)
}

// transition is the one guarded place where a session's state changes; with it go the fields that also change
// in this step, so that one event tells it all. It reports whether the step was allowed.
func (l *loop) transition(s *session, to State, at time.Time, also ...func(*Call)) bool {
	from := s.call.State
	if !mayGo(from, to, s.call.Direction) {
		l.log.Debug("step refused", "call", s.call.ID, "from", from, "to", to)
		return false
	}
	if at.IsZero() {
		at = l.now()
	}
	l.changeAt(s, at, func(c *Call) {
		c.State = to
		switch to {
		case StateRinging:
			c.RingingAt = at
		case StateAnswering, StateAccepted:
			if c.AcceptedAt.IsZero() {
				c.AcceptedAt = at
			}
		case StateTalking:
			c.AnsweredAt = at
		case StateEnded:
			c.EndedAt, c.Record = at, RecordStop
		case StateEnding:
			c.Record = RecordStop
		}
		for _, f := range also {
			f(c)
		}
	})
	return true
}

// change applies f to the call and tells statusChange when anything differs.
func (l *loop) change(s *session, f func(*Call)) { l.changeAt(s, l.now(), f) }

// changeAt is change for what happened at a time that its cause tells.
func (l *loop) changeAt(s *session, at time.Time, f func(*Call)) {
	old := s.call
	f(&s.call)
	held := s.call.HeldByUs || s.call.HeldByThem
	switch {
	case held && s.call.HeldAt.IsZero():
		s.call.HeldAt = at
	case !held:
		s.call.HeldAt = time.Time{}
	}
	if s.call == old {
		return
	}
	l.dirty = true
	if old.State == "" { // being made: newRTCSession tells it
		return
	}
	l.emit(Event{Name: EventStatusChange, At: at, Call: s.call, Old: old})
}

// emit queues an event about a call or an account; it goes out after the snapshot was published.
func (l *loop) emit(e Event) {
	if e.At.IsZero() {
		e.At = l.now()
	}
	if e.Account == "" {
		e.Account = e.Call.Account
	}
	l.events = append(l.events, e)
}
