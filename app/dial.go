package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// dialPart is the dial pad: a page of its own in a compact window, the idle stage in a wide one.
type dialPart struct {
	app    *App
	box    *fyne.Container
	panel  *widgets.Panel
	status *widgets.StatusLine
	number *widgets.Text
	hint   *widgets.Text
	keys   *widgets.DialPad
	call   *widgets.Button
	back   *widgets.CircleButton
	video  *widgets.CircleButton
}

func newDialPart(a *App) *dialPart {
	d := &dialPart{app: a}
	d.panel = widgets.NewPanel(widgets.PanelStage)
	d.status = widgets.NewStatusLine()
	d.number = widgets.NewText(widgets.TextState{Size: widgets.SizeName, Align: fyne.TextAlignCenter})
	d.hint = widgets.NewText(widgets.TextState{Size: widgets.SizeRow, Color: widgets.ColorText2, Align: fyne.TextAlignCenter})
	d.keys = widgets.NewDialPad(a.digit)
	d.call = widgets.NewButton(widgets.ButtonState{Icon: "handset", Spoken: tr("action.call"), Tone: widgets.ToneGo, Round: true}, a.callTyped)
	d.back = widgets.NewCircleButton(44, widgets.CircleState{Icon: "backspace", Spoken: tr("action.backspace"), Tone: widgets.ToneQuiet}, a.backspace)
	d.video = widgets.NewCircleButton(44, widgets.CircleState{}, a.callTypedVideo)
	d.box = group(fixed(300, 400), d.place, d.panel, d.status, d.number, d.hint, d.keys, d.video, d.call, d.back)
	return d
}

func (d *dialPart) draw(v view) {
	d.status.SetState(v.status)
	d.number.SetText(v.typed)
	hint := widgets.TextState{Text: tr("dial.hint"), Size: widgets.SizeRow, Color: widgets.ColorText2, Align: fyne.TextAlignCenter}
	if v.typed != "" { // under the number: whose it is
		hint.Text, hint.Size, hint.Color, hint.Bold = v.dialHint, widgets.SizeState, widgets.ColorAccent, true
	}
	d.hint.SetState(hint)
	d.place(d.box.Size())
	d.call.SetState(widgets.ButtonState{Icon: "handset", Label: tr("action.call"), Tone: widgets.ToneGo, Round: true, Disabled: !v.canDial})
	show(d.video, v.videoCall)
	d.video.SetState(widgets.CircleState{Icon: "video", Spoken: tr("action.callVideo"), Disabled: !v.canDial})
	d.back.SetState(widgets.CircleState{Icon: "backspace", Spoken: tr("action.backspace"), Tone: widgets.ToneQuiet, Disabled: v.typed == ""})
}

func (d *dialPart) place(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	wide := d.app.model.wide
	show(d.panel, wide)
	show(d.status, !wide)
	put(d.panel, 0, 0, s.Width, s.Height)
	put(d.status, 14, 9, s.Width-28, 24)
	w := min(328, s.Width-32)
	const keys, callRow, gap = 4*60 + 3*8, 56, 16
	top := float32(40)
	room := s.Height - top
	head := float32(40)
	high := min(keys, room-head-callRow-2*gap-12)
	total := head + gap + high + gap + callRow
	y := top + max(0, (room-total)/2)
	if !wide {
		y = s.Height - total - 16 // the keys stay under the thumb
	}
	x := (s.Width - w) / 2
	// The number stands in the middle of the room above the keys where there is much of it.
	at := y
	if !wide {
		at = top + max(0, (y+head-top-head)/2)
	}
	put(d.number, 16, at, s.Width-32, head)
	below := float32(0)
	if d.app.model.typed != "" {
		below = min(30, float32(gap)+head/2-10)
	}
	put(d.hint, 16, at+below, s.Width-32, head)
	put(d.keys, x, y+head+gap, w, high)
	cy := y + head + gap + high + gap
	put(d.call, (s.Width-140)/2, cy, 140, callRow)
	put(d.video, x+(w-140)/4-22, cy+6, 44, 44)
	put(d.back, x+w-(w-140)/4-22, cy+6, 44, 44)
}
