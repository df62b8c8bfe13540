package app

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// fill types a whole form.
func (b *bench) fill() *firstPart {
	b.app.addAccount()
	f := b.app.shell.first
	f.server.SetState("wss://pbx.example/ws")
	f.user.SetState("204")
	f.password.SetState("secret")
	return f
}

func TestTheAdvancedPartIsClosedAtFirstAndOpensByTheKeyboard(t *testing.T) {
	b := newBench(t, 360, 640)
	f := b.fill()
	p := f.advanced
	if p.open || p.body.Visible() {
		t.Fatal("it is open at once")
	}
	closed := f.items.MinSize().Height
	p.toggle.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if !p.open || f.items.MinSize().Height < closed+400 || p.toggle.AccessibilityLabel() != "Hide advanced settings" {
		t.Errorf("Space opens it: %v, %v high after %v, spoken %q", p.open, f.items.MinSize().Height, closed, p.toggle.AccessibilityLabel())
	}
	b.app.window.Canvas().Focus(p.refer.buttons[1])
	if at, h := f.scroll.Offset.Y, f.scroll.Size().Height; at == 0 || at+h > f.scroll.Content.MinSize().Height+1 {
		t.Errorf("the last choice has the keyboard, and the form is scrolled to %v", at)
	}
	p.relay.SetState("turn.example")
	p.toggle.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if p.open || p.relay.Text() != "turn.example" || f.items.MinSize().Height != closed {
		t.Errorf("Enter closes it and keeps %q", p.relay.Text())
	}
}

func TestWhatTheAdvancedPartSaysGoesWithTheAccount(t *testing.T) {
	b := newBench(t, 1280, 800)
	f := b.fill()
	p := f.advanced
	p.relay.SetState("turn.example, turns:turn.example:443 stun:stun.example")
	p.relayUser.SetState("ann")
	p.relayPassword.SetState("relay-secret")
	p.ringLimit.SetState(" 45 ")
	p.mediaPorts.SetState("16384 - 16482")
	p.recordCode.SetState("*1")
	p.pickCalls("4")
	test.Tap(p.recording.buttons[1])
	test.Tap(p.early.buttons[1])
	test.Tap(p.refer.buttons[1])
	test.Tap(p.intercom.buttons[1])
	test.Tap(f.connect)
	got := b.app.model.trying
	want := []phone.ICEServer{{URLs: []string{"stun:stun.example"}},
		{URLs: []string{"turn:turn.example", "turns:turn.example:443"}, Username: "ann", Credential: "relay-secret"}}
	if !reflect.DeepEqual(got.ICEServers, want) || got.RingLimit != 45*time.Second || got.MediaPorts != (phone.PortRange{Low: 16384, High: 16482}) ||
		got.RecordCode != "*1" || !got.AutoAnswer || got.RecordPermissions != 1 || got.MaxCalls != 4 || !got.EarlyReplaces || !got.ReferConsultation {
		t.Errorf("tried is %+v", got)
	}
	if err := phone.CheckAccount(got); err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrongInTheAdvancedPartIsSaidUnderItsFieldAndStays(t *testing.T) {
	for name, c := range map[string]struct {
		relay, user, password, ring, ports, code string
		want                                     advancedErrors
	}{
		"no address":            {"https://turn.example", "ann", "x", "", "", "", advancedErrors{relay: tr("advanced.badRelay")}},
		"no user":               {"turn.example", "", "x", "", "", "", advancedErrors{relayUser: tr("advanced.needRelayUser")}},
		"no password":           {"turn.example", "ann", "", "", "", "", advancedErrors{relayPassword: tr("advanced.needRelayPassword")}},
		"no seconds":            {"", "", "", "soon", "", "", advancedErrors{ringLimit: tr("advanced.badRingLimit")}},
		"no second":             {"", "", "", "0", "", "", advancedErrors{ringLimit: tr("advanced.badRingLimit")}},
		"too long":              {"", "", "", "99999999999999999999", "", "", advancedErrors{ringLimit: tr("advanced.badRingLimit")}},
		"low ports":             {"", "", "", "", "80-90", "", advancedErrors{mediaPorts: tr("advanced.badMediaPorts")}},
		"no such keys":          {"", "", "", "", "", "rec", advancedErrors{recordCode: tr("advanced.badRecordCode")}},
		"no code to pause with": {"", "", "", "", "", "", advancedErrors{recordCode: tr("advanced.needRecordCode")}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, 360, 640)
			f := b.fill()
			p := f.advanced
			for i, text := range []string{c.relay, c.user, c.password, c.ports, "", c.ring, c.code} {
				p.fields()[i].SetState(text)
			}
			if c.want.recordCode == tr("advanced.needRecordCode") {
				p.recording.set(1)
			}
			test.Tap(f.connect)
			b.did()
			if got := b.app.model.form; got.advanced != c.want || got.waiting || !p.open {
				t.Errorf("the form says %+v, open %v", got, p.open)
			}
			for i, text := range []string{c.relay, c.user, c.password, c.ports, "", c.ring, c.code} {
				if c.want.list()[i] != "" && b.app.window.Canvas().Focused() != p.fields()[i].Focusable() {
					t.Errorf("the keyboard is not at field %d, which is wrong", i)
				}
				if got := p.fields()[i]; got.Text() != text || got.Wrong() != c.want.list()[i] {
					t.Errorf("field %d says %q under %q", i, got.Wrong(), got.Text())
				}
			}
		})
	}
}

