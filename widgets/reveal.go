package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// revealMargin is what is shown above and below what was scrolled into sight: its focus ring at least.
const revealMargin = 8

// reveal scrolls what holds the object as far as it takes to see all of it. Fyne moves the focus out of sight.
func reveal(o fyne.CanvasObject) {
	c := canvasOf(o)
	if c == nil || c.Content() == nil {
		return
	}
	scroll := scrollAround(c.Content(), o, nil)
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

// scrollAround is the innermost scroll under root that holds target; nil where none does.
func scrollAround(root, target fyne.CanvasObject, inside *container.Scroll) *container.Scroll {
	if root == target {
		return inside
	}
	switch r := root.(type) {
	case *container.Scroll:
		return scrollAround(r.Content, target, r)
	case *fyne.Container:
		for _, o := range r.Objects {
			if found := scrollAround(o, target, inside); found != nil {
				return found
			}
		}
	}
	return nil
}
