package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// ChipState is a small mark: a line, "Encrypted", "REC".
type ChipState struct {
	Icon  string
	Label string
	Bold  bool
	Tone  ChipTone
}

// ChipTone is a chip's dress.
type ChipTone string

// The dresses of a chip.
const (
	ChipPlain  ChipTone = ""
	ChipAccent ChipTone = "accent"
	ChipOn     ChipTone = "on" // inverse
	ChipAmber  ChipTone = "amber"
	ChipRed    ChipTone = "red"
)

// Chip is a mark that nobody presses.
type Chip struct {
	widget.BaseWidget
	state ChipState
	box   *canvas.Rectangle
	icon  *glyph
	label *canvas.Text
}

// NewChip makes a chip.
func NewChip(s ChipState) *Chip {
	c := &Chip{state: s}
	c.ExtendBaseWidget(c)
	return c
}

// SetState draws another mark.
func (c *Chip) SetState(s ChipState) {
	if s != c.state {
		c.state = s
		c.Refresh()
	}
}

// CreateRenderer makes box, icon and label.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	c.box = canvas.NewRectangle(color.Transparent)
	c.icon = newGlyph()
	c.label = canvas.NewText("", color.Transparent)
	c.label.TextSize = SizeSecond
	return newParts(c.place, c.measure, c.dress, c.box, c.icon.Image, c.label)
}

func (c *Chip) measure() fyne.Size {
	w := fyne.MeasureText(c.state.Label, SizeSecond, fyne.TextStyle{Bold: c.state.Bold}).Width + 20
	if c.state.Icon != "" {
		w += 20
	}
	return fyne.NewSize(w, 24)
}

func (c *Chip) dress() {
	fill, ink := ColorFill, ColorText2
	switch c.state.Tone {
	case ChipAccent:
		fill, ink = ColorAccentSoft, ColorAccent
	case ChipOn:
		fill, ink = ColorText, ColorSurface
	case ChipAmber:
		fill, ink = ColorAmberSoft, ColorAmber
	case ChipRed:
		fill, ink = ColorRedSoft, ColorRed
	default:
		if c.state.Bold {
			ink = ColorText
		}
	}
	c.box.FillColor, c.box.CornerRadius = paint(fill, c), 12
	c.label.Text, c.label.Color, c.label.TextStyle.Bold = c.state.Label, paint(ink, c), c.state.Bold
	c.icon.set(c.state.Icon, paint(ink, c))
}

func (c *Chip) place(s fyne.Size) {
	put(c.box, 0, 0, s.Width, s.Height)
	x := float32(10)
	if c.state.Icon != "" {
		put(c.icon, x, (s.Height-14)/2, 14, 14)
		x += 20
	}
	room := max(0, s.Width-x-10)
	c.label.Text = ellipsis(c.state.Label, func(t string) bool { // a long name is cut
		return fyne.MeasureText(t, SizeSecond, c.label.TextStyle).Width <= room+0.5
	})
	h := c.label.MinSize().Height
	put(c.label, x, (s.Height-h)/2, max(0, s.Width-x-10), h)
}
