package app

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestACopiedAccountIsTriedWithAllItSays(t *testing.T) {
	b := newBench(t, 360, 640, func(*Deps) {})
	b.app.addAccount()
	b.app.fyne.Clipboard().SetContent(" {\"uri\":\"sip:204@pbx.example\",\"server\":\"wss://pbx.example/ws\",\"password\":\"secret\"}\n")
	b.press(b.app.shell.first.paste)
	trying := b.app.model.trying
	b.did("add sip:204@pbx.example wss://pbx.example/ws", "register "+string(trying.ID))
	if trying.ID == "a" || trying.Secret.Password() != "secret" || !b.app.model.form.waiting {
		t.Errorf("tried is %+v, waiting %v", trying, b.app.model.form.waiting)
	}
	if f := b.app.shell.first; f.server.Text() != "wss://pbx.example/ws" || f.user.Text() != "204" {
		t.Errorf("the form says %q %q", f.server.Text(), f.user.Text())
	}
}

func TestACopiedAccountWithoutARegistrarNeedsNoPasswordAndIsKeptOnceItIsConnected(t *testing.T) {
	book := &fakeBook{}
	b := newBench(t, 360, 640, func(d *Deps) { d.Accounts = book })
	b.app.addAccount()
	b.app.fyne.Clipboard().SetContent(`{"uri":"sip:204@192.0.2.7","server":"udp:192.0.2.5:5060","register":false,"listen":":5060"}`)
	b.press(b.app.shell.first.paste)
	trying := b.app.model.trying
	if !trying.Direct || trying.Listen != ":5060" || !b.app.model.form.waiting {
		t.Fatalf("tried is %+v, the form says %+v", trying, b.app.model.form)
	}
	b.set(func(s *phone.Snapshot) {
		s.Accounts = append(s.Accounts, phone.AccountState{Account: trying, Connected: true})
	}, phone.Event{Name: phone.EventConnected, Account: trying.ID})
	b.wait()
	if b.app.model.page != pageCalls || len(book.list) != 1 || !book.list[0].Direct {
		t.Errorf("page %s, kept %+v", b.app.model.page, book.list)
	}
	b.app.editAccount(trying.ID) // what the form does not show stays, and no password is asked for
	b.press(b.app.shell.first.connect)
	if got := b.app.model.trying; !got.Direct || got.Listen != ":5060" {
		t.Errorf("edited it becomes %+v, the form says %+v", got, b.app.model.form)
	}
}

func TestWhatIsNoAccountIsRefusedWithoutShowingIt(t *testing.T) {
	for _, text := range []string{"", "geheim", "{", `{"uri":"sip:204@pbx.example"}`, `{"uri":"x","password":"geheim"}`, strings.Repeat("{", 1<<17)} {
		b := newBench(t, 1280, 800)
		b.op.snapshot.Accounts = []phone.AccountState{ready}
		b.app.addAccount()
		b.app.fyne.Clipboard().SetContent(text)
		b.press(b.app.shell.first.paste)
		b.did()
		if got := b.app.model.form.trouble; got != "No account was copied. Copy its JSON text first." {
			t.Errorf("%.20q: the form says %q", text, got)
		}
	}
}
