package widgets

import (
	"hash/fnv"
	"image/color"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// hue is one muted pair of fill and ink, light and dark.
type hue struct{ fill, ink [2]color.NRGBA }

// hues are the four avatar colours. The table is never written to.
var hues = [4]hue{
	{[2]color.NRGBA{rgb(0xD6E6EA), rgb(0x203B42)}, [2]color.NRGBA{rgb(0x234A54), rgb(0xC3E3E9)}},
	{[2]color.NRGBA{rgb(0xE7E2D8), rgb(0x3A3125)}, [2]color.NRGBA{rgb(0x4A4132), rgb(0xE8D8C0)}},
	{[2]color.NRGBA{rgb(0xDAE1F3), rgb(0x27304E)}, [2]color.NRGBA{rgb(0x2F4069), rgb(0xC7D2F6)}},
	{[2]color.NRGBA{rgb(0xEADFE8), rgb(0x3A2836)}, [2]color.NRGBA{rgb(0x55354C), rgb(0xECCFE2)}},
}

// AvatarState is who is pictured.
type AvatarState struct {
	// Name gives initials and hue; a number, or nothing, gives the picture of a person.
	Name string
	// Ring draws the double ring of a live call around it.
	Ring bool
	// Edge draws a fine edge, on grounds that are like one of the hues.
	Edge bool
}

// Avatar is a round picture of initials.
type Avatar struct {
	widget.BaseWidget
	state    AvatarState
	diameter float32
	disc     *canvas.Circle
	ring     [2]*canvas.Circle
	letters  *canvas.Text
	person   *glyph
}

// NewAvatar makes an avatar of the diameter; a ring lies within it.
func NewAvatar(diameter float32) *Avatar {
	a := &Avatar{diameter: diameter}
	a.ExtendBaseWidget(a)
	return a
}

// SetState draws somebody.
func (a *Avatar) SetState(s AvatarState) {
	if s != a.state {
		a.state = s
		a.Refresh()
	}
}

// Initials are the first letters of the first and the last word; "" where there is no name.
func Initials(name string) string {
	var letters []rune
	for _, word := range strings.Fields(name) {
		first := []rune(word)[0]
		if unicode.IsLetter(first) {
			letters = append(letters, unicode.ToUpper(first))
		}
	}
	switch len(letters) {
	case 0:
		return ""
	case 1:
		return string(letters)
	}
	return string([]rune{letters[0], letters[len(letters)-1]})
}

func hueOf(name string) hue {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return hues[h.Sum32()%uint32(len(hues))]
}

// CreateRenderer makes disc, rings, letters and person.
func (a *Avatar) CreateRenderer() fyne.WidgetRenderer {
	a.disc = canvas.NewCircle(color.Transparent)
	a.letters = canvas.NewText("", color.Transparent)
	a.letters.TextStyle.Bold = true
	a.letters.Alignment = fyne.TextAlignCenter
	a.person = newGlyph()
	for i := range a.ring {
		a.ring[i] = canvas.NewCircle(color.Transparent)
		a.ring[i].StrokeWidth = 3
	}
	return newParts(a.place, func() fyne.Size { return fyne.NewSquareSize(a.diameter) }, a.dress,
		a.ring[0], a.ring[1], a.disc, a.letters, a.person.Image)
}

func (a *Avatar) dress() {
	column := 0
	if theme.ColorForWidget(ColorBg, a) == tokens[ColorBg][1] {
		column = 1
	}
	initials := Initials(a.state.Name)
	a.letters.Text = initials
	if initials == "" {
		a.disc.FillColor = paint(ColorFill, a)
		a.person.set("person", paint(ColorText2, a))
	} else {
		h := hueOf(a.state.Name)
		a.disc.FillColor, a.letters.Color = h.fill[column], h.ink[column]
		a.person.set("", nil)
	}
	a.disc.StrokeWidth = 0
	if a.state.Edge {
		a.disc.StrokeWidth, a.disc.StrokeColor = 1, fade(paint(ColorText2, a), 0.4)
	}
	accent := paint(ColorAccent, a)
	a.ring[0].StrokeColor, a.ring[1].StrokeColor = fade(accent, 0.28), fade(accent, 0.6)
	for _, r := range a.ring {
		show(r, a.state.Ring)
	}
}

func (a *Avatar) place(s fyne.Size) {
	d := min(s.Width, s.Height)
	x, y := (s.Width-d)/2, (s.Height-d)/2
	put(a.ring[0], x, y, d, d)
	put(a.ring[1], x+7, y+7, d-14, d-14)
	inset := float32(0)
	if a.state.Ring {
		inset = d * 0.075
	}
	put(a.disc, x+inset, y+inset, d-2*inset, d-2*inset)
	a.letters.TextSize = (d - 2*inset) * 0.36
	h := a.letters.MinSize().Height
	put(a.letters, x, y+(d-h)/2, d, h)
	g := d * 0.45
	put(a.person, x+(d-g)/2, y+(d-g)/2, g, g)
}
