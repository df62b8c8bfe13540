package phone_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// commandsOnCalls are all methods of the operator that take a call, by their names.
func commandsOnCalls() map[string]func(*phone.Operator, phone.CallID) error {
	ctx := context.Background()
	type op = phone.Operator
	type id = phone.CallID
	return map[string]func(*op, id) error{
		"Call": func(o *op, i id) error {
			_, err := o.Call(ctx, phone.CallRequest{Number: "609", TransferOf: i})
			return err
		},
		"Answer":           func(o *op, i id) error { return o.Answer(ctx, i, phone.AnswerOptions{}) },
		"Reject":           (*op).Reject,
		"Hangup":           (*op).Hangup,
		"Terminate":        func(o *op, i id) error { return o.Terminate(i, "terminate") },
		"Hold":             (*op).Hold,
		"Unhold":           (*op).Unhold,
		"Mute":             (*op).Mute,
		"Unmute":           (*op).Unmute,
		"DTMF":             func(o *op, i id) error { return o.DTMF(i, "1") },
		"SetVideo":         func(o *op, i id) error { return o.SetVideo(ctx, i, true) },
		"Renegotiate":      func(o *op, i id) error { return o.Renegotiate(ctx, i) },
		"Frame":            func(o *op, i id) error { o.Frame(i, true); return nil },
		"SetCurrent":       (*op).SetCurrent,
		"SetStaticStatus":  func(o *op, i id) error { return o.SetStaticStatus(i, phone.Party{Name: "Mara"}, true) },
		"Silence":          (*op).Silence,
		"Merge":            func(o *op, i id) error { return o.Merge(i) },
		"Split":            (*op).Split,
		"StartRecord":      (*op).StartRecord,
		"PauseRecord":      (*op).PauseRecord,
		"StopRecord":       (*op).StopRecord,
		"BlindTransfer":    func(o *op, i id) error { return o.BlindTransfer(ctx, i, "603") },
		"AttendedTransfer": func(o *op, i id) error { return o.AttendedTransfer(ctx, i, "603") },
		"TransferToCall":   func(o *op, i id) error { return o.TransferToCall(ctx, i, anotherCall(o, i)) },
		"AcceptTransfer":   func(o *op, i id) error { _, err := o.AcceptTransfer(ctx, i); return err },
		"DeclineTransfer":  (*op).DeclineTransfer,
		"Levels":           func(o *op, i id) error { o.Levels(i); return nil },
		"Stats":            func(o *op, i id) error { o.Stats(i); return nil },
	}
}

// anotherCall is the newest call beside that one; without any, itself.
func anotherCall(o *phone.Operator, id phone.CallID) phone.CallID {
	for _, c := range slices.Backward(o.Snapshot().Calls) {
		if c.ID != id {
			return c.ID
		}
	}
	return id
}

// commandsOfAll are the methods that are about no call.
func commandsOfAll() map[string]func(*phone.Operator) error {
	type op = phone.Operator
	return map[string]func(*op) error{
		"AddAccount":         func(o *op) error { return o.AddAccount(phone.Account{ID: "1001", URI: "sip:1001@pbx.example"}) },
		"RemoveAccount":      func(o *op) error { return o.RemoveAccount("nobody") },
		"Register":           func(o *op) error { return o.Register("1001") },
		"ReRegister":         func(o *op) error { return o.ReRegister("1001", "1001", phone.NewPassword("x")) },
		"Unregister":         func(o *op) error { return o.Unregister("1001") },
		"Start":              (*op).Start,
		"Disconnect":         (*op).Disconnect,
		"Destroy":            func(o *op) error { return o.Destroy(context.Background()) },
		"SetCallLimit":       func(o *op) error { return o.SetCallLimit(3, true) },
		"SetDevices":         func(o *op) error { return o.SetDevices(phone.DeviceIDs{Speaker: "s"}) },
		"SetVoiceProcessing": func(o *op) error { return o.SetVoiceProcessing(false) },
		"SetRecording":       func(o *op) error { return o.SetRecording(phone.RecordSettings{Agreed: true}) },
		"HoldConference":     (*op).HoldConference,
		"UnholdConference":   (*op).UnholdConference,
		"HangupConference":   (*op).HangupConference,
		"KeyFeedback":        func(o *op) error { o.KeyFeedback('1'); return nil },
		"Snapshot":           func(o *op) error { o.Snapshot(); return nil },
		"Subscribe":          func(o *op) error { o.Subscribe(func(f func()) { f() }, func(phone.Event) {})(); return nil },
	}
}

