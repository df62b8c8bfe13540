package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// revealMargin is what is shown above and below what was scrolled into sight: its focus ring at least.
const revealMargin = 8

// reveal scrolls what holds the object as far as it takes to see all of it. Fyne moves the focus out of sight.
func reveal(o fyne.CanvasObject) {
	scroll := scrollOf(o)
	if scroll == nil {
		return
	}
	driver := fyne.CurrentApp().Driver()
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
	below := top + o.Size().Height - scroll.Size().Height
	at := scroll.Offset
	switch {
	case top < 0:
		at.Y += top - revealMargin
	case below > 0:
		at.Y += min(below+revealMargin, top)
	default:
		return
	}
	scroll.ScrollToOffset(at)
}

// scrollOf is the innermost scroll that holds an object of a window; nil where none does.
func scrollOf(o fyne.CanvasObject) *container.Scroll {
	c := canvasOf(o)
	if c == nil || c.Content() == nil {
		return nil
	}
	return scrollAround(c.Content(), o, nil)
}

// scrollAround is the innermost scroll under root that holds target; nil where none does.
func scrollAround(root, target fyne.CanvasObject, inside *container.Scroll) *container.Scroll {
	if root == target {
		return inside
	}
	switch r := root.(type) {
	case *container.Scroll:
		return scrollAround(r.Content, target, r)
	case *RowList:
		return scrollAround(r.content, target, r.scroll)
	case *fyne.Container:
		for _, o := range r.Objects {
			if found := scrollAround(o, target, inside); found != nil {
				return found
			}
		}
	}
	return nil
}

// wheelGuard lies over a text field and gives the mouse's wheel to what the field stands in: Fyne's own entry keeps it,
// and a form would stop under the pointer. It takes nothing else.
type wheelGuard struct {
	widget.BaseWidget
	part fyne.CanvasObject // the field
}

func newWheelGuard(part fyne.CanvasObject) *wheelGuard {
	w := &wheelGuard{part: part}
	w.ExtendBaseWidget(w)
	return w
}

// Scrolled hands the wheel on.
func (w *wheelGuard) Scrolled(e *fyne.ScrollEvent) {
	if scroll := scrollOf(w.part); scroll != nil {
		scroll.Scrolled(e)
	}
}

// CreateRenderer draws nothing.
func (w *wheelGuard) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
