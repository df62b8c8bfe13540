package app

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// pastState is the calls that were, as far as they are read. The main goroutine owns it.
type pastState struct {
	roll
	entries  []store.Entry   // the latest first
	people   []store.Contact // of a search
	text     string          // what entries and people answer
	only     bool            // and whether they are missed ones only
	answered bool            // something has been read
	more     bool            // there are older ones
	deeper   bool            // they are wanted
	changed  bool            // what was read may not be true any more
	recent   []store.Entry   // the latest of all
	unseen   int             // missed calls that the person has not looked at

	onlyMissed bool   // the filter
	asked      string // for what was read last, and with which filter
	askedOnly  bool
	known      line // of the open call: who that is among the contacts
	file       bool // and its recording is there
	dirty      bool
	fresh      bool      // a search has just marked somebody
	slow       bool      // grey rows stand there
	day        time.Time // of the headings
	sight      *time.Timer
}

// pageOf is how many calls are read at a time.
const pageOf = 100

// searched is the text that the list answers: what stands in the number field.
func (m *model) searched() string { return strings.TrimSpace(m.typed) }

// newPast makes the reading of the calls.
func (a *App) newPast() *reading {
	r := &reading{app: a}
	r.begin = func() (func(context.Context) error, func()) {
		p := &a.model.past
		p.asked, p.askedOnly = a.model.searched(), p.onlyMissed
		if a.deps.Calls == nil {
			return nil, nil
		}
		q := store.HistoryQuery{Text: p.asked, MissedOnly: p.askedOnly}
		same := p.answered && q.Text == p.text && q.MissedOnly == p.only
		var before []store.Entry
		want := pageOf
		switch {
		case same && p.deeper && p.more && !p.changed:
			before, q.Before = p.entries, p.entries[len(p.entries)-1].ID
		case same && p.deeper:
			want = len(p.entries) + pageOf
		case same:
			want = max(pageOf, len(p.entries)) // the place in the list stays
		}
		var got pastState
		work := func(ctx context.Context) error { return got.read(ctx, a.deps.Calls, q, want) }
		return work, func() {
			p.deeper, p.changed = false, false
			p.entries = append(before[:len(before):len(before)], got.entries...)
			p.people, p.unseen, p.more = got.people, got.unseen, got.more
			p.text, p.only, p.answered, p.dirty = q.Text, q.MissedOnly, true, true
			if q.Text == "" && !q.MissedOnly {
				p.recent = p.entries[:min(pageOf, len(p.entries))]
			}
			if !same {
				a.shell.list.rows.Top()
			}
		}
	}
	return r
}

// read reads so many calls, page by page, and what stands beside them.
func (p *pastState) read(ctx context.Context, book CallBook, q store.HistoryQuery, want int) (err error) {
	q.Limit = min(want, 1000) // the store gives no more at a time
	for p.more = true; p.more && len(p.entries) < want; {
		page, err := book.History(ctx, q)
		if err != nil {
			return err
		}
		p.entries = append(p.entries, page...)
		p.more = len(page) == q.Limit
		if p.more {
			q.Before = page[len(page)-1].ID
		}
	}
	if p.unseen, err = book.Unseen(ctx); err != nil || q.Text == "" {
		return err
	}
	p.people, err = book.Contacts(ctx, q.Text)
	return err
}

// pastSeen reads on when the person comes near the end of what was read.
func (a *App) pastSeen(_, last int) {
	p := &a.model.past
	if p.more && last >= len(p.lines)-20 && !p.deeper && p.answered && !a.past.failed {
		p.deeper = true
		a.past.ask()
	}
}

// arrange makes the lines anew where something has changed, or the day.
func (p *pastState) arrange(now time.Time, slow bool) {
	if daysAgo(p.day, now) != 0 || slow != p.slow {
		p.dirty = true
	}
	if !p.dirty {
		return
	}
	p.dirty, p.day, p.slow = false, now, slow
	p.begin()
	defer p.finish()
	switch {
	case !p.answered:
		if slow {
			p.grey(6)
		}
	case p.text != "":
		p.arrangeFound()
	default:
		for i := range p.entries {
			if i == 0 || daysAgo(p.entries[i].StartedAt, now) != daysAgo(p.entries[i-1].StartedAt, now) {
				p.head(dayHead(p.entries[i].StartedAt, now))
			}
			p.add(line{entry: &p.entries[i]})
		}
	}
}

// mostPeople bounds the people of a search among the calls; the contacts' page shows them all.
const mostPeople = 20

// arrangeFound lists what a search has found: people, then calls.
func (p *pastState) arrangeFound() {
	if n := len(p.people); n > 0 {
		p.head(tr("search.people", "Count", itoa(n)))
		for i := range p.people[:min(n, mostPeople)] {
			p.add(line{person: &p.people[i]})
		}
	}
	if n := len(p.entries); n > 0 {
		count := itoa(n)
		if p.more {
			count += "+"
		}
		p.head(tr("search.calls", "Count", count))
		for i := range p.entries {
			p.add(line{entry: &p.entries[i]})
		}
	}
	// Where a name was typed, Enter calls the first who bears it, and that shows.
	if first := p.first(); p.index(p.mark) < 0 && first >= 0 && !dialable(p.text) {
		p.mark, p.fresh = p.lines[first].key(), true
	}
}

