package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// MostCalls is how many calls the history keeps: the newest.
const MostCalls = 10_000

// How many calls one page of the history has.
const (
	defaultPage = 100
	mostPage    = 1000
)

// Entry is one call of the history. Texts are of one line, without control characters, but else as the network said them.
type Entry struct {
	// ID tells entries apart and orders them: a later call that ended has a higher one. 0: not kept yet.
	ID      int64
	CallID  phone.CallID
	Account phone.AccountID
	// Direction is phone.Inbound or phone.Outbound.
	Direction phone.Direction
	// Number is what was dialled or who called, "" where they withheld it. It can be called again.
	Number string
	// Name and Company are what the network said, else the contact of that time; "" where nobody knew.
	Name, Company string
	// CalledFor is whom the caller wanted before the call was sent on to us, as a name or else a number.
	CalledFor string
	Video     bool
	// StartedAt is when the call began, AnsweredAt when it was answered (zero: never), EndedAt when it was over. They are kept
	// to the microsecond.
	StartedAt, AnsweredAt, EndedAt time.Time
	// Cause is why it ended, Status the SIP status by which it did (0: none), EndedByUs whether we hung up, cancelled or declined.
	Cause     phone.Cause
	Status    int
	EndedByUs bool
	// Missed is phone.Call.Missed. Seen: the user has looked at it since.
	Missed, Seen bool
	// RecordFile is the call's last local recording; it may have been deleted since.
	RecordFile string
}

// Duration is how long they talked; 0 for a call that was not answered.
func (e Entry) Duration() time.Duration {
	if e.AnsweredAt.IsZero() {
		return 0
	}
	return max(0, e.EndedAt.Sub(e.AnsweredAt))
}

// HistoryQuery says which part of the history is wanted; the zero value means its newest page.
type HistoryQuery struct {
	// Text is found in names, companies and numbers (also in those that are written otherwise), whatever the case and accents.
	// All of its words must be there. No character has a meaning of its own.
	Text       string
	MissedOnly bool
	// Before is the ID of the last entry of the page before; 0: begin with the newest.
	Before int64
	// Limit is how many entries are wanted at most: 100 where it is 0, 1000 where it is more.
	Limit int
}

const historySchema = `
	CREATE TABLE calls (id INTEGER PRIMARY KEY AUTOINCREMENT, call_id TEXT NOT NULL, account TEXT NOT NULL, direction TEXT NOT NULL,
		number TEXT NOT NULL, name TEXT NOT NULL, company TEXT NOT NULL, called_for TEXT NOT NULL, video INTEGER NOT NULL,
		started_at INTEGER NOT NULL, answered_at INTEGER NOT NULL, ended_at INTEGER NOT NULL,
		cause TEXT NOT NULL, status INTEGER NOT NULL, missed INTEGER NOT NULL, seen INTEGER NOT NULL, record_file TEXT NOT NULL,
		search TEXT NOT NULL) STRICT;
	CREATE INDEX calls_missed ON calls (seen, id) WHERE missed <> 0;`

// Who hung up came later than the rest.
const endedByUsSchema = "ALTER TABLE calls ADD COLUMN ended_by_us INTEGER NOT NULL DEFAULT 0;"

const entryColumns = `call_id, account, direction, number, name, company, called_for, video, started_at, answered_at, ended_at,
	cause, status, missed, seen, record_file, ended_by_us`

const (
	// readColumns are entryColumns as entries reads them, also where somebody else wrote them.
	readColumns = `id, call_id, account, direction, number, name, company, called_for, video <> 0, started_at, answered_at, ended_at,
		cause, status, missed <> 0, seen <> 0, record_file, ended_by_us <> 0`
	// sensible rows are calls.
	sensible = "direction IN ('inbound', 'outbound')"
)

