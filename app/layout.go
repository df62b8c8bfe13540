package app

import "fyne.io/fyne/v2"

// arrange is a layout made of two functions.
type arrange struct {
	least func() fyne.Size
	place func(fyne.Size)
}

// Layout places the objects; they are known to the function.
func (a arrange) Layout(_ []fyne.CanvasObject, s fyne.Size) { a.place(s) }

// MinSize is the least size.
func (a arrange) MinSize([]fyne.CanvasObject) fyne.Size { return a.least() }

// group makes a container with a layout of its own.
func group(least func() fyne.Size, place func(fyne.Size), objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: arrange{least, place}, Objects: objects}
}

func fixed(w, h float32) func() fyne.Size {
	return func() fyne.Size { return fyne.NewSize(w, h) }
}

func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Resize(fyne.NewSize(max(0, w), max(0, h)))
	o.Move(fyne.NewPos(x, y))
}

func show(o fyne.CanvasObject, on bool) {
	switch {
	case on && !o.Visible():
		o.Show()
	case !on && o.Visible():
		o.Hide()
	}
}

// column stacks visible objects with a gap, each at its least height and the full width.
type column struct{ gap float32 }

// Layout stacks them.
func (c column) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if o.Size().Width != s.Width {
			o.Resize(fyne.NewSize(s.Width, o.Size().Height)) // what wraps learns its width first
		}
		h := o.MinSize().Height
		put(o, 0, y, s.Width, h)
		y += h + c.gap
	}
}

// MinSize is the widest of them and all their heights.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			least := o.MinSize()
			size.Width = max(size.Width, least.Width)
			if size.Height > 0 {
				size.Height += c.gap
			}
			size.Height += least.Height
		}
	}
	return size
}

func stack(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: column{gap}, Objects: objects}
}

// gapOf is empty room of a height.
func gapOf(h float32) fyne.CanvasObject {
	return &fyne.Container{Layout: arrange{fixed(1, h), func(fyne.Size) {}}}
}

// inset leaves room around an object.
func inset(o fyne.CanvasObject, left, top, right, bottom float32) *fyne.Container {
	return group(func() fyne.Size {
		return o.MinSize().AddWidthHeight(left+right, top+bottom)
	}, func(s fyne.Size) {
		put(o, left, top, s.Width-left-right, s.Height-top-bottom)
	}, o)
}
