package phone_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// This file holds the contract's "Rules of the mapping", sentence by sentence.

// refused are commands that every desk refuses, whatever goes on there, and what they say. The call that is handed in is there.
func refused() map[string]struct {
	command func(o *phone.Operator, id phone.CallID) error
	want    error
} {
	ctx := context.Background()
	type op = phone.Operator
	type id = phone.CallID
	type refusal = struct {
		command func(o *op, i id) error
		want    error
	}
	call := func(r phone.CallRequest) func(*op, id) error {
		return func(o *op, _ id) error { _, err := o.Call(ctx, r); return err }
	}
	add := func(a phone.Account) func(*op, id) error {
		return func(o *op, _ id) error { return o.AddAccount(a) }
	}
	header := func(name, value string) func(*op, id) error {
		return call(phone.CallRequest{Number: "600", Headers: []phone.Header{{Name: name, Value: value}}})
	}
	account := phone.Account{ID: "2002", URI: "sip:2002@pbx.example"}
	long := strings.Repeat("7", 100_000)
	return map[string]refusal{
		"no number":               {call(phone.CallRequest{}), phone.ErrInvalidNumber},
		"a control character":     {call(phone.CallRequest{Number: "6\r\n00"}), phone.ErrInvalidNumber},
		"a huge number":           {call(phone.CallRequest{Number: long}), phone.ErrInvalidNumber},
		"bytes that are no text":  {call(phone.CallRequest{Number: "\xff\xfe"}), phone.ErrInvalidNumber},
		"nobody's account":        {call(phone.CallRequest{Number: "600", Account: "nobody"}), phone.ErrAccountNotFound},
		"the dialog's own header": {header("Call-ID", "x"), phone.ErrHeaderNotAllowed},
		"a header's line break":   {header("X-A", "b\r\nc"), phone.ErrHeaderNotAllowed},
		"a header without a name": {header("", "b"), phone.ErrHeaderNotAllowed},
		"a huge header":           {header("X-A", long), phone.ErrHeaderNotAllowed},

		"a target that is no text": {func(o *op, i id) error { return o.AttendedTransfer(ctx, i, "6\r\n00") }, phone.ErrInvalidNumber},
		"a huge target":            {func(o *op, i id) error { return o.AttendedTransfer(ctx, i, long) }, phone.ErrInvalidNumber},

		"an unknown end":  {func(o *op, i id) error { return o.Terminate(i, "explode") }, phone.ErrNotSupported},
		"an end of none":  {func(o *op, i id) error { return o.Terminate(i, "") }, phone.ErrNotSupported},
		"no digits":       {func(o *op, i id) error { return o.DTMF(i, "") }, phone.ErrInvalidNumber},
		"letters":         {func(o *op, i id) error { return o.DTMF(i, "12x") }, phone.ErrInvalidNumber},
		"too many digits": {func(o *op, i id) error { return o.DTMF(i, long) }, phone.ErrInvalidNumber},

		"an account of none":     {func(o *op, _ id) error { return o.RemoveAccount("") }, phone.ErrAccountNotFound},
		"registering nobody":     {func(o *op, _ id) error { return o.Register("nobody") }, phone.ErrAccountNotFound},
		"unregistering nobody":   {func(o *op, _ id) error { return o.Unregister("nobody") }, phone.ErrAccountNotFound},
		"credentials of nobody":  {func(o *op, _ id) error { return o.ReRegister("nobody", "x", phone.NewPassword("x")) }, phone.ErrAccountNotFound},
		"a limit of nine":        {func(o *op, _ id) error { return o.SetCallLimit(9, true) }, phone.ErrNotSupported},
		"a limit of one":         {func(o *op, _ id) error { return o.SetCallLimit(1, true) }, phone.ErrNotSupported},
		"an unknown format":      {func(o *op, _ id) error { return o.SetRecording(phone.RecordSettings{Format: "mp3"}) }, phone.ErrRecordSettings},
		"an account without URI": {add(phone.Account{ID: "2002"}), phone.ErrAccountInvalid},
		"an account's permission": {add(func(a phone.Account) phone.Account {
			a.RecordPermissions = 3
			return a
		}(account)), phone.ErrAccountInvalid},
		"an account's patience": {add(func(a phone.Account) phone.Account { a.RingLimit = -1; return a }(account)), phone.ErrAccountInvalid},
		"an account's HA1":      {add(func(a phone.Account) phone.Account { a.Secret = phone.NewHA1("x"); return a }(account)), phone.ErrAccountInvalid},
		"an account's line break": {add(func(a phone.Account) phone.Account {
			a.DisplayName = "a\r\nVia: b"
			return a
		}(account)), phone.ErrAccountInvalid},
	}
}

