package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// RowState is one past call.
type RowState struct {
	Name     string
	Second   string // the second line
	Icon     string // "arrow-in", "arrow-out", "missed"
	Time     string
	Missed   bool // red until seen
	Selected bool
}

// HistoryRow is a row of 60: avatar, name, time, direction and second line.
type HistoryRow struct {
	press
	state              RowState
	box                *canvas.Rectangle
	avatar             *Avatar
	name, second, when *Text
	icon               *glyph
}

// NewHistoryRow makes a row.
func NewHistoryRow(onPress func()) *HistoryRow {
	r := &HistoryRow{
		avatar: NewAvatar(40),
		name:   NewText(TextState{Size: SizeRow, Bold: true}),
		second: NewText(TextState{Size: SizeSecond, Color: ColorText2}),
		when:   NewText(TextState{Size: SizeSecond, Color: ColorText2, Align: fyne.TextAlignTrailing}),
	}
	r.onPress = onPress
	r.extend(r)
	return r
}

// SetState draws another call; it reports nothing.
func (r *HistoryRow) SetState(s RowState) {
	if s != r.state {
		r.state = s
		r.spoken = s.Name + ", " + s.Second + ", " + s.Time
		r.Refresh()
	}
}

// CreateRenderer makes all parts.
func (r *HistoryRow) CreateRenderer() fyne.WidgetRenderer {
	r.box = canvas.NewRectangle(color.Transparent)
	r.box.CornerRadius = radiusRow
	r.icon = newGlyph()
	return newParts(r.place, func() fyne.Size { return fyne.NewSize(200, 60) }, r.dress,
		r.makeRing(), r.box, r.avatar, r.name, r.when, r.icon.Image, r.second)
}

func (r *HistoryRow) dress() {
	switch {
	case r.state.Selected:
		r.box.FillColor = paint(ColorAccentSoft, r)
	case r.pressed:
		r.box.FillColor = r.under(paint(ColorFill, r), paint(ColorText, r))
	case r.hovered:
		r.box.FillColor = paint(ColorFill, r)
	default:
		r.box.FillColor = fade(paint(ColorFill, r), 0)
	}
	ink, mark := ColorText, ColorText2
	if r.state.Missed {
		ink, mark = ColorRed, ColorRed
	}
	r.avatar.SetState(AvatarState{Name: r.state.Name})
	r.name.SetState(TextState{Text: r.state.Name, Size: SizeRow, Bold: true, Color: ink})
	r.second.SetText(r.state.Second)
	r.when.SetText(r.state.Time)
	r.icon.set(r.state.Icon, paint(mark, r))
	r.dressRing()
}

func (r *HistoryRow) place(s fyne.Size) {
	put(r.box, 0, 0, s.Width, s.Height)
	r.placeRing(2, 2, s.Width-4, s.Height-4, radiusRow-2)
	put(r.avatar, 12, 10, 40, 40)
	w := r.when.Natural().Width + 2
	put(r.when, s.Width-12-w, 10, w, 20)
	put(r.name, 64, 10, max(0, s.Width-12-w-8-64), 20)
	put(r.icon, 64, 33, 14, 14)
	put(r.second, 84, 30, max(0, s.Width-84-12), 20)
}
