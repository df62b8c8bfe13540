package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// bench is a window on the test driver with a queue that the test drains: what the toolkit's main
// goroutine would run, drain runs.
type bench struct {
	*testing.T
	app   *App
	op    *fakeOperator
	dev   *fakeDevices
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
	b := &bench{T: t, op: &fakeOperator{fail: map[string]error{}}, told: &bytes.Buffer{}}
	b.op.snapshot.Accounts = []phone.AccountState{ready}
	b.dev = &fakeDevices{list: []devices.Device{
		{ID: "m1", Name: "Headset", Kind: devices.Microphone, Default: true},
		{ID: "s1", Name: "Headset", Kind: devices.Speaker, Default: true},
	}}
	d := Deps{Operator: b.op, Devices: b.dev, Version: "test", Tell: b.told}
	for _, c := range change {
		c(&d)
	}
	toolkit := test.NewTempApp(t)
	b.app = newApp(d, toolkit, b.post)
	b.app.now = func() time.Time { return noon }
	b.app.window.Resize(fyne.NewSize(width, height))
	b.app.connect()
	b.drain()
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

func TestDigitsTypedAnywhereGoToTheNumberFieldAndEnterDials(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.typed("600")
	if got := b.app.shell.list.field.Text; got != "600" {
		t.Errorf("the field says %q", got)
	}
	b.did("feedback 6", "feedback 0", "feedback 0")
	b.key(fyne.KeyReturn)
	b.wait()
	b.did("call 600")
	if b.app.model.typed != "" {
		t.Error("the field is not emptied after the call began")
	}
}

func TestTypedTextSurvivesARefusalAndTheSentenceSaysWhy(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.op.fail["call"] = phone.ErrMaxCalls
	b.typed("600")
	b.key(fyne.KeyEnter)
	b.wait()
	if b.app.shell.list.field.Text != "600" {
		t.Error("the typed number is gone")
	}
	if got := b.app.shell.notice.State().Text; got != "No further call is possible. End one first." || !b.app.shell.notice.Visible() {
		t.Errorf("the bar says %q", got)
	}
	b.key(fyne.KeyEscape)
	if b.app.shell.notice.Visible() {
		t.Error("Escape does not close the bar")
	}
}

func TestDigitsDuringACallAreDTMF(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.typed("1#")
	b.did("feedback 1", "dtmf c 1", "feedback #", "dtmf c #")
	if b.app.shell.view.stage.digits != "1#" || b.app.model.typed != "" {
		t.Errorf("digits %q, number %q", b.app.shell.view.stage.digits, b.app.model.typed)
	}
}

func TestTheStageShowsTheForegroundCallAndItsControlsReachTheOperator(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	v := b.app.shell.view.stage
	if !v.shown || v.name != "Mara Lindqvist" || v.timer != "01:05" || v.word != "Talking" || v.lock.Label != "Encrypted" {
		t.Fatalf("the stage shows %+v", v)
	}
	for _, control := range []fyne.Tappable{b.app.shell.stage.mute, b.app.shell.stage.hold, b.app.shell.stage.hang} {
		test.Tap(control)
	}
	b.did("mute c", "hold c", "hangup c")
	muted := talking()
	muted.Muted, muted.HeldByUs = true, true
	b.set(with(muted), phone.Event{Name: phone.EventStatusChange, Call: muted})
	if got := b.app.shell.view.stage; got.mute.Label != "Muted" || got.mute.Tone != widgets.ToneOn || got.word != "Held by you" {
		t.Errorf("muted and held, the stage shows %+v", got)
	}
	b.did()
	test.Tap(b.app.shell.stage.mute)
	test.Tap(b.app.shell.stage.hold)
	b.did("unmute c", "unhold c")
}

func TestADisabledControlDoesNothing(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(outgoing(phone.StateRinging)), started(outgoing(phone.StateRinging)))
	test.Tap(b.app.shell.stage.mute)
	test.Tap(b.app.shell.stage.hold)
	b.did()
}