func TestAnEditedAccountKeepsItsRelaysPasswordAndThoseTheFormDoesNotShow(t *testing.T) {
	kept := ready.Account
	kept.Secret = phone.NewPassword("kept")
	kept.EarlyReplaces, kept.ReferConsultation, kept.MaxCalls, kept.AutoAnswer, kept.RingLimit = true, true, 4, true, time.Minute
	kept.ICEServers = []phone.ICEServer{{URLs: []string{"stun:stun.example"}},
		{URLs: []string{"turn:turn.example"}, Username: "ann", Credential: "one"},
		{URLs: []string{"turn:turn.other.example"}, Username: "bob", Credential: "two"}}
	edit := func(t *testing.T, change func(*advancedPart)) phone.Account {
		b := newBench(t, 1280, 800, func(d *Deps) { d.Accounts = &fakeBook{list: []phone.Account{kept}} })
		b.set(func(s *phone.Snapshot) {
			s.Accounts[0].Account = kept
			s.Accounts[0].Account.ICEServers = []phone.ICEServer{kept.ICEServers[0], {URLs: kept.ICEServers[1].URLs, Username: "ann"},
				{URLs: kept.ICEServers[2].URLs, Username: "bob"}} // the operator shows no passwords
		})
		b.app.editAccount("a")
		p := b.app.shell.first.advanced
		if p.relay.Text() != "stun:stun.example, turn:turn.example" || p.relayUser.Text() != "ann" || p.relayPassword.Text() != "" || !p.intercom.on() || p.ringLimit.Text() != "60" {
			t.Fatalf("the form says %q %q %q", p.relay.Text(), p.relayUser.Text(), p.ringLimit.Text())
		}
		change(p)
		test.Tap(b.app.shell.first.connect)
		return b.app.model.trying
	}
	if got := edit(t, func(*advancedPart) {}); !reflect.DeepEqual(got, kept) {
		t.Errorf("unchanged it becomes %+v", got)
	}
	got := edit(t, func(p *advancedPart) { p.relay.SetState("turns:turn.example") })
	if want := []phone.ICEServer{{URLs: []string{"turns:turn.example"}, Username: "ann", Credential: "one"}, kept.ICEServers[2]}; !reflect.DeepEqual(got.ICEServers, want) {
		t.Errorf("with another address it becomes %+v", got.ICEServers)
	}
	got = edit(t, func(p *advancedPart) {
		p.pickCalls("")
		p.recording.set(2)
		p.early.set(0)
		p.refer.set(0)
	})
	if got.MaxCalls != 0 || got.RecordPermissions != 2 || got.EarlyReplaces || got.ReferConsultation || !got.AutoAnswer {
		t.Errorf("with all changed back it becomes %+v", got)
	}
	got = edit(t, func(p *advancedPart) { p.relay.SetState(""); p.relayUser.SetState("") })
	if !reflect.DeepEqual(got.ICEServers, kept.ICEServers[2:]) || got.RecordPermissions != 0 || !got.EarlyReplaces || got.MaxCalls != 4 {
		t.Errorf("without a relay it becomes %+v", got)
	}
}

