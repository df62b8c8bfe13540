package store

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"

	"github.com/hookswitch/hookswitch/phone"
)

// ErrNoEntry is what a Keyring returns when there is no such entry.
var ErrNoEntry = errors.New("store: no such entry in the keyring")

// Keyring keeps secrets. Any error but ErrNoEntry means that it does not work.
type Keyring interface {
	Get(service, user string) (secret string, err error)
	Set(service, user, secret string) error
	// Delete of an entry that is not there returns ErrNoEntry.
	Delete(service, user string) error
}

// SystemKeyring is the desktop's: Secret Service, Keychain, Credential Manager.
type SystemKeyring struct{}

// Get implements Keyring.
func (SystemKeyring) Get(service, user string) (string, error) {
	secret, err := keyring.Get(service, user)
	return secret, ours(err)
}

// Set implements Keyring.
func (SystemKeyring) Set(service, user, secret string) error {
	return ours(keyring.Set(service, user, secret))
}

// Delete implements Keyring.
func (SystemKeyring) Delete(service, user string) error {
	return ours(keyring.Delete(service, user))
}

func ours(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNoEntry
	}
	return err
}

// service is the name under which the keyring shows our entries.
const service = "Hookswitch"

// secrets are all of an account that must not lie in a file.
type secrets struct {
	Password string `json:"password,omitempty"`
	HA1      string `json:"ha1,omitempty"`
	// Credentials are those of the ICE servers, in their order.
	Credentials []string `json:"credentials,omitempty"`
}

func secretsOf(a phone.Account) secrets {
	s := secrets{Password: a.Secret.Password(), HA1: a.Secret.HA1()}
	some := false
	for _, server := range a.ICEServers {
		s.Credentials = append(s.Credentials, server.Credential)
		some = some || server.Credential != ""
	}
	if !some {
		s.Credentials = nil
	}
	return s
}

func (s secrets) isZero() bool { return s.Password == "" && s.HA1 == "" && s.Credentials == nil }

// giveBack puts the secrets into the account.
func (s secrets) giveBack(a *phone.Account) {
	switch {
	case s.HA1 != "":
		a.Secret = phone.NewHA1(s.HA1)
	case s.Password != "":
		a.Secret = phone.NewPassword(s.Password)
	}
	for i := range a.ICEServers {
		if i < len(s.Credentials) {
			a.ICEServers[i].Credential = s.Credentials[i]
		}
	}
}

// entry names an account in the keyring: two profiles may hold the same account.
func (s *Store) entry(id phone.AccountID) string { return string(id) + " in " + s.profile }

// keep puts an account's secrets away. The error is ErrNoKeyring when they are in memory only.
func (s *Store) keep(id phone.AccountID, secret secrets) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.memory, id)
	if secret.isZero() {
		return s.dropLocked(id)
	}
	text, err := json.Marshal(secret) //nolint:gosec // it goes into the keyring, and nowhere else
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if err := s.keyring.Set(service, s.entry(id), string(text)); err != nil {
		s.memory[id] = secret
		return ErrNoKeyring // the cause may quote what was to be kept
	}
	return nil
}

// fetch returns an account's secrets, zero when there are none.
func (s *Store) fetch(id phone.AccountID) (secrets, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if secret, ok := s.memory[id]; ok {
		return secret, nil
	}
	text, err := s.keyring.Get(service, s.entry(id))
	if errors.Is(err, ErrNoEntry) {
		return secrets{}, nil
	}
	if err != nil {
		return secrets{}, ErrNoKeyring
	}
	var secret secrets
	if err := json.Unmarshal([]byte(text), &secret); err != nil {
		return secrets{}, errors.New("store: the keyring's entry cannot be read") // without err, which may quote it
	}
	return secret, nil
}

func (s *Store) drop(id phone.AccountID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.memory, id)
	return s.dropLocked(id)
}

func (s *Store) dropLocked(id phone.AccountID) error {
	if err := s.keyring.Delete(service, s.entry(id)); err != nil && !errors.Is(err, ErrNoEntry) {
		return ErrNoKeyring
	}
	return nil
}
