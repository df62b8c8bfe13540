package app

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
)

// rangIn is a colleague's call, that came in while Mara was held.
func rangIn() phone.Call {
	c := phone.Call{ID: "b", Account: "a", Direction: phone.Inbound, State: phone.StateTalking, Number: "214", StartedAt: noon, AnsweredAt: noon, MediaUp: true}
	c.Party.Name = "Jonas Weber"
	return c
}

// both is a snapshot's change to the two of them, Jonas in the foreground.
func both(mara, jonas phone.Call, more ...phone.Call) func(*phone.Snapshot) {
	return func(s *phone.Snapshot) { s.Calls, s.Current = append([]phone.Call{mara, jonas}, more...), "b" }
}

// choosingForJonas is a bench with the panel open for Jonas while Mara waits on hold.
func choosingForJonas(t *testing.T, width, height float32) *bench {
	t.Helper()
	b := newBench(t, width, height)
	b.lately([2]string{"Mara Lindqvist", "600"}, [2]string{"Joana Pires", "231"})
	b.set(both(held(), rangIn()), started(rangIn()))
	b.shortcut(fyne.KeyT)
	b.did("hold b")
	jonas := rangIn()
	jonas.HeldByUs, jonas.HeldAt = true, noon
	b.set(both(held(), jonas), phone.Event{Name: phone.EventStatusChange, Call: jonas})
	return b
}

func TestAnotherCallIsOfferedFirstAndOneClickAndTheNamedButtonJoinThem(t *testing.T) {
	for _, size := range [][2]float32{{1280, 800}, {360, 640}} {
		b := choosingForJonas(t, size[0], size[1])
		v, p := b.app.shell.view.transfer, b.app.shell.transfer
		if v.title != "Transfer Jonas Weber" || v.head != "ON THE LINE" || v.more != "RECENT" || len(v.matches) != 2 {
			t.Fatalf("the panel shows %+v", v)
		}
		if m := v.matches[0]; m.name != "Mara Lindqvist" || m.row.Second != "600 · On hold" || m.row.Selected || !p.do.Disabled() {
			t.Errorf("it offers %+v, the button disabled %t", m, p.do.Disabled())
		}
		b.press(p.rows[0])
		v = b.app.shell.view.transfer
		if !v.matches[0].row.Selected || v.do != "Transfer to Mara Lindqvist" || v.note != "Both will be connected. Your call ends." || len(v.matches) != 2 {
			t.Errorf("after the click it shows %+v", v)
		}
		if p.ask.Visible() || p.now.Visible() || p.do.Disabled() {
			t.Error("there is nothing to ask of somebody who is on the line")
		}
		b.press(p.do)
		b.did("transfer to call b c")
		if b.app.model.transfer != nil {
			t.Error("the panel stays")
		}
	}
}

func TestTheKeyboardAloneJoinsTwoCalls(t *testing.T) {
	for name, choose := range map[string]func(b *bench){
		"the arrow":  func(b *bench) { b.app.shell.transfer.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) },
		"a name":     func(b *bench) { test.Type(b.app.shell.transfer.field, "lind") },
		"the number": func(b *bench) { test.Type(b.app.shell.transfer.field, "600") },
	} {
		t.Run(name, func(t *testing.T) {
			b := choosingForJonas(t, 1280, 800)
			choose(b)
			if got := b.app.shell.view.transfer.do; got != "Transfer to Mara Lindqvist" {
				t.Fatalf("the button says %q", got)
			}
			b.app.shell.transfer.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			b.wait()
			b.did("transfer to call b c")
		})
	}
}

func TestSomebodyElseMayBeChosenAfterTheCallOnTheLine(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	p := b.app.shell.transfer
	b.press(p.rows[0])
	b.press(p.rows[1])
	if v := b.app.shell.view.transfer; v.do != "Call Joana Pires" || !p.ask.Visible() {
		t.Fatalf("the panel shows %+v", v)
	}
	b.press(p.do)
	b.did("consult b 231")
}

