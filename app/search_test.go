package app

import (
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

func TestASearchFindsPeopleThenCallsAndMarksWhomEnterCalls(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.typed("priya")
	b.settle()
	if got := heads(&b.app.model.past.roll); !slices.Equal(got, []string{"PEOPLE · 1", "CALLS · 1"}) {
		t.Fatalf("headings: %q", got)
	}
	if rows := b.rows(); rows[0].Second != "Northwind  ·  231" || rows[1].Time != "Sun "+clockTime(noon.Add(-26*time.Hour)) {
		t.Errorf("rows: %+v", rows)
	}
	if v := b.app.shell.view.people.person; !v.shown || v.name != "Priya Raman" || b.app.shell.dial.box.Visible() {
		t.Error("who was found is not shown")
	}
	if l, ok := b.app.model.past.marked(); !ok || l.person == nil || b.app.shell.list.box.Size().Width != 400 {
		t.Error("the first is not marked, or a search has no more room")
	}
	b.app.shell.list.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.settle()
	b.did("call 231")
	b.typed("200")
	b.settle()
	b.did("feedback 2", "feedback 0", "feedback 0")
	if _, ok := b.app.model.past.marked(); ok {
		t.Error("a number that was typed marks somebody else")
	}
	b.key(fyne.KeyReturn)
	b.settle()
	b.did("call 200")
}

func TestWhatNobodyBearsIsSaidAndEnterStillCallsIt(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.typed("bob")
	b.settle()
	if b.app.shell.view.empty != emptySearch || !b.app.shell.list.nobody.Visible() {
		t.Error("nothing says that nobody was found")
	}
	b.key(fyne.KeyReturn)
	b.settle()
	b.did("call bob")
}

func TestEscapeEmptiesTheSearchAndTheListIsBack(t *testing.T) {
	b := withPast(t, 1280, 800)
	b.typed("priya")
	b.settle()
	b.app.shell.list.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	b.settle()
	if b.app.model.typed != "" || len(b.rows()) != 6 {
		t.Errorf("typed %q, %d rows", b.app.model.typed, len(b.rows()))
	}
}

func TestAnAnswerThatHasBecomeOldIsDropped(t *testing.T) {
	b := newBench(t, 1280, 800, func(d *Deps) {
		book := d.Calls.(*fakeCallBook)
		book.waits = make(chan struct{})
		book.calls = []store.Entry{{ID: 1, Name: "Mara", Number: "1", StartedAt: noon}, {ID: 2, Name: "Jonas", Number: "2", StartedAt: noon}}
	})
	b.app.edit("mara")
	b.app.edit("jonas")
	close(b.book.waits)
	b.settle()
	if rows := b.rows(); len(rows) != 1 || rows[0].Name != "Jonas" {
		t.Errorf("rows: %+v", rows)
	}
	if len(b.book.queries) != 2 || b.book.queries[1].Text != "jonas" {
		t.Errorf("asked was %+v", b.book.queries)
	}
}

func TestNothingIsShownAtFirstAndGreyRowsOnlyWhereReadingTakesItsTime(t *testing.T) {
	b := newBench(t, 1280, 800, func(d *Deps) { d.Calls.(*fakeCallBook).waits = make(chan struct{}) })
	if v := b.app.shell.view; len(v.list.Items) != 0 || v.empty != "" {
		t.Fatalf("before anything is known it shows %+v, %q", v.list, v.empty)
	}
	b.app.past.wait()
	if v := b.app.shell.view; len(v.list.Items) == 0 || v.list.Items[0].Kind != widgets.ItemGrey || v.empty != "" {
		t.Errorf("while it waits: %+v", v.list)
	}
	close(b.book.waits)
	b.settle()
	if v := b.app.shell.view; len(v.list.Items) != 0 || v.empty != emptyCalls {
		t.Errorf("then: %+v, %q", v.list, v.empty)
	}
}