func TestEveryMethodIsInTheTablesOfCommands(t *testing.T) {
	onCalls, ofAll := commandsOnCalls(), commandsOfAll()
	for m := range reflect.TypeFor[*phone.Operator]().Methods() {
		takes := false
		for in := range m.Type.Ins() {
			takes = takes || in == reflect.TypeFor[phone.CallID]() || in == reflect.TypeFor[[]phone.CallID]() || in == reflect.TypeFor[phone.CallRequest]()
		}
		if _, there := onCalls[m.Name]; there != takes {
			t.Errorf("%s takes a call: %t, has a row: %t", m.Name, takes, there)
		}
		if _, there := ofAll[m.Name]; there == takes {
			t.Errorf("%s takes a call: %t, has a row of those that do not: %t", m.Name, takes, there)
		}
	}
}

// refusals are the errors that an outcome in the table stands for; "ok" is none.
var refusals = map[string]error{
	"ok": nil, "state": phone.ErrInvalidState, "gone": phone.ErrCallNotFound, "no parent": phone.ErrAttendedParentNotFound,
	"unconnected": phone.ErrCurrentCallNotConnected, "no request": phone.ErrTransferNotFound,
}

func TestEveryPairOfSituationAndCommand(t *testing.T) {
	commands := commandsOnCalls()
	for name := range pairsOfCommands {
		if commands[name] == nil {
			t.Errorf("there is no method %q", name)
		}
	}
	for name, command := range commands {
		t.Run(name, func(t *testing.T) {
			for _, s := range situations() {
				s.in(t, func(d *desk, id phone.CallID) {
					if got, want := d.try(command, id), cell(t, pairsOfCommands[name], s.name); got != want {
						t.Errorf("%s: %q, want %q", s.name, got, want)
					}
				})
			}
		})
	}
}

// try gives a command twice and names what came of the first time. A refusal changes nothing, and an unknown error is none of
// the documented ones.
func (d *desk) try(command func(*phone.Operator, phone.CallID) error, id phone.CallID) string {
	d.Helper()
	before := d.outside()
	err := command(d.op, id)
	d.settle()
	if err != nil && !reflect.DeepEqual(before, d.outside()) {
		d.Errorf("refused with %v, yet something changed", err)
	}
	again := command(d.op, id)
	for _, err := range []error{err, again} {
		if _, ours := errors.AsType[*phone.Error](err); err != nil && !ours {
			d.Errorf("%v has no code of ours", err)
		}
	}
	d.settle()
	for name, want := range refusals {
		if err == want { //nolint:errorlint // exactly that one, not what wraps it
			return name
		}
	}
	return err.Error()
}

func TestEveryMethodAtOnceFromManyGoroutinesInEverySituation(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			s.in(t, func(d *desk, id phone.CallID) {
				d.mediaGoesOn() // what was held up may go on while all of this happens
				var all sync.WaitGroup
				for range 2 {
					for _, command := range commandsOnCalls() {
						all.Go(func() { _ = command(d.op, id) })
					}
					for name, command := range commandsOfAll() {
						if name != "Destroy" {
							all.Go(func() { _ = command(d.op) })
						}
					}
				}
				all.Wait()
				d.settle()
				d.wantLawful()
				for _, command := range commandsOnCalls() { // and while it all ends
					all.Go(func() { _ = command(d.op, id) })
				}
				for _, command := range commandsOfAll() {
					all.Go(func() { _ = command(d.op) })
				}
				all.Wait()
			})
		})
	}
}
