package store_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// full is a store as large as it becomes: every call that is kept, and 5000 contacts.
func full(b *testing.B, dir string) *store.Store {
	b.Helper()
	s, err := store.Open(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	calls := make([]store.Entry, store.MostCalls)
	for i := range calls {
		calls[i] = store.Entry{CallID: "0123456789abcdef0123456789abcdef", Account: "ann@pbx.example", Direction: phone.Inbound, Missed: i%3 == 0,
			Number: fmt.Sprintf("+4930%07d", i), Name: fmt.Sprintf("Somebody Nº %d", i), Company: "Example Ltd", StartedAt: noon, EndedAt: noon, Cause: phone.CauseTerminated}
	}
	if err := s.RestoreCalls(b.Context(), calls...); err != nil {
		b.Fatal(err)
	}
	people := make([]store.Contact, 5000)
	for i := range people {
		people[i] = contact(fmt.Sprintf("Somebody Nº %d", i), fmt.Sprintf("+4930%07d", i), fmt.Sprint(1000+i))
	}
	var file bytes.Buffer
	if err := store.WriteVCards(&file, people); err != nil {
		b.Fatal(err)
	}
	if done, err := s.ImportVCards(b.Context(), &file); err != nil || done.Added != len(people) {
		b.Fatal(done, err)
	}
	return s
}

func BenchmarkFull(b *testing.B) {
	dir := b.TempDir()
	s := full(b, dir)
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	b.Run("LookUp", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if _, found, err := s.LookUp(b.Context(), fmt.Sprintf("030 %07d", i%5000), ""); !found || err != nil {
				b.Fatal(found, err)
			}
		}
	})
	b.Run("History", func(b *testing.B) {
		for b.Loop() {
			_, err := s.History(b.Context(), store.HistoryQuery{})
			check(err)
		}
	})
	b.Run("SearchHistoryInVain", func(b *testing.B) {
		for b.Loop() {
			_, err := s.History(b.Context(), store.HistoryQuery{Text: "nobody at all"})
			check(err)
		}
	})
	b.Run("AllContacts", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Contacts(b.Context(), "")
			check(err)
		}
	})
	b.Run("AddCall", func(b *testing.B) {
		for b.Loop() {
			_, err := s.AddCall(b.Context(), entry("600", "Ann"))
			check(err)
		}
	})
	check(s.Close())
	b.Run("Open", func(b *testing.B) {
		for b.Loop() {
			s, err := store.Open(dir, nil)
			check(err)
			check(s.Close())
		}
	})
}
