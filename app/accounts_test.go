package app

import (
	"context"
	"errors"
	"slices"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheFormTriesAnAccountAndKeepsItOnlyOnceItIsRegistered(t *testing.T) {
	book := &fakeBook{}
	b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = book })
	b.op.set(func(s *phone.Snapshot) { s.Accounts = nil })
	b.app.addAccount()
	f := b.app.shell.first
	test.Tap(f.connect)
	if form := b.app.model.form; form.serverError == "" || form.userError == "" || form.secret == "" {
		t.Fatalf("an empty form gives %+v", form)
	}
	b.did()
	f.server.SetState("wss://pbx.example/ws")
	f.user.SetState("204")
	f.password.SetState("wrong")
	test.Tap(f.connect)
	id := b.app.model.trying.ID
	b.did("add sip:204@pbx.example wss://pbx.example/ws", "register "+string(id))
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistrationFailed, Account: id, Cause: phone.CauseAuthentication, Status: 403})
	if form := b.app.model.form; form.waiting || form.secret != "The password was refused (403). Check it." || f.server.Text() == "" {
		t.Fatalf("after a refusal: %+v", form)
	}
	f.password.SetState("right")
	test.Tap(f.connect)
	if b.app.model.trying.ID != id {
		t.Error("the second try is another account")
	}
	if len(book.list) != 0 {
		t.Error("it was saved before it worked")
	}
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistered, Account: id})
	b.wait()
	if len(book.list) != 1 || book.list[0].Secret.Password() != "right" || b.app.shell.view.page != pageCalls {
		t.Errorf("the book has %v, page %s", book.list, b.app.shell.view.page)
	}
}

func TestTheDemoIsOfferedAndAFailureIsSaid(t *testing.T) {
	fail := errors.New("no port")
	b := newBench(t, 1280, 800, func(d *Deps) {
		d.StartDemo = func(context.Context) (phone.Account, error) {
			return phone.Account{ID: "d", URI: "sip:1001@127.0.0.1"}, fail
		}
	})
	b.app.addAccount()
	test.Tap(b.app.shell.first.demo)
	b.wait()
	if b.app.model.form.trouble != "The demo did not start. Try again." {
		t.Errorf("the form says %+v", b.app.model.form)
	}
	fail = nil
	test.Tap(b.app.shell.first.demo)
	b.wait()
	b.did("add sip:1001@127.0.0.1 ")
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistered, Account: "d"})
	if b.app.shell.view.page != pageCalls || b.app.shell.list.empty.Action() == nil {
		t.Errorf("page %s", b.app.shell.view.page)
	}
}

func TestARemovedAccountCanBeUndone(t *testing.T) {
	book := &fakeBook{}
	b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = book })
	b.app.open(string(pageSettings))
	b.app.removeAccount("a")
	if len(b.app.shell.view.accounts) != 0 || b.app.shell.notice.State().Action != "Undo" {
		t.Fatalf("accounts %v, bar %+v", b.app.shell.view.accounts, b.app.shell.notice.State())
	}
	test.Tap(b.app.shell.notice.Action())
	if len(b.app.shell.view.accounts) != 1 {
		t.Error("it is not back")
	}
	b.did()
	b.app.removeAccount("a")
	b.app.finish()
	b.did("unsubscribe", "remove a", "destroy")
	if !slices.Equal(book.removed, []phone.AccountID{"a"}) {
		t.Errorf("the book forgot %v", book.removed)
	}
}

// fakeBook is an account book in memory.
type fakeBook struct {
	list    []phone.Account
	removed []phone.AccountID
}

func (f *fakeBook) List() ([]phone.Account, error) { return f.list, nil }
func (f *fakeBook) Save(a phone.Account) error     { f.list = append(f.list, a); return nil }
func (f *fakeBook) Remove(id phone.AccountID) error {
	f.removed = append(f.removed, id)
	return nil
}

func TestAnAccountThatNeverRegisteredIsDroppedWhenTheFormIsLeft(t *testing.T) {
	b := newBench(t, 360, 640)
	b.app.addAccount()
	f := b.app.shell.first
	f.server.SetState("pbx.example")
	f.user.SetState("204")
	f.password.SetState("secret")
	test.Tap(f.connect)
	id := string(b.app.model.trying.ID)
	test.Tap(f.cancel)
	b.did("add sip:204@pbx.example ", "register "+id, "remove "+id)
	if b.app.shell.view.page != pageSettings || len(b.app.shell.view.accounts) != 1 {
		t.Errorf("page %s, accounts %v", b.app.shell.view.page, b.app.shell.view.accounts)
	}
}

func TestAnEditedAccountKeepsItsPasswordAndItsOtherSettings(t *testing.T) {
	kept := ready.Account
	kept.Secret, kept.RecordCode = phone.NewPassword("kept"), "*1"
	b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = &fakeBook{list: []phone.Account{kept}} })
	b.set(func(s *phone.Snapshot) { s.Accounts[0].Account.RecordCode = "*1" })
	b.app.editAccount("a")
	f := b.app.shell.first
	if f.server.Text() != "pbx.example" || f.user.Text() != "204" || f.password.Text() != "" {
		t.Errorf("the form says %q %q", f.server.Text(), f.user.Text())
	}
	f.user.SetState("205")
	test.Tap(f.connect)
	got := b.app.model.trying
	if got.ID != "a" || got.URI != "sip:205@pbx.example" || got.Secret.Password() != "kept" || got.RecordCode != "*1" {
		t.Errorf("it becomes %+v", got)
	}
}

func TestWhatIsTypedAsServerFindsItsWay(t *testing.T) {
	for _, c := range []struct{ server, user, uri, way string }{
		{"pbx.example", "204", "sip:204@pbx.example", ""}, // RFC 3263 decides
		{"pbx.example:5061", "204", "sip:204@pbx.example", "tls:pbx.example:5061"},
		{"pbx.example:5080", "204", "sip:204@pbx.example", "udp:pbx.example:5080"},
		{"[2001:db8::1]:5060", "204", "sip:204@[2001:db8::1]", "udp:[2001:db8::1]:5060"},
		{"192.0.2.7", "sip:204@pbx.example", "sip:204@pbx.example", "tls:192.0.2.7"},
		{"wss://pbx.example/ws?exten=204", "204", "sip:204@pbx.example", "wss://pbx.example/ws?exten=204"},
		{"tcp:pbx.example", "204", "sip:204@pbx.example", "tcp:pbx.example"},
	} {
		if got, ok := formAccount(c.server, c.user); !ok || got.URI != c.uri || got.Server != c.way {
			t.Errorf("%q %q: %q by %q, %v", c.server, c.user, got.URI, got.Server, ok)
		}
	}
}

func TestAnAccountWhoseServerStandsElsewhereKeepsItsDomain(t *testing.T) {
	for _, server := range []string{"", "tls:192.0.2.7:5061", "wss://edge.example/ws", "tcp:pbx.example", "udp:[2001:db8::1]"} {
		kept := ready.Account
		kept.Server, kept.Secret = server, phone.NewPassword("kept")
		b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = &fakeBook{list: []phone.Account{kept}} })
		b.set(func(s *phone.Snapshot) { s.Accounts[0].Account = kept })
		b.app.editAccount("a")
		test.Tap(b.app.shell.first.connect)
		if got := b.app.model.trying; got.URI != kept.URI || got.Server != server {
			t.Errorf("%q becomes %q by %q", server, got.URI, got.Server)
		}
	}
}
