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
