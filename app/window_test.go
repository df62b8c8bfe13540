package app

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

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
	b.over(phone.EventDeleteSession, busy)
	good := talking()
	good.ID, good.State, good.Cause, good.EndedAt = "g", phone.StateEnded, phone.CauseTerminated, noon
	b.over(phone.EventDeleteSession, good)
	if len(b.app.model.ended) != 2 || b.app.model.ended[0].timer != nil || b.app.model.ended[1].timer == nil {
		t.Fatalf("ended cards: %+v", b.app.model.ended)
	}
	if c := b.app.shell.view.live[0].card; c.Word != "Busy. Try again later." || c.Color != widgets.ColorRed {
		t.Errorf("the card says %+v", c)
	}
	if rows := b.rows(); len(rows) != 2 || rows[0].Second != "600  ·  1 min 05 s" {
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
	b.over(phone.EventDeleteSession, missed)
	v, rows := b.app.shell.view, b.rows()
	if len(v.live) != 0 || len(rows) != 1 || !rows[0].Missed || rows[0].Second != "Missed · rang 22 s" {
		t.Errorf("cards %+v rows %+v", v.live, rows)
	}
	test.Tap(b.app.shell.list.rows.RowAt(1).(fyne.Tappable))
	b.settle()
	if v := b.app.shell.view.past; !v.shown || v.name != "214" || b.app.shell.list.box.Visible() {
		t.Errorf("a press on the row shows %+v", v)
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
		for _, p := range []page{pageCalls, pageDial, pageContacts, pageSettings, pageFirst} {
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

func TestACallRefusedAsBusyIsShownAsMissed(t *testing.T) {
	b := newBench(t, 1280, 800)
	missed := ringing()
	missed.State, missed.Cause = phone.StateEnded, phone.CauseBusy
	b.over(phone.EventMissed, missed)
	if got := b.rows(); len(got) != 1 || !got[0].Missed || b.app.shell.view.nav.Items[0].Badge != 1 {
		t.Errorf("recent calls: %+v", got)
	}
}
