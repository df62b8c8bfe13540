package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
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
