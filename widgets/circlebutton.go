package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// Tone is how a button is dressed.
type Tone string

// The tones. ToneOn is the inverse dress of a toggle that is on; red and green keep their meaning.
const (
	ToneNeutral Tone = ""
	ToneOn      Tone = "on"
	TonePrimary Tone = "primary"
	ToneGo      Tone = "go"      // green: call, answer
	ToneDanger  Tone = "danger"  // red: hang up, decline
	ToneOutline Tone = "outline" // a second choice beside a primary one
	ToneQuiet   Tone = "quiet"   // no fill: chevrons, close
)

// toneColours gives fill and ink of a tone.
func toneColours(t Tone, w fyne.Widget) (fill, ink color.Color) {
	switch t {
	case ToneOn:
		return paint(ColorText, w), paint(ColorSurface, w)
	case TonePrimary:
		return paint(ColorAccent, w), paint(ColorOnAccent, w)
	case ToneGo:
		return paint(ColorGreenFill, w), paint(ColorOnFill, w)
	case ToneDanger:
		return paint(ColorRedFill, w), paint(ColorOnFill, w)
	case ToneOutline, ToneQuiet:
		return color.Transparent, paint(ColorText, w)
	}
	return paint(ColorFill, w), paint(ColorText, w)
}

// disabledInk is text3 at one half.
func disabledInk(w fyne.Widget) color.Color { return fade(paint(ColorText3, w), 0.5) }

// CircleState is a round button. Label names the state when it is on ("Muted").
type CircleState struct {
	Icon     string
	Label    string // under the button; "" for none
	Spoken   string // what a screen reader says; "" means Label
	Tone     Tone
	Disabled bool
	// Barred looks disabled, but a press is told, so that the window can say why it does nothing.
	Barred bool
}

// CircleButton is a round icon button: a call control of 56 with its label under it, or a card's
// action of 40 drawn and 44 hit.
type CircleButton struct {
	press
	state    CircleState
	diameter float32
	disc     *canvas.Circle
	icon     *glyph
	label    *canvas.Text
}

// NewCircleButton makes a round button of the diameter.
func NewCircleButton(diameter float32, s CircleState, onPress func()) *CircleButton {
	b := &CircleButton{state: s, diameter: diameter}
	b.onPress = onPress
	b.adopt()
	b.extend(b)
	return b
}

func (b *CircleButton) adopt() {
	b.disabled = b.state.Disabled
	b.spoken = b.state.Spoken
	if b.spoken == "" {
		b.spoken = b.state.Label
	}
}

// SetState draws another state; it reports nothing.
func (b *CircleButton) SetState(s CircleState) {
	if s != b.state {
		b.state = s
		b.adopt()
		b.Refresh()
	}
}

// CreateRenderer makes disc, icon, label and ring.
func (b *CircleButton) CreateRenderer() fyne.WidgetRenderer {
	b.disc = canvas.NewCircle(color.Transparent)
	b.icon = newGlyph()
	b.label = canvas.NewText("", color.Transparent)
	b.label.Alignment = fyne.TextAlignCenter
	b.label.TextSize = SizeSecond
	return newParts(b.place, b.measure, b.dress, b.makeRing(), b.disc, b.icon.Image, b.label)
}

func (b *CircleButton) measure() fyne.Size {
	if b.diameter < 44 {
		return fyne.NewSquareSize(44)
	}
	if b.state.Label == "" {
		return fyne.NewSquareSize(b.diameter)
	}
	return fyne.NewSize(max(b.diameter+12, 68), b.diameter+24)
}

func (b *CircleButton) dress() {
	fill, ink := toneColours(b.state.Tone, b)
	b.disc.FillColor = b.under(fill, ink)
	b.label.Text = b.state.Label
	b.label.Color = paint(ColorText2, b)
	if b.state.Tone == ToneOn || b.state.Tone == ToneDanger {
		b.label.Color = paint(ColorText, b)
	}
	if b.disabled || b.state.Barred {
		ink = disabledInk(b)
		b.label.Color = ink
		b.disc.FillColor = paint(ColorFill, b)
	}
	b.icon.set(b.state.Icon, ink)
	b.dressRing()
}

func (b *CircleButton) place(s fyne.Size) {
	d := b.diameter
	x, y := (s.Width-d)/2, float32(0)
	if b.state.Label == "" {
		y = (s.Height - d) / 2
	}
	put(b.disc, x, y, d, d)
	g := float32(20)
	if d >= 56 {
		g = 24
	}
	put(b.icon, x+(d-g)/2, y+(d-g)/2, g, g)
	b.placeRing(x, y, d, d, d/2)
	b.label.Text = ellipsis(b.state.Label, func(t string) bool {
		return fyne.MeasureText(t, SizeSecond, fyne.TextStyle{}).Width <= s.Width+0.5
	})
	put(b.label, 0, d+6, s.Width, b.label.MinSize().Height)
}
