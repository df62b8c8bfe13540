package app

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// held is the call of talking, held by us.
func held() phone.Call {
	c := talking()
	c.HeldByUs, c.HeldAt = true, noon
	return c
}

// consult is a consultation call about the call of talking.
func consult(state phone.State) phone.Call {
	c := phone.Call{ID: "k", Account: "a", Direction: phone.Outbound, State: state, Number: "214", StartedAt: noon, IsTransfer: true}
	c.Party.Name = "Jonas Weber"
	c.TransferParent = phone.TransferParent{CallID: "c", Name: "Mara Lindqvist"}
	return c
}

// pairUp is a snapshot's change to both calls, the consultation in the foreground.
func pairUp(state phone.State) func(*phone.Snapshot) {
	return func(s *phone.Snapshot) { s.Calls, s.Current = []phone.Call{held(), consult(state)}, "k" }
}

// choosing is a bench with the panel open, and Jonas and Joana among the recent calls.
func choosing(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, 1280, 800)
	b.lately([2]string{"Jonas Weber", "214"}, [2]string{"Joana Pires", "231"}, [2]string{"Jonas Weber", "214"}, [2]string{"", "600"}, [2]string{"", "200"})
	b.set(with(talking()), started(talking()))
	b.shortcut(fyne.KeyT)
	b.did("hold c")
	b.set(with(held()), phone.Event{Name: phone.EventStatusChange, Call: held()})
	return b
}

func (b *bench) press(button fyne.Tappable) {
	test.Tap(button)
	b.wait()
}

func TestTheTransferPanelHoldsTheCallAndOffersRecentPeopleOnceWithoutTheCaller(t *testing.T) {
	b := choosing(t)
	v := b.app.shell.view.transfer
	if v.step != transferChoose || v.title != "Transfer Mara Lindqvist" || v.from.word != "On hold while you choose" {
		t.Fatalf("the panel shows %+v", v)
	}
	var numbers []string
	for _, m := range v.matches {
		numbers = append(numbers, m.number)
	}
	if got := strings.Join(numbers, " "); got != "214 231 200" { // 600 is who is to be sent on
		t.Errorf("it offers %s", got)
	}
	if !b.app.shell.transfer.do.Disabled() || b.app.window.Canvas().Focused() != b.app.shell.transfer.field {
		t.Error("the button is enabled before anybody is chosen, or the field has not the keyboard")
	}
	if b.app.shell.stage.box.Visible() {
		t.Error("the stage shows through")
	}
}

func TestANameFindsItsBearerAndAskingFirstCallsThem(t *testing.T) {
	b := choosing(t)
	test.Type(b.app.shell.transfer.field, "jo")
	v := b.app.shell.view.transfer
	if v.head != "2 MATCHES" || !v.matches[0].row.Selected || v.do != "Call Jonas Weber" ||
		v.note != "You speak with Jonas Weber first. Mara waits on hold." {
		t.Fatalf("typed jo, the panel shows %+v", v)
	}
	b.app.shell.transfer.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	if got := b.app.shell.view.transfer.do; got != "Call Joana Pires" {
		t.Errorf("after the arrow down the button says %q", got)
	}
	b.app.shell.transfer.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.wait()
	b.did("consult c 231")
}

func TestContactsAreFoundByATransferWithEachOfTheirNumbers(t *testing.T) {
	b := choosing(t)
	b.book.contacts = []store.Contact{{ID: 1, Name: "Jonas Weber", Company: "Sales", Numbers: []store.ContactNumber{{Label: "work", Number: "214"}, {Label: "mobile", Number: "555-0142"}}}}
	b.book.tell(store.ChangeContacts)
	b.settle()
	b.app.editTransfer("sales")
	var got []string
	for _, m := range b.app.shell.view.transfer.matches {
		got = append(got, m.number+" "+m.row.Second)
	}
	if !slices.Equal(got, []string{"214 214  ·  Work", "555-0142 555-0142  ·  Mobile"}) {
		t.Errorf("it offers %q", got)
	}
	b.app.editTransfer("jon")
	if n := len(b.app.shell.view.transfer.matches); n != 2 {
		t.Errorf("it offers %d", n)
	}
}

func TestSendNowTransfersBlindlyToWhatWasTyped(t *testing.T) {
	b := choosing(t)
	b.typed("603") // the keyboard is the panel's, not DTMF
	b.press(b.app.shell.transfer.now)
	v := b.app.shell.view.transfer
	if v.do != "Send to 603" || v.note != "Mara goes to 603 at once. Your call ends." {
		t.Fatalf("the panel shows %+v", v)
	}
	b.press(b.app.shell.transfer.do)
	b.did("transfer c 603")
	sending := held()
	sending.Transferring, sending.TransferTarget = true, "603"
	b.set(with(sending), phone.Event{Name: phone.EventStatusChange, Call: sending})
	if v := b.app.shell.view.transfer; v.step != transferSending || v.title != "Transfer Mara to 603" {
		t.Errorf("while it is being sent, the panel shows %+v", v)
	}
}

