package phone_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// row drives one row of the contract through the ports: what is sent, what is told, what is refused and with which code.
type row struct {
	seed   string
	test   func(d *desk)
	change []func(*phone.Config, *desk)
}

// contract is every row, by the seed's name.
func contract() (rows []row) {
	return slices.Concat(contractAttributes(), contractMethods(), contractArguments(), contractTransfers(), contractVideo(), contractEvents(), contractCallEvents(), contractStatus(), contractTimers(), contractCodes())
}

func TestEachRowOfTheContractDoesWhatItSays(t *testing.T) {
	for _, r := range contract() {
		t.Run(r.seed, func(t *testing.T) { onDesk(t, r.test, r.change...) })
	}
}

func TestDocGoNamesEveryRowOfTheContractAndNoOther(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	documented := namesInTable(string(text))
	tested := map[string]bool{}
	for _, r := range contract() {
		if tested[r.seed] {
			t.Errorf("the row %q is there twice", r.seed)
		}
		tested[r.seed] = true
	}
	if !maps.Equal(documented, tested) {
		for name := range documented {
			if !tested[name] {
				t.Errorf("doc.go names %q, which no row tests", name)
			}
		}
		for name := range tested {
			if !documented[name] {
				t.Errorf("doc.go does not name %q", name)
			}
		}
	}
}

// namesInTable are the seed's names in the table of doc.go.
func namesInTable(text string) map[string]bool {
	documented := map[string]bool{}
	_, table, _ := strings.Cut(text, "# The seed's names\n")
	table, _, _ = strings.Cut(table, "// # ")
	for line := range strings.Lines(table) {
		text, isRow := strings.CutPrefix(line, "//\t")
		for isRow {
			name, rest, more := strings.Cut(text, ", ")
			if first, _, last := strings.Cut(name, " "); last { // what follows is Go's side
				name, more = first, false
			}
			documented[name] = true
			text, isRow = rest, more
		}
	}
	return documented
}

// wantCode is for a refusal: nothing changed, and the seed's number says why.
func (d *desk) wantCode(err error, want error, code phone.Code) {
	d.Helper()
	if !errors.Is(err, want) || phone.CodeOf(err) != code {
		d.Errorf("%v (code %d), want %v (%d)", err, phone.CodeOf(err), want, code)
	}
}

// wantTold wants an event of that name and returns the first that was not returned yet.
func (d *desk) wantTold(name phone.EventName) phone.Event {
	d.Helper()
	d.settle()
	e, err := d.events.WaitFor(name, time.Millisecond)
	d.must(err)
	return e
}

func (d *desk) want(holds bool, what string, about ...any) {
	d.Helper()
	if !holds {
		d.Errorf("not so: %s %+v", what, about)
	}
}

// answered brings an incoming call to talking.
func (d *desk) answered(dialog, from string) phone.CallID {
	d.Helper()
	id := d.ring(dialog, from)
	d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
	d.settle()
	d.post(phone.Acked{Dialog: phone.DialogID(dialog), At: time.Now()})
	d.wantState(id, phone.StateTalking)
	return id
}

func (d *desk) place(r phone.CallRequest) (phone.Call, error) {
	time.Sleep(time.Second)
	defer d.settle()
	return d.op.Call(context.Background(), r)
}

