package app

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// heldView is another call that waits on hold; a compact window shows it above the call on the
// stage, because the list is out of sight there.
type heldView struct {
	id          phone.CallID
	name, timer string
}

// presentHeld is the call, or the conference, that has been held longest beside the current one; the zero view for none.
func presentHeld(s *phone.Snapshot, now time.Time) heldView {
	c, ok := heldBeside(s)
	if !ok {
		return heldView{}
	}
	v := heldView{id: c.ID, name: callName(c), timer: tr("held.since", "Time", since(now, c.HeldAt))}
	if inConference(c) {
		v.name = tr("conference.name")
	}
	return v
}

// heldBeside is the first call that waits on hold and is none of the conference on the stage.
func heldBeside(s *phone.Snapshot) (phone.Call, bool) {
	current, _ := s.CurrentCall()
	for _, c := range s.Calls {
		waits := c.ID != s.Current && c.State == phone.StateTalking && c.HeldByUs && !c.Transferring
		if waits && !(inConference(c) && inConference(current)) {
			return c, true
		}
	}
	return phone.Call{}, false
}

// heldStrip is that call in one line, with a button that speaks with it instead.
type heldStrip struct {
	box         *fyne.Container
	panel       *widgets.Panel
	icon        *widgets.Icon
	name, timer *widgets.Text
	swap        *widgets.Button
}

// heldHigh is the strip's height.
const heldHigh float32 = 44

func newHeldStrip(a *App) *heldStrip {
	h := &heldStrip{
		panel: widgets.NewPanel(widgets.PanelAmber), icon: widgets.NewIcon("pause", widgets.ColorAmber),
		name:  widgets.NewText(widgets.TextState{Size: widgets.SizeRow, Bold: true}),
		timer: widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorAmber}),
		swap:  widgets.NewButton(widgets.ButtonState{Label: tr("action.swap"), Tone: widgets.ToneOutline, Small: true}, a.swapHeld),
	}
	h.box = group(fixed(200, heldHigh), h.place, h.panel, h.icon, h.name, h.timer, h.swap)
	h.box.Hide()
	return h
}

func (h *heldStrip) draw(v heldView) {
	h.name.SetText(v.name)
	h.timer.SetText(v.timer)
	h.swap.SetState(widgets.ButtonState{Label: tr("action.swap"), Spoken: tr("action.resumeOn", "Name", v.name), Tone: widgets.ToneOutline, Small: true})
	h.place(h.box.Size())
}

func (h *heldStrip) place(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	put(h.panel, 0, 0, s.Width, s.Height)
	put(h.icon, 14, (s.Height-14)/2, 14, 14)
	button := h.swap.MinSize().Width
	put(h.swap, s.Width-6-button, (s.Height-32)/2, button, 32)
	room := s.Width - 38 - button - 14
	timer := min(h.timer.Natural().Width+2, room*0.6)
	name := min(h.name.Natural().Width+2, room-timer-8)
	put(h.name, 38, 0, name, s.Height)
	put(h.timer, 38+name+8, 0, timer, s.Height)
}

// swapHeld speaks with the held call; the operator holds the other.
func (a *App) swapHeld() {
	if id := a.shell.view.stage.held.id; id != "" && !a.refuse(a.op.SetCurrent(id)) {
		a.resume(id)
	}
}
