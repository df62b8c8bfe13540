package app

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// fakeCallBook is a book in memory; the test may let it fail, or wait.
type fakeCallBook struct {
	mu       sync.Mutex
	calls    []store.Entry // the oldest first
	contacts []store.Contact
	fails    error
	waits    chan struct{} // a reading waits for it, where there is one
	queries  []store.HistoryQuery
	seen     int // how often all was marked as seen
	watchers []func(store.Change)
}

func (f *fakeCallBook) tell(c store.Change) {
	f.mu.Lock()
	list := slices.Clone(f.watchers)
	f.mu.Unlock()
	for _, fn := range list {
		fn(c)
	}
}

func (f *fakeCallBook) Watch(fn func(store.Change)) func() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watchers = append(f.watchers, fn)
	return func() {}
}

func holds(text string, in ...string) bool {
	return strings.Contains(strings.ToLower(strings.Join(in, " ")), strings.ToLower(text))
}

func (f *fakeCallBook) History(ctx context.Context, q store.HistoryQuery) ([]store.Entry, error) {
	f.mu.Lock()
	waits := f.waits
	f.queries = append(f.queries, q)
	f.mu.Unlock()
	if waits != nil {
		select {
		case <-waits:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []store.Entry
	for _, e := range slices.Backward(f.calls) {
		if holds(q.Text, e.Name, e.Company, e.Number) && (e.Missed || !q.MissedOnly) && (q.Before == 0 || e.ID < q.Before) && len(list) < q.Limit {
			list = append(list, e)
		}
	}
	return list, f.fails
}

func (f *fakeCallBook) Unseen(context.Context) (n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.calls {
		if e.Missed && !e.Seen {
			n++
		}
	}
	return n, f.fails
}

func (f *fakeCallBook) change(c store.Change, fn func()) error {
	f.mu.Lock()
	err := f.fails
	if err == nil {
		fn()
	}
	f.mu.Unlock()
	if err == nil {
		f.tell(c)
	}
	return err
}

func (f *fakeCallBook) MarkSeen(context.Context) error {
	return f.change(store.ChangeHistory, func() {
		f.seen++
		for i := range f.calls {
			f.calls[i].Seen = true
		}
	})
}

func (f *fakeCallBook) DeleteCalls(_ context.Context, ids ...int64) error {
	return f.change(store.ChangeHistory, func() {
		f.calls = slices.DeleteFunc(f.calls, func(e store.Entry) bool { return slices.Contains(ids, e.ID) })
	})
}

func (f *fakeCallBook) RestoreCalls(_ context.Context, entries ...store.Entry) error {
	return f.change(store.ChangeHistory, func() {
		f.calls = append(f.calls, entries...)
		slices.SortFunc(f.calls, func(a, b store.Entry) int { return int(a.ID - b.ID) })
	})
}

func (f *fakeCallBook) Contacts(_ context.Context, text string) ([]store.Contact, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []store.Contact
	for _, c := range f.contacts {
		numbers := ""
		for _, n := range c.Numbers {
			numbers += n.Number + " "
		}
		if holds(text, c.Name, c.Company, numbers) {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b store.Contact) int { return strings.Compare(a.Title(), b.Title()) })
	return list, f.fails
}

func (f *fakeCallBook) SaveContact(_ context.Context, c store.Contact) (int64, error) {
	err := f.change(store.ChangeContacts, func() {
		if c.ID == 0 {
			c.ID = 1
			for _, o := range f.contacts {
				c.ID = max(c.ID, o.ID+1)
			}
		}
		f.contacts = slices.DeleteFunc(slices.Clone(f.contacts), func(o store.Contact) bool { return o.ID == c.ID })
		f.contacts = append(f.contacts, c)
	})
	return c.ID, err
}

func (f *fakeCallBook) DeleteContact(_ context.Context, id int64) error {
	return f.change(store.ChangeContacts, func() {
		f.contacts = slices.DeleteFunc(slices.Clone(f.contacts), func(o store.Contact) bool { return o.ID == id })
	})
}

func (f *fakeCallBook) LookUp(_ context.Context, number, _ string) (store.Contact, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.contacts {
		for _, n := range c.Numbers {
			if store.SameNumber(n.Number, number) {
				return c, true, nil
			}
		}
	}
	return store.Contact{}, false, f.fails
}

// add keeps calls, each with the next number, and tells of it.
func (f *fakeCallBook) add(list ...store.Entry) {
	_ = f.change(store.ChangeHistory, func() {
		for _, e := range list {
			e.ID = int64(len(f.calls) + 1)
			f.calls = append(f.calls, e)
		}
	})
}

// entryOf is a call as the history keeps it.
func entryOf(c phone.Call) store.Entry {
	return store.Entry{CallID: c.ID, Account: c.Account, Direction: c.Direction, Number: c.Number, Name: c.Party.Name, Company: c.Party.Company,
		CalledFor: c.CalledFor.Name, Video: c.Video, StartedAt: c.StartedAt, AnsweredAt: c.AnsweredAt, EndedAt: c.EndedAt,
		Cause: c.Cause, Status: c.SIPStatus, EndedByUs: c.EndedByUs, Missed: c.Missed(), RecordFile: c.RecordFile}
}

// over ends a call: the history keeps it, and the operator tells of it.
func (b *bench) over(name phone.EventName, c phone.Call) {
	b.book.add(entryOf(c))
	b.set(with(), phone.Event{Name: name, Call: c})
	b.settle()
}

// settle lets everything that was begun come to its end.
func (b *bench) settle() {
	for range 5 {
		b.wait()
	}
}

// rows are the rows of the list of calls, whether in sight or not.
func (b *bench) rows() []widgets.RowState {
	var list []widgets.RowState
	for i, l := range b.app.model.past.lines {
		if l.key() != "" {
			list = append(list, b.app.pastRow(i))
		}
	}
	return list
}

// heads are the headings of a list.
func heads(r *roll) []string {
	var list []string
	for _, item := range r.items {
		if item.Kind == widgets.ItemHead {
			list = append(list, item.Text)
		}
	}
	return list
}

// past is a call that was answered so long before noon.
func past(name, number string, before time.Duration) store.Entry {
	at := noon.Add(-before)
	return store.Entry{Account: "a", Direction: phone.Inbound, Name: name, Number: number, StartedAt: at, AnsweredAt: at.Add(5 * time.Second),
		EndedAt: at.Add(65 * time.Second), Cause: phone.CauseTerminated}
}

// missedCall is one that nobody answered.
func missedCall(name, number string, before time.Duration) store.Entry {
	e := past(name, number, before)
	e.AnsweredAt, e.EndedAt, e.Cause, e.Missed = time.Time{}, e.StartedAt.Add(22*time.Second), phone.CauseCanceled, true
	return e
}

// lately keeps calls with these names and numbers, the latest first.
func (b *bench) lately(list ...[2]string) {
	for i, who := range slices.Backward(list) {
		b.book.add(past(who[0], who[1], time.Duration(i+1)*time.Minute))
	}
	b.settle()
}
