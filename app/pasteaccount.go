package app

import (
	"crypto/rand"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// pasteAccount tries the account whose JSON an administrator sent and the person copied: it may
// hold what the form has no field for (media, own authority, an HA1 in place of the password).
// What is refused says why under the form; nothing of the clipboard is shown or logged.
func (a *App) pasteAccount() {
	m := &a.model
	if m.form.waiting {
		return
	}
	acc, err := phone.ParseAccount([]byte(strings.TrimSpace(a.fyne.Clipboard().Content())))
	if err != nil || acc.Secret.IsZero() && !acc.Direct {
		m.form = formState{trouble: tr("first.noPaste")}
		a.render()
		return
	}
	a.dropTrying()
	acc.ID = phone.AccountID(rand.Text()) // never that of another account, which it would replace
	f := a.shell.first
	f.showAddress(acc)
	f.password.SetState(acc.Secret.Password())
	f.pickSound(soundOf(acc))
	f.advanced.setState(acc, true)
	m.form = formState{}
	a.try(acc)
}

// try adds the form's account and registers it; accountChanged says how that went.
func (a *App) try(acc phone.Account) {
	m := &a.model
	m.trying = acc
	m.form.waiting = true
	if err := a.op.AddAccount(acc); err != nil {
		m.form.waiting = false
		m.form.trouble = errorSentence(err)
	} else if err := a.op.Register(acc.ID); err != nil {
		a.log.Info("register", "err", err)
	}
	a.render()
}
