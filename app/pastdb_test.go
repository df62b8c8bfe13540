package app

import (
	"strconv"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// withDatabase is a bench on a real database.
func withDatabase(t *testing.T, width, height float32) (*bench, *store.Store) {
	t.Helper()
	book, err := store.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t, width, height, func(d *Deps) { d.Calls = book })
	t.Cleanup(func() {
		b.app.finish()
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, book
}

func TestCallsAndContactsOfARealDatabaseAreListedSearchedDeletedAndHadBack(t *testing.T) {
	b, book := withDatabase(t, 1280, 800)
	for _, e := range []store.Entry{missedCall("", "+44 20 7946 0812", time.Hour), past("Jonas Weber", "214", time.Minute)} {
		if _, err := book.AddCall(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := book.SaveContact(t.Context(), store.Contact{Name: "Mára Lindqvist", Numbers: []store.ContactNumber{{Label: "work", Number: "+44 20 7946 0812"}}}); err != nil {
		t.Fatal(err)
	}
	b.settle()
	if rows := b.rows(); len(rows) != 2 || rows[0].Name != "Jonas Weber" || !rows[1].Missed || b.app.shell.view.nav.Items[0].Badge != 1 {
		t.Fatalf("rows: %+v", rows)
	}
	b.typed("mara")
	b.settle()
	if rows := b.rows(); len(rows) != 1 || rows[0].Name != "Mára Lindqvist" {
		t.Errorf("found: %+v", rows)
	}
	b.app.edit("")
	b.settle()
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 1)
	if v := b.app.shell.view.past; v.contact != "Edit contact" {
		t.Errorf("the number's contact is not found: %+v", v)
	}
	b.key(fyne.KeyDelete)
	b.settle()
	if kept, err := book.History(t.Context(), store.HistoryQuery{}); err != nil || len(kept) != 1 || len(b.rows()) != 1 {
		t.Fatalf("after the deletion %+v, %v", kept, err)
	}
	test.Tap(b.app.shell.notice.Action())
	b.settle()
	if rows := b.rows(); len(rows) != 2 || !rows[1].Missed {
		t.Errorf("had back: %+v", rows)
	}
	b.app.open(string(pageSettings))
	b.settle()
	if n, err := book.Unseen(t.Context()); err != nil || n != 0 || b.app.shell.view.nav.Items[0].Badge != 0 {
		t.Errorf("%d are unseen, %v", n, err)
	}
}

// full is a bench on a database with so many calls, all of them read.
func full(t *testing.T, n int) *bench {
	b, book := withDatabase(t, 1280, 800)
	list := make([]store.Entry, n)
	for i := range list {
		list[i] = past("Caller "+strconv.Itoa(i), "2"+strconv.Itoa(i), time.Duration(n-i)*time.Minute)
		list[i].CallID = phone.CallID(strconv.Itoa(i))
	}
	if err := book.RestoreCalls(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
	b.settle()
	for range n/pageOf + 1 {
		b.key(fyne.KeyEnd)
		b.wait()
	}
	b.settle()
	return b
}

func TestOfManyCallsOnlyThoseInSightExist(t *testing.T) {
	b := full(t, 2000)
	if n := len(b.rows()); n != 2000 {
		t.Fatalf("%d calls are read", n)
	}
	if n := b.app.shell.list.rows.Slots(); n > 20 {
		t.Errorf("%d rows exist", n)
	}
	if rows := b.rows(); rows[1999].Name != "Caller 0" {
		t.Errorf("the last is %+v", rows[1999])
	}
}
