package app

import "fyne.io/fyne/v2"

// flow puts objects side by side at their least size, and what has no room there into the next line.
type flow struct {
	gap   float32
	width float32 // the last one: the height follows from it
}

// Layout places them.
func (f *flow) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	f.width = s.Width
	f.each(objects, func(o fyne.CanvasObject, x, y, w, h float32) { put(o, x, y, w, h) })
}

// MinSize is the height that the last width needs.
func (f *flow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	high := float32(0)
	f.each(objects, func(_ fyne.CanvasObject, _, y, _, h float32) { high = max(high, y+h) })
	return fyne.NewSize(100, high)
}

func (f *flow) each(objects []fyne.CanvasObject, do func(o fyne.CanvasObject, x, y, w, h float32)) {
	x, y, line := float32(0), float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		least := o.MinSize()
		w := least.Width
		if f.width > 0 {
			w = min(w, f.width)
		}
		if x > 0 && f.width > 0 && x+w > f.width {
			x, y, line = 0, y+line+f.gap, 0
		}
		do(o, x, y, w, least.Height)
		x, line = x+w+f.gap, max(line, least.Height)
	}
}

func flowing(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &flow{gap: gap}, Objects: objects}
}
