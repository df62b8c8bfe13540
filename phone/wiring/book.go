package wiring

import (
	"context"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/store"
)

// Book shows a profile's store to the command line.
type Book struct{ *store.Store }

var _ headless.Book = Book{}

// withBook lets the executor tell of the store, where there is one.
func withBook(e *headless.Executor, book *store.Store) *headless.Executor {
	if book == nil {
		return e
	}
	return e.WithBook(Book{book})
}

// Past implements headless.Book.
func (b Book) Past(ctx context.Context, missed bool, most int) (list []headless.PastCall, err error) {
	entries, err := b.History(ctx, store.HistoryQuery{MissedOnly: missed, Limit: most})
	for _, e := range entries {
		list = append(list, headless.PastCall{Number: e.Number, Name: e.Name, Company: e.Company, CalledAs: e.CalledFor, Missed: e.Missed, Seen: e.Seen,
			Call: phone.Call{ID: e.CallID, Account: e.Account, Direction: e.Direction, Video: e.Video, StartedAt: e.StartedAt, AnsweredAt: e.AnsweredAt,
				EndedAt: e.EndedAt, Cause: e.Cause, SIPStatus: e.Status, RecordFile: e.RecordFile}})
	}
	return list, err
}

// People implements headless.Book.
func (b Book) People(ctx context.Context, text string) (list []headless.Person, err error) {
	contacts, err := b.Contacts(ctx, text)
	for _, c := range contacts {
		p := headless.Person{Name: c.Name, Company: c.Company, Favourite: c.Favourite}
		for _, n := range c.Numbers {
			p.Numbers = append(p.Numbers, [2]string{n.Label, n.Number})
		}
		list = append(list, p)
	}
	return list, err
}
