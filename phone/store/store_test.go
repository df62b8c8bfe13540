package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // the system's keyring is the user's own, and no test's
	goleak.VerifyTestMain(m)
}

// broken is a keyring as on a machine without one.
type broken struct{}

func (broken) Get(string, string) (string, error) { return "", errors.New("no bus") }
func (broken) Set(_, _, secret string) error      { return errors.New("cannot keep " + secret) }
func (broken) Delete(string, string) error        { return errors.New("no bus") }

func open(t *testing.T, dir string, ring store.Keyring) *store.Store {
	t.Helper()
	s, err := store.Open(dir, ring)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func ann() phone.Account {
	return phone.Account{ID: "1001@pbx.example", URI: "sip:1001@pbx.example", Server: "wss://pbx.example/ws?exten=1001", Username: "ann", Realm: "pbx",
		Secret: phone.NewPassword("hunter2"), DisplayName: "Ann", Media: phone.MediaWebRTC, Encryption: phone.EncryptionRequired,
		MediaPorts: phone.PortRange{Low: 16384, High: 16482}, CA: "/ca.pem", RecordCode: "*1", RecordPermissions: 1,
		MaxCalls: 4, RegisterTries: 7, RingLimit: 45 * time.Second, EarlyReplaces: true, ReferConsultation: true, AutoAnswer: true, ICEServers: []phone.ICEServer{
			{URLs: []string{"stun:s.example"}}, {URLs: []string{"turn:t.example"}, Username: "u", Credential: "turnsecret"}}}
}

func bob() phone.Account {
	return phone.Account{ID: "bob", URI: "sip:1002@pbx.example", Server: "udp:192.0.2.5:5060", Direct: true, Listen: ":5060", Secret: phone.NewHA1("0123456789abcdef0123456789abcdef")}
}

func TestAccountsComeBackWithTheirSecretsInTheOrderTheyWereSaved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	s := open(t, dir, nil)
	for _, a := range []phone.Account{bob(), ann()} {
		if err := s.Save(a); err != nil {
			t.Fatal(err)
		}
	}
	changed := bob()
	changed.DisplayName = "Bob"
	if err := s.Save(changed); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := open(t, dir, nil).List()
	if want := []phone.Account{changed, ann()}; err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("List = %+v, %v\nwant %+v", list, err, want)
	}
}

func TestNoSecretLiesInAFileAndTheFilesAreTheUsersOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "profile")
	for name, ring := range map[string]store.Keyring{"system": nil, "none": broken{}} {
		s := open(t, dir, ring)
		if err := errors.Join(s.Save(ann()), s.Save(bob())); err != nil && !errors.Is(err, store.ErrNoKeyring) {
			t.Fatal(err)
		} else if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error tells the password: %v", name, err)
		}
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d files, %v", len(entries), err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"hunter2", "turnsecret", "0123456789abcdef0123456789abcdef"} {
			if bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s holds a secret", path)
			}
		}
	}
}

func TestWithoutAKeyringTheSecretLastsAsLongAsTheProgram(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, broken{})
	if err := s.Save(ann()); !errors.Is(err, store.ErrNoKeyring) {
		t.Errorf("Save = %v, want ErrNoKeyring", err)
	}
	list, err := s.List()
	if err != nil || len(list) != 1 || list[0].Secret.Password() != "hunter2" {
		t.Errorf("in the same run: %+v, %v", list, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	list, err = open(t, dir, broken{}).List()
	if !errors.Is(err, store.ErrNoKeyring) || len(list) != 1 || !list[0].Secret.IsZero() {
		t.Errorf("in the next run: %+v, %v; want the account without its secret, and ErrNoKeyring", list, err)
	}
}

func TestRemovingForgetsTheSecretToo(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, nil)
	if err := errors.Join(s.Save(ann()), s.Remove(ann().ID)); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(ann().ID); !errors.Is(err, phone.ErrAccountNotFound) {
		t.Errorf("the second Remove = %v", err)
	}
	again := ann()
	again.Secret, again.ICEServers = phone.Secret{}, nil
	if err := s.Save(again); err != nil {
		t.Fatal(err)
	}
	if list, err := s.List(); err != nil || len(list) != 1 || !list[0].Secret.IsZero() {
		t.Errorf("List = %+v, %v; the secret survived its account", list, err)
	}
}

