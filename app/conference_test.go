package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// waitingCall is a call that is held beside that of talking.
func waitingCall() phone.Call {
	c := held()
	c.ID, c.Number, c.Party.Name, c.HeldAt = "h", "214", "Tomás Okafor", noon.Add(-252*time.Second)
	return c
}

// conferenceOf joins the calls.
func conferenceOf(calls ...phone.Call) []phone.Call {
	for i := range calls {
		calls[i].Conference, calls[i].HeldByUs = true, false
	}
	return calls
}

func member(id phone.CallID, name string) phone.Call {
	c := talking()
	c.ID, c.Party.Name, c.Number = id, name, "700"
	return c
}

func TestMergeIsOfferedBesideAHeldCallOnly(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 360, Height: 560}, {Width: 1280, Height: 800}} {
		b := newBench(t, size.Width, size.Height)
		b.set(with(talking()), started(talking()))
		stage := b.app.shell.stage
		if stage.merge.Visible() {
			t.Fatal("there is nothing to merge with")
		}
		b.shortcut(fyne.KeyJ)
		b.did()
		b.set(with(talking(), waitingCall()), started(talking()))
		if !stage.merge.Visible() || b.app.shell.view.stage.merge.Spoken != "Merge with Tomás Okafor" {
			t.Fatalf("%+v", b.app.shell.view.stage.merge)
		}
		if stage.mute.Position().Y < stage.timer.Position().Y+stage.timer.Size().Height {
			t.Errorf("%v: the controls cover the timer", size)
		}
		b.press(stage.merge)
		b.shortcut(fyne.KeyJ)
		b.did("merge c h", "merge c h")
	}
}

func TestAConferenceStandsOnTheStageAndItsControlsReachAllMembers(t *testing.T) {
	b := newBench(t, 1280, 800)
	calls := conferenceOf(talking(), waitingCall(), member("x", "Aiko Tanaka"))
	b.set(with(calls...), started(calls[0]))
	v := b.app.shell.view.stage
	if v.name != "Conference" || v.second != "Mara Lindqvist  ·  Tomás Okafor  ·  Aiko Tanaka" || v.word != "Talking" || v.timer != "01:05" ||
		!v.transfer.Disabled || v.hangup.Label != "Hang up all" || v.merge.Label != "Split" {
		t.Fatalf("the stage shows %+v", v)
	}
	stage := b.app.shell.stage
	for _, button := range []*widgets.CircleButton{stage.mute, stage.hold, stage.hang, stage.merge} {
		b.press(button)
	}
	b.did("mute c", "hold all", "hangup all", "split ")
	for i := range calls {
		calls[i].HeldByUs, calls[i].HeldAt = true, noon
	}
	b.set(with(calls...), phone.Event{Name: phone.EventStatusChange, Call: calls[0]})
	b.press(stage.hold)
	b.press(b.app.shell.list.cards["x"].Button("resume"))
	b.did("unhold all", "unhold all")
	if got := b.app.shell.view.stage; got.word != "Held by you" || got.hold.Label != "Resume" {
		t.Errorf("%+v", got)
	}
}

func TestTheListShowsTheMembersAsOneGroupAndEachCanLeaveOrBeTakenAside(t *testing.T) {
	b := newBench(t, 1280, 800)
	alone := waitingCall()
	alone.ID, alone.Party.Name = "z", "Jonas Weber"
	calls := conferenceOf(talking(), waitingCall(), member("x", "Aiko Tanaka"))
	b.set(with(calls[0], alone, calls[1], calls[2]), started(calls[0]))
	var order string
	for _, c := range b.app.shell.view.live {
		order += string(c.id)
	}
	if order != "chxz" {
		t.Fatalf("the cards stand as %q", order)
	}
	group := b.app.shell.list.conference
	if len(group.members.Objects) != 3 || group.head.Words() != "CONFERENCE · 3" {
		t.Fatalf("%d members under %q", len(group.members.Objects), group.head.Words())
	}
	card := b.app.shell.list.cards["h"]
	b.press(card.Button("end"))
	b.press(card.Button("aside"))
	b.did("hangup h", "split h")
	if v := b.app.shell.view.stage; v.other != "z" || v.merge.Spoken != "Merge with Jonas Weber" {
		t.Errorf("the stage offers %+v", v.merge)
	}
	one := talking()
	b.set(with(one), phone.Event{Name: phone.EventDeleteSession, Call: calls[1]})
	if b.app.shell.view.conferenceHead != "" || len(group.members.Objects) != 0 {
		t.Error("the group stays")
	}
}

func TestAHeldConferenceIsOneThingToSwapAndToMergeWith(t *testing.T) {
	b := newBench(t, 360, 640)
	calls := conferenceOf(waitingCall(), member("x", "Aiko Tanaka"))
	for i := range calls {
		calls[i].HeldByUs, calls[i].HeldAt = true, noon.Add(-time.Minute)
	}
	b.set(with(append([]phone.Call{talking()}, calls...)...), started(talking()))
	if v := b.app.shell.view.stage; v.held.name != "Conference" || v.merge.Spoken != "Merge with Conference" {
		t.Fatalf("%+v", v)
	}
	b.press(b.app.shell.stage.held.swap)
	b.did("current h", "unhold all")
}

func TestTheKeypadSaysWhichMemberItReachesAndTheMetersShowTheLoudest(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.op.near, b.op.far = 0.25, 0.5
	calls := conferenceOf(talking(), waitingCall())
	b.set(with(calls...), started(calls[0]))
	if near, far := b.app.loudest("c"); near != 0.25 || far != 0.5 {
		t.Errorf("levels %v %v", near, far)
	}
	b.shortcut(fyne.KeyK)
	if got := b.app.shell.view.stage.keysTo; got != "Keys go to Mara Lindqvist" {
		t.Errorf("%q", got)
	}
	b.typed("1")
	b.did("feedback 1", "dtmf c 1")
	if got := b.app.shell.view.stage; got.keysTo != "" || got.digits != "1" {
		t.Errorf("%+v", got)
	}
}

func TestACallThatWasAskedFirstCanBeMergedInsteadOfTransferred(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 360, Height: 560}, {Width: 1280, Height: 800}} {
		b := newBench(t, size.Width, size.Height)
		b.set(pairUp(phone.StateTalking), started(consult(phone.StateTalking)))
		panel := b.app.shell.transfer
		if !panel.merge.Visible() || b.app.shell.view.transfer.merge.Disabled {
			t.Fatalf("%+v", b.app.shell.view.transfer)
		}
		b.press(panel.merge)
		b.did("merge k c")
		if end := panel.merge.Position().X + panel.merge.Size().Width; end > panel.end.Position().X {
			t.Errorf("%v: merge and hang up overlap", size)
		}
		b.set(pairUp(phone.StateRinging), started(consult(phone.StateRinging)))
		b.press(panel.merge)
		b.did()
	}
}
