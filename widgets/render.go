package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// parts is the renderer of every widget here: a fixed list of objects (the first is painted
// first), a function that places them, one that measures and one that recolours.
type parts struct {
	objects []fyne.CanvasObject
	place   func(fyne.Size)
	measure func() fyne.Size
	dress   func()
	last    fyne.Size
}

func (p *parts) Destroy()                     {}
func (p *parts) Objects() []fyne.CanvasObject { return p.objects }
func (p *parts) MinSize() fyne.Size           { return p.measure() }

func (p *parts) Layout(s fyne.Size) {
	p.last = s
	p.place(s)
}

func (p *parts) Refresh() {
	p.dress()
	if p.last.Width > 0 {
		p.place(p.last)
	}
	for _, o := range p.objects {
		canvas.Refresh(o)
	}
}

// newParts makes the renderer and dresses it once.
func newParts(place func(fyne.Size), measure func() fyne.Size, dress func(), objects ...fyne.CanvasObject) *parts {
	dress()
	return &parts{objects: objects, place: place, measure: measure, dress: dress}
}

// put moves and resizes an object in one call.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(w, h))
	o.Move(fyne.NewPos(x, y))
}

// show makes an object visible or not, and touches it only when that changes.
func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}