func TestAnIncomingCallIsAnsweredDeclinedOrSilencedAndSaysWhatItHolds(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking(), ringing()), phone.Event{Name: phone.EventIncoming, Call: ringing()})
	card := b.app.shell.calls["r"]
	if card == nil {
		t.Fatal("there is no card")
	}
	if note := b.app.shell.view.incoming[0].card.Note; note != "Answering puts Mara Lindqvist on hold." {
		t.Errorf("the card notes %q", note)
	}
	test.Tap(card.Button("silence"))
	b.did("silence r")
	if !b.app.shell.view.incoming[0].card.Silenced {
		t.Error("the card does not show that it is silenced")
	}
	test.Tap(card.Button("answer"))
	b.wait()
	test.Tap(card.Button("decline"))
	b.did("answer r", "reject r")
	b.set(with(talking()), phone.Event{Name: phone.EventDeleteSession, Call: ringing()})
	if len(b.app.shell.layer.Objects) != 0 {
		t.Error("the card stays after the call is gone")
	}
}

func TestKeysAnswerDeclineMuteHoldAndOpenTheKeypad(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.shortcut(fyne.KeyM)
	b.shortcut(fyne.KeyO)
	b.shortcut(fyne.KeyK)
	if !b.app.shell.stage.keys.Visible() {
		t.Error("the keypad is not open")
	}
	b.key(fyne.KeyEscape)
	if b.app.shell.stage.keys.Visible() {
		t.Error("Escape does not close the keypad")
	}
	b.shortcut(fyne.KeyD)
	b.did("mute c", "hold c", "hangup c")
	b.set(with(talking(), ringing()), phone.Event{Name: phone.EventIncoming, Call: ringing()})
	b.shortcut(fyne.KeyS)
	b.shortcut(fyne.KeyA)
	b.shortcut(fyne.KeyD)
	b.did("silence r", "answer r", "reject r")
}

func TestShortcutsWorkWhileTheNumberFieldHasTheKeyboard(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.app.focusField()
	b.app.shell.list.field.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyM, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift})
	b.did("mute c")
	b.app.shell.list.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF1})
	if !b.app.shell.help.box.Visible() {
		t.Error("F1 does not list the keys")
	}
}

func TestAnEndedCallLeavesForATimeButAFailureStays(t *testing.T) {
	b := newBench(t, 1280, 800)
	busy := outgoing(phone.StateEnded)
	busy.Cause, busy.SIPStatus, busy.EndedAt = phone.CauseBusy, 486, noon
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: busy})
	good := talking()
	good.ID, good.State, good.Cause, good.EndedAt = "g", phone.StateEnded, phone.CauseTerminated, noon
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: good})
	if len(b.app.model.ended) != 2 || b.app.model.ended[0].timer != nil || b.app.model.ended[1].timer == nil {
		t.Fatalf("ended cards: %+v", b.app.model.ended)
	}
	if c := b.app.shell.view.live[0].card; c.Word != "Busy. Try again later." || c.Color != widgets.ColorRed {
		t.Errorf("the card says %+v", c)
	}
	if rows := b.app.shell.view.rows; len(rows) != 2 || rows[0].Second != "600  ·  1 min 05 s" {
		t.Errorf("rows: %+v", rows)
	}
	test.Tap(b.app.shell.list.cards["c"].Button("again"))
	b.wait()
	b.did("call 600")
}

func TestAMissedCallIsARowAndNoCard(t *testing.T) {
	b := newBench(t, 360, 640)
	missed := ringing()
	missed.State, missed.Cause, missed.EndedAt = phone.StateEnded, phone.CauseCanceled, noon.Add(22*time.Second)
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: missed})
	v := b.app.shell.view
	if len(v.live) != 0 || len(v.rows) != 1 || !v.rows[0].Missed || v.rows[0].Second != "Missed · rang 22 s" {
		t.Errorf("cards %+v rows %+v", v.live, v.rows)
	}
	test.Tap(b.app.shell.list.rows[0])
	if b.app.model.typed != "214" || b.app.shell.view.page != pageDial {
		t.Errorf("a press on the row gives %q on page %s", b.app.model.typed, b.app.shell.view.page)
	}
	b.did()
}

func TestALinkIsDialledOnlyAfterAClick(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.app.ShowLink("+49 30 123456")
	b.drain()
	b.did()
	if got := b.app.shell.notice.State(); got.Text != "Call +49 30 123456?" || got.Action != "Call" {
		t.Fatalf("the bar says %+v", got)
	}
	if b.app.shell.list.field.Text != "+49 30 123456" {
		t.Error("the number field does not show the whole number")
	}
	test.Tap(b.app.shell.notice.Action())
	b.wait()
	b.did("call +49 30 123456")
}