func TestTwoProfilesDoNotShareASecret(t *testing.T) {
	one, two := open(t, t.TempDir(), nil), open(t, t.TempDir(), nil)
	other := ann()
	other.Secret = phone.NewPassword("another")
	if err := errors.Join(one.Save(ann()), two.Save(other)); err != nil {
		t.Fatal(err)
	}
	if list, err := one.List(); err != nil || list[0].Secret.Password() != "hunter2" {
		t.Errorf("List = %v, %v", list, err)
	}
}

func TestOnlySoundAndLastingAccountsAreKept(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	temporary := ann()
	temporary.Temporary = true
	if err := s.Save(temporary); err != nil {
		t.Error(err)
	}
	nameless, wrong := ann(), ann()
	nameless.ID, wrong.URI = "", "pbx"
	for _, a := range []phone.Account{nameless, wrong} {
		if err := s.Save(a); !errors.Is(err, phone.ErrAccountInvalid) {
			t.Errorf("Save(%+v) = %v", a, err)
		}
	}
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Errorf("List = %+v, %v", list, err)
	}
}

func TestADamagedFileIsMovedAsideAndNothingIsLost(t *testing.T) {
	dir := t.TempDir()
	garbage := bytes.Repeat([]byte("this is no database\n"), 500)
	if err := os.WriteFile(filepath.Join(dir, "hookswitch.db"), garbage, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(dir, nil)
	damaged, ok := errors.AsType[*store.DamagedError](err)
	if !ok || s == nil {
		t.Fatalf("Open = %v, %v; want a store and a DamagedError", s, err)
	}
	defer func() { _ = s.Close() }()
	if kept, err := os.ReadFile(damaged.Path); err != nil || !bytes.Equal(kept, garbage) {
		t.Errorf("the damaged file is not kept: %d bytes, %v", len(kept), err)
	}
	if err := s.Save(bob()); err != nil {
		t.Errorf("the new store does not work: %v", err)
	}
}

func TestADatabaseCutInTheMiddleIsDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "hookswitch.db")
	s := open(t, dir, nil)
	if err := errors.Join(s.Save(ann()), s.Close()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)/2+100], 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(dir, nil)
	if _, ok := errors.AsType[*store.DamagedError](err); !ok {
		t.Errorf("Open = %v, want a DamagedError", err)
	}
	if s != nil {
		_ = s.Close()
	}
}

func TestSettingsComeBackTyped(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	var ids phone.DeviceIDs
	if known, err := s.Setting("deviceIds", &ids); known || err != nil {
		t.Errorf("an unknown setting: %t, %v", known, err)
	}
	want := phone.DeviceIDs{Microphone: "headset", Speaker: "it's \"loud\""}
	if err := errors.Join(s.SetSetting("deviceIds", phone.DeviceIDs{}), s.SetSetting("deviceIds", want)); err != nil {
		t.Fatal(err)
	}
	if known, err := s.Setting("deviceIds", &ids); !known || err != nil || ids != want {
		t.Errorf("Setting = %+v, %t, %v", ids, known, err)
	}
}

func TestManyMayWriteAtOnce(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	var writers sync.WaitGroup
	for i := range 20 {
		writers.Go(func() {
			a := bob()
			a.ID = phone.AccountID(rune('a' + i))
			if err := s.Save(a); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if list, err := s.List(); err != nil || len(list) != 20 {
		t.Errorf("%d accounts, %v", len(list), err)
	}
}
