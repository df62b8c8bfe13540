package app

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone/store"
)

// withPeople is a bench with four contacts, on their page.
func withPeople(t *testing.T, width, height float32) *bench {
	t.Helper()
	b := newBench(t, width, height)
	number := func(label, n string) store.ContactNumber { return store.ContactNumber{Label: label, Number: n} }
	b.book.contacts = []store.Contact{
		{ID: 1, Name: "Mara Lindqvist", Company: "Brightwater", Favourite: true, Numbers: []store.ContactNumber{number("work", "600"), number("mobile", "+44 7700 900123")}},
		{ID: 2, Name: "Jonas Weber", Numbers: []store.ContactNumber{number("", "214")}}, {ID: 3, Name: "Özlem Kaya"}, {ID: 4, Company: "3 Brothers"},
	}
	b.book.tell(store.ChangeContacts)
	b.app.open(string(pageContacts))
	b.settle()
	return b
}

// tapPerson presses the nth contact.
func (b *bench) tapPerson(n int) {
	b.Helper()
	b.tapRow(b.app.shell.people.rows, &b.app.model.people.roll, n)
}

// names are who is listed.
func (b *bench) names() []string {
	var list []string
	for _, l := range b.app.model.people.lines {
		if l.person != nil {
			list = append(list, l.person.Title())
		}
	}
	return list
}

func TestContactsStandUnderTheirLettersFavouritesFirst(t *testing.T) {
	b := withPeople(t, 1280, 800)
	if got := heads(&b.app.model.people.roll); !slices.Equal(got, []string{"FAVOURITES", "#", "J", "O"}) {
		t.Errorf("headings: %q", got)
	}
	if got := b.names(); !slices.Equal(got, []string{"Mara Lindqvist", "3 Brothers", "Jonas Weber", "Özlem Kaya"}) {
		t.Errorf("contacts: %q", got)
	}
	if row := b.app.peopleRow(1); row.Mark != "star-on" || row.Second != "Brightwater  ·  600" {
		t.Errorf("the favourite is %+v", row)
	}
	if !b.app.shell.people.hint.Visible() {
		t.Error("the stage does not say what to do")
	}
}

func TestWithoutContactsOneButtonAddsTheFirst(t *testing.T) {
	b := newBench(t, 360, 640)
	b.app.open(string(pageContacts))
	b.settle()
	if !b.app.shell.people.none.Visible() {
		t.Fatal("it does not say that there are none")
	}
	test.Tap(b.app.shell.people.none.Action())
	card := b.app.shell.card
	if !card.box.Visible() || b.app.window.Canvas().Focused() != card.name.Focusable() {
		t.Fatal("the form does not open, or the keyboard is elsewhere")
	}
	card.name.SetState("Mara Lindqvist")
	card.rows[0].field.SetState("600")
	test.Tap(card.more)
	card.setLabel(card.rows[1], "mobile")
	card.rows[1].field.SetState("+44 7700 900123")
	test.Tap(card.save)
	b.settle()
	want := store.Contact{ID: 1, Name: "Mara Lindqvist", Numbers: []store.ContactNumber{{Label: "work", Number: "600"}, {Label: "mobile", Number: "+44 7700 900123"}}}
	if got := b.book.contacts; len(got) != 1 || got[0].Name != want.Name || !slices.Equal(got[0].Numbers, want.Numbers) {
		t.Errorf("kept is %+v", got)
	}
	if v := b.app.shell.view.people; !v.person.shown || v.person.name != "Mara Lindqvist" || v.card.shown {
		t.Errorf("afterwards it shows %+v", v)
	}
}

func TestEachNumberOfAContactIsCalledByAPressOrEnter(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.tapPerson(0)
	if v := b.app.shell.view.people.person; v.numbers[1] != (numberView{"Mobile", "+44 7700 900123"}) {
		t.Fatalf("it shows %+v", v)
	}
	test.Tap(b.app.shell.person.numbers[1])
	b.settle()
	b.app.open(string(pageContacts))
	b.app.shell.person.numbers[0].TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.settle()
	b.app.open(string(pageContacts))
	b.key(fyne.KeyReturn) // in the list: the first number
	b.settle()
	b.did("call +44 7700 900123", "call 600", "call 600")
}

func TestAContactIsFoundByWhatIsTypedAndEnterCallsThem(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.typed("web")
	b.settle()
	if got := b.names(); !slices.Equal(got, []string{"Jonas Weber"}) || b.app.shell.people.search.field.Text != "web" {
		t.Fatalf("found: %q", got)
	}
	b.app.shell.people.search.field.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.settle()
	b.did("call 214")
	b.app.open(string(pageContacts))
	b.app.editPeople("nobody")
	b.settle()
	if !b.app.shell.people.nobody.Visible() {
		t.Error("it does not say that nobody was found")
	}
	test.Tap(b.app.shell.people.nobody.Action())
	if b.app.shell.card.name.Text() != "nobody" {
		t.Error("what was looked for is not in the form")
	}
}

