package phone_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// fill brings n calls about: one of ours, the others theirs, answered.
func (d *desk) fill(n int) {
	d.Helper()
	if n > 0 {
		d.talk("600")
	}
	for i := 1; i < n; i++ {
		id := d.ring("in"+strconv.Itoa(i), "555")
		d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
		d.settle()
		d.post(phone.Acked{Dialog: phone.DialogID(id)})
		d.wantState(id, phone.StateTalking)
	}
}

// TestTheLimitOfCallsIsExactlyWhatIsSet: the next call in is refused with 486, and ours with -205.
func TestTheLimitOfCallsIsExactlyWhatIsSet(t *testing.T) {
	for name, c := range map[string]struct {
		limit int
		set   func(*desk)
	}{
		"two by default":      {2, func(*desk) {}},
		"three by setting":    {3, func(d *desk) { d.must(d.op.SetCallLimit(3, true)) }},
		"eight by setting":    {8, func(d *desk) { d.must(d.op.SetCallLimit(8, true)) }},
		"one without waiting": {1, func(d *desk) { d.must(d.op.SetCallLimit(8, false)) }},
		"waiting on again":    {2, func(d *desk) { d.must(d.op.SetCallLimit(2, false)); d.must(d.op.SetCallLimit(2, true)) }},
		"four by the account": {4, func(d *desk) { d.account.MaxCalls = 4; d.must(d.op.AddAccount(d.account)); d.settle() }},
		"nine are never allowed": {2, func(d *desk) {
			for _, n := range []int{-1, 0, 1, 9} {
				if err := d.op.SetCallLimit(n, true); !errors.Is(err, phone.ErrNotSupported) {
					d.Errorf("%d: %v", n, err)
				}
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				c.set(d)
				d.fill(c.limit - 1)
				if d.op.Snapshot().IsMaxCall || d.net.Count("1001.SetBusy") != 0 && c.limit > 1 {
					t.Fatal("full too early")
				}
				d.ring("last", "555")
				d.wantState("last", phone.StateRinging)
				if !d.op.Snapshot().IsMaxCall {
					t.Fatal("not full")
				}
				d.wantSent("1001.SetBusy true")
				d.ring("beyond", "556")
				d.wantSent("1001.End beyond 486")
				if d.events.Count(phone.EventMissed) != 1 {
					t.Fatal("the refused call is not told as missed")
				}
				d.wantNotSent("1001.Ring beyond")
				for _, e := range d.events.Events() {
					if e.Call.ID == "beyond" && (e.Name != phone.EventMissed || e.Cause != phone.CauseBusy || e.Status != 486 || !e.Call.Missed()) {
						t.Fatalf("a call beyond the limit is shown: %s %+v", e.Name, e)
					}
				}
				d.must(d.op.Reject("last"))
				d.settle()
				d.wantSent("1001.SetBusy false")
				if d.op.Snapshot().IsMaxCall {
					t.Fatal("still full")
				}
			})
		})
	}
}

func TestAConsultationCallIsExemptAndCountsForNothing(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent := d.talk("600")
		time.Sleep(time.Second)
		c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "602", TransferOf: parent})
		d.must(err)
		d.settle()
		if d.op.Snapshot().IsMaxCall {
			t.Fatal("the consultation call was counted")
		}
		d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote")})
		d.ring("second", "555")
		d.wantState("second", phone.StateRinging)
		d.ring("third", "556")
		d.wantSent("1001.End third 486")
	})
}

// TestTheRulesBeforeANewCall: -208 within a second, -210 beside a call that is not connected.
func TestTheRulesBeforeANewCall(t *testing.T) {
	call := func(d *desk) phone.Code {
		_, err := d.op.Call(context.Background(), phone.CallRequest{Number: "601"})
		d.settle()
		return phone.CodeOf(err)
	}
	for name, c := range map[string]struct {
		before func(*desk)
		want   phone.Code
	}{
		"999 ms after another":              {func(d *desk) { d.talk("600"); time.Sleep(999 * time.Millisecond) }, -208},
		"a second after another":            {func(d *desk) { d.talk("600"); time.Sleep(time.Second) }, 0},
		"while one is not answered":         {func(d *desk) { d.dial("600"); time.Sleep(2 * time.Second) }, -210},
		"while one rings beside a live":     {func(d *desk) { d.talk("600"); d.ring("in", "5"); time.Sleep(time.Second) }, -210},
		"while one rings alone":             {func(d *desk) { d.ring("in", "5") }, 0},
		"when the unanswered one was ended": {func(d *desk) { d.must(d.op.Hangup(d.dial("600"))); time.Sleep(time.Second) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				c.before(d)
				if got := call(d); got != c.want {
					t.Errorf("code %d, want %d", got, c.want)
				}
			})
		})
	}
	onDesk(t, func(d *desk) { // answer, too, while an outgoing call is not answered
		d.dial("600")
		id := d.ring("in", "5")
		if err := d.op.Answer(context.Background(), id, phone.AnswerOptions{}); phone.CodeOf(err) != -210 {
			t.Error(err)
		}
	})
}
