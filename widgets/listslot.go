package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// listSlot is the place of one line in sight, whatever its kind.
type listSlot struct {
	list  *RowList
	index int
	row   *listRow
	head  *Text
	grey  *greyRow
}

func newListSlot(l *RowList) *listSlot {
	s := &listSlot{list: l, index: -1, head: NewText(TextState{Size: SizeSecond, Bold: true, Color: ColorText2}), grey: newGreyRow()}
	s.row = newListRow(func() {
		if l.OnPick != nil && s.index >= 0 {
			l.OnPick(s.index)
		}
	})
	s.hide()
	return s
}

func (s *listSlot) objects() []fyne.CanvasObject { return []fyne.CanvasObject{s.row, s.head, s.grey} }

func (s *listSlot) hide() {
	s.index = -1
	for _, o := range s.objects() {
		show(o, false)
	}
}

// draw shows line i there.
func (s *listSlot) draw(i int, x, y, w float32) {
	l := s.list
	item := l.state.Items[i]
	if s.index != i {
		s.row.hovered, s.row.pressed = false, false // the pointer was on another line
	}
	s.index = i
	show(s.row, item.Kind == ItemRow)
	show(s.head, item.Kind == ItemHead)
	show(s.grey, item.Kind == ItemGrey)
	switch item.Kind {
	case ItemHead:
		s.head.SetText(item.Text)
		place(s.head, x+8, y+8, w-16, 20)
	case ItemGrey:
		place(s.grey, x, y, w, rowHeight)
	default:
		state := RowState{}
		if l.Row != nil {
			state = l.Row(i)
		}
		marked := i == l.state.Marked
		state.Selected = state.Selected || marked
		s.row.set(state, marked && l.cursor.focused)
		place(s.row, x, y, w, rowHeight)
	}
}

// place is put for what mostly is there already.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	if size := fyne.NewSize(max(0, w), h); o.Size() != size {
		o.Resize(size)
	}
	if at := fyne.NewPos(x, y); o.Position() != at {
		o.Move(at)
	}
}

// listRow is a row of a list. It is pressed by the pointer only: the keyboard stands in the list.
type listRow struct {
	touch
	rowFace
	focused bool
	ring    *canvas.Rectangle
}

func newListRow(onPress func()) *listRow {
	r := &listRow{rowFace: newRowFace()}
	r.onPress = onPress
	r.extend(r)
	return r
}

func (r *listRow) set(s RowState, focused bool) {
	if s != r.state || focused != r.focused {
		r.state, r.focused, r.spoken = s, focused, s.spoken()
		r.Refresh()
	}
}

// CreateRenderer makes all parts.
func (r *listRow) CreateRenderer() fyne.WidgetRenderer {
	r.ring = newRing()
	r.ring.CornerRadius = radiusRow
	return newParts(func(s fyne.Size) {
		r.rowFace.place(s)
		put(r.ring, 0, 0, s.Width, s.Height)
	}, func() fyne.Size { return fyne.NewSize(200, rowHeight) }, func() {
		r.dress(&r.touch)
		r.ring.StrokeColor = paint(ColorAccent, r)
		show(r.ring, r.focused)
	}, append(r.parts(), r.ring)...)
}

// greyRow is the place of a row that is being read. It does not move.
type greyRow struct {
	widget.BaseWidget
	disc  *canvas.Circle
	lines [2]*canvas.Rectangle
}

func newGreyRow() *greyRow {
	g := &greyRow{}
	g.ExtendBaseWidget(g)
	return g
}

// CreateRenderer makes a disc and two bars.
func (g *greyRow) CreateRenderer() fyne.WidgetRenderer {
	g.disc = canvas.NewCircle(color.Transparent)
	for i := range g.lines {
		g.lines[i] = canvas.NewRectangle(color.Transparent)
		g.lines[i].CornerRadius = 4
	}
	return newParts(func(s fyne.Size) {
		put(g.disc, 12, 10, 40, 40)
		put(g.lines[0], 64, 15, max(0, min(140, s.Width-76)), 10)
		put(g.lines[1], 64, 35, max(0, min(200, s.Width-76)), 10)
	}, func() fyne.Size { return fyne.NewSize(200, rowHeight) }, func() {
		fill := paint(ColorFill, g)
		g.disc.FillColor, g.lines[0].FillColor, g.lines[1].FillColor = fill, fill, fill
	}, g.disc, g.lines[0], g.lines[1])
}

// listCursor is the list's stop of the Tab key. It draws nothing; the row that the keyboard stands on wears the ring.
type listCursor struct {
	widget.BaseWidget
	list    *RowList
	focused bool
}

func newListCursor(l *RowList) *listCursor {
	c := &listCursor{list: l}
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained draws the ring.
func (c *listCursor) FocusGained() {
	c.focused = true
	if c.list.OnFocus != nil {
		c.list.OnFocus()
	}
	c.list.fill()
}

// FocusLost takes it away.
func (c *listCursor) FocusLost() { c.focused = false; c.list.fill() }

// TypedRune hands what is typed to the window.
func (c *listCursor) TypedRune(r rune) {
	if k := canvasOf(c); k != nil && k.OnTypedRune() != nil {
		k.OnTypedRune()(r)
	}
}

// TypedKey hands the keys to the window.
func (c *listCursor) TypedKey(e *fyne.KeyEvent) {
	if k := canvasOf(c); k != nil && k.OnTypedKey() != nil {
		k.OnTypedKey()(e)
	}
}

// AccessibilityLabel is the row that the keyboard stands on.
func (c *listCursor) AccessibilityLabel() string {
	l := c.list
	if i := l.state.Marked; i >= 0 && i < len(l.state.Items) && l.Row != nil {
		return l.Row(i).spoken()
	}
	return ""
}

// AccessibilityRole is list.
func (c *listCursor) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// CreateRenderer draws nothing.
func (c *listCursor) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}
