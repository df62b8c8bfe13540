package store

import (
	"context"
	"errors"
	"fmt"
)

// mostCandidates bounds how many contacts' numbers are compared with one that calls.
const mostCandidates = 1000

// LookUp finds whose number that is: a telephone number, however it is written, a user name or a SIP address. home is the
// domain of the account in question ("" where it is unknown): there, "600" and "sip:600@pbx.example" are the same.
//
// Telephone numbers are compared without their visual separators (RFC 3966 §5.1.1); "+49 30 …", "0049 30 …" and "030 …" are the same
// number. One that is written without its area matches by its last digits, when these are at least seven and nobody else's
// end like them. User names and shorter numbers, such as extensions, must be equal, and at the same host. A number that two
// contacts have is the favourite's, else that of who was saved first. found is false where nobody has it.
func (s *Store) LookUp(ctx context.Context, number, home string) (c Contact, found bool, err error) {
	asked := parseNumber(number)
	if asked.user == "" {
		return Contact{}, false, nil
	}
	id, err := s.bestMatch(ctx, asked, hostName(home))
	if err != nil {
		return Contact{}, false, fmt.Errorf("store: %w", err)
	}
	if id == 0 {
		return Contact{}, false, nil
	}
	c, err = s.Contact(ctx, id)
	if errors.Is(err, ErrContactNotFound) { // deleted in the meantime
		return Contact{}, false, nil
	}
	return c, err == nil, err
}

// bestMatch returns the contact whose number matches best; 0 for none.
func (s *Store) bestMatch(ctx context.Context, asked number, home string) (id int64, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT n.contact, n.number FROM contact_numbers n JOIN contacts c ON c.id = n.contact
		WHERE n.user = ? OR (n.tail = ? AND n.tail <> '') ORDER BY c.favourite DESC, c.id LIMIT ?`, asked.user, asked.tail(), mostCandidates)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	best, ambiguous := matchNone, false
	for rows.Next() {
		var contact int64
		var kept string
		if err := rows.Scan(&contact, &kept); err != nil {
			return 0, err
		}
		switch m := match(parseNumber(kept), asked, home); {
		case m < best:
			best, id, ambiguous = m, contact, false
		case m == best && m == matchTail && contact != id:
			ambiguous = true
		}
	}
	if ambiguous { // better no name than a wrong one
		id = 0
	}
	return id, rows.Err()
}

// SameNumber reports whether two numbers are the same one, written in two ways; see LookUp.
func SameNumber(a, b string) bool { return match(parseNumber(a), parseNumber(b), "") < matchTail }
