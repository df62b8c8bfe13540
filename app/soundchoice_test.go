package app

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

func TestEachChoiceOfEncryptionIsAnAccountThatCanBeAndIsFoundAgain(t *testing.T) {
	for _, server := range []string{"", "udp:pbx.example:5060", "wss://pbx.example/ws"} {
		for _, c := range soundChoices {
			acc := phone.Account{ID: "a", URI: "sip:204@pbx.example", Server: server, Media: phone.MediaSDES}
			chooseSound(&acc, c.id)
			if err := phone.CheckAccount(acc); err != nil {
				t.Errorf("%s on %q: %v", c.id, server, err)
			}
			if got := soundOf(acc); got != c.id {
				t.Errorf("%s on %q comes back as %s", c.id, server, got)
			}
		}
	}
}

func TestAnAccountThatDoesWhatTheChoiceSaysStaysAsItIs(t *testing.T) {
	for want, acc := range map[string]phone.Account{
		"sdes":   {Server: "udp:pbx.example", Encryption: phone.EncryptionRequired},
		"dtls":   {Media: phone.MediaDTLS},
		"webrtc": {Server: "wss://pbx.example", Encryption: phone.EncryptionRequired},
		"off":    {Media: phone.MediaSDES, Encryption: phone.EncryptionOff},
		"usual":  {},
	} {
		before := acc
		if got := soundOf(acc); got != want {
			t.Errorf("%+v is %s, want %s", acc, got, want)
		}
		chooseSound(&acc, want)
		if acc.Media != before.Media || acc.Encryption != before.Encryption {
			t.Errorf("%s became %+v", want, acc)
		}
	}
}

func TestTheFormsChoiceGoesWithTheAccountAndComesBackWithIt(t *testing.T) {
	b := newBench(t, 360, 640)
	b.op.set(func(s *phone.Snapshot) { s.Accounts = nil })
	b.app.addAccount()
	f := b.app.shell.first
	f.server.SetState("pbx.example")
	f.user.SetState("204")
	f.password.SetState("x")
	f.pickSound("sdes-or-not")
	test.Tap(f.connect)
	got := b.app.model.trying
	if got.Media != phone.MediaSDES || got.Encryption != phone.EncryptionPreferred {
		t.Fatalf("tried is %+v", got)
	}
	b.set(func(s *phone.Snapshot) {
		s.Accounts = []phone.AccountState{{Account: got, Registered: true, Connected: true}}
	},
		phone.Event{Name: phone.EventRegistered, Account: got.ID})
	if f.sound != "usual" {
		t.Errorf("the next form begins with %q", f.sound)
	}
	b.app.editAccount(got.ID)
	if f.sound != "sdes-or-not" {
		t.Errorf("the edited account says %q", f.sound)
	}
	b.app.addAccount()
	if f.sound != "usual" {
		t.Errorf("a new account begins with %q", f.sound)
	}
}

func TestThePadlockIsClosedOnlyWhereNobodyOnTheWayCanListen(t *testing.T) {
	for _, c := range []struct {
		encrypted, exposed bool
		icon, label        string
		tone               widgets.ChipTone
	}{
		{true, false, "lock", "Encrypted", widgets.ChipPlain},
		{true, true, "unlock", "Weakly encrypted", widgets.ChipAmber},
		{false, false, "unlock", "Not encrypted", widgets.ChipAmber},
	} {
		call := talking()
		call.Encrypted, call.KeysExposed = c.encrypted, c.exposed
		b := newBench(t, 1280, 800)
		b.set(with(call), started(call))
		v := b.app.shell.view
		if got := v.stage.lock; got.Icon != c.icon || got.Label != c.label || got.Tone != c.tone {
			t.Errorf("encrypted %v, exposed %v: %+v", c.encrypted, c.exposed, got)
		}
		open := c.label
		if c.icon == "lock" {
			open = ""
		}
		if got := v.live[0].card.Open; got != open {
			t.Errorf("encrypted %v, exposed %v: the card says %q", c.encrypted, c.exposed, got)
		}
	}
	ringing := outgoing(phone.StateRinging)
	if lock := presentLock(ringing); lock.Label != "" {
		t.Errorf("before anything is agreed on: %+v", lock)
	}
}

func TestACallThatCouldNotBeEncryptedOrIsNoLongerSaysSoInWords(t *testing.T) {
	b := newBench(t, 1280, 800)
	open := talking()
	open.Encrypted = false
	b.set(with(open), started(open), phone.Event{Name: phone.EventConfirmed, Call: open})
	if text := b.app.shell.view.bar.Text; text != "" {
		t.Errorf("nobody wanted encryption, and the bar says %q", text)
	}
	b.set(func(s *phone.Snapshot) { s.Accounts[0].Account.Encryption = phone.EncryptionPreferred }, phone.Event{Name: phone.EventConfirmed, Call: open})
	if text := b.app.shell.view.bar.Text; text != "Mara Lindqvist cannot encrypt this call. Others could listen." {
		t.Errorf("the bar says %q", text)
	}
	secret := open
	secret.Encrypted = true
	b.app.model.bar = widgets.BarState{}
	b.set(with(secret), phone.Event{Name: phone.EventStatusChange, Call: secret, Old: open})
	if text := b.app.shell.view.bar.Text; text != "" {
		t.Errorf("it became encrypted, and the bar says %q", text)
	}
	b.set(with(open), phone.Event{Name: phone.EventStatusChange, Call: open, Old: secret})
	if text := b.app.shell.view.bar.Text; text != "The call with Mara Lindqvist is no longer encrypted. Others could listen." {
		t.Errorf("the bar says %q", text)
	}
	b.set(func(s *phone.Snapshot) { s.Calls = nil }, phone.Event{Name: phone.EventDeleteSession, Call: open})
	if text := b.app.shell.view.bar.Text; text != "" {
		t.Errorf("the call is over, and the bar says %q", text)
	}
}
