package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/widgets"
)

// helpPart lists the keys over the page, until Escape or its cross.
type helpPart struct {
	box    *fyne.Container
	panel  *widgets.Panel
	title  *widgets.Text
	shut   *widgets.CircleButton
	scroll *container.Scroll
}

// helpKeys are the keys with the text of what they do.
func helpKeys() [][2]string {
	return [][2]string{
		{"0-9 * #", tr("help.digits")},
		{tr("help.enter"), tr("help.dial")},
		{"Ctrl+F", tr("help.field")},
		{"Ctrl+1 … 5", tr("help.pages")},
		{"Ctrl+Tab", tr("help.next")},
		{"Ctrl+Shift+A", tr("action.answer")},
		{"Ctrl+Shift+V", tr("help.video")},
		{"Ctrl+Shift+D", tr("help.decline")},
		{"Ctrl+Shift+S", tr("action.silence")},
		{"Ctrl+Shift+M", tr("action.mute")},
		{"Ctrl+Shift+O", tr("action.hold")},
		{"Ctrl+Shift+T", tr("action.transfer")},
		{"Ctrl+Shift+J", tr("help.merge")},
		{"Ctrl+Shift+R", tr("action.record")},
		{"Ctrl+Shift+K", tr("action.keypad")},
		{tr("help.delete"), tr("help.deleteMarked")},
		{"Esc", tr("help.escape")},
		{"F1", tr("help.keys")},
	}
}

func newHelpPart(a *App) *helpPart {
	h := &helpPart{
		panel: widgets.NewPanel(widgets.PanelRaised),
		title: widgets.NewText(widgets.TextState{Text: tr("help.title"), Size: widgets.SizeSection, Bold: true}),
		shut:  widgets.NewCircleButton(40, widgets.CircleState{Icon: "cross", Tone: widgets.ToneQuiet, Spoken: tr("bar.close")}, a.escape),
	}
	list := stack(0)
	for _, k := range helpKeys() {
		key := widgets.NewText(widgets.TextState{Text: k[0], Size: widgets.SizeState, Bold: true})
		what := widgets.NewText(widgets.TextState{Text: k[1], Size: widgets.SizeState, Color: widgets.ColorText2})
		list.Add(group(fixed(240, 30), func(s fyne.Size) {
			put(key, 0, 0, 118, s.Height)
			put(what, 124, 0, s.Width-124, s.Height)
		}, key, what))
	}
	h.scroll = container.NewVScroll(list)
	h.box = group(fixed(0, 0), h.place, h.panel, h.title, h.shut, h.scroll)
	h.box.Hide()
	return h
}

func (h *helpPart) place(s fyne.Size) {
	w, high := min(420, s.Width-24), min(470, s.Height-24)
	x, y := (s.Width-w)/2, (s.Height-high)/2
	put(h.panel, x, y, w, high)
	put(h.title, x+24, y+16, w-48-44, 28)
	put(h.shut, x+w-52, y+8, 44, 44)
	put(h.scroll, x+24, y+56, w-48, high-56-16)
}
