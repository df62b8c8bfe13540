package app

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestACompactWindowKeepsAHeldCallInSightAndSwapsWithIt(t *testing.T) {
	b := newBench(t, 360, 560)
	waiting := held()
	waiting.ID, waiting.Party.Name, waiting.HeldAt = "h", "Tomás Okafor", noon.Add(-252e9)
	b.set(with(talking(), waiting), started(talking()))
	stage := b.app.shell.stage
	if !stage.held.box.Visible() || stage.held.name.Words() != "Tomás Okafor" || stage.held.timer.Words() != "held 04:12" {
		t.Fatalf("the stage shows %+v", b.app.shell.view.stage.held)
	}
	if end := stage.held.box.Position().Y + heldHigh; stage.name.Position().Y < end || stage.mute.Position().Y < stage.timer.Position().Y+40 {
		t.Error("the strip covers who is talking, or the controls cover the timer")
	}
	b.press(stage.held.swap)
	b.did("current h", "unhold h")
	b.set(with(talking()), phone.Event{Name: phone.EventDeleteSession, Call: waiting})
	if stage.held.box.Visible() {
		t.Error("the strip stays after the call is gone")
	}
}

func TestAWideWindowNeedsNoStripBecauseTheListIsBesideIt(t *testing.T) {
	b := newBench(t, 1280, 800)
	waiting := held()
	waiting.ID = "h"
	b.set(with(talking(), waiting), started(talking()))
	if b.app.shell.stage.held.box.Visible() {
		t.Error("the held call is shown twice")
	}
}
