//go:build linux

package interop

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// ladders are what the test does while SIPp climbs the ladder of the same name; before it, the operator has registered.
var ladders = map[string]func(r *rung){
	"prack-lost": func(r *rung) {
		r.board.loses("PRACK", "SIP/2.0 183")
		id := r.dial("600")
		r.holds("early media", id, func(c phone.Call) bool { return c.State == phone.StateRinging && c.EarlyMedia })
		r.await(phone.EventConfirmed)
		r.await(phone.EventEnded)
		if n := r.board.count("> PRACK"); n < 3 {
			r.Errorf("%d PRACKs", n)
		}
	},
	"prack-of-theirs-lost": func(r *rung) {
		r.board.loses("SIP/2.0 180")
		in := r.await(phone.EventIncoming)
		if !eventually(20*time.Second, func() bool { return r.board.count("> SIP/2.0 200") == 1 }) { // of PRACK
			r.Fatal(r.report())
		}
		r.must(r.Answer(context.Background(), in.Call.ID, phone.AnswerOptions{}))
		r.await(phone.EventConfirmed)
		r.await(phone.EventEnded)
	},
	"offerless-and-reliable": func(r *rung) {
		in := r.await(phone.EventIncoming)
		if !eventually(20*time.Second, func() bool { return r.board.count("> SIP/2.0 200") == 1 }) { // of PRACK
			r.Fatal(r.report())
		}
		r.must(r.Answer(context.Background(), in.Call.ID, phone.AnswerOptions{}))
		r.await(phone.EventConfirmed)
		r.await(phone.EventEnded)
	},
	"bad-extension": func(r *rung) { r.neverRings() },
	"update-early": func(r *rung) {
		r.dial("600")
		if e := r.await(phone.EventReinvite); e.Call.State != phone.StateRinging || !e.Call.EarlyMedia {
			r.Errorf("%+v", e)
		}
		r.await(phone.EventConfirmed)
		r.await(phone.EventReinvite)
		r.await(phone.EventEnded)
	},
	"update-while-it-rings": func(r *rung) {
		r.await(phone.EventIncoming)
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Canceled", "missed": true})
	},
	"session-too-brief-for-them": (*rung).callIsEnded,
	"session-unsupported":        (*rung).answeredAndEnded,
	"session-refreshed-by-us":    (*rung).answeredAndEnded,
	"session-update-not-allowed": (*rung).callIsEnded,
	"session-refreshed-by-them": func(r *rung) {
		r.dial("600")
		r.await(phone.EventConfirmed)
		r.await(phone.EventReinvite)
		r.await(phone.EventEnded)
	},
	"not-just-now": (*rung).holdsAtLast,
	"glare-of-the-called": func(r *rung) {
		id := r.answer()
		r.await(phone.EventConfirmed)
		r.must(r.Hold(id))
		r.holds("held at last", id, func(c phone.Call) bool { return c.HeldByUs && !c.HoldPending })
		r.await(phone.EventEnded)
	},
	"glare-both":   (*rung).holdsAtLast,
	"glare-yields": (*rung).holdsAtLast,
	"offerless": func(r *rung) {
		r.answer()
		r.await(phone.EventConfirmed)
		r.await(phone.EventReinvite)
		r.await(phone.EventEnded)
	},
	"forks-of-three": func(r *rung) {
		id := r.dial("600")
		r.holds("early media of the second", id, func(c phone.Call) bool { return c.EarlyMedia })
		r.await(phone.EventConfirmed)
		if e := r.await(phone.EventEnded); e.Call.EndedByUs {
			r.Errorf("%+v", e)
		}
	},
	"cancel": func(r *rung) {
		id := r.dial("600")
		r.holds("it rings", id, func(c phone.Call) bool { return c.State == phone.StateRinging })
		r.must(r.Hangup(id))
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Canceled", "missed": nil})
	},
	"cancel-crosses-200": func(r *rung) {
		id := r.dial("600")
		r.holds("it rings", id, func(c phone.Call) bool { return c.State == phone.StateRinging })
		r.must(r.Hangup(id))
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Canceled"})
	},
	"cancel-before-180": func(r *rung) {
		id := r.dial("600")
		r.holds("it is called", id, func(c phone.Call) bool { return c.State == phone.StateCalling })
		r.must(r.Hangup(id))
		r.await(phone.EventFailed)
	},
	"answered-elsewhere": func(r *rung) {
		r.await(phone.EventIncoming)
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Answered Elsewhere", "status": 487.0, "reason": "Call completed elsewhere", "missed": nil})
	},
	"missed": func(r *rung) {
		r.await(phone.EventIncoming)
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Canceled", "status": 487.0, "missed": true})
	},
	"offer-unusable": func(r *rung) {
		r.told(r.await(phone.EventMissed), map[string]any{"cause": "Incompatible SDP", "status": 488.0, "number": "600", "name": "Alice", "missed": true})
		r.neverRings()
	},
	"body-unusable": func(r *rung) { r.neverRings() },
	"declined": func(r *rung) {
		r.must(r.Reject(r.await(phone.EventIncoming).Call.ID))
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Rejected", "missed": nil})
	},
	"trouble": func(r *rung) {
		r.dial("600")
		r.told(r.await(phone.EventEnded), map[string]any{"cause": "Server Error", "q850": 38.0, "reason": "Network out of order"})
	},
}

// holdsAtLast calls, and holds the call, which takes its time.
func (r *rung) holdsAtLast() {
	id := r.dial("600")
	r.await(phone.EventConfirmed)
	r.must(r.Hold(id))
	r.holds("held at last", id, func(c phone.Call) bool { return c.HeldByUs && !c.HoldPending })
	r.await(phone.EventEnded)
}

// callIsEnded calls and lets the far end do the rest.
func (r *rung) callIsEnded() {
	r.dial("600")
	r.await(phone.EventConfirmed)
	r.told(r.await(phone.EventEnded), map[string]any{"cause": "Terminated"})
}

// answeredAndEnded answers their call and lets them do the rest.
func (r *rung) answeredAndEnded() {
	r.answer()
	r.await(phone.EventConfirmed)
	r.told(r.await(phone.EventEnded), map[string]any{"cause": "Terminated"})
}

// neverRings wants SIPp's call to be refused without a word to the user's ear.
func (r *rung) neverRings() {
	r.complete()
	if n := r.events.Count(phone.EventIncoming); n != 0 {
		r.Errorf("it rang %d times", n)
	}
}

// ladderRows are the rows of the table of interoperability that the ladders stand for.
var ladderRows = map[string]string{
	"prack-lost": "100rel and PRACK", "prack-of-theirs-lost": "100rel and PRACK", "offerless-and-reliable": "100rel and PRACK", "update-early": "UPDATE", "update-while-it-rings": "UPDATE",
	"session-too-brief-for-them": "session timers", "session-unsupported": "session timers", "session-refreshed-by-us": "session timers",
	"session-update-not-allowed": "session timers", "session-refreshed-by-them": "session timers", "glare-of-the-called": "held and taken back", "forks-of-three": "forks",
}

// testLadders: the dialog layer, seen from the wire and from the operator's events.
func testLadders(t *testing.T) {
	for name, script := range ladders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row, named := ladderRows[name]; named {
				proves(t, "SIPp", row)
			}
			r := newRung(t)
			if name == "offer-unusable" {
				r.media.Unusable = phone.ErrMediaIncompatible
			}
			r.register()
			if _, err := r.events.WaitFor(phone.EventIsRegisteredChange, 10*time.Second); err != nil {
				t.Fatal(err)
			}
			r.climb(name)
			script(r)
			r.complete()
		})
	}
}
