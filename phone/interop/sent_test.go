//go:build linux

package interop

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// newWholeRung is a rung with all of the program behind it but the window: its wiring, its media, devices that are not there.
func newWholeRung(t *testing.T) *rung {
	t.Helper()
	longTest(t)
	r := &rung{T: t, events: phonetest.NewRecorder(), board: startSwitchboard(t)}
	r.Operator = wire(t, virtual.NewProbe("ear", "the test's ear"))
	r.Subscribe(r.events.Queue, r.events.Add)
	t.Cleanup(func() {
		within, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := r.Destroy(within); err != nil {
			t.Errorf("the operator does not end properly: %v", err)
		}
	})
	r.register()
	return r
}

// beside is a second SIPp, with a number of its own.
func (r *rung) beside(number string) *rung {
	other := *r
	other.number = number
	return &other
}

// talk climbs a ladder on which SIPp is called.
func (r *rung) talk(name string, replaced ...string) phone.CallID {
	r.Helper()
	r.climb(name, replaced...)
	id := r.dial("600")
	r.await(phone.EventConfirmed)
	return id
}

// givenBack wants a call to have its sound again after we tried to send it away, until they end it.
func (r *rung) givenBack(id phone.CallID) {
	r.Helper()
	_, err := r.events.Wait("sound again", 20*time.Second, func(events []phone.Event) (phone.Event, bool) {
		failed := false
		for _, e := range events {
			failed = failed || e.Name == phone.EventTransferFailed
			if failed && e.Call.ID == id && e.Call.State == phone.StateTalking && !e.Call.HeldByUs && !e.Call.HoldPending {
				return e, true
			}
		}
		return phone.Event{}, false
	})
	if err != nil {
		r.Fatalf("the call did not come back: %v\n%s", err, r.report())
	}
	if c := r.await(phone.EventEnded).Call; c.ID != id || c.EndedByUs || c.Transferring {
		r.Errorf("%+v", c)
	}
}

// vain are the ways in which those whom we send do not arrive, and what the user is told.
var vain = map[string]struct {
	ladder   string
	replaced []string
	status   int
	cause    phone.Cause
}{
	"busy":             {"sent-on-in-vain", []string{"REASON", "noresource", "FRAG", "SIP/2.0 486 Busy Here"}, 486, phone.CauseBusy},
	"declined":         {"sent-on-in-vain", []string{"REASON", "noresource", "FRAG", "SIP/2.0 603 Decline"}, 603, phone.CauseRejected},
	"no answer":        {"sent-on-in-vain", []string{"REASON", "noresource", "FRAG", "SIP/2.0 408 Request Timeout"}, 408, phone.CauseUnavailable},
	"they gave up":     {"sent-on-in-vain", []string{"REASON", "timeout", "FRAG", "SIP/2.0 180 Ringing"}, 180, phone.CauseSIP},
	"rubbish":          {"sent-on-in-vain", []string{"REASON", "noresource", "FRAG", "SIP/9 two hundred"}, 0, phone.CauseSIP},
	"they will not":    {"sent-on-refused", []string{"STATUS", "603 Decline"}, 603, phone.CauseRejected},
	"they cannot":      {"sent-on-refused", []string{"STATUS", "405 Method Not Allowed"}, 405, phone.CauseSIP},
	"they know no 602": {"sent-on-refused", []string{"STATUS", "404 Not Found"}, 404, phone.CauseNotFound},
}

// testSendingOn: we transfer SIPp, with the whole program.
func testSendingOn(t *testing.T) {
	for name, arrives := range map[string]string{"it arrives": "sent-on", "it goes without a word": "sent-on-and-gone"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proves(t, "SIPp", "blind transfer")
			r := newWholeRung(t)
			id := r.talk(arrives)
			r.must(r.BlindTransfer(context.Background(), id, "602"))
			r.board.part()
			if e := r.await(phone.EventTransferred); e.Call.ID != id {
				t.Errorf("%+v", e)
			}
			r.await(phone.EventEnded)
			r.complete()
		})
	}
	for name, v := range vain {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proves(t, "SIPp", "blind transfer")
			r := newWholeRung(t)
			id := r.talk(v.ladder, v.replaced...)
			r.must(r.BlindTransfer(context.Background(), id, "602"))
			if e := r.await(phone.EventTransferFailed); e.Call.ID != id || e.Status != v.status || e.Cause != v.cause {
				t.Errorf("%+v", e)
			}
			r.givenBack(id)
			r.complete()
		})
	}
}

// testJoining: two SIPps that called us are joined; neither call is a consultation call.
func testJoining(t *testing.T) {
	proves(t, "SIPp", "attended transfer")
	r := newWholeRung(t)
	other := r.beside("")
	r.await(phone.EventRegistered)
	r.climb("joined")
	held := r.answer()
	r.await(phone.EventConfirmed)
	other.climb("joined-other")
	talks := r.answer()
	r.await(phone.EventConfirmed)
	r.holds("the first is held", held, func(c phone.Call) bool { return c.HeldByUs })
	r.must(r.AttendedTransfer(context.Background(), talks, ""))
	if e := r.await(phone.EventTransferred); e.Call.ID != held {
		t.Errorf("%+v", e)
	}
	r.gone(held, talks)
	r.complete()
	other.complete()
}
