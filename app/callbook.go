package app

import (
	"context"
	"time"

	"github.com/hookswitch/hookswitch/phone/store"
)

// CallBook keeps the calls that were and the people that the user knows; *store.Store satisfies it. Its methods may wait.
type CallBook interface {
	History(ctx context.Context, q store.HistoryQuery) ([]store.Entry, error)
	Unseen(ctx context.Context) (int, error)
	MarkSeen(ctx context.Context) error
	DeleteCalls(ctx context.Context, ids ...int64) error
	RestoreCalls(ctx context.Context, entries ...store.Entry) error

	Contacts(ctx context.Context, text string) ([]store.Contact, error)
	SaveContact(ctx context.Context, c store.Contact) (int64, error)
	DeleteContact(ctx context.Context, id int64) error
	LookUp(ctx context.Context, number, home string) (c store.Contact, found bool, err error)

	// Watch tells from any goroutine that something has changed.
	Watch(fn func(store.Change)) (cancel func())
}

var _ CallBook = (*store.Store)(nil)

// patience is how long a reading may take before grey rows stand in its place.
const patience = 300 * time.Millisecond

// reading reads from the book beside the main goroutine, one thing at a time. What is asked for meanwhile is read afterwards,
// and the answer that has become old is dropped.
//
//	ask ──▶ begin (main) ──▶ work (beside) ──▶ take (main) ──▶ render
//	 ▲                            │ asked again meanwhile
//	 └────────────────────────────┘
type reading struct {
	app *App
	// begin fixes what is wanted now: work reads it, take keeps it. A nil work reads nothing.
	begin func() (work func(context.Context) error, take func())

	busy, again bool
	slow        bool // it has taken its time: grey rows
	failed      bool
	timer       *time.Timer
}

// ask reads what is wanted now, or wants something else of the reading that goes on.
func (r *reading) ask() {
	if r.busy {
		r.again = true
		return
	}
	work, take := r.begin()
	if work == nil {
		r.end()
		return
	}
	r.busy, r.again = true, false
	if r.timer == nil {
		r.timer = time.AfterFunc(patience, func() { r.app.post(r.wait) })
	}
	r.app.async(work, func(err error) {
		r.busy = false
		if r.again {
			r.ask()
			return
		}
		r.end()
		r.failed = err != nil
		if err != nil {
			r.app.log.Warn("calls or contacts could not be read", "err", err)
		} else {
			take()
		}
		r.app.render()
	})
}

// wait notes that the reading takes its time.
func (r *reading) wait() {
	if r.busy {
		r.slow = true
		r.app.render()
	}
}

// end stops the clock.
func (r *reading) end() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
	r.slow = false
}

// undo is what can be taken back for a while: a deletion.
type undo struct {
	text  string
	do    func(context.Context) error
	timer *time.Timer
}

// offerUndo shows for 6 s that something was deleted, and how to have it back.
func (a *App) offerUndo(text string, do func(context.Context) error) {
	m := &a.model
	m.dropUndo()
	u := &undo{text: text, do: do}
	u.timer = time.AfterFunc(lingering, func() {
		a.post(func() {
			if m.undo == u {
				m.undo = nil
				a.render()
			}
		})
	})
	m.undo = u
}

// takeBack undoes the last deletion.
func (a *App) takeBack() {
	u := a.model.undo
	a.model.dropUndo()
	if u != nil {
		a.change(u.do, nil)
	}
	a.render()
}

func (m *model) dropUndo() {
	if m.undo != nil {
		m.undo.timer.Stop()
		m.undo = nil
	}
}

// change changes the book beside the main goroutine; what follows is shown when the book tells of it. A failure is said on the page.
func (a *App) change(work func(context.Context) error, then func()) {
	a.async(work, func(err error) {
		switch {
		case err != nil:
			a.log.Warn("calls or contacts could not be changed", "err", err)
			a.sayKept(err)
		case then != nil:
			then()
		}
		a.render()
	})
}

// bookChanged reads again what the book has changed.
func (a *App) bookChanged(c store.Change) {
	if c == store.ChangeContacts {
		a.model.people.stale = true
		a.people.ask()
	}
	a.model.past.changed = true
	a.past.ask() // a search shows people, too
}
