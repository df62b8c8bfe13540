package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Change says what has changed in the store.
type Change string

// What may change.
const (
	ChangeHistory  Change = "history"
	ChangeContacts Change = "contacts"
)

// Watch calls fn after each change of the history or the contacts, whoever made it, until cancel. fn is called from
// any goroutine, also from two at once; it must return at once and may not use the store before it did.
func (s *Store) Watch(fn func(Change)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := new(func(Change))
	*key = fn
	if s.watchers == nil {
		s.watchers = make(map[*func(Change)]struct{})
	}
	s.watchers[key] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, key)
	}
}

// tell calls the watchers.
func (s *Store) tell(c Change) {
	s.mu.Lock()
	list := make([]func(Change), 0, len(s.watchers))
	for fn := range s.watchers {
		list = append(list, *fn)
	}
	s.mu.Unlock()
	for _, fn := range list {
		fn(c)
	}
}

// errUnchanged takes a transaction back without being an error for whoever asked.
var errUnchanged = errors.New("store: nothing to change")

// noneChanged is errUnchanged when a statement touched no row.
func noneChanged(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errUnchanged
}

// change runs f in a transaction and tells the watchers when it changed something.
func (s *Store) change(ctx context.Context, c Change, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // err says what happened
		if errors.Is(err, errUnchanged) {
			return nil
		}
		return fmt.Errorf("store: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %w", errors.Join(err, tx.Rollback()))
	}
	s.tell(c)
	return nil
}
