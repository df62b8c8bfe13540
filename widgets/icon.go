package widgets

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"github.com/hookswitch/hookswitch/assets"
)

// iconResource is the named icon in a colour. The colour is in the resource's name, because
// the toolkit caches what it has rendered by that name.
func iconResource(name string, c color.Color) fyne.Resource {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	hex := fmt.Sprintf("#%02X%02X%02X", n.R, n.G, n.B)
	svg, err := assets.Icon(name, hex)
	if err != nil {
		fyne.LogError("icon", err)
		return nil
	}
	return fyne.NewStaticResource(name+hex+".svg", svg)
}

// glyph is an icon as a part of a widget. Its owner dresses it.
type glyph struct {
	*canvas.Image
	name string
}

func newGlyph() *glyph {
	image := canvas.NewImageFromResource(nil)
	image.FillMode = canvas.ImageFillContain
	return &glyph{Image: image}
}

// set draws the icon in a role's colour; "" draws none.
func (g *glyph) set(name string, c color.Color) {
	g.name = name
	if name == "" {
		g.Resource = nil
		show(g.Image, false)
		return
	}
	show(g.Image, true)
	g.Translucency = 1 - float64(color.NRGBAModel.Convert(c).(color.NRGBA).A)/255
	next := iconResource(name, c)
	if next == nil {
		return
	}
	if g.Resource == nil || g.Resource.Name() != next.Name() {
		g.Resource = next
		g.Refresh() // reads the new resource
	}
}

// Icon is one of our icons standing alone, in a role's colour.
type Icon struct {
	widget.BaseWidget
	name  string
	color fyne.ThemeColorName
	glyph *glyph
}

// NewIcon makes an icon; "" draws none.
func NewIcon(name string, c fyne.ThemeColorName) *Icon {
	i := &Icon{name: name, color: c}
	i.ExtendBaseWidget(i)
	return i
}

// SetState draws another one.
func (i *Icon) SetState(name string, c fyne.ThemeColorName) {
	if name != i.name || c != i.color {
		i.name, i.color = name, c
		i.Refresh()
	}
}

// CreateRenderer makes the picture.
func (i *Icon) CreateRenderer() fyne.WidgetRenderer {
	i.glyph = newGlyph()
	return newParts(func(s fyne.Size) { put(i.glyph, 0, 0, s.Width, s.Height) },
		func() fyne.Size { return fyne.NewSize(14, 14) },
		func() { i.glyph.set(i.name, paint(i.color, i)) }, i.glyph.Image)
}
