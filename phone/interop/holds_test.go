//go:build linux

package interop

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/avp"
	"github.com/hookswitch/hookswitch/phone/phonetest"
	"github.com/hookswitch/hookswitch/phone/sipua"
)

// soundRung is a rung whose descriptions are those of the real engine, without any device.
type soundRung struct {
	*rung
	seen int // events that were looked at
}

func newSoundRung(t *testing.T) *soundRung {
	t.Helper()
	longTest(t)
	r := &rung{T: t, events: phonetest.NewRecorder(), board: startSwitchboard(t)}
	plain, err := avp.New(avp.Options{})
	r.must(err)
	engine := media.New(media.Config{Transports: map[phone.MediaPolicy]media.TransportFactory{phone.MediaDefault: plain}})
	r.Operator = phone.New(phone.Config{Signalling: sipua.New(sipua.Options{}), Media: engine, Devices: phonetest.Devices{}, AllowSilence: true})
	r.Subscribe(r.events.Queue, r.events.Add)
	t.Cleanup(func() {
		within, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := r.Destroy(within); err != nil {
			t.Errorf("the operator does not end properly: %v", err)
		}
	})
	return &soundRung{rung: r}
}

// held waits until a later event than the last one shows the call just so.
func (r *soundRung) held(byUs, byThem, pending bool) {
	r.Helper()
	_, err := r.events.Wait("change of hold", 20*time.Second, func(events []phone.Event) (phone.Event, bool) {
		for ; r.seen < len(events); r.seen++ {
			if e := events[r.seen]; e.Name == phone.EventStatusChange && e.Call.HeldByUs == byUs && e.Call.HeldByThem == byThem && e.Call.HoldPending == pending {
				r.seen++
				return e, true
			}
		}
		return phone.Event{}, false
	})
	if err != nil {
		r.Fatalf("never held by us %t, by them %t, pending %t: %v\n%s", byUs, byThem, pending, err, r.report())
	}
}

// hold asks for hold or for its end, which is pending until they agreed.
func (r *soundRung) hold(id phone.CallID, on, byThem bool) {
	r.Helper()
	if on {
		r.must(r.Hold(id))
	} else {
		r.must(r.Unhold(id))
	}
	r.held(!on, byThem, true)
}

// talking calls and waits until the call stands.
func (r *soundRung) talking() phone.CallID {
	r.Helper()
	id := r.dial("600")
	r.await(phone.EventConfirmed)
	return id
}

// holds and digits: what the test does while SIPp climbs the ladder of the same name. The directions are SIPp's to check.
var holds = map[string]func(r *soundRung){
	"hold-by-us": func(r *soundRung) {
		id := r.talking()
		r.hold(id, true, false)
		r.held(true, false, false)
		r.hold(id, false, false)
		r.held(false, false, false)
	},
	"hold-by-them": func(r *soundRung) { r.heldAndResumedByThem() },
	"hold-by-zero": func(r *soundRung) { r.heldAndResumedByThem() },
	"hold-by-both": func(r *soundRung) {
		id := r.talking()
		r.hold(id, true, false)
		r.held(true, false, false)
		r.held(true, true, false)
		r.hold(id, false, true)
		r.held(false, true, false)
		r.held(false, false, false)
	},
	"hold-by-them-first": func(r *soundRung) {
		id := r.talking()
		r.held(false, true, false)
		r.hold(id, true, true)
		r.held(true, true, false)
		r.held(true, false, false)
		r.hold(id, false, false)
		r.held(false, false, false)
	},
	"hold-and-offerless": func(r *soundRung) {
		id := r.talking()
		r.hold(id, true, false)
		r.held(true, false, false)
		if e := r.await(phone.EventReinvite); !e.Call.HeldByUs || e.Call.HeldByThem {
			r.Errorf("%+v", e.Call)
		}
	},
	"hold-refused": func(r *soundRung) {
		id := r.talking()
		r.hold(id, true, false)
		r.held(false, false, false)
	},
	"digits-by-info": func(r *soundRung) { r.must(r.DTMF(r.talking(), "1#D")) },
	"digits-of-theirs": func(r *soundRung) {
		r.talking()
		if first, second := r.await(phone.EventDTMF), r.await(phone.EventDTMF); first.Digit != '5' || second.Digit != '#' {
			r.Errorf("%c %c", first.Digit, second.Digit)
		}
	},
}

func (r *soundRung) heldAndResumedByThem() {
	r.Helper()
	r.talking()
	r.held(false, true, false)
	r.held(false, false, false)
}

// holdRows are the rows of the table of interoperability that these stand for.
var holdRows = map[string]string{
	"hold-by-us": "held and taken back", "hold-by-them": "holds us", "hold-by-zero": "holds us", "hold-by-both": "holds us",
	"hold-by-them-first": "held and taken back", "digits-by-info": "INFO digits", "digits-of-theirs": "INFO digits",
}

// testHolds: hold in all four combinations, and digits by INFO, with the descriptions of the real engine.
func testHolds(t *testing.T) {
	for name, script := range holds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row, named := holdRows[name]; named {
				proves(t, "SIPp", row)
			}
			r := newSoundRung(t)
			r.register()
			r.await(phone.EventIsRegisteredChange)
			r.climb(name)
			script(r)
			r.await(phone.EventEnded)
			r.complete()
		})
	}
	for status, cause := range map[string]phone.Cause{"481 Call/Transaction Does Not Exist": phone.CauseDialog, "408 Request Timeout": phone.CauseDialog} {
		t.Run("hold meets "+status[:3], func(t *testing.T) {
			t.Parallel()
			r := newSoundRung(t)
			r.register()
			r.await(phone.EventIsRegisteredChange)
			r.climb("hold-gone", "STATUS", status)
			r.must(r.Hold(r.talking()))
			if e := r.await(phone.EventEnded); e.Cause != cause {
				r.Errorf("it ended by %q", e.Cause)
			}
			r.complete()
		})
	}
}
