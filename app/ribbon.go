package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// ribbonPart keeps the live call in sight on pages that do not show it.
type ribbonPart struct {
	app         *App
	box         *fyne.Container
	panel       *widgets.Panel
	text, timer *widgets.Text
	show        *widgets.Button
	hang        *widgets.CircleButton
}

func newRibbonPart(a *App) *ribbonPart {
	r := &ribbonPart{
		app:   a,
		panel: widgets.NewPanel(widgets.PanelFlat),
		text:  widgets.NewText(widgets.TextState{Size: widgets.SizeRow, Bold: true, Color: widgets.ColorGreen}),
		timer: widgets.NewText(widgets.TextState{Size: widgets.SizeRow, Color: widgets.ColorText2, Align: fyne.TextAlignTrailing}),
		show:  widgets.NewButton(widgets.ButtonState{Label: tr("ribbon.show"), Small: true}, a.showCall),
		hang:  widgets.NewCircleButton(36, widgets.CircleState{Icon: "hangup", Tone: widgets.ToneDanger, Spoken: tr("action.hangup")}, a.hangupCurrent),
	}
	r.box = group(fixed(200, ribbonHigh), r.place, r.panel, r.text, r.timer, r.show, r.hang)
	r.box.Hide()
	return r
}

func (r *ribbonPart) draw(v ribbonView) {
	r.text.SetState(widgets.TextState{Text: v.text, Size: widgets.SizeRow, Bold: true, Color: v.color})
	show := widgets.ButtonState{Label: tr("ribbon.show"), Small: true}
	if !r.app.model.wide { // there the name needs the room
		show = widgets.ButtonState{Icon: "chevron-right", Spoken: tr("ribbon.show"), Small: true}
	}
	r.show.SetState(show)
	r.timer.SetText(v.timer)
}

func (r *ribbonPart) place(s fyne.Size) {
	put(r.panel, 0, 0, s.Width, s.Height)
	w := max(44, r.show.MinSize().Width)
	put(r.hang, s.Width-12-44, 2, 44, 44)
	put(r.show, s.Width-12-44-8-w, 8, w, 32)
	put(r.timer, s.Width-12-44-8-w-8-64, 8, 64, 32)
	put(r.text, 16, 8, s.Width-16-12-44-8-w-8-64-8, 32)
}