func contractAttributes() []row {
	return []row{
		{seed: "currentSessionID", test: func(d *desk) {
			first := d.dial("600")
			d.want(d.op.Snapshot().Current == first, "an outgoing call is current as soon as it starts")
			d.post(phone.Accepted{Dialog: phone.DialogID(first), SDP: []byte("remote")})
			second := d.answered("in1", "555")
			d.want(d.op.Snapshot().Current == second, "a call that is confirmed is current")
			d.must(d.op.Hangup(second))
			d.settle()
			d.want(d.op.Snapshot().Current == first, "the most recent one follows")
			consult, err := d.place(phone.CallRequest{Number: "602", TransferOf: first})
			d.must(err)
			d.must(d.op.Hangup(consult.ID))
			d.settle()
			d.want(d.op.Snapshot().Current == first, "after a consultation its parent follows")
		}},
		{seed: "currentSession", test: func(d *desk) {
			_, any := d.op.Snapshot().CurrentCall()
			d.want(!any, "there is none at first")
			id := d.talk("600")
			c, any := d.op.Snapshot().CurrentCall()
			d.want(any && c.ID == id && c.Number == "600", "it is the whole call", c)
		}},
		{seed: "reRegistryPhoneTimes", test: func(d *desk) {
			time.Sleep(24 * time.Hour)
			n := d.net.Count("1001.Register")
			time.Sleep(24 * time.Hour)
			d.want(n == 3 && d.net.Count("1001.Register") == n, "two further tries and then no more", n)
			d.want(d.events.Count(phone.EventRegistrationFailed) == 3, "each is told", d.events)
			d.wantCode(d.op.ReRegister("1001", "1001", phone.NewPassword("x")), phone.ErrRegistryMaxTries, -204)
		}, change: []func(*phone.Config, *desk){refusing(503), withAccount(func(a *phone.Account) { a.RegisterTries = 2 })}},
		{seed: "deviceIds", test: func(d *desk) {
			d.talk("600")
			ids := phone.DeviceIDs{Camera: "c", Microphone: "m", Speaker: "s", Ringer: "r"}
			d.must(d.op.SetDevices(ids))
			d.wantSent(`Media.SetDevices mic="m" speaker="s" ringer="r" camera="c"`)
			d.want(d.op.Snapshot().Devices == ids, "the snapshot tells them")
			d.wantTold(phone.EventDevicesChange)
		}},
		{seed: "sessions", test: func(d *desk) {
			first, second := d.talk("600"), d.answered("in1", "555")
			calls := d.op.Snapshot().Calls
			d.want(len(calls) == 2 && calls[0].ID == first && calls[1].ID == second, "all of them, in the order they began", calls)
			c, found := d.op.Snapshot().CallByID(second)
			d.want(found && c.Number == "555", "one by its callId", c)
		}},
		{seed: "isRegistered", test: func(d *desk) {
			d.want(!d.op.Snapshot().Registered(), "not before the registrar accepts us")
			d.post(phone.RegisterDone{Status: 200, Expires: 30 * time.Minute})
			d.want(d.op.Snapshot().Registered(), "the registrar accepted us")
			time.Sleep(30*time.Minute + time.Second)
			d.want(!d.op.Snapshot().Registered(), "a binding that was not renewed has expired")
		}, change: []func(*phone.Config, *desk){slow}},
		{seed: "recordPermissions", test: func(d *desk) {
			d.want(d.op.Snapshot().RecordPermissions == 1, "it is the account's")
			id := d.talk("600")
			d.must(d.op.SetRecording(phone.RecordSettings{Agreed: true}))
			d.wantCode(d.op.StartRecord(id), phone.ErrRecordNotAllowed, -200)
		}, change: []func(*phone.Config, *desk){withAccount(func(a *phone.Account) { a.RecordPermissions = 1 })}},
		{seed: "incomingList", test: func(d *desk) {
			id := d.ring("in1", "555")
			d.want(slices.Equal(d.op.Snapshot().Incoming, []phone.CallID{id}), "a call that rings", d.op.Snapshot().Incoming)
			d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{}))
			d.want(len(d.op.Snapshot().Incoming) == 0, "not one that is being answered", d.op.Snapshot().Incoming)
		}},
		{seed: "isMaxCall", test: func(d *desk) {
			d.talk("600")
			d.want(!d.op.Snapshot().IsMaxCall, "one call leaves room")
			d.ring("in1", "555")
			d.want(d.op.Snapshot().IsMaxCall, "two do not")
			d.ring("in2", "556")
			d.wantSent("1001.End in2 486")
		}},
	}
}

// refusing lets every REGISTER be refused.
func refusing(status int) func(*phone.Config, *desk) {
	return func(_ *phone.Config, d *desk) {
		d.net.AutoRegister = false
		d.net.React = func(line *phonetest.Line, r phonetest.Record) {
			if strings.HasPrefix(r.Text, "Register") {
				line.Post(phone.RegisterDone{Status: status, Cause: phone.CauseOfStatus(status)})
			}
		}
	}
}