func TestAContactIsMarkedChangedDeletedAndHadBack(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.tapPerson(2)
	test.Tap(b.app.shell.person.star)
	b.settle()
	if v := b.app.shell.view.people.person; !v.favourite || heads(&b.app.model.people.roll)[1] != "#" || b.names()[0] != "Jonas Weber" {
		t.Errorf("as a favourite: %+v, %q", v, b.names())
	}
	test.Tap(b.app.shell.person.edit)
	b.app.shell.card.company.SetState("Sales")
	b.app.shell.card.name.Focusable().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.settle()
	if v := b.app.shell.view.people.person; v.second != "Sales" || !v.favourite {
		t.Errorf("changed: %+v", v)
	}
	b.key(fyne.KeyDelete)
	b.settle()
	if slices.Contains(b.names(), "Jonas Weber") || b.app.shell.notice.State().Text != "Jonas Weber was deleted." || b.app.shell.view.people.person.shown {
		t.Fatalf("deleted: %q, %+v", b.names(), b.app.shell.notice.State())
	}
	test.Tap(b.app.shell.notice.Action())
	b.settle()
	if !slices.Contains(b.names(), "Jonas Weber") {
		t.Error("it does not come back")
	}
}

func TestWhatIsWrongWithAContactIsSaidUnderItsFieldAndTheTextStays(t *testing.T) {
	b := withPeople(t, 360, 640)
	test.Tap(b.app.shell.people.add)
	card := b.app.shell.card
	card.rows[0].field.SetState("not a number!")
	test.Tap(card.save)
	b.settle()
	if card.name.Wrong() != "Type a name or a company." || card.rows[0].field.Wrong() != "This number cannot be dialled. Check it." {
		t.Errorf("it says %q and %q", card.name.Wrong(), card.rows[0].field.Wrong())
	}
	if b.app.window.Canvas().Focused() != card.name.Focusable() || card.rows[0].field.Text() != "not a number!" {
		t.Error("the keyboard is elsewhere, or the text is gone")
	}
	card.name.SetState("Bob")
	card.rows[0].field.SetState("555-0142")
	b.book.fails = store.ErrContactsFull
	test.Tap(card.save)
	b.settle()
	if got := card.trouble.Words(); got != "There is no room for another contact. Delete one." || card.name.Text() != "Bob" || !card.box.Visible() {
		t.Errorf("it says %q", got)
	}
	b.key(fyne.KeyEscape)
	if card.box.Visible() || len(b.book.contacts) != 4 {
		t.Error("Escape does not close the form")
	}
}

func TestACallThatBeginsLeavesTheFormAsItWas(t *testing.T) {
	b := withPeople(t, 360, 640)
	test.Tap(b.app.shell.people.add)
	b.app.shell.card.name.SetState("Bob")
	b.set(with(talking()), started(talking()))
	if !b.app.shell.stage.box.Visible() || b.app.shell.card.box.Visible() {
		t.Fatal("the call does not take the stage")
	}
	b.app.closeCall()
	b.key(fyne.KeyDown) // the list's again
	b.app.open(string(pageContacts))
	if !b.app.shell.card.box.Visible() || b.app.shell.card.name.Text() != "Bob" {
		t.Error("what was typed is gone")
	}
	b.app.open(string(pageContacts))
	if b.app.shell.card.box.Visible() || !b.app.shell.people.box.Visible() {
		t.Error("the page's own button does not lead back to the list")
	}
}

func TestALabelOfThePersonsOwnStays(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.book.contacts[1].Numbers = []store.ContactNumber{{Label: "Vorzimmer", Number: "214"}, {Label: "Work", Number: "215"}, {Number: "216"}}
	b.book.tell(store.ChangeContacts)
	b.settle()
	b.tapPerson(2)
	test.Tap(b.app.shell.person.edit)
	test.Tap(b.app.shell.card.rows[1].remove)
	test.Tap(b.app.shell.card.save)
	b.settle()
	for _, c := range b.book.contacts {
		if c.ID == 2 && !slices.Equal(c.Numbers, []store.ContactNumber{{Label: "Vorzimmer", Number: "214"}, {Number: "216"}}) {
			t.Errorf("kept is %+v", c.Numbers)
		}
	}
}

func TestWhoCalledBecomesAContactAndTheCallIsStillThere(t *testing.T) {
	b := newBench(t, 360, 640)
	b.book.add(past("Tom Berg", "555-0142", time.Minute))
	b.settle()
	b.tapRow(b.app.shell.list.rows, &b.app.model.past.roll, 0)
	if got := b.app.shell.view.past.contact; got != "Add contact" {
		t.Fatalf("the button says %q", got)
	}
	test.Tap(b.app.shell.past.contact)
	card := b.app.shell.card
	if card.name.Text() != "Tom Berg" || card.rows[0].field.Text() != "555-0142" {
		t.Error("the form does not know who called")
	}
	test.Tap(card.save)
	b.settle()
	if v := b.app.shell.view; v.page != pageCalls || !v.past.shown || v.past.contact != "Edit contact" || len(b.book.contacts) != 1 {
		t.Errorf("afterwards: page %s, %+v", v.page, v.past)
	}
}

func TestContactsThatCannotBeChangedAreSaid(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.tapPerson(0)
	b.book.fails = errors.New("disk")
	test.Tap(b.app.shell.person.star)
	b.settle()
	if got := b.app.shell.notice.State().Text; !strings.HasPrefix(got, "That could not be saved.") {
		t.Errorf("the bar says %q", got)
	}
}

func TestTheLiveCallStaysInSightOnTheContactsPage(t *testing.T) {
	b := withPeople(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	b.app.open(string(pageContacts))
	b.settle()
	if !b.app.shell.ribbon.box.Visible() || b.app.shell.people.box.Position().Y != ribbonHigh {
		t.Error("the live call is out of sight, or lies over the list")
	}
	test.Tap(b.app.shell.ribbon.show)
	if !b.app.shell.stage.box.Visible() || b.app.shell.people.box.Visible() {
		t.Error("it is not shown by its button")
	}
}
