package phone_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is an operator between fakes of its ports, inside a synctest bubble: its time is the
// bubble's, and settle waits until nothing is left to do.
type desk struct {
	*testing.T
	op     *phone.Operator
	net    *phonetest.Signalling
	media  *phonetest.Media
	events *phonetest.Recorder
	// account is that of the desk, account where no test changes it.
	account phone.Account
}

type fakeDevices struct{ microphone, camera bool }

func (d fakeDevices) HaveMicrophone() bool { return d.microphone }
func (d fakeDevices) HaveCamera() bool     { return d.camera }

// onDesk runs a test with one registered account "1001" whose media answers at once.
func onDesk(t *testing.T, test func(d *desk), change ...func(*phone.Config, *desk)) {
	synctest.Test(t, func(t *testing.T) {
		journal := phonetest.NewJournal()
		d := &desk{T: t, net: phonetest.NewSignalling(journal), media: phonetest.NewMedia(journal), events: phonetest.NewRecorder(), account: account}
		d.net.AutoRegister, d.net.AutoEnd = true, true
		d.media.Auto = true
		cfg := phone.Config{Signalling: d.net, Media: d.media, Devices: fakeDevices{microphone: true}}
		for _, f := range change {
			f(&cfg, d)
		}
		d.op = phone.New(cfg)
		defer func() { // also after a Fatal, which would leave the bubble waiting
			if err := d.op.Destroy(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		d.op.Subscribe(d.events.Queue, d.events.Add)
		d.must(d.op.AddAccount(d.account))
		d.must(d.op.Start())
		d.settle()
		test(d)
	})
}

var account = phone.Account{ID: "1001", URI: "sip:1001@pbx.example", Server: "wss://pbx.example/ws", Secret: phone.NewPassword("secret")}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) settle() { synctest.Wait() }

func (d *desk) line() *phonetest.Line { return d.net.Line("1001") }

func (d *desk) post(e phone.SignalEvent) {
	d.line().Post(e)
	d.settle()
}

// dial places a call, at least a second after the last one.
func (d *desk) dial(number string) phone.CallID {
	d.Helper()
	time.Sleep(time.Second)
	c, err := d.op.Call(context.Background(), phone.CallRequest{Number: number})
	d.must(err)
	d.settle()
	return c.ID
}

// talk brings an outgoing call to talking.
func (d *desk) talk(number string) phone.CallID {
	d.Helper()
	id := d.dial(number)
	d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
	d.wantState(id, phone.StateTalking)
	return id
}

// ring lets an incoming call ring.
func (d *desk) ring(dialog, from string) phone.CallID {
	d.Helper()
	d.post(phone.InviteIn{Dialog: phone.DialogID(dialog), SIPCallID: dialog, From: phone.Party{Number: from}, SDP: []byte("offer"), At: time.Now()})
	return phone.CallID(dialog)
}

func (d *desk) call(id phone.CallID) phone.Call {
	c, _ := d.op.Snapshot().CallByID(id)
	return c
}

func (d *desk) wantState(id phone.CallID, want phone.State) {
	d.Helper()
	if got := d.call(id).State; got != want {
		d.Fatalf("call %s is %q, want %q", id, got, want)
	}
}

// wantEvents checks the names of the events since the last call of it.
func (d *desk) wantEvents(want ...phone.EventName) {
	d.Helper()
	d.settle()
	var got []phone.EventName
	for _, n := range d.events.Names() {
		if n != phone.EventStatusChange && n != phone.EventCurrentChange {
			got = append(got, n)
		}
	}
	if !slices.Equal(got, want) {
		d.Fatalf("events\n got %v\nwant %v", got, want)
	}
}

func (d *desk) wantDeleted(id phone.CallID, cause phone.Cause) phone.Event {
	d.Helper()
	d.settle()
	for _, e := range d.events.Events() {
		if e.Name == phone.EventDeleteSession && e.Call.ID == id {
			if e.Cause != cause {
				d.Fatalf("call %s ended with %q, want %q", id, e.Cause, cause)
			}
			return e
		}
	}
	d.Fatalf("call %s is not gone; events %s", id, d.events)
	return phone.Event{}
}

func (d *desk) wantSent(prefix string) {
	d.Helper()
	if d.net.Count(prefix) == 0 {
		d.Fatalf("nothing like %q was sent:\n%v", prefix, d.net.Texts())
	}
}

func (d *desk) wantNotSent(prefix string) {
	d.Helper()
	if n := d.net.Count(prefix); n != 0 {
		d.Fatalf("%q was sent %d times:\n%v", prefix, n, d.net.Texts())
	}
}
