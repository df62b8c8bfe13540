package app

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheLimitOfCallsIsChosenAndRemembered(t *testing.T) {
	profile := t.TempDir()
	b := newBench(t, 1280, 800, func(d *Deps) { d.Profile = profile })
	b.set(func(s *phone.Snapshot) { s.CallLimit, s.CallWaiting = 2, true }, phone.Event{Name: phone.EventRegistered})
	if p := b.app.shell.view.limit; p.Selected != "2" || len(p.Choices) != 8 {
		t.Errorf("%+v", p)
	}
	b.app.pickLimit("4")
	b.did("limit 4 true")
	b.app.pickLimit("1")
	b.did("limit 2 false")
	b.set(func(s *phone.Snapshot) { s.CallWaiting = false }, phone.Event{Name: phone.EventRegistered})
	if p := b.app.shell.view.limit; p.Selected != "1" {
		t.Errorf("%+v", p)
	}
	next := newBench(t, 1280, 800, func(d *Deps) { d.Profile = profile })
	next.did("limit 2 false")
}
