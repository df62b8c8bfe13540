package app

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestEchoAndNoiseAreRemovedUnlessThatIsSwitchedOffAndRemembered(t *testing.T) {
	profile := t.TempDir()
	b := newBench(t, 1280, 800, func(d *Deps) { d.Profile = profile })
	b.set(func(s *phone.Snapshot) { s.VoiceProcessing = true }, phone.Event{Name: phone.EventRegistered})
	if !b.app.shell.view.cleans {
		t.Error("the settings say off")
	}
	b.press(b.app.shell.settings.cleans[1])
	b.did("clean false")
	if b.app.shell.view.cleans {
		t.Error("the settings still say on")
	}
	next := newBench(t, 1280, 800, func(d *Deps) { d.Profile = profile })
	next.did("clean false")
	next.press(next.app.shell.settings.cleans[0])
	next.did("clean true")
	last := newBench(t, 1280, 800, func(d *Deps) { d.Profile = profile })
	last.did()
}
