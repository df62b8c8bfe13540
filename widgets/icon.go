package widgets

import (
	"fmt"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

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
