package store

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

const (
	// mostQuestions is how many may wait for the directory's answer; further ones are answered with nobody.
	mostQuestions = 64
	// lookUpLimit is how long one may take: a name that comes later helps nobody to decide whether to answer.
	lookUpLimit = 5 * time.Second
)

// Directory is the contacts as the operator asks them.
type Directory struct {
	store     *Store
	log       *slog.Logger
	questions chan question
	stop      context.CancelFunc
	done      chan struct{}

	mu     sync.Mutex
	closed bool
}

type question struct {
	number, home string
	found        func(phone.Party)
}

var _ phone.Directory = (*Directory)(nil)

// Directory answers the operator from the contacts until Close, one question after another in a goroutine of its own.
func (s *Store) Directory(log *slog.Logger) *Directory {
	ctx, stop := context.WithCancel(context.Background())
	d := &Directory{store: s, log: log, questions: make(chan question, mostQuestions), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		for q := range d.questions {
			q.found(d.answer(ctx, q))
		}
	}()
	return d
}

// LookUp implements phone.Directory.
func (d *Directory) LookUp(number, home string, found func(phone.Party)) {
	if !d.take(question{number, home, found}) {
		found(phone.Party{})
	}
}

func (d *Directory) take(q question) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false
	}
	select {
	case d.questions <- q:
		return true
	default:
		return false
	}
}

func (d *Directory) answer(ctx context.Context, q question) phone.Party {
	ctx, cancel := context.WithTimeout(ctx, lookUpLimit)
	defer cancel()
	c, found, err := d.store.LookUp(ctx, q.number, q.home)
	switch {
	case err != nil:
		d.log.Warn("the contacts could not be asked", "err", err)
	case found:
		return phone.Party{Name: c.Title(), Company: c.Company}
	}
	return phone.Party{}
}

// Close answers what is still asked, mostly with nobody, and ends. Twice is allowed.
func (d *Directory) Close() {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		d.stop()
		close(d.questions)
	}
	d.mu.Unlock()
	<-d.done
}
