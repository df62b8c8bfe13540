package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestADatabaseOfANewerVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(dir, nil); !errors.Is(err, ErrNewer) || s != nil {
		t.Errorf("Open = %v, %v; want ErrNewer", s, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(fileName) {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}

func TestAProfileOfTheFirstSchemaKeepsItsAccountsAndSaysWhatTheyDid(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	for i, media := range []string{`"media":"sdes",`, `"media":"rtp",`, ``} {
		if i == 0 {
			_, err = db.Exec(migrations[0] + "PRAGMA user_version = 1;")
		}
		if err == nil {
			_, err = db.Exec("INSERT INTO accounts VALUES (?, ?, ?)", fmt.Sprint(i), i, `{"uri":"sip:1@pbx.example",`+media+`"recordPermissions":1}`)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	list, err := s.List()
	if err != nil || len(list) != 3 {
		t.Fatalf("%v %v", list, err)
	}
	for i, want := range []phone.Encryption{phone.EncryptionRequired, phone.EncryptionDefault, phone.EncryptionDefault} {
		if list[i].Encryption != want || list[i].RecordPermissions != 1 || phone.CheckAccount(list[i]) != nil {
			t.Errorf("%d: %+v", i, list[i])
		}
	}
}

func TestAProfileWithoutHistoryGetsOneAndKeepsItsAccounts(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(migrations[0] + migrations[1] + `PRAGMA user_version = 2;
		INSERT INTO accounts VALUES ('ann', 1, '{"uri":"sip:ann@pbx.example","recordPermissions":2}');
		INSERT INTO settings VALUES ('k', '"v"');`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing left to do
		s, err := Open(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		list, err := s.List()
		if err != nil || len(list) != 1 || list[0].URI != "sip:ann@pbx.example" {
			t.Errorf("%v, %v", list, err)
		}
		var value string
		if known, err := s.Setting("k", &value); !known || err != nil || value != "v" {
			t.Errorf("setting %q, %v", value, err)
		}
		_, err = s.AddCall(t.Context(), Entry{Direction: phone.Inbound, Number: "600"})
		_, err2 := s.SaveContact(t.Context(), Contact{Name: "Ann"})
		if err := errors.Join(err, err2, s.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A foreign program may have written into the file.
func TestRowsThatMakeNoSenseAreNoMoreThanStrange(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddCall(t.Context(), Entry{Direction: phone.Inbound, Number: "600", Name: "Ann"}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1<<20)
	columns := "call_id, account, direction, number, name, company, called_for, video, started_at, answered_at, ended_at, cause, status, missed, seen, record_file, search"
	for _, damage := range []string{
		"INSERT INTO calls (" + columns + ") VALUES ('', '', 'sideways', '', 'ann', '', '', 0, 0, 0, 0, '', 0, 1, 0, '', 'ann')",
		"INSERT INTO calls (" + columns + ") VALUES ('" + long + "', '', 'outbound', CAST(x'ff00fe' AS TEXT), '" + long +
			"', '', '', 77, -9223372036854775808, 9223372036854775807, 1, '', -5, 2, -3, '', 'ann')",
		"INSERT INTO contacts VALUES (7, CAST(x'ff' AS TEXT), char(0, 8238), 9, '', 'ann')",
		"INSERT INTO contact_numbers VALUES (7, -1, '', char(10), '600', ''), (7, 0, '', 'sip:600', '', '')",
		"PRAGMA foreign_keys = 0", "INSERT INTO contact_numbers VALUES (8, 0, '', '600', '600', '')",
	} {
		if _, err := s.db.Exec(damage); err != nil {
			t.Fatalf("%.60s: %v", damage, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(dir, nil); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	list, err := s.History(t.Context(), HistoryQuery{Text: "ann"})
	if err != nil || len(list) != 2 || list[1].Name != "Ann" || len(list[0].Name) != mostText || !list[0].Missed || list[0].Duration() < 0 {
		t.Errorf("%.300v, %v", list, err)
	}
	contacts, err := s.Contacts(t.Context(), "")
	if err != nil || len(contacts) != 1 || contacts[0].Company != "" {
		t.Errorf("%v, %v", contacts, err)
	}
	if c, found, err := s.LookUp(t.Context(), "600", ""); found || err != nil {
		t.Errorf("%v, %v, %v", c, found, err)
	}
	if n, err := s.Unseen(t.Context()); err != nil || n != 0 {
		t.Errorf("%d unseen, %v", n, err)
	}
}

func TestOnlyTheNewestCallsAreKept(t *testing.T) {
	s, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if s.mostCalls != MostCalls {
		t.Errorf("%d calls are kept", s.mostCalls)
	}
	s.mostCalls = 50
	e := Entry{Direction: phone.Inbound, Missed: true, Number: "600"}
	if err := s.RestoreCalls(t.Context(), slices.Repeat([]Entry{e}, s.mostCalls)...); err != nil {
		t.Fatal(err)
	}
	if err := s.RestoreCalls(t.Context(), e, e); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Unseen(t.Context()); n != s.mostCalls || err != nil {
		t.Errorf("%d calls are kept, %v", n, err)
	}
	if list, err := s.History(t.Context(), HistoryQuery{Before: 5}); err != nil || len(list) != 2 || list[0].ID != 4 || list[1].ID != 3 {
		t.Errorf("the oldest are %+v, %v", list, err)
	}
}
