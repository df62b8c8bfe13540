package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

var (
	// ErrContactInvalid is wrapped when a contact cannot be kept; the error says why.
	ErrContactInvalid = errors.New("store: the contact cannot be kept")
	// ErrContactNotFound: there is no contact of that ID.
	ErrContactNotFound = errors.New("store: no such contact")
	// ErrContactsFull: there are MostContacts already.
	ErrContactsFull = errors.New("store: there is no room for another contact")
)

// The bounds of the contacts.
const (
	MostContacts       = 10_000
	MostContactNumbers = 32 // of one contact
)

// Contact is somebody whom the user knows.
type Contact struct {
	// ID tells contacts apart; 0: not kept yet.
	ID            int64
	Name, Company string
	// Numbers are in the user's order, the first one is called.
	Numbers   []ContactNumber
	Favourite bool
}

// ContactNumber is one of a contact's numbers.
type ContactNumber struct {
	// Label says which one it is, as the user or a file words it ("work", "mobile"); "" for none.
	Label string
	// Number is what can be dialled, as it was written: a telephone number, a user name, a SIP address.
	Number string
}

// Title is what the contact is listed as: the name, else the company.
func (c Contact) Title() string {
	if c.Name != "" {
		return c.Name
	}
	return c.Company
}

const contactsSchema = `
	CREATE TABLE contacts (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, company TEXT NOT NULL, favourite INTEGER NOT NULL,
		sort TEXT NOT NULL, search TEXT NOT NULL) STRICT;
	CREATE TABLE contact_numbers (contact INTEGER NOT NULL REFERENCES contacts (id) ON DELETE CASCADE, position INTEGER NOT NULL,
		label TEXT NOT NULL, number TEXT NOT NULL, user TEXT NOT NULL, tail TEXT NOT NULL, PRIMARY KEY (contact, position)) STRICT;
	CREATE INDEX contact_numbers_user ON contact_numbers (user);
	CREATE INDEX contact_numbers_tail ON contact_numbers (tail) WHERE tail <> '';`

// Contacts returns those in which text is found (see HistoryQuery.Text), all for "", by title without regard to case and accents.
func (s *Store) Contacts(ctx context.Context, text string) ([]Contact, error) {
	where, values := search(text)
	return s.contacts(ctx, where, values...)
}

// Contact returns one. The error wraps ErrContactNotFound.
func (s *Store) Contact(ctx context.Context, id int64) (Contact, error) {
	list, err := s.contacts(ctx, "id = ?", id)
	if err == nil && len(list) == 0 {
		err = ErrContactNotFound
	}
	if err != nil {
		return Contact{}, err
	}
	return list[0], nil
}

// contacts reads those for which a condition over the table contacts holds.
func (s *Store) contacts(ctx context.Context, where string, values ...any) (list []Contact, err error) {
	defer func() {
		if err != nil {
			list, err = nil, fmt.Errorf("store: %w", err)
		}
	}()
	const fields = "SELECT c.id, c.name, c.company, c.favourite <> 0, n.label, n.number FROM (SELECT * FROM contacts WHERE "
	query := fields + where + ") c LEFT JOIN contact_numbers n ON n.contact = c.id ORDER BY c.sort, c.id, n.position" //nolint:gosec // where is ours; what people type is in values
	rows, err := s.db.QueryContext(ctx, query, values...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c Contact
		var label, number sql.NullString
		if err := rows.Scan(&c.ID, &c.Name, &c.Company, &c.Favourite, &label, &number); err != nil {
			return nil, err
		}
		if last := len(list) - 1; last < 0 || list[last].ID != c.ID {
			c.Name, c.Company = tidy(c.Name, mostText), tidy(c.Company, mostText)
			list = append(list, c)
		}
		if last := &list[len(list)-1]; number.Valid && len(last.Numbers) < MostContactNumbers {
			last.Numbers = append(last.Numbers, ContactNumber{Label: tidy(label.String, mostText), Number: tidy(number.String, mostNumber)})
		}
	}
	return list, rows.Err()
}

