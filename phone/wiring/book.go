package wiring

import (
	"context"
	"errors"
	"fmt"
	"os"

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

// Import implements headless.Book.
func (b Book) Import(ctx context.Context, path string) (headless.Imported, error) {
	info, err := os.Stat(path)
	if err != nil {
		return headless.Imported{}, err
	}
	if !info.Mode().IsRegular() { // a pipe could hold us for ever
		return headless.Imported{}, fmt.Errorf("%s is no ordinary file", path)
	}
	file, err := os.Open(path) //nolint:gosec // the user named it
	if err != nil {
		return headless.Imported{}, err
	}
	defer func() { _ = file.Close() }()
	done, err := b.ImportVCards(ctx, file)
	return headless.Imported(done), err
}

// Export implements headless.Book.
func (b Book) Export(ctx context.Context, path string) error {
	contacts, err := b.Contacts(ctx, "")
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the user named it
	if err != nil {
		return err
	}
	return errors.Join(store.WriteVCards(file, contacts), file.Close())
}