func TestTheCertificateFileIsReadBeforeTheAccountIsTried(t *testing.T) {
	folder := t.TempDir()
	wrong := filepath.Join(folder, "wrong.pem")
	if err := os.WriteFile(wrong, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{wrong, filepath.Join(folder, "missing.pem"), folder, "/dev/null"} {
		b := newBench(t, 360, 640)
		f := b.fill()
		f.advanced.ca.SetState(file)
		test.Tap(f.connect)
		if !b.app.model.form.waiting {
			t.Error("it waits for no disk")
		}
		b.wait()
		b.did()
		if got := b.app.model.form; got.advanced.ca != tr("advanced.badCA") || got.waiting || f.advanced.ca.Text() != file {
			t.Errorf("%s: the form says %+v", file, got)
		}
	}
	b := newBench(t, 360, 640)
	f := b.fill()
	f.advanced.ca.SetState(wrong)
	test.Tap(f.connect)
	test.Tap(f.cancel)
	b.wait()
	if got := b.app.model.form; got != (formState{}) {
		t.Errorf("the form was left, and says %+v", got)
	}
}

func TestACopiedAccountThatWasRefusedIsTriedAgainWithAllItSaid(t *testing.T) {
	b := newBench(t, 360, 640)
	b.app.addAccount()
	b.app.fyne.Clipboard().SetContent(`{"uri":"sip:204@pbx.example","server":"wss://pbx.example/ws","ha1":"` + strings.Repeat("ab", 16) + `","username":"ann",
		"iceServers":[{"urls":["turn:turn.example"],"username":"ann","credential":"relay-secret"}],"maxCalls":4}`)
	b.press(b.app.shell.first.paste)
	tried := b.app.model.trying
	b.set(func(*phone.Snapshot) {}, phone.Event{Name: phone.EventRegistrationFailed, Account: tried.ID, Cause: phone.CauseConnection})
	b.app.shell.first.server.SetState("wss://pbx.example/phone")
	test.Tap(b.app.shell.first.connect)
	want := tried
	want.Server = "wss://pbx.example/phone"
	if got := b.app.model.trying; !reflect.DeepEqual(got, want) {
		t.Errorf("the second try is %+v", got)
	}
}

func TestANewAccountMayRecordAndTakesItsLimitFromTheSettings(t *testing.T) {
	b := newBench(t, 1280, 800)
	test.Tap(b.fill().connect)
	if got := b.app.model.trying; got.RecordPermissions != 2 || got.MaxCalls != 0 || got.EarlyReplaces || got.ReferConsultation {
		t.Errorf("tried is %+v", got)
	}
	first := newFirstPart(b.app) // as a phone without an account begins
	if first.advanced.recording.at != 2 {
		t.Error("the first form forbids it")
	}
}

func TestTabReachesEveryChoiceOfTheAdvancedPartInReadingOrder(t *testing.T) {
	b := newBench(t, 360, 640)
	p := b.fill().advanced
	p.setOpen(true)
	c := b.app.window.Canvas()
	c.Focus(p.recordCode.Focusable())
	for _, want := range []fyne.Focusable{p.early.buttons[0], p.early.buttons[1], p.refer.buttons[0], p.refer.buttons[1]} {
		c.FocusNext()
		if c.Focused() != want {
			t.Fatalf("Tab goes to %T", c.Focused())
		}
		if s := b.app.shell.first.scroll; s.Offset.Y == 0 {
			t.Error("it is not in sight")
		}
	}
	p.refer.buttons[1].TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if !p.refer.on() {
		t.Error("Space chooses nothing")
	}
	c.Focus(p.ca.Focusable())
	c.FocusNext()
	if c.Focused() != fyne.Focusable(p.calls) || p.calls.AccessibilityLabel() != "Calls at a time: As in the settings" {
		t.Errorf("Tab goes to %T", c.Focused())
	}
}

func TestTheOpenFormLooksAsKept(t *testing.T) {
	for _, look := range []widgets.Appearance{widgets.AppearanceLight, widgets.AppearanceDark} {
		b := newBench(t, 360, 2220)
		b.app.setAppearance(look)
		f := b.fill()
		f.advanced.setOpen(true)
		f.advanced.relay.SetState("turn.example")
		f.advanced.ringLimit.SetState("soon")
		test.Tap(f.connect) // it says what is wrong under two fields
		b.app.window.Canvas().Unfocus()
		test.AssertRendersToImage(t, "form-"+string(look)+".png", b.app.window.Canvas())
	}
}
