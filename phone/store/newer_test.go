package store

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