func TestOnlyCallsThatCanBeJoinedAreOffered(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	rings, sent, member := talking(), talking(), talking()
	rings.ID, rings.State, rings.Direction = "r", phone.StateRinging, phone.Inbound
	sent.ID, sent.Transferring = "s", true
	member.ID, member.Conference = "m", true
	jonas := rangIn()
	jonas.HeldByUs = true
	b.set(both(held(), jonas, rings, sent, member), phone.Event{Name: phone.EventStatusChange, Call: jonas})
	if v := b.app.shell.view.transfer; v.calls != 1 || v.matches[0].call != "c" {
		t.Errorf("it offers %+v", v.matches)
	}
}

func TestACallerWithoutANumberIsChosenByAClickOnly(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	mara, jonas := held(), rangIn()
	mara.Number, mara.Party, jonas.HeldByUs = "", phone.Party{Withheld: true}, true
	b.set(both(mara, jonas), phone.Event{Name: phone.EventStatusChange, Call: mara})
	if v := b.app.shell.view.transfer; v.ready() || len(v.matches) != 3 {
		t.Fatalf("the panel shows %+v", v)
	}
	b.press(b.app.shell.transfer.rows[0])
	b.press(b.app.shell.transfer.do)
	b.did("transfer to call b c")
}

func TestWhenThePickedCallEndsNobodyIsChosen(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	b.press(b.app.shell.transfer.rows[0])
	jonas, mara := rangIn(), held()
	jonas.HeldByUs, mara.State, mara.Cause = true, phone.StateEnded, phone.CauseTerminated
	b.set(func(s *phone.Snapshot) { s.Calls, s.Current = []phone.Call{jonas}, "b" }, phone.Event{Name: phone.EventDeleteSession, Call: mara})
	if v := b.app.shell.view.transfer; v.step != transferChoose || v.ready() || v.more != "" || !b.app.shell.transfer.do.Disabled() {
		t.Errorf("the panel shows %+v", v)
	}
}

func TestJoinedCallsLeaveOneCardThatNamesWhoHasTheCall(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	jonas, mara := rangIn(), held()
	jonas.HeldByUs, jonas.Transferring, jonas.TransferTarget = true, true, "600"
	b.set(both(mara, jonas), phone.Event{Name: phone.EventStatusChange, Call: jonas})
	if v := b.app.shell.view.transfer; v.step != transferSending || v.title != "Transfer Jonas to Mara Lindqvist" {
		t.Fatalf("the panel shows %+v", v)
	}
	gone := jonas
	gone.State, gone.Cause, gone.EndedByUs, gone.Transferring = phone.StateEnded, phone.CauseTerminated, true, false
	mara.State, mara.Cause, mara.EndedByUs, mara.IsTransfer = phone.StateEnded, phone.CauseTerminated, true, true
	mara.TransferParent.CallID = "b"
	b.set(with(), phone.Event{Name: phone.EventTransferred, Call: gone}, phone.Event{Name: phone.EventDeleteSession, Call: gone},
		phone.Event{Name: phone.EventDeleteSession, Call: mara})
	live := b.app.shell.view.live
	if len(live) != 1 || live[0].card.Word != "Transferred to Mara Lindqvist" {
		t.Errorf("the list shows %+v", live)
	}
}

func TestWhenTheyCannotBeJoinedBothAreStillThere(t *testing.T) {
	b := choosingForJonas(t, 1280, 800)
	jonas := rangIn()
	jonas.HeldByUs, jonas.Transferring, jonas.TransferTarget = true, true, "600"
	b.set(both(held(), jonas), phone.Event{Name: phone.EventStatusChange, Call: jonas})
	jonas.Transferring, jonas.TransferTarget = false, ""
	b.set(both(held(), jonas), phone.Event{Name: phone.EventTransferFailed, Call: jonas, Cause: phone.CauseRejected, Status: 603})
	v := b.app.shell.view
	if len(v.live) != 2 || v.transfer.step != transferNone || v.stage.word != "Held by you" {
		t.Errorf("the window shows %+v", v)
	}
	if v.bar.Text != "Mara Lindqvist: They declined (603). Try again later. Jonas Weber is still on the line." {
		t.Errorf("the bar says %q", v.bar.Text)
	}
}