func TestANameThatNobodyBearsCannotBeSentTo(t *testing.T) {
	b := choosing(t)
	test.Type(b.app.shell.transfer.field, "zoe")
	b.press(b.app.shell.transfer.do)
	b.did()
	if v := b.app.shell.view.transfer; v.head != "Type a number" || len(v.matches) != 0 {
		t.Errorf("the panel shows %+v", v)
	}
}

func TestEscapeClosesThePanelAndResumesTheCall(t *testing.T) {
	b := choosing(t)
	b.app.shell.transfer.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	b.did("unhold c")
	if b.app.shell.transfer.box.Visible() || !b.app.shell.stage.box.Visible() {
		t.Error("the stage is not back")
	}
}

func TestACallThatWasHeldBeforeStaysHeldWhenThePanelIsClosed(t *testing.T) {
	b := newBench(t, 360, 640)
	b.set(with(held()), started(held()))
	b.press(b.app.shell.stage.transfer)
	b.press(b.app.shell.transfer.shut)
	b.did()
}

func TestARefusedTransferKeepsThePanelAndTheText(t *testing.T) {
	b := choosing(t)
	b.op.fail["consult"] = phone.ErrInvalidNumber
	b.typed("99")
	b.press(b.app.shell.transfer.do)
	if v := b.app.shell.view; v.transfer.step != transferChoose || v.transfer.typed != "99" || v.bar.Text == "" {
		t.Errorf("the window shows %+v %+v", v.transfer, v.bar)
	}
}

func TestThePanelClosesWhenTheyHangUp(t *testing.T) {
	b := choosing(t)
	ended := held()
	ended.State, ended.Cause = phone.StateEnded, phone.CauseTerminated
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: ended})
	if b.app.model.transfer != nil || b.app.shell.transfer.box.Visible() {
		t.Error("the panel stays")
	}
}

func TestAskingShowsBothAndOneButtonCompletes(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(pairUp(phone.StateTalking), started(consult(phone.StateTalking)))
	p := b.app.shell.transfer
	v := b.app.shell.view.transfer
	if v.step != transferAsking || v.title != "Transfer Mara to Jonas" || v.from.word != "Held by you" || v.swap != "Back to Mara" {
		t.Fatalf("the panel shows %+v", v)
	}
	b.press(p.cancel)
	b.did("current c", "unhold c")
	b.set(func(s *phone.Snapshot) { s.Current = "k" })
	b.press(p.mute)
	b.press(p.end)
	b.press(p.do)
	b.did("mute k", "hangup k", "attended k 214")
}

func TestAfterASwapTheWayBackLeadsToTheOther(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(func(s *phone.Snapshot) {
		asked := consult(phone.StateTalking)
		asked.HeldByUs = true
		s.Calls, s.Current = []phone.Call{talking(), asked}, "c"
	}, started(talking()))
	if got := b.app.shell.view.transfer.swap; got != "Back to Jonas" {
		t.Fatalf("the button says %q", got)
	}
	b.press(b.app.shell.transfer.cancel)
	b.did("current k", "unhold k")
}

func TestWhileTheyAreStillRungTheCallCanBeSentAnyway(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(pairUp(phone.StateRinging), started(consult(phone.StateRinging)))
	if got := b.app.shell.view.transfer.note; got != "Jonas has not answered. You can send the call anyway." {
		t.Errorf("the panel notes %q", got)
	}
	b.press(b.app.shell.transfer.cancel) // nobody to swap with yet
	b.press(b.app.shell.transfer.do)
	b.did("attended k 214")
}

func TestNobodyToAskReturnsToTheHeldCallWithTheReason(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(pairUp(phone.StateRinging), started(consult(phone.StateRinging)))
	busy := consult(phone.StateEnded)
	busy.Cause, busy.SIPStatus = phone.CauseBusy, 486
	b.set(with(held()), phone.Event{Name: phone.EventDeleteSession, Call: busy})
	v := b.app.shell.view
	if v.transfer.step != transferNone || v.stage.word != "Held by you" || len(v.live) != 1 {
		t.Errorf("the window shows %+v", v)
	}
	if v.bar.Text != "Jonas Weber: Busy. Try again later. Mara Lindqvist is still on the line." {
		t.Errorf("the bar says %q", v.bar.Text)
	}
}