// CheckContact makes a contact ready to be kept: texts without spaces around them, no empty number. The error wraps
// ErrContactInvalid: it has neither name nor company, a text is too long (256 characters) or holds what cannot be
// shown, a number could not be dialled (phone.TargetURI) or there are more than MostContactNumbers.
func CheckContact(c Contact) (Contact, error) {
	for _, text := range []*string{&c.Name, &c.Company} {
		if err := checkText(text); err != nil {
			return Contact{}, err
		}
	}
	if c.Name == "" && c.Company == "" {
		return Contact{}, fmt.Errorf("%w: it has neither a name nor a company", ErrContactInvalid)
	}
	numbers := c.Numbers
	c.Numbers = nil
	for _, n := range numbers {
		if n.Number = strings.TrimSpace(n.Number); n.Number == "" {
			continue
		}
		if _, err := phone.TargetURI(n.Number, anyAccount()); err != nil {
			return Contact{}, fmt.Errorf("%w: %w", ErrContactInvalid, err)
		}
		if err := checkText(&n.Label); err != nil {
			return Contact{}, err
		}
		if c.Numbers = append(c.Numbers, n); len(c.Numbers) > MostContactNumbers {
			return Contact{}, fmt.Errorf("%w: it has more than %d numbers", ErrContactInvalid, MostContactNumbers)
		}
	}
	return c, nil
}

// anyAccount is one on which a number may be tried.
func anyAccount() phone.Account { return phone.Account{URI: "sip:anybody@example.invalid"} }

func checkText(text *string) error {
	*text = strings.TrimSpace(*text)
	if tidy(*text, mostText) != *text {
		return fmt.Errorf("%w: a text is too long, or holds what cannot be shown", ErrContactInvalid)
	}
	return nil
}

// SaveContact keeps a new contact (ID 0), or changes the one with its ID, and returns the ID. A contact whose ID is known no
// more takes its old place again, so that a deletion can be undone. The error wraps ErrContactInvalid (CheckContact) or
// ErrContactsFull. It waits for the disk.
func (s *Store) SaveContact(ctx context.Context, c Contact) (int64, error) {
	ids, err := s.saveContacts(ctx, []Contact{c})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// saveContacts keeps all of them or none.
func (s *Store) saveContacts(ctx context.Context, list []Contact) (ids []int64, err error) {
	checked := make([]Contact, len(list))
	for i, c := range list {
		if checked[i], err = CheckContact(c); err != nil {
			return nil, err
		}
	}
	err = s.change(ctx, ChangeContacts, func(tx *sql.Tx) error {
		for _, c := range checked {
			id, err := writeContact(ctx, tx, c)
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM contacts").Scan(&n); err != nil || n <= MostContacts {
			return err
		}
		return ErrContactsFull
	})
	return ids, err
}

func writeContact(ctx context.Context, tx *sql.Tx, c Contact) (int64, error) {
	id := any(nil)
	if c.ID > 0 {
		id = c.ID
	}
	var numbers []string
	for _, n := range c.Numbers {
		numbers = append(numbers, n.Number)
	}
	err := tx.QueryRowContext(ctx, `INSERT INTO contacts (id, name, company, favourite, sort, search) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, company = excluded.company, favourite = excluded.favourite,
			sort = excluded.sort, search = excluded.search RETURNING id`,
		id, c.Name, c.Company, c.Favourite, fold(c.Title()), haystack([]string{c.Name, c.Company}, numbers)).Scan(&c.ID)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM contact_numbers WHERE contact = ?", c.ID)
	}
	for i, n := range c.Numbers {
		if err != nil {
			break
		}
		key := parseNumber(n.Number)
		_, err = tx.ExecContext(ctx, "INSERT INTO contact_numbers (contact, position, label, number, user, tail) VALUES (?, ?, ?, ?, ?, ?)",
			c.ID, i, n.Label, n.Number, key.user, key.tail())
	}
	return c.ID, err
}

// DeleteContact forgets a contact. To undo it, save the same contact again. The error wraps ErrContactNotFound.
func (s *Store) DeleteContact(ctx context.Context, id int64) error {
	return s.change(ctx, ChangeContacts, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM contacts WHERE id = ?", id)
		if err = noneChanged(result, err); errors.Is(err, errUnchanged) {
			return ErrContactNotFound
		}
		return err
	})
}
