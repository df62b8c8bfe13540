package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// RowState is one past call, or somebody.
type RowState struct {
	Name     string
	Second   string // the second line
	Icon     string // before the second line: "arrow-in", "arrow-out", "missed"; "" for none
	Time     string
	Missed   bool   // red until seen
	Mark     string // an icon at the right, such as "star-on"; "" for none
	Marked   string // what the mark means, as it is spoken
	Selected bool
}

func (s RowState) spoken() string {
	text := s.Name
	for _, part := range []string{s.Marked, s.Second, s.Time} {
		if part != "" {
			text += ", " + part
		}
	}
	return text
}

// rowHeight is the height of every row.
const rowHeight float32 = 60

// rowFace is what a row looks like: avatar, name, time, direction and second line.
type rowFace struct {
	state              RowState
	box                *canvas.Rectangle
	avatar             *Avatar
	name, second, when *Text
	icon, mark         *glyph
}

func newRowFace() rowFace {
	return rowFace{
		avatar: NewAvatar(40),
		name:   NewText(TextState{Size: SizeRow, Bold: true}),
		second: NewText(TextState{Size: SizeSecond, Color: ColorText2}),
		when:   NewText(TextState{Size: SizeSecond, Color: ColorText2, Align: fyne.TextAlignTrailing}),
	}
}

// parts makes what is drawn, the lowest first.
func (f *rowFace) parts() []fyne.CanvasObject {
	f.box = canvas.NewRectangle(color.Transparent)
	f.box.CornerRadius = radiusRow
	f.icon, f.mark = newGlyph(), newGlyph()
	return []fyne.CanvasObject{f.box, f.avatar, f.name, f.when, f.icon.Image, f.second, f.mark.Image}
}

// dress colours the row as the pointer has it.
func (f *rowFace) dress(t *touch) {
	w := t.self
	switch {
	case f.state.Selected:
		f.box.FillColor = paint(ColorAccentSoft, w)
	case t.pressed:
		f.box.FillColor = t.under(paint(ColorFill, w), paint(ColorText, w))
	case t.hovered:
		f.box.FillColor = paint(ColorFill, w)
	default:
		f.box.FillColor = fade(paint(ColorFill, w), 0)
	}
	ink, mark := ColorText, ColorText2
	if f.state.Missed {
		ink, mark = ColorRed, ColorRed
	}
	f.avatar.SetState(AvatarState{Name: f.state.Name, Edge: f.state.Selected})
	f.name.SetState(TextState{Text: f.state.Name, Size: SizeRow, Bold: true, Color: ink})
	f.second.SetText(f.state.Second)
	f.when.SetText(f.state.Time)
	f.icon.set(f.state.Icon, paint(mark, w))
	f.mark.set(f.state.Mark, paint(ColorText2, w))
}

func (f *rowFace) place(s fyne.Size) {
	put(f.box, 0, 0, s.Width, s.Height)
	put(f.avatar, 12, 10, 40, 40)
	right, foot := s.Width-12, s.Width-12
	switch {
	case f.state.Mark != "" && f.state.Time != "": // under the time: those stay in a column
		put(f.mark, foot-14, 33, 14, 14)
		foot -= 14 + 8
	case f.state.Mark != "":
		put(f.mark, right-14, 13, 14, 14)
		right -= 14 + 8
	}
	if f.state.Time != "" {
		w := f.when.Natural().Width + 2
		put(f.when, right-w, 10, w, 20)
		right -= w + 8
	}
	show(f.when, f.state.Time != "")
	put(f.name, 64, 10, max(0, right-64), 20)
	x := float32(64)
	if f.state.Icon != "" {
		put(f.icon, x, 33, 14, 14)
		x += 20
	}
	put(f.second, x, 30, max(0, foot-x), 20)
}

// HistoryRow is a row of 60 that stands alone: it takes the keyboard itself. Long lists are a RowList's.
type HistoryRow struct {
	press
	rowFace
}

// NewHistoryRow makes a row.
func NewHistoryRow(onPress func()) *HistoryRow {
	r := &HistoryRow{rowFace: newRowFace()}
	r.onPress = onPress
	r.extend(r)
	return r
}

// SetState draws another one; it reports nothing.
func (r *HistoryRow) SetState(s RowState) {
	if s != r.state {
		r.state = s
		r.spoken = s.spoken()
		r.Refresh()
	}
}

// CreateRenderer makes all parts.
func (r *HistoryRow) CreateRenderer() fyne.WidgetRenderer {
	ring := r.makeRing()
	return newParts(func(s fyne.Size) {
		r.rowFace.place(s)
		r.placeRing(2, 2, s.Width-4, s.Height-4, radiusRow-2)
	}, func() fyne.Size { return fyne.NewSize(200, rowHeight) }, func() {
		r.dress(&r.touch)
		r.dressRing()
	}, append([]fyne.CanvasObject{ring}, r.parts()...)...)
}