// AddCall keeps a call and returns its ID. An entry that has an ID takes its old place again, so that a deletion can be undone;
// where there still is one of that ID, nothing happens. Beyond MostCalls the oldest are forgotten. What is too long
// is cut, what cannot be shown left out. It waits for the disk.
func (s *Store) AddCall(ctx context.Context, e Entry) (int64, error) {
	ids, err := s.addCalls(ctx, []Entry{e})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// RestoreCalls is AddCall for many: it keeps all of them or none.
func (s *Store) RestoreCalls(ctx context.Context, entries ...Entry) error {
	_, err := s.addCalls(ctx, entries)
	return err
}

func (s *Store) addCalls(ctx context.Context, entries []Entry) (ids []int64, err error) {
	err = s.change(ctx, ChangeHistory, func(tx *sql.Tx) error {
		for _, e := range entries {
			id, err := insertCall(ctx, tx, e)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM calls WHERE id <= (SELECT id FROM calls ORDER BY id DESC LIMIT 1 OFFSET ?)", s.mostCalls)
		return err
	})
	return ids, err
}

func insertCall(ctx context.Context, tx *sql.Tx, e Entry) (int64, error) {
	if e.Direction != phone.Inbound && e.Direction != phone.Outbound {
		return 0, fmt.Errorf("a call of direction %q", tidy(string(e.Direction), mostNumber))
	}
	e = tidyEntry(e)
	id := any(nil) // SQLite then chooses
	if e.ID > 0 {
		id = e.ID
	}
	result, err := tx.ExecContext(ctx, "INSERT INTO calls (id, search, "+entryColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`, id,
		haystack([]string{e.Name, e.Company, e.CalledFor}, []string{e.Number}),
		string(e.CallID), string(e.Account), string(e.Direction), e.Number, e.Name, e.Company, e.CalledFor, e.Video,
		micros(e.StartedAt), micros(e.AnsweredAt), micros(e.EndedAt), string(e.Cause), e.Status, e.Missed, e.Seen, e.RecordFile, e.EndedByUs)
	if err != nil || e.ID > 0 {
		return e.ID, err
	}
	return result.LastInsertId()
}

func tidyEntry(e Entry) Entry {
	e.CallID, e.Account = phone.CallID(tidy(string(e.CallID), mostNumber)), phone.AccountID(tidy(string(e.Account), mostText))
	e.Number, e.Name, e.Company = tidy(e.Number, mostNumber), tidy(e.Name, mostText), tidy(e.Company, mostText)
	e.CalledFor, e.Cause = tidy(e.CalledFor, mostText), phone.Cause(tidy(string(e.Cause), mostText))
	e.RecordFile = tidy(e.RecordFile, mostPath)
	return e
}

// micros is a time as it lies in the database; 0 is none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n)
}

// History returns calls, the newest first, in pages: the last one's ID is the next page's Before. Rows that make no sense, as
// a damaged or foreign program may leave them, are passed over.
func (s *Store) History(ctx context.Context, q HistoryQuery) ([]Entry, error) {
	where, values := search(q.Text)
	if q.MissedOnly {
		where += " AND missed <> 0"
	}
	if q.Before > 0 {
		where += " AND id < ?"
		values = append(values, q.Before)
	}
	if q.Limit <= 0 {
		q.Limit = defaultPage
	}
	values = append(values, min(q.Limit, mostPage))
	list, err := s.entries(ctx, "SELECT "+readColumns+" FROM calls WHERE "+sensible+" AND "+where+" ORDER BY id DESC LIMIT ?", values...)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return list, nil
}

func (s *Store) entries(ctx context.Context, query string, values ...any) (list []Entry, err error) {
	rows, err := s.db.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Entry
		var started, answered, ended int64
		if err := rows.Scan(&e.ID, &e.CallID, &e.Account, &e.Direction, &e.Number, &e.Name, &e.Company, &e.CalledFor, &e.Video,
			&started, &answered, &ended, &e.Cause, &e.Status, &e.Missed, &e.Seen, &e.RecordFile, &e.EndedByUs); err != nil {
			return nil, err
		}
		e.StartedAt, e.AnsweredAt, e.EndedAt = fromMicros(started), fromMicros(answered), fromMicros(ended)
		list = append(list, tidyEntry(e))
	}
	return list, rows.Err()
}

// Unseen is how many missed calls the user has not looked at yet.
func (s *Store) Unseen(ctx context.Context) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM calls WHERE missed <> 0 AND seen = 0 AND "+sensible).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return n, nil
}

// MarkSeen notes that the user has looked at all missed calls.
func (s *Store) MarkSeen(ctx context.Context) error {
	return s.change(ctx, ChangeHistory, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE calls SET seen = 1 WHERE missed <> 0 AND seen = 0")
		return noneChanged(result, err)
	})
}

// DeleteCalls forgets calls; IDs that are unknown are passed over. Their recordings stay. To undo it, hand the same entries to
// RestoreCalls.
func (s *Store) DeleteCalls(ctx context.Context, ids ...int64) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return s.change(ctx, ChangeHistory, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM calls WHERE id IN (SELECT value FROM json_each(?))", string(list))
		return noneChanged(result, err)
	})
}