func TestAFailedTransferReturnsTheCallWithTheReason(t *testing.T) {
	b := newBench(t, 1280, 800)
	sending := held()
	sending.Transferring, sending.TransferTarget = true, "603"
	b.set(with(sending), started(sending))
	b.set(with(held()), phone.Event{Name: phone.EventTransferFailed, Call: held(), Cause: phone.CauseBusy, Status: 486})
	if got := b.app.shell.view.bar.Text; got != "603: Busy. Try again later. Mara Lindqvist is still on the line." {
		t.Errorf("the bar says %q", got)
	}
	if !b.app.shell.stage.box.Visible() {
		t.Error("the held call is not back")
	}
}

func TestASuccessfulTransferSaysWhoHasTheCallAndLeavesOneCard(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.set(pairUp(phone.StateTalking), started(consult(phone.StateTalking)))
	sent := held()
	sent.Transferring, sent.TransferTarget = true, "Jonas"
	gone, asked := held(), consult(phone.StateEnded)
	gone.State, gone.Cause, gone.EndedByUs = phone.StateEnded, phone.CauseTerminated, true
	asked.Cause, asked.EndedByUs, asked.AnsweredAt = phone.CauseTerminated, true, noon
	b.set(with(), phone.Event{Name: phone.EventTransferred, Call: sent},
		phone.Event{Name: phone.EventDeleteSession, Call: gone}, phone.Event{Name: phone.EventDeleteSession, Call: asked})
	live := b.app.shell.view.live
	if len(live) != 1 || live[0].card.Word != "Transferred to Jonas" {
		t.Errorf("the list shows %+v", live)
	}
}

func TestWithoutAWordThePersonIsAskedAndMayTakeTheCallBackOrHangUp(t *testing.T) {
	b := newBench(t, 1280, 800)
	sending := held()
	sending.Transferring, sending.TransferTarget = true, "214"
	b.set(with(sending), started(sending), phone.Event{Name: phone.EventTransferUnconfirmed, Call: sending})
	v := b.app.shell.view.transfer
	if v.step != transferUnsure || v.note != "No word from 214 yet. Take the call back, or hang up." {
		t.Fatalf("the panel shows %+v", v)
	}
	b.press(b.app.shell.transfer.do)
	b.press(b.app.shell.transfer.cancel)
	b.did("hangup c", "unhold c")
	if b.app.shell.view.transfer.step != transferNone {
		t.Error("the question stays after its answer")
	}
}

func TestTheTransferPanelTellsItsControls(t *testing.T) {
	b := choosing(t)
	b.app.teller.tell()
	for _, name := range []string{"transfer-number", "transfer-ask", "transfer-now", "transfer-cancel", "transfer-do", "transfer-0"} {
		if _, ok := b.app.teller.last.Rects[name]; !ok {
			t.Errorf("%s is not told", name)
		}
	}
	for name := range b.app.teller.last.Rects {
		if name == "mute" || name == "hangup" || name == "transfer" {
			t.Errorf("%s is told, though the panel covers it", name)
		}
	}
}

func TestAnAddressThatCannotBeReadIsSaidUnderItsField(t *testing.T) {
	b := newBench(t, 360, 640)
	b.app.addAccount()
	f := b.app.shell.first
	f.server.SetState("::::")
	f.user.SetState("204")
	f.password.SetState("secret")
	b.app.connectAccount()
	if got := b.app.model.form.serverError; got != "The server's address cannot be read. Check it." {
		t.Errorf("the form says %q", got)
	}
}

func TestLongNamesLeaveTheWordsOfTheTransferReadable(t *testing.T) {
	b := newBench(t, 360, 560)
	long := strings.Repeat("Maximiliane ", 10)
	a, k := held(), consult(phone.StateTalking)
	a.Party.Name, k.Party.Name = strings.Repeat("山田太郎", 30), long
	b.set(func(s *phone.Snapshot) { s.Calls, s.Current = []phone.Call{a, k}, "k" }, started(k))
	p := b.app.shell.transfer
	if p.do.Size().Width < p.do.MinSize().Width {
		t.Errorf("Complete transfer has %v of %v", p.do.Size().Width, p.do.MinSize().Width)
	}
	if right := p.do.Position().X + p.do.Size().Width; right > 360 {
		t.Errorf("the buttons end at %v", right)
	}
	r := ringing()
	b.set(with(k, r), phone.Event{Name: phone.EventIncoming, Call: r})
	if note := b.app.shell.view.incoming[0].card.Note; !strings.HasSuffix(note, "… on hold.") {
		t.Errorf("the note is %q", note)
	}
}
