package wiring_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// withProfile opens the profile's store for a moment.
func withProfile(t *testing.T, f *wiring.Flags, do func(*store.Store) error) {
	t.Helper()
	book, err := store.Open(f.Profile, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(do(book), book.Close()); err != nil {
		t.Fatal(err)
	}
}

// onceHeard collects what is printed and does something once these words are in it. One goroutine prints at a time.
type onceHeard struct {
	strings.Builder
	words string
	do    func()
}

func (o *onceHeard) Write(p []byte) (int, error) {
	n, err := o.Builder.Write(p)
	if o.do != nil && strings.Contains(o.String(), o.words) {
		o.do()
		o.do = nil
	}
	return n, err
}

func TestTheCallsOfAProfilesAccountAreInItsHistoryWithTheNamesOfItsContacts(t *testing.T) {
	pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	account := wiring.DemoAccount(pbx, 0)
	account.Temporary = false
	f := flagsOf(t, "-microphone", "tone:440", "-speaker", "null", "-ringer", "null", "-quiet")
	withProfile(t, f, func(book *store.Store) error {
		_, err := book.SaveContact(t.Context(), store.Contact{Name: "Mara", Company: "Example Ltd", Numbers: []store.ContactNumber{{Number: "602"}}})
		return errors.Join(book.Save(account), err)
	})
	commands, say := io.Pipe()
	out := &onceHeard{words: `"company":"Example Ltd"`, do: func() { _ = say.Close() }} // the end of the commands is a hang-up
	go func() { _, _ = io.WriteString(say, "call 602\n") }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // if nobody is found, nobody hangs up
	defer cancel()
	if err := f.Faceless(ctx, nil, commands, out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"event":"staticStatusChange"`) {
		t.Errorf("nobody knew whom we called:\n%s", out.String())
	}
	withProfile(t, f, func(book *store.Store) error {
		list, err := book.History(t.Context(), store.HistoryQuery{})
		if len(list) != 1 || list[0].Number != "602" || list[0].Name != "Mara" || list[0].Company != "Example Ltd" || !list[0].EndedByUs || list[0].Account != account.ID || list[0].Missed {
			t.Errorf("the history is %+v, %v", list, err)
		}
		return err
	})
}

func TestTheDoctorsCallIsNotInTheHistory(t *testing.T) {
	pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	account := wiring.DemoAccount(pbx, 0)
	account.Temporary = false
	f := flagsOf(t)
	withProfile(t, f, func(book *store.Store) error { return book.Save(account) })
	if well, err := f.Doctor(t.Context(), strings.NewReader(""), io.Discard, io.Discard); !well || err != nil {
		t.Logf("the doctor says %t, %v", well, err) // a machine without sound is not well
	}
	withProfile(t, f, func(book *store.Store) error {
		list, err := book.History(t.Context(), store.HistoryQuery{})
		if len(list) != 0 {
			t.Errorf("the history is %+v", list)
		}
		return err
	})
}

func TestAnAccountOfThisRunOnlyLeavesNothingBehind(t *testing.T) {
	f := flagsOf(t, "-demo", "-microphone", "tone:440", "-speaker", "null", "-ringer", "null", "-quiet")
	if err := f.Faceless(t.Context(), nil, strings.NewReader("call 605\n"), io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(f.Profile, "hookswitch.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a store was begun: %v", err)
	}
}
