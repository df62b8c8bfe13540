package store

import (
	"context"
	"log/slog"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

const (
	// mostPending is how many calls may wait for a slow disk; later ones are lost, and counted in the log.
	mostPending = 1000
	// saveLimit is how long one attempt to write may take, saveAgain how long the next one waits, and flushLimit how long the
	// end of the program waits for the last.
	saveLimit  = 10 * time.Second
	saveAgain  = 5 * time.Second
	flushLimit = 3 * time.Second
)

// Phone is what the history needs of an operator.
type Phone interface {
	Subscribe(queue func(func()), fn func(phone.Event)) (cancel func())
	Snapshot() *phone.Snapshot
}

var _ Phone = (*phone.Operator)(nil)

// Recorder writes every call that ended into the history:
//
//	deleteSession, missedCall ─▶ subscriber ─▶ queue of 1000 ─▶ its own goroutine ─▶ Store, all that wait in one transaction
//	                             (never waits)                  └─ on failure: tells the log and tries again later
type Recorder struct {
	store  *Store
	log    *slog.Logger
	cancel func()
	queue  chan ended
	done   chan struct{}
	quit   chan struct{}

	lost    int  // those that found the queue full; the subscriber's
	failing bool // the last attempt to write failed; the goroutine's
}

// ended is a call that is over, and the domain where its number lives.
type ended struct {
	entry Entry
	home  string
}

// Record begins to write the calls of a phone, which must not be running yet, or calls are missed. Close ends it; to see the calls
// that the end of the program ends, let the operator's Destroy come before.
func (s *Store) Record(p Phone, log *slog.Logger) *Recorder {
	r := &Recorder{store: s, log: log, queue: make(chan ended, mostPending), done: make(chan struct{}), quit: make(chan struct{})}
	// The operator gives each subscriber a goroutine: no other queue is needed.
	r.cancel = p.Subscribe(func(f func()) { f() }, func(e phone.Event) { r.hear(p, e) })
	go r.write()
	return r
}

// hear notes a call that is over; it never waits.
func (r *Recorder) hear(p Phone, e phone.Event) {
	if e.Name != phone.EventDeleteSession && e.Name != phone.EventMissed {
		return
	}
	home := ""
	for _, a := range p.Snapshot().Accounts {
		if a.Account.ID == e.Call.Account {
			home = phone.Account{URI: a.Account.URI}.Host()
		}
	}
	select {
	case r.queue <- ended{entryOf(e.Call), home}:
	default:
		r.lost++
		if r.lost&(r.lost-1) == 0 { // 1, 2, 4, 8 …: a flood does not fill the log as well
			r.log.Error("the history is too slow, calls are not in it", "lost", r.lost)
		}
	}
}

// entryOf makes the history's entry of a call that ended.
func entryOf(c phone.Call) Entry {
	e := Entry{CallID: c.ID, Account: c.Account, Direction: c.Direction, Number: c.Number, Video: c.Video, StartedAt: c.StartedAt,
		AnsweredAt: c.AnsweredAt, EndedAt: c.EndedAt, Cause: c.Cause, Status: c.SIPStatus, EndedByUs: c.EndedByUs, Missed: c.Missed(), RecordFile: c.RecordFile}
	e.Seen = !e.Missed
	p := c.Party
	switch {
	case c.Direction == phone.Inbound: // whoever it was in the end: a PBX may have passed somebody on
		e.Number, e.Name, e.Company = p.Number, p.Name, p.Company
	case p.Number == c.Number || SameNumber(p.Number, c.Number):
		e.Name, e.Company = p.Name, p.Company
	}
	if SameNumber(e.Name, e.Number) {
		e.Name = ""
	}
	if e.CalledFor = c.CalledFor.Name; e.CalledFor == "" {
		e.CalledFor = c.CalledFor.Number
	}
	return e
}

// write is the recorder's goroutine.
func (r *Recorder) write() {
	defer close(r.done)
	var pending []ended // what could not be written yet
	for {
		queue, again := r.queue, (<-chan time.Time)(nil)
		if len(pending) > 0 { // the disk gets time, the queue fills
			queue, again = nil, time.After(saveAgain)
		}
		select {
		case e := <-queue:
			pending = r.save(r.gather([]ended{e}), saveLimit)
		case <-again:
			pending = r.save(r.gather(pending), saveLimit)
		case <-r.quit:
			r.flush(pending)
			return
		}
	}
}

// flush writes all that waits, or gives up.
func (r *Recorder) flush(pending []ended) {
	for {
		if pending = r.gather(pending); len(pending) == 0 {
			return
		}
		if pending = r.save(pending, flushLimit); len(pending) > 0 {
			r.log.Error("the last calls are not in the history", "lost", len(pending)+len(r.queue))
			return
		}
	}
}

// gather adds what else waits.
func (r *Recorder) gather(pending []ended) []ended {
	for len(pending) < mostPending {
		select {
		case e := <-r.queue:
			pending = append(pending, e)
		default:
			return pending
		}
	}
	return pending
}

// save writes what is pending, all or nothing, and returns what is still to be written.
func (r *Recorder) save(pending []ended, limit time.Duration) []ended {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := r.keep(ctx, pending)
	if err != nil && !r.failing { // once, however long it lasts
		r.log.Error("calls could not be written into the history, it is tried again", "calls", len(pending), "err", err)
	}
	if r.failing = err != nil; r.failing {
		return pending
	}
	return nil
}

func (r *Recorder) keep(ctx context.Context, pending []ended) error {
	entries := make([]Entry, len(pending))
	for i, e := range pending {
		if err := r.name(ctx, &e.entry, e.home); err != nil {
			return err
		}
		entries[i] = e.entry
	}
	return r.store.RestoreCalls(ctx, entries...)
}

// name gives the entry the contact's name where nobody else told one: of calls that never rang nobody was asked.
func (r *Recorder) name(ctx context.Context, e *Entry, home string) error {
	if e.Name != "" || e.Number == "" {
		return nil
	}
	c, found, err := r.store.LookUp(ctx, e.Number, home)
	if err != nil || !found {
		return err
	}
	e.Name = c.Title()
	if e.Company == "" {
		e.Company = c.Company
	}
	return nil
}

// Close writes what is still waiting, within seconds, and ends. It is called once, before the store's Close.
func (r *Recorder) Close() {
	r.cancel()
	close(r.quit)
	<-r.done
}
