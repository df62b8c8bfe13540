package widgets

import (
	"sort"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// ItemKind is what a line of a list is.
type ItemKind int

// The kinds of a line.
const (
	ItemRow  ItemKind = iota
	ItemHead          // a heading over a group
	ItemGrey          // the place of a row that is being read
)

// ListItem is a line of a list.
type ListItem struct {
	Kind ItemKind
	Text string // of a heading
}

func (i ListItem) height() float32 {
	if i.Kind == ItemHead {
		return 32
	}
	return rowHeight
}

// ListState is a list's lines. Items belong to the list from then on; Version tells other items from the same ones.
type ListState struct {
	Items   []ListItem
	Version int
	Marked  int // the row that the keyboard stands on, -1 for none
}

// RowList is a long list that scrolls: a head (such as the live calls), then headings and rows. However long it is, only
// the rows in sight exist. It is one stop of the Tab key; the keys that are typed there are the window's.
//
//	Items ──▶ offsets ──▶ fill: those in sight ──▶ slots, used again and again ──▶ Row(i) dresses each
type RowList struct {
	widget.BaseWidget
	// Row says what stands in a row. It is asked for those in sight only, on every SetState.
	Row func(i int) RowState
	// OnPick gets the row that was pressed.
	OnPick func(i int)
	// OnFocus tells that the keyboard has come.
	OnFocus func()
	// OnSeen gets the first and the last line in sight.
	OnSeen func(first, last int)

	state   ListState
	offsets []float32 // of each line below the head, and the end
	head    fyne.CanvasObject
	beside  float32 // the scroll bar's own room
	cursor  *listCursor
	slots   []*listSlot
	content *fyne.Container
	scroll  *container.Scroll
}

// listEdge is the room around the lines: the focus ring of a card lies in it.
const listEdge float32 = 4

// NewRowList makes a list under a head that scrolls with it.
func NewRowList(head fyne.CanvasObject) *RowList {
	l := &RowList{head: head, offsets: []float32{0}, state: ListState{Marked: -1}}
	l.cursor = newListCursor(l)
	l.content = &fyne.Container{Layout: listLayout{l}, Objects: []fyne.CanvasObject{head, l.cursor}}
	l.scroll = container.NewVScroll(l.content)
	l.scroll.OnScrolled = func(fyne.Position) { l.fill() }
	l.ExtendBaseWidget(l)
	return l
}

// SetBeside sets how much room the scroll bar has beside the rows.
func (l *RowList) SetBeside(room float32) {
	if room != l.beside {
		l.beside = room
		l.content.Refresh()
	}
}

// SetState draws other lines, and what the rows in sight say now; it reports nothing but what is seen.
func (l *RowList) SetState(s ListState) {
	changed := s.Version != l.state.Version || len(s.Items) != len(l.state.Items)
	l.state = s
	if changed {
		l.offsets = make([]float32, 1, len(s.Items)+1)
		for i, item := range s.Items {
			l.offsets = append(l.offsets, l.offsets[i]+item.height())
		}
		l.HeadChanged()
		return
	}
	l.fill()
}

// HeadChanged gives everything its place again: the head has grown or shrunk.
func (l *RowList) HeadChanged() {
	l.content.Refresh()
	l.scroll.Refresh()
	l.fill()
}

// Reveal scrolls as far as it takes to see a line.
func (l *RowList) Reveal(i int) {
	if i < 0 || i >= len(l.state.Items) {
		return
	}
	top := l.below() + l.offsets[i]
	at, high := l.scroll.Offset, l.scroll.Size().Height
	switch foot := top + l.state.Items[i].height(); {
	case i <= 1 && l.offsets[i] <= 32: // with the heading and what stands above
		at.Y = 0
	case top < at.Y:
		at.Y = top - revealMargin
	case foot > at.Y+high:
		at.Y = foot + revealMargin - high
	default:
		return
	}
	l.scroll.ScrollToOffset(at)
	l.fill()
}

// Top scrolls to the beginning.
func (l *RowList) Top() {
	l.scroll.ScrollToTop()
	l.fill()
}

// Focusable is the part that takes the keyboard.
func (l *RowList) Focusable() fyne.Focusable { return l.cursor }

// RowAt gives the widget of a row whose middle is in sight, nil for others; for tests that click.
func (l *RowList) RowAt(i int) fyne.CanvasObject {
	for _, s := range l.slots {
		middle := s.row.Position().Y + rowHeight/2 - l.scroll.Offset.Y
		if s.index == i && s.row.Visible() && middle > 0 && middle < l.scroll.Size().Height {
			return s.row
		}
	}
	return nil
}

// Slots is how many rows exist.
func (l *RowList) Slots() int { return len(l.slots) }

// CreateRenderer shows the scroll.
func (l *RowList) CreateRenderer() fyne.WidgetRenderer {
	return newParts(func(s fyne.Size) {
		put(l.scroll, 0, 0, s.Width, s.Height)
		l.fill()
	}, func() fyne.Size { return fyne.NewSize(200, 100) }, func() {}, l.scroll)
}

// below is where the lines begin.
func (l *RowList) below() float32 {
	if !l.head.Visible() {
		return listEdge
	}
	return listEdge + l.head.MinSize().Height
}

func (l *RowList) total() float32 { return l.offsets[len(l.offsets)-1] }

// seen is the range of lines in sight; last < first where there is none.
func (l *RowList) seen() (first, last int) {
	top, n := l.scroll.Offset.Y-l.below(), len(l.state.Items)
	foot := top + l.scroll.Size().Height
	first = sort.Search(n, func(i int) bool { return l.offsets[i+1] > top })
	last = sort.Search(n, func(i int) bool { return l.offsets[i] >= foot }) - 1
	return first, last
}

// fill gives each line in sight a slot. A line keeps its slot while it is in sight: its number modulo that of the slots.
func (l *RowList) fill() {
	first, last := l.seen()
	if need := last - first + 1; need > len(l.slots) {
		for len(l.slots) < need+2 {
			s := newListSlot(l)
			l.slots = append(l.slots, s)
			l.content.Objects = append(l.content.Objects, s.objects()...)
		}
		canvas.Refresh(l.content)
	}
	used := make([]bool, len(l.slots))
	w, y := l.content.Size().Width-listEdge-l.beside, l.below()
	for i := first; i <= last; i++ {
		k := i % len(l.slots)
		used[k] = true
		l.slots[k].draw(i, listEdge, y+l.offsets[i], w)
	}
	for k, s := range l.slots {
		if !used[k] {
			s.hide()
		}
	}
	if l.OnSeen != nil {
		l.OnSeen(first, last)
	}
}

// listLayout places the head; fill places the lines.
type listLayout struct{ list *RowList }

// Layout places the head and the lines in sight.
func (y listLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	l := y.list
	put(l.head, listEdge, listEdge, s.Width-listEdge-l.beside, l.head.MinSize().Height)
	put(l.cursor, listEdge, l.below(), 1, 1)
	l.fill()
}

// MinSize is as high as all lines.
func (y listLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(200, y.list.below()+y.list.total()+12)
}
