package app

import "fyne.io/fyne/v2"

// place lays the panel out for its step: in one column of at most 560.
func (t *transferPart) place(s fyne.Size) {
	if s.Width <= 0 || t.view.step == transferNone {
		return
	}
	wide := t.app.model.wide
	show(t.panel, wide)
	show(t.flat, !wide)
	put(t.panel, 0, 0, s.Width, s.Height)
	put(t.flat, 0, 0, s.Width, s.Height)
	edge := float32(16)
	if wide {
		edge = 24
	}
	w := min(560, s.Width-2*edge)
	x := (s.Width - w) / 2
	choose := t.view.step == transferChoose
	for _, o := range []fyne.CanvasObject{t.avatar, t.hold, t.state, t.shut, t.field, t.head, t.scroll} {
		show(o, choose)
	}
	for _, o := range []fyne.CanvasObject{t.ask, t.now} {
		show(o, choose && t.view.call == "")
	}
	for _, p := range t.pair {
		for _, o := range p.objects() {
			show(o, !choose)
		}
	}
	show(t.arrow, !choose)
	show(t.mute, t.view.step == transferAsking)
	show(t.merge, t.view.step == transferAsking)
	show(t.end, t.view.step == transferAsking || t.view.step == transferSending)
	show(t.rule, !choose)
	foot := t.placeFoot(x, w, s.Height-edge)
	if choose {
		t.placeChoose(x, edge, w, foot)
		return
	}
	put(t.title, x, edge, w, 26)
	t.placePair(x, edge+26, w, foot)
}

// placeFoot puts the sentence and the two buttons and returns where they begin.
func (t *transferPart) placeFoot(x, w, bottom float32) float32 {
	buttons := t.view.step != transferSending
	show(t.cancel, buttons)
	show(t.do, buttons)
	y := bottom
	if buttons {
		y -= 44
		left := min(t.cancel.MinSize().Width, max(w*0.3, w-12-t.do.MinSize().Width)) // the main button's words come first
		put(t.cancel, x, y, left, 44)
		put(t.do, x+left+12, y, w-left-12, 44)
		y -= 12
	}
	high := t.note.HeightFor(w)
	y -= high
	put(t.note, x, y, w, high)
	return y - 12
}

func (t *transferPart) placeChoose(x, y, w, foot float32) {
	put(t.avatar, x, y, 44, 44)
	put(t.title, x+56, y-2, w-56-48, 26)
	put(t.hold, x+56, y+27, 14, 14)
	put(t.state, x+72, y+24, w-72-44, 20)
	put(t.shut, x+w-44, y, 44, 44)
	y += 44 + 16
	put(t.field, x, y, w, 44)
	y += 44 + 12
	put(t.head, x+8, y, w-16, 20)
	y += 24
	each := (w - 8) / 2
	put(t.ask, x, foot-44, each, 44)
	put(t.now, x+each+8, foot-44, each, 44)
	put(t.scroll, x, y, w, foot-44-12-y)
}

func (t *transferPart) placePair(x, top, w, foot float32) {
	put(t.rule, x, foot, w, 1)
	if t.end.Visible() {
		foot -= 16 + 80
		left := x + (w-100)/2
		if t.mute.Visible() {
			put(t.merge, x+(w-84)/2, foot, 84, 80)
			put(t.mute, x+(w-84)/2-84-8, foot, 84, 80)
			left = x + w/2 + 42
		}
		put(t.end, left, foot, 100, 80)
	}
	picture := min(96, max(56, foot-top-40-90))
	high := picture + 12 + 76
	y := top + max(8, (foot-top-high)/2)
	column := (w - 8) / 2 // the words may come close, the pictures do not
	t.pair[0].place(x, y, column, picture)
	t.pair[1].place(x+column+8, y, column, picture)
	put(t.arrow, x+w/2-12, y+picture/2-12, 24, 24)
}
