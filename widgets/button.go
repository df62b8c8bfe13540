package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// ButtonState is a button with words.
type ButtonState struct {
	Label    string
	Icon     string // "" for none
	Spoken   string // "" means Label
	Tone     Tone
	Disabled bool
	// Round makes the ends half circles (filters, the Call button of the dial pad).
	Round bool
	// Small is 32 high instead of 44.
	Small bool
}

// Button is a button with words and, before them, an icon.
type Button struct {
	press
	state ButtonState
	box   *canvas.Rectangle
	icon  *glyph
	label *canvas.Text
}

// NewButton makes a button.
func NewButton(s ButtonState, onPress func()) *Button {
	b := &Button{state: s}
	b.onPress = onPress
	b.adopt()
	b.extend(b)
	return b
}

func (b *Button) adopt() {
	b.disabled = b.state.Disabled
	b.spoken = b.state.Spoken
	if b.spoken == "" {
		b.spoken = b.state.Label
	}
}

// SetState draws another state; it reports nothing.
func (b *Button) SetState(s ButtonState) {
	if s != b.state {
		b.state = s
		b.adopt()
		b.Refresh()
	}
}

// CreateRenderer makes box, icon, label and ring.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.box = canvas.NewRectangle(color.Transparent)
	b.icon = newGlyph()
	b.label = canvas.NewText("", color.Transparent)
	b.label.TextStyle.Bold = true
	return newParts(b.place, b.measure, b.dress, b.makeRing(), b.box, b.icon.Image, b.label)
}

func (b *Button) height() float32 {
	if b.state.Small {
		return 32
	}
	return 44
}

func (b *Button) inner() (icon, gap, text float32) {
	if b.state.Icon != "" {
		icon = 20
		if b.state.Label != "" {
			gap = 8
		}
	}
	if b.state.Label != "" {
		text = fyne.MeasureText(b.state.Label, b.textSize(), fyne.TextStyle{Bold: true}).Width
	}
	return icon, gap, text
}

func (b *Button) textSize() float32 {
	if b.state.Small {
		return SizeState
	}
	return SizeRow
}

func (b *Button) measure() fyne.Size {
	icon, gap, text := b.inner()
	padding := float32(32)
	if b.state.Small {
		padding = 24
	}
	return fyne.NewSize(max(icon+gap+text+padding, b.height()), b.height())
}

func (b *Button) dress() {
	fill, ink := toneColours(b.state.Tone, b)
	b.box.FillColor = b.under(fill, ink)
	if fill == color.Transparent {
		b.box.FillColor = fade(ink, 0)
		switch {
		case b.pressed && !b.disabled:
			b.box.FillColor = fade(ink, 0.12)
		case b.hovered && !b.disabled:
			b.box.FillColor = fade(ink, 0.06)
		}
	}
	b.box.StrokeWidth = 0
	if b.state.Tone == ToneOutline {
		b.box.StrokeColor, b.box.StrokeWidth = paint(ColorLineStrong, b), 1
	}
	if b.disabled {
		ink = disabledInk(b)
		if fill != color.Transparent {
			b.box.FillColor = paint(ColorFill, b)
		}
	}
	b.label.Text, b.label.Color, b.label.TextSize = b.state.Label, ink, b.textSize()
	b.icon.set(b.state.Icon, ink)
	b.dressRing()
}

func (b *Button) place(s fyne.Size) {
	radius := radiusButton
	if b.state.Round {
		radius = s.Height / 2
	}
	b.box.CornerRadius = radius
	put(b.box, 0, 0, s.Width, s.Height)
	b.placeRing(0, 0, s.Width, s.Height, radius)
	icon, gap, text := b.inner()
	b.label.Text = b.state.Label
	if room := s.Width - icon - gap - 16; text > room { // a long name is cut
		fits := func(t string) bool { return fyne.MeasureText(t, b.textSize(), b.label.TextStyle).Width <= room }
		b.label.Text = ellipsis(b.state.Label, fits)
		text = fyne.MeasureText(b.label.Text, b.textSize(), b.label.TextStyle).Width
	}
	x := (s.Width - icon - gap - text) / 2
	put(b.icon, x, (s.Height-icon)/2, icon, icon)
	h := b.label.MinSize().Height
	put(b.label, x+icon+gap, (s.Height-h)/2, text, h)
}