// showFound shows on the stage whom a search has marked, where that covers nothing.
func (a *App) showFound(s *phone.Snapshot) {
	p := &a.model.past
	l, ok := p.marked()
	if _, busy := s.CurrentCall(); ok && p.fresh && a.model.wide && !busy {
		a.openLine(l)
	}
	p.fresh = false
}

// filterMissed shows the missed calls only, or all.
func (a *App) filterMissed(only bool) {
	a.model.past.onlyMissed = only
	a.render()
}

// followSearch reads again where something else is looked for by now.
func (a *App) followSearch() {
	p := &a.model.past
	if text := a.model.searched(); text != p.asked || p.onlyMissed != p.askedOnly {
		if text != p.asked {
			p.mark, p.open = "", line{} // they were found by another search
		}
		a.past.ask()
	}
}

// inSight is how long the list of calls is looked at before its missed calls count as seen.
const inSight = lingering

// watchSeen marks missed calls as seen once the list has been in sight for a while, in a window that is in front.
func (a *App) watchSeen(v view) {
	p := &a.model.past
	looks := p.unseen > 0 && v.page == pageCalls && a.shell.list.box.Visible() && p.text == "" && a.inFront.Load()
	switch {
	case looks && p.sight == nil:
		p.sight = time.AfterFunc(inSight, func() {
			a.post(func() {
				if p.sight != nil {
					a.markSeen()
				}
				p.sight = nil
			})
		})
	case !looks && p.sight != nil:
		p.sight.Stop()
		p.sight = nil
	}
}

// markSeen notes that the person has looked at the missed calls.
func (a *App) markSeen() {
	if a.deps.Calls != nil && a.model.past.unseen > 0 {
		a.change(a.deps.Calls.MarkSeen, nil)
	}
}

// deletePast forgets a call; for 6 s that can be undone.
func (a *App) deletePast(e *store.Entry) {
	if e == nil || a.deps.Calls == nil {
		return
	}
	p, gone := &a.model.past, *e
	next := p.neighbour(line{entry: e}.key())
	a.change(func(ctx context.Context) error { return a.deps.Calls.DeleteCalls(ctx, gone.ID) }, func() {
		p.mark = next.key()
		if p.open.entry != nil && p.open.entry.ID == gone.ID {
			p.open = line{}
			if a.model.wide {
				a.openLine(next)
			}
		}
		a.offerUndo(tr("past.deleted", "Name", shortName(entryName(&gone))), func(ctx context.Context) error {
			return a.deps.Calls.RestoreCalls(ctx, gone)
		})
	})
}

// pickPast shows the call or the person of a line that was pressed.
func (a *App) pickPast(i int) {
	p := &a.model.past
	if i < 0 || i >= len(p.lines) {
		return
	}
	p.mark = p.lines[i].key()
	a.openLine(p.lines[i])
	a.window.Canvas().Unfocus()
	a.render()
}

// openLine shows somebody's details on the stage.
func (a *App) openLine(l line) {
	p := &a.model.past
	p.open, p.known, p.file = l, line{}, false
	if l.entry == nil || a.deps.Calls == nil {
		return
	}
	e := *l.entry
	home := a.homeOf(e.Account)
	var known store.Contact
	var found, file bool
	a.async(func(ctx context.Context) (err error) {
		file = exists(e.RecordFile)
		if e.Number != "" {
			known, found, err = a.deps.Calls.LookUp(ctx, e.Number, home)
		}
		return err
	}, func(err error) {
		if p.open.key() != l.key() {
			return // another one is shown by now
		}
		if err != nil {
			a.log.Warn("the number could not be looked up", "err", err)
		}
		p.file = file
		if found {
			p.known = line{person: &known}
		}
		a.render()
	})
}

// closeOpen takes the details off the stage.
func (a *App) closeOpen() {
	a.model.past.open, a.model.past.known = line{}, line{}
	a.render()
}

// closeOpened takes whom the stage shows off it.
func (a *App) closeOpened() {
	if a.shell.view.past.shown {
		a.closeOpen()
	} else {
		a.closePerson()
	}
}

// movePast moves the mark in the list of calls, and the details with it where they are beside the list.
func (a *App) movePast(by int) {
	p := &a.model.past
	i := p.move(by)
	if i < 0 {
		return
	}
	if v := a.shell.view; v.wide && !v.stage.shown {
		a.openLine(p.lines[i])
	}
	a.render()
	a.shell.list.rows.Reveal(i)
}

// listKeys are the keys that move in lists, and how far.
func listKeys(name fyne.KeyName) (by int, ok bool) {
	switch name {
	case fyne.KeyUp:
		return -1, true
	case fyne.KeyDown:
		return 1, true
	case fyne.KeyPageUp:
		return -8, true
	case fyne.KeyPageDown:
		return 8, true
	case fyne.KeyHome:
		return -toEnd, true
	case fyne.KeyEnd:
		return toEnd, true
	}
	return 0, false
}
