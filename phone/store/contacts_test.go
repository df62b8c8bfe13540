package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

func contact(name string, numbers ...string) store.Contact {
	c := store.Contact{Name: name}
	for _, n := range numbers {
		c.Numbers = append(c.Numbers, store.ContactNumber{Number: n})
	}
	return c
}

func save(t *testing.T, s *store.Store, list ...store.Contact) {
	t.Helper()
	for _, c := range list {
		must[int64](t)(s.SaveContact(t.Context(), c))
	}
}

func titles(t *testing.T, s *store.Store, text string) string {
	t.Helper()
	var all []string
	for _, c := range must[[]store.Contact](t)(s.Contacts(t.Context(), text)) {
		all = append(all, c.Title())
	}
	return strings.Join(all, ", ")
}

func TestAContactComesBackAsItWasSavedAndChanged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	want := store.Contact{Name: "Mara Lindqvist", Company: "Example Ltd", Favourite: true,
		Numbers: []store.ContactNumber{{"work", "+49 30 1234567"}, {"", "600"}, {"SIP", "sip:mara@pbx.example"}}}
	want.ID = must[int64](t)(s.SaveContact(t.Context(), want))
	want.Name, want.Numbers = "Mara Berg", want.Numbers[:2]
	if id := must[int64](t)(s.SaveContact(t.Context(), want)); id != want.ID {
		t.Errorf("changed, it became %d", id)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, nil)
	if got := must[[]store.Contact](t)(s.Contacts(t.Context(), "")); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if got := must[store.Contact](t)(s.Contact(t.Context(), want.ID)); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if _, found, err := s.LookUp(t.Context(), "sip:mara@pbx.example", ""); found || err != nil {
		t.Errorf("a number that was taken away is found still: %v", err)
	}
}

func TestContactsAreSortedAndFoundWithoutRegardToCaseAndAccents(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	firm := store.Contact{Company: "Dürr & Söhne"}
	save(t, s, contact("Zoë", "030 1234567"), contact("émile", "600"), contact("Eva"), firm, contact("adam", "sip:Adam@pbx.example"))
	for text, want := range map[string]string{
		"": "adam, Dürr & Söhne, émile, Eva, Zoë", "ZOE": "Zoë", "sohne durr": "Dürr & Söhne", "é": "adam, Dürr & Söhne, émile, Eva, Zoë",
		"+49 30/123": "", "30/123": "Zoë", "pbx.example": "adam", "%": "",
	} {
		if got := titles(t, s, text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestADeletedContactIsGoneWithItsNumbersUntilItIsSavedAgain(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	save(t, s, contact("Ann", "600"), contact("Bob", "601"))
	bob, found, err := s.LookUp(t.Context(), "601", "")
	if !found || err != nil {
		t.Fatal(found, err)
	}
	if err := s.DeleteContact(t.Context(), bob.ID); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.LookUp(t.Context(), "601", ""); found || err != nil {
		t.Error(found, err)
	}
	if err := s.DeleteContact(t.Context(), bob.ID); !errors.Is(err, store.ErrContactNotFound) {
		t.Error(err)
	}
	if _, err := s.Contact(t.Context(), bob.ID); !errors.Is(err, store.ErrContactNotFound) {
		t.Error(err)
	}
	save(t, s, contact("Cid", "602"), bob)
	if got := titles(t, s, ""); got != "Ann, Bob, Cid" {
		t.Error(got)
	}
	if again, found, err := s.LookUp(t.Context(), "601", ""); !found || err != nil || !reflect.DeepEqual(again, bob) {
		t.Error(again, found, err)
	}
}

func TestContactsThatCannotBeKeptAreRefused(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	many := contact("Ann")
	for i := range store.MostContactNumbers + 1 {
		many.Numbers = append(many.Numbers, store.ContactNumber{Number: fmt.Sprint(600 + i)})
	}
	for what, c := range map[string]store.Contact{
		"nobody": {Numbers: []store.ContactNumber{{Number: "600"}}}, "blanks": contact(" \t "), "two lines": contact("a\nb"), "NUL": contact("a\x00"),
		"backwards": contact("a\u202eb"), "broken UTF-8": contact("a\xff"), "a novel": contact(strings.Repeat("x", 257)), "no number": contact("Ann", "600;x=y"),
		"quotation": contact("Ann", `"600"`), "a long number": contact("Ann", strings.Repeat("6", 200)), "many numbers": many,
		"label": {Name: "Ann", Numbers: []store.ContactNumber{{"a\x07", "600"}}},
	} {
		if id, err := s.SaveContact(t.Context(), c); !errors.Is(err, store.ErrContactInvalid) || id != 0 {
			t.Errorf("%s: %d, %v", what, id, err)
		}
	}
	if _, err := s.SaveContact(t.Context(), contact("Ann", "not a number!?")); !errors.Is(err, phone.ErrInvalidNumber) {
		t.Errorf("the error does not tell the reason: %v", err)
	}
	save(t, s, contact("  Ann ", " 600 ", "", "  "))
	if c, found, err := s.LookUp(t.Context(), "600", ""); err != nil || !found || c.Name != "Ann" || len(c.Numbers) != 1 || c.Numbers[0].Number != "600" {
		t.Errorf("%+v, %t, %v", c, found, err)
	}
}

func TestWatchersHearOfContactsUntilTheyCancel(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	var heard []store.Change
	cancel := s.Watch(func(c store.Change) { heard = append(heard, c) })
	save(t, s, contact("Ann"))
	_, _ = s.SaveContact(t.Context(), store.Contact{}) // refused
	_ = s.DeleteContact(t.Context(), 999)              // there is none
	cancel()
	save(t, s, contact("Bob"))
	if !reflect.DeepEqual(heard, []store.Change{store.ChangeContacts}) {
		t.Error(heard)
	}
}