func TestALinkThatIsClosedLeavesNothing(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.app.ShowLink("600")
	b.drain()
	b.key(fyne.KeyEscape)
	if b.app.shell.notice.Visible() || b.app.model.typed != "" {
		t.Error("the link is still there")
	}
	b.did()
}

func TestDevicePickersFollowTheListAndTellTheOperator(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.dev.set(devices.Device{ID: "m2", Name: "Desk mic", Kind: devices.Microphone})
	b.drain()
	v := b.app.shell.view
	if len(v.microphone.Choices) != 2 || v.microphone.Choices[1].Label != "Desk mic" {
		t.Errorf("the microphones are %+v", v.microphone.Choices)
	}
	if v.bar.Text != "No sound output: you hear nothing. Plug one in." {
		t.Errorf("the bar says %q", v.bar.Text)
	}
	b.app.pickMicrophone("m2")
	b.did("devices m2   ")
	b.dev.set()
	b.drain()
	if v := b.app.shell.view; v.bar.Text != "No microphone and no sound output. Plug in a headset." || len(v.microphone.Choices) != 0 {
		t.Errorf("without devices: %q, %+v", v.bar.Text, v.microphone.Choices)
	}
}

func TestQuittingInACallAsksFirst(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.app.askQuit()
	if got := b.app.shell.notice.State(); got.Action != "Quit" {
		t.Fatalf("the bar says %+v", got)
	}
	if b.op.destroyed || b.app.closed.Load() {
		t.Fatal("it quits without an answer")
	}
	b.key(fyne.KeyEscape)
	if b.app.model.asksQuit {
		t.Error("Escape does not keep the call")
	}
}

func TestTheEndUnsubscribesThenDestroysAndNothingIsDrawnAfter(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.app.finish()
	b.did("unsubscribe", "destroy")
	b.app.post(func() { t.Error("something was posted after the end") })
	b.drain()
}

func TestTheClocksRunOnlyWhileTheyAreNeeded(t *testing.T) {
	b := newBench(t, 1280, 800)
	idle := func(when string, clock, meters bool) {
		t.Helper()
		if b.app.clock.timer != nil != clock || b.app.meters.timer != nil != meters {
			t.Errorf("%s: clock %v, meters %v", when, b.app.clock.timer != nil, b.app.meters.timer != nil)
		}
	}
	idle("idle", false, false)
	b.set(with(outgoing(phone.StateCalling)), started(outgoing(phone.StateCalling)))
	idle("calling", true, false)
	b.set(with(talking()), phone.Event{Name: phone.EventConfirmed, Call: talking()})
	idle("talking", true, true)
	held := talking()
	held.HeldByUs = true
	b.set(with(held), phone.Event{Name: phone.EventStatusChange, Call: held})
	idle("held", true, false)
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: held})
	idle("after", false, false)
}

func TestTheRectanglesOfTheControlsAreTold(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.op.near, b.op.far = 0.25, 0.5
	b.set(with(talking()), started(talking()))
	b.app.pollLevels()
	b.told.Reset()
	b.app.teller.tell()
	var r struct {
		Rects  map[string][4]int
		Values map[string]any
	}
	if err := json.Unmarshal(b.told.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mute", "hold", "hangup", "keypad", "number", "card-0", "nav-settings", "microphone"} {
		if rect := r.Rects[name]; rect[2] < 20 || rect[3] < 20 {
			t.Errorf("%s is told as %v", name, rect)
		}
	}
	if _, there := r.Rects["key-1"]; there {
		t.Error("a key of the closed keypad is told")
	}
	if r.Values["state"] != "Talking" || r.Values["level-far"] != 0.5 || r.Values["calls"] != 1.0 {
		t.Errorf("values: %v", r.Values)
	}
}

func TestEveryPageFitsTheLeastWindowAndTheWide(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 360, Height: 560}, {Width: 360, Height: 640}, {Width: 760, Height: 560}, {Width: 1280, Height: 800}} {
		b := newBench(t, size.Width, size.Height)
		b.set(with(talking(), ringing()), started(talking()), phone.Event{Name: phone.EventIncoming, Call: ringing()})
		for _, p := range []page{pageCalls, pageDial, pageSettings, pageFirst} {
			b.app.model.page = p
			b.app.render()
			b.drain()
			if least := b.app.window.Content().MinSize(); least.Width > size.Width || least.Height > size.Height {
				t.Errorf("page %s wants %v of %v", p, least, size)
			}
			for name, o := range b.app.teller.named() {
				rect, ok := rectOf(b.app.window.Canvas(), o)
				if ok && p != pageSettings && p != pageFirst && (rect[0] < 0 || float32(rect[0]+rect[2]) > size.Width+1 || float32(rect[1]+rect[3]) > size.Height+1) {
					if !strings.HasPrefix(name, "card-") && !strings.HasPrefix(name, "row-") { // these scroll
						t.Errorf("%v, page %s: %s is at %v", size, p, name, rect)
					}
				}
			}
		}
	}
}

