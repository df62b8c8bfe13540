package widgets

import (
	"strconv"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// listOf is a window with a list of a heading and n rows, 60 each.
func listOf(t *testing.T, n int, head fyne.CanvasObject) (*RowList, fyne.Window) {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Theme{AppearanceLight})
	l := NewRowList(head)
	l.Row = func(i int) RowState { return RowState{Name: "Caller " + strconv.Itoa(i), Second: "200"} }
	win := app.NewWindow("list")
	win.SetPadded(false)
	win.SetContent(l)
	win.Resize(fyne.NewSize(320, 400))
	items := []ListItem{{Kind: ItemHead, Text: "TODAY"}}
	for range n {
		items = append(items, ListItem{})
	}
	l.SetState(ListState{Items: items, Version: 1, Marked: -1})
	return l, win
}

func nothing() *gap { return &gap{} }

// gap is an object without a size.
type gap struct{ Text }

func (*gap) MinSize() fyne.Size { return fyne.Size{} }

func TestALongListHasOnlyTheRowsInSight(t *testing.T) {
	l, _ := listOf(t, 10_000, nothing())
	if n := l.Slots(); n > 12 {
		t.Errorf("%d rows exist", n)
	}
	first, last := 0, 0
	l.OnSeen = func(a, b int) { first, last = a, b }
	l.Reveal(10_000)
	if last != 10_000 || first < 9_990 || l.RowAt(10_000) == nil || l.RowAt(1) != nil {
		t.Errorf("at the end %d to %d are in sight", first, last)
	}
	if n := l.Slots(); n > 12 {
		t.Errorf("after scrolling %d rows exist", n)
	}
	l.Reveal(1)
	if first != 0 || l.scroll.Offset.Y != 0 {
		t.Errorf("back at the top %d is the first in sight", first)
	}
}

func TestARowReportsWhichOneWasPressedWhereverItIsScrolledTo(t *testing.T) {
	l, win := listOf(t, 100, nothing())
	got := -1
	l.OnPick = func(i int) { got = i }
	test.TapCanvas(win.Canvas(), fyne.NewPos(100, 4+32+30))
	if got != 1 {
		t.Errorf("the first row reports %d", got)
	}
	l.scroll.ScrollToOffset(fyne.NewPos(0, 4+32+60*20))
	l.scroll.OnScrolled(l.scroll.Offset)
	test.TapCanvas(win.Canvas(), fyne.NewPos(100, 30))
	if got != 21 {
		t.Errorf("after scrolling the first row reports %d", got)
	}
}

func TestTheKeyboardStandsOnTheMarkedRow(t *testing.T) {
	l, win := listOf(t, 5, nothing())
	came := 0
	l.OnFocus = func() { came++ }
	win.Canvas().Focus(l.Focusable())
	s := l.state
	s.Marked = 2
	l.SetState(s)
	row, ok := l.RowAt(2).(*listRow)
	if !ok || came != 1 || !row.state.Selected || !row.ring.Visible() || l.cursor.AccessibilityLabel() != "Caller 2, 200" {
		t.Errorf("row %+v, told %d times, spoken %q", row, came, l.cursor.AccessibilityLabel())
	}
	typed := fyne.KeyName("")
	win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { typed = k.Name })
	l.Focusable().TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	if typed != fyne.KeyDelete {
		t.Error("the window does not get the keys")
	}
	win.Canvas().Unfocus()
	if row.ring.Visible() {
		t.Error("the ring stays")
	}
}

func TestFewerItemsLeaveNoRowBehind(t *testing.T) {
	l, _ := listOf(t, 50, nothing())
	l.Reveal(50)
	l.SetState(ListState{Items: []ListItem{{}}, Version: 2, Marked: -1})
	if l.RowAt(0) == nil || l.scroll.Offset.Y != 0 {
		t.Errorf("the only row is out of sight: offset %v", l.scroll.Offset.Y)
	}
	l.SetState(ListState{Version: 3, Marked: -1})
	for _, s := range l.slots {
		if s.row.Visible() || s.head.Visible() {
			t.Error("a row is left")
		}
	}
}

func TestListsLookAsKept(t *testing.T) {
	golden(t, "rowlist", 360, []float32{440, 60}, func() []fyne.CanvasObject {
		states := map[int]RowState{
			1: {Name: "Mara Lindqvist", Second: "Brightwater Logistics  ·  12 min 40 s", Icon: "arrow-in", Time: "11:34", Mark: "record", Marked: "recorded"},
			2: {Name: "Aiko Tanaka", Second: "Missed · rang 22 s", Icon: "missed", Time: "10:58", Missed: true},
			4: {Name: "Dr. Hans-Christian Freiherr von Oppenheim-Schaumburg", Second: "Donaudampfschifffahrtsgesellschaft mbH", Icon: "arrow-out", Time: "Mon 09:02"},
			5: {Name: "Jonas Weber", Second: "Sales desk  ·  214", Mark: "star-on", Marked: "favourite"},
		}
		l := NewRowList(nothing())
		l.Row = func(i int) RowState { return states[i] }
		l.cursor.focused = true
		l.SetBeside(8)
		l.SetState(ListState{Version: 1, Marked: 2, Items: []ListItem{
			{Kind: ItemHead, Text: "TODAY"}, {}, {}, {Kind: ItemHead, Text: "FRI, 22 MAY"}, {}, {}, {Kind: ItemGrey}}})
		number := NewNumberButton(nil)
		number.SetState(NumberState{Number: "+44 20 7946 0812", Label: "Work"})
		return []fyne.CanvasObject{l, number}
	})
}

func TestANumberIsCalledByAPressAndByEnter(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(Theme{AppearanceLight})
	calls := 0
	b := NewNumberButton(func() { calls++ })
	b.SetState(NumberState{Number: "600", Spoken: "Call Mara, 600"})
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if calls != 2 || b.AccessibilityLabel() != "Call Mara, 600" {
		t.Errorf("%d calls, spoken %q", calls, b.AccessibilityLabel())
	}
}
