package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/widgets"
)

// whoPart is the head of somebody's details: picture, name, two lines.
type whoPart struct {
	box           *fyne.Container
	avatar        *widgets.Avatar
	name          *widgets.Text
	second, third *widgets.Text
}

func newWhoPart() *whoPart {
	w := &whoPart{
		avatar: widgets.NewAvatar(88),
		name:   widgets.NewText(widgets.TextState{Size: widgets.SizeName, Bold: true, Lines: 4}),
		second: widgets.NewText(widgets.TextState{Size: widgets.SizeCard, Color: widgets.ColorText2, Lines: 3}),
		third:  widgets.NewText(widgets.TextState{Size: widgets.SizeCard, Color: widgets.ColorText2}),
	}
	w.box = group(w.least, w.place, w.avatar, w.name, w.second, w.third)
	return w
}

func (w *whoPart) draw(name, second, third string) {
	if second == "" {
		second, third = third, ""
	}
	w.avatar.SetState(widgets.AvatarState{Name: name})
	w.name.SetText(name)
	w.second.SetText(second)
	w.third.SetText(third)
	w.place(w.box.Size())
}

// measures are those of the picture, and where the words begin. A narrow column has smaller ones.
func (w *whoPart) measures(width float32) (picture, words float32) {
	if width < 440 {
		return 64, 80
	}
	return 88, 108
}

// heights are those of the three texts at a width.
func (w *whoPart) heights(width float32) (texts [3]float32, sum float32) {
	texts[0] = w.name.HeightFor(width) + 2
	if w.second.Words() != "" {
		texts[1] = w.second.HeightFor(width) + 2
	}
	if w.third.Words() != "" {
		texts[2] = w.third.HeightFor(width) + 2
	}
	return texts, texts[0] + texts[1] + texts[2]
}

func (w *whoPart) least() fyne.Size {
	picture, words := w.measures(w.box.Size().Width)
	_, sum := w.heights(max(40, w.box.Size().Width-words))
	return fyne.NewSize(200, max(picture, sum))
}

func (w *whoPart) place(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	picture, words := w.measures(s.Width)
	name := widgets.TextState{Text: w.name.Words(), Size: widgets.SizeName, Bold: true, Lines: 4}
	if picture < 88 {
		name.Size = widgets.SizeTitle
	}
	w.name.SetState(name)
	put(w.avatar, 0, 0, picture, picture)
	texts, sum := w.heights(s.Width - words)
	y := max(0, (picture-sum)/2)
	for i, t := range []*widgets.Text{w.name, w.second, w.third} {
		put(t, words, y, s.Width-words, texts[i])
		y += texts[i]
	}
}

// sheet is a page on the stage: a panel, buttons in the corner, a column that scrolls. In a compact window it covers the list,
// and leads back to it.
type sheet struct {
	app         *App
	box         *fyne.Container
	panel, flat *widgets.Panel
	back, shut  *widgets.CircleButton
	title       *widgets.Text // beside the way back
	corner      []fyne.CanvasObject
	column      *fyne.Container
	scroll      *container.Scroll
}

// newSheet makes a page with a column; leave is what its cross and its way back do, corner is what stands at the right of them.
func newSheet(a *App, title string, leave func(), corner []fyne.CanvasObject, column *fyne.Container) *sheet {
	s := &sheet{app: a, column: column, corner: corner}
	s.panel, s.flat = widgets.NewPanel(widgets.PanelStage), widgets.NewPanel(widgets.PanelFlat)
	s.back = widgets.NewCircleButton(40, widgets.CircleState{Icon: "chevron-left", Spoken: tr("action.back"), Tone: widgets.ToneQuiet}, leave)
	s.shut = widgets.NewCircleButton(40, widgets.CircleState{Icon: "cross", Spoken: tr("bar.close"), Tone: widgets.ToneQuiet}, leave)
	s.title = widgets.NewText(widgets.TextState{Text: title, Size: widgets.SizeCard})
	s.scroll = container.NewVScroll(group(func() fyne.Size {
		return s.column.MinSize().AddWidthHeight(0, 40)
	}, func(size fyne.Size) {
		x, w := s.margins(size.Width)
		put(s.column, x, 8, w, size.Height-40)
	}, s.column))
	s.scroll.OnScrolled = func(fyne.Position) { a.teller.look() }
	objects := append([]fyne.CanvasObject{s.flat, s.panel, s.back, s.title}, corner...)
	s.box = group(fixed(300, 300), s.place, append(objects, s.scroll, s.shut)...)
	s.box.Hide()
	return s
}

// margins centre the column, at most 700 wide.
func (s *sheet) margins(width float32) (x, w float32) {
	edge := float32(36)
	if !s.app.model.wide {
		edge = 16
	}
	w = min(700, width-2*edge)
	return edge + max(0, (width-2*edge-w)/2), w
}

// reflow gives the column its place again: something came, went or grew.
func (s *sheet) reflow() {
	s.column.Refresh()
	s.scroll.Content.Refresh()
	s.scroll.Refresh()
}

func (s *sheet) place(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	wide := s.app.model.wide
	show(s.panel, wide)
	show(s.flat, !wide)
	show(s.shut, wide)
	show(s.back, !wide)
	show(s.title, !wide)
	put(s.panel, 0, 0, size.Width, size.Height)
	put(s.flat, 0, 0, size.Width, size.Height)
	put(s.back, 4, 2, 44, 44)
	x := size.Width - 12 - 44
	if !wide {
		x = size.Width - 4
	} else {
		put(s.shut, x, 10, 44, 44)
	}
	y := float32(10)
	if !wide {
		y = 2
	}
	for i := len(s.corner) - 1; i >= 0; i-- {
		if s.corner[i].Visible() {
			x -= 44
			put(s.corner[i], x, y, 44, 44)
		}
	}
	put(s.title, 48, 12, max(0, x-52), 24)
	top := float32(56)
	if !wide {
		top = 48
	}
	put(s.scroll, 1, top, size.Width-2, size.Height-top-1)
}
