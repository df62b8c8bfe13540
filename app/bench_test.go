package app

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// bench is a window on the test driver with a queue that the test drains: what the toolkit's main
// goroutine would run, drain runs.
type bench struct {
	*testing.T
	app   *App
	op    *fakeOperator
	dev   *fakeDevices
	book  *fakeCallBook
	told  *bytes.Buffer
	mu    sync.Mutex
	queue []func()
}

var ready = phone.AccountState{
	Account:   phone.Account{ID: "a", URI: "sip:204@pbx.example", DisplayName: "Sales 204"},
	Connected: true, Registered: true,
}

func newBench(t *testing.T, width, height float32, change ...func(*Deps)) *bench {
	t.Helper()
	b := &bench{T: t, op: &fakeOperator{fail: map[string]error{}}, told: &bytes.Buffer{}, book: &fakeCallBook{}}
	b.op.snapshot.Accounts = []phone.AccountState{ready}
	b.dev = &fakeDevices{list: []devices.Device{
		{ID: "m1", Name: "Headset", Kind: devices.Microphone, Default: true},
		{ID: "s1", Name: "Headset", Kind: devices.Speaker, Default: true},
	}}
	d := Deps{Operator: b.op, Devices: b.dev, Calls: b.book, Version: "test", Tell: b.told}
	for _, c := range change {
		c(&d)
	}
	toolkit := test.NewTempApp(t)
	b.app = newApp(d, toolkit, b.post)
	b.app.now = func() time.Time { return noon }
	b.app.window.Resize(fyne.NewSize(width, height))
	b.app.connect()
	b.drain()
	if b.book.waits == nil {
		b.settle()
	}
	t.Cleanup(b.app.finish)
	return b
}

func (b *bench) post(fn func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queue = append(b.queue, fn)
}

// drain runs what has been posted, and what that posts.
func (b *bench) drain() {
	for {
		b.mu.Lock()
		list := b.queue
		b.queue = nil
		b.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, fn := range list {
			fn()
		}
	}
}

// wait lets commands that wait come back.
func (b *bench) wait() {
	b.app.work.Wait()
	b.drain()
}

func (b *bench) set(change func(*phone.Snapshot), events ...phone.Event) {
	b.op.set(change, events...)
	b.drain()
}

// did fails unless the operator got exactly these commands since the last look.
func (b *bench) did(want ...string) {
	b.Helper()
	b.op.mu.Lock()
	got := b.op.commands
	b.op.commands = nil
	b.op.mu.Unlock()
	if !slices.Equal(got, want) {
		b.Errorf("the operator was told %q, not %q", got, want)
	}
}

func (b *bench) typed(text string) {
	for _, r := range text {
		b.app.window.Canvas().OnTypedRune()(r)
	}
}

func (b *bench) key(name fyne.KeyName) {
	b.app.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: name})
}

func (b *bench) shortcut(key fyne.KeyName) {
	b.app.shortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift})
	b.wait()
}

func outgoing(state phone.State) phone.Call {
	return phone.Call{ID: "c", Account: "a", Direction: phone.Outbound, State: state, Number: "600", StartedAt: noon.Add(-5 * time.Second)}
}

func talking() phone.Call {
	c := outgoing(phone.StateTalking)
	c.AnsweredAt, c.MediaUp, c.NetworkType, c.Encrypted = noon.Add(-65*time.Second), true, "host", true
	c.Party.Name = "Mara Lindqvist"
	return c
}

func ringing() phone.Call {
	return phone.Call{ID: "r", Account: "a", Direction: phone.Inbound, State: phone.StateRinging, Number: "214", StartedAt: noon}
}

// with puts calls into the snapshot, the first in the foreground.
func with(calls ...phone.Call) func(*phone.Snapshot) {
	return func(s *phone.Snapshot) {
		s.Calls, s.Current = calls, ""
		for _, c := range calls {
			if !c.RingsHere() {
				s.Current = c.ID
				break
			}
		}
	}
}

func started(c phone.Call) phone.Event { return phone.Event{Name: phone.EventStartSession, Call: c} }