func TestTheFormTriesAnAccountAndKeepsItOnlyOnceItIsRegistered(t *testing.T) {
	book := &fakeBook{}
	b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = book })
	b.op.set(func(s *phone.Snapshot) { s.Accounts = nil })
	b.app.addAccount()
	f := b.app.shell.first
	test.Tap(f.connect)
	if form := b.app.model.form; form.serverError == "" || form.userError == "" || form.secret == "" {
		t.Fatalf("an empty form gives %+v", form)
	}
	b.did()
	f.server.SetState("wss://pbx.example/ws")
	f.user.SetState("204")
	f.password.SetState("wrong")
	test.Tap(f.connect)
	id := b.app.model.trying.ID
	b.did("add sip:204@pbx.example wss://pbx.example/ws", "register "+string(id))
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistrationFailed, Account: id, Cause: phone.CauseAuthentication, Status: 403})
	if form := b.app.model.form; form.waiting || form.secret != "The password was refused (403). Check it." || f.server.Text() == "" {
		t.Fatalf("after a refusal: %+v", form)
	}
	f.password.SetState("right")
	test.Tap(f.connect)
	if b.app.model.trying.ID != id {
		t.Error("the second try is another account")
	}
	if len(book.list) != 0 {
		t.Error("it was saved before it worked")
	}
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistered, Account: id})
	b.wait()
	if len(book.list) != 1 || book.list[0].Secret.Password() != "right" || b.app.shell.view.page != pageCalls {
		t.Errorf("the book has %v, page %s", book.list, b.app.shell.view.page)
	}
}

func TestTheDemoIsOfferedAndAFailureIsSaid(t *testing.T) {
	fail := errors.New("no port")
	b := newBench(t, 1280, 800, func(d *Deps) {
		d.StartDemo = func(context.Context) (phone.Account, error) {
			return phone.Account{ID: "d", URI: "sip:1001@127.0.0.1"}, fail
		}
	})
	b.app.addAccount()
	test.Tap(b.app.shell.first.demo)
	b.wait()
	if b.app.model.form.trouble != "The demo did not start. Try again." {
		t.Errorf("the form says %+v", b.app.model.form)
	}
	fail = nil
	test.Tap(b.app.shell.first.demo)
	b.wait()
	b.did("add sip:1001@127.0.0.1 ")
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistered, Account: "d"})
	if b.app.shell.view.page != pageCalls || b.app.shell.list.empty.Action() == nil {
		t.Errorf("page %s", b.app.shell.view.page)
	}
}

func TestARemovedAccountCanBeUndone(t *testing.T) {
	book := &fakeBook{}
	b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = book })
	b.app.open(string(pageSettings))
	b.app.removeAccount("a")
	if len(b.app.shell.view.accounts) != 0 || b.app.shell.notice.State().Action != "Undo" {
		t.Fatalf("accounts %v, bar %+v", b.app.shell.view.accounts, b.app.shell.notice.State())
	}
	test.Tap(b.app.shell.notice.Action())
	if len(b.app.shell.view.accounts) != 1 {
		t.Error("it is not back")
	}
	b.did()
	b.app.removeAccount("a")
	b.app.finish()
	b.did("unsubscribe", "remove a", "destroy")
	if !slices.Equal(book.removed, []phone.AccountID{"a"}) {
		t.Errorf("the book forgot %v", book.removed)
	}
}

// fakeBook is an account book in memory.
type fakeBook struct {
	list    []phone.Account
	removed []phone.AccountID
}

func (f *fakeBook) List() ([]phone.Account, error) { return f.list, nil }
func (f *fakeBook) Save(a phone.Account) error     { f.list = append(f.list, a); return nil }
func (f *fakeBook) Remove(id phone.AccountID) error {
	f.removed = append(f.removed, id)
	return nil
}