func TestARefusalChangesNothingAndHasItsCodeWhateverGoesOn(t *testing.T) {
	for _, s := range situations() {
		if s.name == "ended" || s.name == "unknown" {
			continue
		}
		s.in(t, func(d *desk, id phone.CallID) {
			for name, r := range refused() {
				before := d.outside()
				err := r.command(d.op, id)
				d.settle()
				if !errors.Is(err, r.want) || phone.CodeOf(err) != phone.CodeOf(r.want) {
					t.Errorf("%s, %s: %v, want %v", s.name, name, err, r.want)
				}
				if !reflect.DeepEqual(before, d.outside()) {
					t.Errorf("%s, %s: refused with %v, yet something changed", s.name, name, err)
				}
			}
		})
	}
}

func TestMethodsAnswerWithAnErrorAndThoseThatTakeTimeTakeAContext(t *testing.T) {
	answers := []string{"Snapshot", "Subscribe", "Levels", "Stats", "Frame", "KeyFeedback"}
	takeTime := []string{"Call", "Answer", "BlindTransfer", "AttendedTransfer", "TransferToCall", "AcceptTransfer", "SetVideo", "Renegotiate", "Destroy"}
	for m := range reflect.TypeFor[*phone.Operator]().Methods() {
		last := m.Type.NumOut() - 1
		isError := last >= 0 && m.Type.Out(last) == reflect.TypeFor[error]()
		if isError == slices.Contains(answers, m.Name) {
			t.Errorf("%s ends in an error: %t", m.Name, isError)
		}
		takes := m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[context.Context]()
		if takes != slices.Contains(takeTime, m.Name) {
			t.Errorf("%s takes a context: %t", m.Name, takes)
		}
	}
}

func TestAContextThatHasEndedRefusesWithACode(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, s := range situations() {
		s.in(t, func(d *desk, id phone.CallID) {
			before := d.outside()
			for name, f := range map[string]func() error{
				"Call":             func() error { _, err := d.op.Call(ctx, phone.CallRequest{Number: "600"}); return err },
				"Answer":           func() error { return d.op.Answer(ctx, id, phone.AnswerOptions{}) },
				"BlindTransfer":    func() error { return d.op.BlindTransfer(ctx, id, "603") },
				"AttendedTransfer": func() error { return d.op.AttendedTransfer(ctx, id, "603") },
				"TransferToCall":   func() error { return d.op.TransferToCall(ctx, id, id) },
				"AcceptTransfer":   func() error { _, err := d.op.AcceptTransfer(ctx, id); return err },
				"SetVideo":         func() error { return d.op.SetVideo(ctx, id, true) },
				"Renegotiate":      func() error { return d.op.Renegotiate(ctx, id) },
			} {
				if err := f(); !errors.Is(err, phone.ErrCanceled) || !errors.Is(err, context.Canceled) || phone.CodeOf(err) != -200 {
					t.Errorf("%s, %s: %v", s.name, name, err)
				}
			}
			if d.settle(); !reflect.DeepEqual(before, d.outside()) {
				t.Errorf("%s: something changed", s.name)
			}
		})
	}
}

func TestACallerWhoseCallIDIsNoTokenOrIsTakenGetsOneOfOurs(t *testing.T) {
	for name, c := range map[string]struct {
		sip  string
		kept bool
	}{
		"128 characters": {strings.Repeat("a", 128), true}, "129 characters": {strings.Repeat("a", 129), false},
		"none": {"", false}, "a space": {"a b", false}, "a line break": {"a\r\nb", false}, "a zero": {"a\x00b", false},
		"markup": {"<b>", false}, "no text": {"\xff", false}, "with its host": {"f81d4fae@192.0.2.4", true}, "taken": {"first", false},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				d.ring("first", "555")
				d.post(phone.InviteIn{Dialog: "theirs", SIPCallID: c.sip, From: phone.Party{Number: "556"}, SDP: []byte("offer")})
				calls := d.op.Snapshot().Calls
				if len(calls) != 2 {
					t.Fatal("it does not ring")
				}
				id := calls[1].ID
				if (string(id) == c.sip) != c.kept || id == "" || len(id) > 128 || id == "first" {
					t.Errorf("%q became %q", c.sip, id)
				}
				d.must(d.op.Reject(id)) // by that id it is reached
				d.wantSent("1001.End theirs 486")
				d.wantState("first", phone.StateRinging)
			})
		})
	}
}

