package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// NumberState is a number that can be called.
type NumberState struct {
	Number string
	Label  string // which one it is: "Mobile"; "" for none
	Spoken string // what a press does
}

// NumberButton is one of somebody's numbers: a press calls it.
type NumberButton struct {
	press
	state         NumberState
	box           *canvas.Rectangle
	disc          *canvas.Circle
	icon          *glyph
	number, label *Text
}

// NewNumberButton makes one.
func NewNumberButton(onPress func()) *NumberButton {
	b := &NumberButton{
		number: NewText(TextState{Size: SizeCard, Bold: true}),
		label:  NewText(TextState{Size: SizeSecond, Color: ColorText2}),
	}
	b.onPress = onPress
	b.extend(b)
	return b
}

// SetState draws another number; it reports nothing.
func (b *NumberButton) SetState(s NumberState) {
	if s != b.state {
		b.state, b.spoken = s, s.Spoken
		b.Refresh()
	}
}

// CreateRenderer makes box, handset and words.
func (b *NumberButton) CreateRenderer() fyne.WidgetRenderer {
	b.box = canvas.NewRectangle(color.Transparent)
	b.box.CornerRadius = radiusRow
	b.disc = canvas.NewCircle(color.Transparent)
	b.icon = newGlyph()
	return newParts(b.place, func() fyne.Size { return fyne.NewSize(200, rowHeight) }, b.dress,
		b.makeRing(), b.box, b.disc, b.icon.Image, b.number, b.label)
}

func (b *NumberButton) dress() {
	b.box.FillColor = fade(paint(ColorFill, b), 0)
	if b.hovered || b.pressed {
		b.box.FillColor = b.under(paint(ColorFill, b), paint(ColorText, b))
	}
	b.box.StrokeColor, b.box.StrokeWidth = paint(ColorLine, b), 1
	b.disc.FillColor = paint(ColorGreenSoft, b)
	b.icon.set("handset", paint(ColorGreen, b))
	b.number.SetText(b.state.Number)
	b.label.SetText(b.state.Label)
	b.dressRing()
}

func (b *NumberButton) place(s fyne.Size) {
	put(b.box, 0, 0, s.Width, s.Height)
	b.placeRing(0, 0, s.Width, s.Height, radiusRow)
	put(b.disc, 10, 10, 40, 40)
	put(b.icon, 20, 20, 20, 20)
	w := max(0, s.Width-62-12)
	if b.state.Label == "" {
		put(b.number, 62, 18, w, 24)
		put(b.label, 62, 36, w, 0)
		return
	}
	put(b.number, 62, 9, w, 22)
	put(b.label, 62, 31, w, 20)
}
