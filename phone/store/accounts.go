package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// row is an account as it lies in the database: without secrets.
type row struct {
	URI               string            `json:"uri"`
	Server            string            `json:"server,omitempty"`
	Username          string            `json:"username,omitempty"`
	Realm             string            `json:"realm,omitempty"`
	DisplayName       string            `json:"displayName,omitempty"`
	Media             phone.MediaPolicy `json:"media,omitempty"`
	Encryption        phone.Encryption  `json:"encryption,omitempty"`
	MediaPorts        string            `json:"mediaPorts,omitempty"`
	ICEServers        []phone.ICEServer `json:"iceServers,omitempty"`
	CA                string            `json:"ca,omitempty"`
	RecordCode        string            `json:"recordCode,omitempty"`
	RecordPermissions int               `json:"recordPermissions"`
	MaxCalls          int               `json:"maxCalls,omitempty"`
	RegisterTries     int               `json:"registerTries,omitempty"`
	RingLimit         time.Duration     `json:"ringLimit,omitempty"`
	EarlyReplaces     bool              `json:"earlyReplaces,omitempty"`
	ReferConsultation bool              `json:"referConsultation,omitempty"`
	AutoAnswer        bool              `json:"autoAnswer,omitempty"`
	Direct            bool              `json:"direct,omitempty"`
	Listen            string            `json:"listen,omitempty"`
}

func rowOf(a phone.Account) row {
	servers := slices.Clone(a.ICEServers)
	for i := range servers {
		servers[i].Credential = ""
	}
	return row{URI: a.URI, Server: a.Server, Username: a.Username, Realm: a.Realm, DisplayName: a.DisplayName, Media: a.Media,
		Encryption: a.Encryption, MediaPorts: a.MediaPorts.String(), ICEServers: servers, CA: a.CA, RecordCode: a.RecordCode, RecordPermissions: a.RecordPermissions, MaxCalls: a.MaxCalls,
		RegisterTries: a.RegisterTries, RingLimit: a.RingLimit, EarlyReplaces: a.EarlyReplaces, ReferConsultation: a.ReferConsultation,
		AutoAnswer: a.AutoAnswer, Direct: a.Direct, Listen: a.Listen}
}

func (r row) account(id phone.AccountID) phone.Account {
	ports, _ := phone.ParsePortRange(r.MediaPorts) // it was checked before it was kept
	return phone.Account{ID: id, URI: r.URI, Server: r.Server, Username: r.Username, Realm: r.Realm, DisplayName: r.DisplayName, Media: r.Media,
		Encryption: r.Encryption, MediaPorts: ports, ICEServers: r.ICEServers, CA: r.CA, RecordCode: r.RecordCode, RecordPermissions: r.RecordPermissions, MaxCalls: r.MaxCalls,
		RegisterTries: r.RegisterTries, RingLimit: r.RingLimit, EarlyReplaces: r.EarlyReplaces, ReferConsultation: r.ReferConsultation,
		AutoAnswer: r.AutoAnswer, Direct: r.Direct, Listen: r.Listen}
}

// List returns the accounts in the order in which they were first saved, with their secrets. An error that is ErrNoKeyring
// comes with the accounts: some of them then lack their secret, and the user is to be asked.
func (s *Store) List() ([]phone.Account, error) {
	list, err := s.rows()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	var missing error
	for i := range list {
		secret, err := s.fetch(list[i].ID)
		if err != nil {
			missing = err
			continue
		}
		secret.giveBack(&list[i])
	}
	return list, missing
}

func (s *Store) rows() (list []phone.Account, err error) {
	rows, err := s.db.Query("SELECT id, data FROM accounts ORDER BY position")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id, data string
		if err := rows.Scan(&id, &data); err != nil {
			return nil, err
		}
		var r row
		if err := json.Unmarshal([]byte(data), &r); err != nil {
			return nil, fmt.Errorf("account %q: %w", id, err)
		}
		list = append(list, r.account(phone.AccountID(id)))
	}
	return list, rows.Err()
}

// Save keeps an account, or changes the one with its ID. Temporary accounts are not kept: nothing happens.
// The error wraps phone.ErrAccountInvalid, or is ErrNoKeyring: then the account is saved, its secret in memory only.
func (s *Store) Save(a phone.Account) error {
	if a.Temporary {
		return nil
	}
	if a.ID == "" {
		return fmt.Errorf("%w: it has no id", phone.ErrAccountInvalid)
	}
	if err := phone.CheckAccount(a); err != nil {
		return err
	}
	data, err := json.Marshal(rowOf(a))
	if err == nil {
		_, err = s.db.Exec(`INSERT INTO accounts (id, position, data) VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM accounts), ?)
			ON CONFLICT (id) DO UPDATE SET data = excluded.data`, string(a.ID), string(data))
	}
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return s.keep(a.ID, secretsOf(a))
}

// Remove forgets an account and its secret. The error wraps phone.ErrAccountNotFound.
func (s *Store) Remove(id phone.AccountID) error {
	result, err := s.db.Exec("DELETE FROM accounts WHERE id = ?", string(id))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(phone.ErrAccountNotFound, err)
	}
	if err := s.drop(id); !errors.Is(err, ErrNoKeyring) {
		return err
	}
	return nil // without a keyring there is nothing left to forget
}
