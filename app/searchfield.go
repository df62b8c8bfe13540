package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// searchField is a field with a lens before what is typed, and a cross behind it.
type searchField struct {
	box   *fyne.Container
	field *widgets.NumberField
	lens  *widgets.Icon
	clear *widgets.CircleButton
}

func newSearchField(placeholder string, onClear func()) *searchField {
	s := &searchField{field: widgets.NewNumberField(placeholder), lens: widgets.NewIcon("search", widgets.ColorText2)}
	s.field.LeaveRoom()
	s.clear = widgets.NewCircleButton(28, widgets.CircleState{Icon: "cross", Tone: widgets.ToneQuiet, Spoken: tr("search.clear")}, onClear)
	s.clear.Hide()
	s.box = group(fixed(120, 44), s.place, s.field, s.lens, s.clear)
	return s
}

func (s *searchField) draw(text string) {
	s.field.SetState(text)
	show(s.clear, text != "")
}

func (s *searchField) place(size fyne.Size) {
	put(s.field, 0, 0, size.Width, size.Height)
	put(s.lens, 12, (size.Height-20)/2, 20, 20)
	put(s.clear, size.Width-44, (size.Height-44)/2, 44, 44)
}
