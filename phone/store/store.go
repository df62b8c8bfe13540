package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database driver "sqlite"

	"github.com/hookswitch/hookswitch/phone"
)

// fileName is the database in the profile's folder.
const fileName = "hookswitch.db"

// ErrNoKeyring is wrapped when the system has no keyring that works: secrets are kept in memory, until the program
// ends. What was asked for has been done otherwise.
var ErrNoKeyring = errors.New("store: this system has no keyring, the password is forgotten when the program ends")

// ErrNewer: the database was written by a newer version of the program, and is left alone.
var ErrNewer = errors.New("store: the accounts were saved by a newer version of this program")

// DamagedError tells that the database could not be read and was moved aside.
type DamagedError struct {
	// Path is where the damaged file is now.
	Path string
	// Err is what was wrong with it.
	Err error
}

// Error tells where the damaged file is.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("store: the accounts file was damaged and is kept as %s: %v", e.Path, e.Err)
}

// Unwrap returns what was wrong.
func (e *DamagedError) Unwrap() error { return e.Err }

// Store is an open profile. Its methods may be called from any goroutine.
type Store struct {
	db        *sql.DB
	keyring   Keyring
	profile   string
	mostCalls int // MostCalls, but in tests

	mu       sync.Mutex
	memory   map[phone.AccountID]secrets // where there is no keyring
	watchers map[*func(Change)]struct{}
}

// Open opens, or begins, the store in the profile's folder. keyring nil means the system's. After a damaged file
// both the new store and a *DamagedError are returned.
func Open(dir string, keyring Keyring) (*Store, error) {
	if keyring == nil {
		keyring = SystemKeyring{}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs its x bit
		return nil, fmt.Errorf("store: %w", err)
	}
	path := filepath.Join(dir, fileName)
	db, err := openDatabase(path)
	var damaged error
	if err != nil && !errors.Is(err, ErrNewer) && isDamage(err) {
		aside, moved := moveAside(path)
		if moved != nil {
			return nil, fmt.Errorf("store: %w", errors.Join(err, moved))
		}
		damaged = &DamagedError{Path: aside, Err: err}
		db, err = openDatabase(path)
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &Store{db: db, keyring: keyring, profile: dir, mostCalls: MostCalls, memory: make(map[phone.AccountID]secrets)}, damaged
}

// openDatabase opens the file, checks it and brings its schema up to date.
func openDatabase(path string) (*sql.DB, error) {
	// Made before SQLite does, since that would use the umask.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	if err := errors.Join(file.Chmod(0o600), file.Close()); err != nil {
		return nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(path),
		RawQuery: "_pragma=busy_timeout(2000)&_pragma=foreign_keys(1)&_pragma=secure_delete(1)&_pragma=trusted_schema(0)&_txlock=immediate"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one writer, few rows: no connection needs to wait for a lock of another
	if err := errors.Join(check(db), migrate(db)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// check lets SQLite look through the whole file: it is small.
func check(db *sql.DB) error {
	var result string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&result); err != nil {
		return &integrityError{err.Error()}
	}
	if result != "ok" {
		return &integrityError{result}
	}
	return nil
}

// integrityError: the content of the file, not the access to it, is the problem.
type integrityError struct{ text string }

func (e *integrityError) Error() string { return e.text }

func isDamage(err error) bool {
	_, ok := errors.AsType[*integrityError](err)
	return ok
}

// moveAside renames the database and its journals.
func moveAside(path string) (string, error) {
	aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().UTC().Format("20060102-150405.000000"))
	for _, suffix := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !(suffix != "" && errors.Is(err, fs.ErrNotExist)) {
			return "", err
		}
	}
	return aside, nil
}

// migrations bring the schema from version i to i+1. They are never changed, only added to.
var migrations = []string{
	`CREATE TABLE accounts (id TEXT PRIMARY KEY, position INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
	 CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
	// Accounts that encrypted did so or refused; now that they can merely prefer it, what they do is written down. A
	// program that knows no such field must not read these accounts: it would call in the clear where it should not.
	`UPDATE accounts SET data = json_set(data, '$.encryption', 'required')
	   WHERE json_extract(data, '$.media') IN ('sdes', 'dtls', 'webrtc');`,
	historySchema + contactsSchema,
	endedByUsSchema,
}

func migrate(db *sql.DB) error {
	var version int
	if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return ErrNewer
	}
	for ; version < len(migrations); version++ {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		// PRAGMA takes no parameters; the number is ours.
		if _, err = tx.Exec(migrations[version] + fmt.Sprintf("PRAGMA user_version = %d;", version+1)); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// Close closes the database.
func (s *Store) Close() error { return s.db.Close() }

// Setting reads a setting into value, which JSON fills; it reports false when it was never set.
func (s *Store) Setting(key string, value any) (bool, error) {
	var text string
	err := s.db.QueryRow("SELECT value FROM settings WHERE key = ?", key).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), value)
	}
	if err != nil {
		return false, fmt.Errorf("store: setting %s: %w", key, err)
	}
	return true, nil
}

// SetSetting keeps a value, as JSON, such as the chosen devices (phone.DeviceIDs). It must hold no secret.
func (s *Store) SetSetting(key string, value any) error {
	text, err := json.Marshal(value)
	if err == nil {
		_, err = s.db.Exec("INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, string(text))
	}
	if err != nil {
		return fmt.Errorf("store: setting %s: %w", key, err)
	}
	return nil
}