// second adds the account 2002.
func (d *desk) second() {
	d.Helper()
	d.must(d.op.AddAccount(phone.Account{ID: "2002", URI: "sip:2002@other.example", Server: "wss://other.example/ws", RecordPermissions: 2}))
	d.settle()
}

func TestTheLimitTheHoldAndTheForegroundSpanAllAccounts(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.second()
		first := d.talk("600")
		other, err := d.place(phone.CallRequest{Number: "7", Account: "2002"})
		d.must(err)
		d.wantSent("1001.Reinvite " + string(first)) // held for a call of another account
		d.want(d.op.Snapshot().Current == other.ID && d.call(other.ID).Account == "2002", "one foreground call", d.op.Snapshot().Current)
		d.want(d.op.Snapshot().IsMaxCall, "two are two")
		d.net.Line("2002").Post(phone.Accepted{Dialog: phone.DialogID(other.ID), SDP: []byte("remote")})
		d.ring("in1", "555") // of the first account
		d.wantSent("1001.End in1 486")
		d.wantSent("1001.SetBusy true")
		d.wantSent("2002.SetBusy true")
		d.agree(first)
		d.must(d.op.Unhold(first))
		d.settle()
		d.wantSent("2002.Reinvite " + string(other.ID))
		d.want(d.op.Snapshot().Current == first, "the one that was resumed")
		for _, e := range d.events.Events() {
			about := e.Call.ID != "" || e.Name == phone.EventRegistered || e.Name == phone.EventConnected || e.Name == phone.EventRecordPermissionsChange
			d.want(!about || e.Account != "", "every event names its account", e.Name)
			d.want(e.Call.ID == "" || e.Account == e.Call.Account, "the call's own", e.Name)
		}
		d.want(d.wantTold(phone.EventRecordPermissionsChange).Account == "2002", "whose permission counts now")
	})
}

func TestAConsultationCallGoesOverItsParentsAccount(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.second()
		parent, err := d.place(phone.CallRequest{Number: "7", Account: "2002"})
		d.must(err)
		d.net.Line("2002").Post(phone.Accepted{Dialog: phone.DialogID(parent.ID), SDP: []byte("remote")})
		d.settle()
		c, err := d.place(phone.CallRequest{Number: "8", TransferOf: parent.ID})
		d.must(err)
		d.wantSent("2002.Invite " + string(c.ID) + " sip:8@other.example")
		d.must(d.op.Hangup(c.ID))
		c, err = d.place(phone.CallRequest{Number: "8", TransferOf: parent.ID, Account: "1001"})
		d.must(err)
		d.wantSent("1001.Invite " + string(c.ID) + " sip:8@pbx.example") // unless another is named
	})
}

// spoil writes to everything that a value leads to.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		v.Clear()
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				spoil(v.Field(i))
			}
		}
	default:
		if v.CanSet() {
			v.SetZero()
		}
	}
}

func TestWhatIsHandedOutIsNobodyElses(t *testing.T) {
	relays := []phone.ICEServer{{URLs: []string{"turn:relay.example"}, Username: "u", Credential: "c"}}
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.post(phone.ReferIn{Dialog: phone.DialogID(id), Target: "sip:602@pbx.example"})
		d.ring("in1", "555")
		before := *d.op.Snapshot()
		d.want(len(before.TransferRequests) == 1 && len(before.Incoming) == 1 && len(before.Accounts[0].Account.ICEServers[0].URLs) == 1, "there is something to spoil")
		want := reflect.ValueOf(before)
		spoil(reflect.ValueOf(d.op.Snapshot()))
		for _, e := range d.events.Events() {
			spoil(reflect.ValueOf(&e))
		}
		if got := *d.op.Snapshot(); !reflect.DeepEqual(got, want.Interface()) {
			t.Errorf("somebody spoilt the state: %+v", got)
		}
		relays[0].URLs[0], relays[0].Credential = "turn:evil.example", "" // what was handed in is copied, too
		d.must(d.op.Reject("in1"))
		time.Sleep(time.Second)
		d.ring("in2", "555")
		for _, r := range d.net.Records() {
			if o, ok := r.Value.(phone.LegOptions); ok && (o.ICEServers[0].URLs[0] != "turn:relay.example" || o.ICEServers[0].Credential != "c") {
				t.Errorf("%s: %+v", r.Text, o.ICEServers)
			}
		}
	}, withAccount(func(a *phone.Account) { a.ICEServers = relays }))
}
