package app

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// addAccount opens the empty form.
func (a *App) addAccount() {
	a.dropTrying()
	a.model.form = formState{}
	f := a.shell.first
	for _, field := range f.fields() {
		field.SetState("")
	}
	f.pickSound(soundChoices[0].id)
	f.advanced.setState(newAccount(), false)
	a.model.page = pageFirst
	a.render()
}

// editAccount opens the form with an account; an empty password keeps the one there is.
func (a *App) editAccount(id phone.AccountID) {
	acc, ok := a.account(id)
	if !ok {
		return
	}
	a.dropTrying()
	a.model.form = formState{editing: string(id)}
	f := a.shell.first
	f.showAddress(acc)
	f.password.SetState("")
	f.pickSound(soundOf(acc))
	f.advanced.setState(acc, false)
	a.model.page = pageFirst
	a.render()
}

func (a *App) account(id phone.AccountID) (phone.Account, bool) {
	for _, s := range a.op.Snapshot().Accounts {
		if s.Account.ID == id {
			return s.Account, true
		}
	}
	return phone.Account{}, false
}

// leaveForm goes back without a change.
func (a *App) leaveForm() {
	a.dropTrying()
	a.model.form = formState{}
	a.model.page = pageSettings
	if len(a.op.Snapshot().Accounts) == 0 {
		a.model.page = pageFirst
	}
	a.render()
}

// dropTrying takes the form's new account away that never registered.
func (a *App) dropTrying() {
	m := &a.model
	if m.trying.ID != "" && m.form.editing == "" {
		if err := a.op.RemoveAccount(m.trying.ID); err != nil {
			a.log.Info("the tried account was gone", "err", err)
		}
	}
	m.trying = phone.Account{}
}

// showAddress fills in server and user, this with its domain where the server tells another.
func (f *firstPart) showAddress(acc phone.Account) {
	user := strings.TrimPrefix(strings.TrimPrefix(acc.URI, "sips:"), "sip:")
	name, domain, _ := strings.Cut(user, "@")
	server := firstOf(acc.Server, domain)
	if hostOf(server) == domain {
		user = name
	}
	f.server.SetState(server)
	f.user.SetState(user)
}

// formAccount makes the account of what was typed: a bare name or address leaves the way to the
// server to RFC 3263; wss://, ws://, tls:, tcp: and udp: name it.
func formAccount(server, user string) (phone.Account, bool) {
	server, user = strings.TrimSpace(server), strings.TrimSpace(user)
	user = strings.TrimPrefix(strings.TrimPrefix(user, "sips:"), "sip:")
	name, domain, _ := strings.Cut(user, "@")
	host := hostOf(server)
	if domain == "" {
		domain = host
	}
	if name == "" || domain == "" {
		return phone.Account{}, false
	}
	acc := newAccount()
	acc.URI = "sip:" + name + "@" + domain
	if strings.Contains(server, "://") || hasTransport(server) {
		acc.Server = server
	} else if port := strings.TrimPrefix(strings.TrimPrefix(server, host), ":"); port != "" && port != "5061" {
		acc.Server = "udp:" + server // a port without a word means UDP (RFC 3263 §4.1)
	} else if port != "" || domain != host {
		acc.Server = "tls:" + server
	}
	return acc, true
}

func hasTransport(server string) bool {
	before, _, ok := strings.Cut(server, ":")
	return ok && slices.Contains([]string{"tls", "tcp", "udp"}, strings.ToLower(before))
}

// hostOf is the host of "pbx.example", "pbx.example:5061", "wss://pbx.example/ws", "tcp:pbx.example:5060".
func hostOf(server string) string {
	if _, rest, ok := strings.Cut(server, "://"); ok {
		server = rest
	} else if hasTransport(server) {
		_, server, _ = strings.Cut(server, ":")
	}
	server, _, _ = strings.Cut(server, "/")
	if strings.HasPrefix(server, "[") {
		host, _, _ := strings.Cut(server, "]")
		return host + "]"
	}
	host, _, _ := strings.Cut(server, ":")
	return host
}

// connectAccount tries the form's account; it is kept once it is registered.
func (a *App) connectAccount() {
	m, f := &a.model, a.shell.first
	if m.form.waiting {
		return
	}
	m.form = formState{editing: m.form.editing}
	acc, ok := formAccount(f.server.Text(), f.user.Text())
	if strings.TrimSpace(f.server.Text()) == "" && !ok {
		m.form.serverError = tr("first.needServer")
	}
	if strings.TrimSpace(f.user.Text()) == "" {
		m.form.userError = tr("first.needUser")
	}
	if !ok && m.form.serverError == "" && m.form.userError == "" {
		m.form.serverError = tr("first.badServer") // what was typed makes no address
	}
	secret := a.formSecret(&acc)
	if secret.IsZero() && !acc.Direct {
		m.form.secret = tr("first.needPassword")
	}
	chooseSound(&acc, f.sound)
	f.advanced.take(&acc, &m.form.advanced)
	if !ok || m.form.wrong() {
		a.render()
		f.showWrong()
		return
	}
	acc.Secret = secret
	a.tryWithCA(acc)
}

// formSecret completes the account by what the form does not show and returns its secret: the typed password or, where
// none was typed, the kept one.
func (a *App) formSecret(acc *phone.Account) phone.Secret {
	if before, ok := a.before(); ok {
		uri, server := acc.URI, acc.Server
		*acc = before
		acc.URI, acc.Server = uri, server
	} else {
		acc.ID = phone.AccountID(rand.Text())
	}
	if typed := a.shell.first.password.Text(); typed != "" {
		return phone.NewPassword(typed)
	}
	return acc.Secret
}

// before is the account that the form changes, with its secrets: the one that was edited, or the one that was just tried.
func (a *App) before() (phone.Account, bool) {
	m := &a.model
	if m.form.editing == "" {
		return m.trying, m.trying.ID != ""
	}
	id := phone.AccountID(m.form.editing)
	if a.deps.Accounts != nil {
		list, err := a.deps.Accounts.List()
		if err != nil {
			a.log.Warn("the accounts could not be read", "err", err)
		}
		for _, kept := range list {
			if kept.ID == id {
				return kept, true
			}
		}
	}
	return a.account(id)
}

// accountChanged moves on from the form when its account is registered, or has its connection where there is no registrar, and says what is wrong when it is not.
func (a *App) accountChanged(e phone.Event) {
	m := &a.model
	if !m.form.waiting || e.Account != m.trying.ID {
		return
	}
	if e.Name == phone.EventRegistered || e.Name == phone.EventConnected && m.trying.Direct {
		m.form = formState{}
		a.save(m.trying)
		m.trying = phone.Account{}
		m.page = pageCalls
		for _, field := range a.shell.first.fields() {
			field.SetState("")
		}
		a.shell.first.pickSound(soundChoices[0].id)
		a.shell.first.advanced.setState(newAccount(), false)
		return
	}
	if e.Cause == phone.CauseNone {
		return
	}
	m.form.waiting = false
	sentence := lineSentence(phone.AccountState{Cause: e.Cause, Status: e.Status})
	switch e.Cause {
	case phone.CauseAuthentication, phone.CauseRejected:
		m.form.secret = sentence
	case phone.CauseNotFound, phone.CauseAddress:
		m.form.userError = sentence
	default:
		m.form.serverError = sentence
	}
}

// save keeps an account for the next run.
func (a *App) save(acc phone.Account) {
	if a.deps.Accounts == nil || acc.Temporary {
		return
	}
	a.async(func(context.Context) error { return a.deps.Accounts.Save(acc) }, func(err error) {
		if err != nil {
			a.log.Warn("the account was not saved", "err", err)
			a.say(widgets.BarWarning, tr("account.notSaved"))
		}
	})
}

// startDemo starts the embedded exchange and an account on it.
func (a *App) startDemo() {
	if a.deps.StartDemo == nil || a.model.demo || a.model.form.waiting {
		return
	}
	a.dropTrying()
	a.model.form = formState{waiting: true}
	var acc phone.Account
	a.async(func(ctx context.Context) (err error) {
		acc, err = a.deps.StartDemo(ctx)
		return err
	}, func(err error) {
		if err != nil {
			a.log.Warn("the demo did not start", "err", err)
			a.model.form = formState{trouble: tr("demo.failed")}
			a.render()
			return
		}
		a.demoStarted(acc)
	})
	a.render()
}

func (a *App) demoStarted(acc phone.Account) {
	m := &a.model
	m.demo, m.trying = true, acc
	a.shell.list.offerEcho()
	if err := a.op.AddAccount(acc); err != nil {
		m.form = formState{trouble: errorSentence(err)}
	}
	if s := a.op.Snapshot(); slices.ContainsFunc(s.Accounts, func(x phone.AccountState) bool { return x.Account.ID == acc.ID && x.Ready() }) {
		m.form, m.page = formState{}, pageCalls
	}
	a.render()
}

// removeAccount takes an account off the list; for 6 s that can be undone, then it is deleted.
func (a *App) removeAccount(id phone.AccountID) {
	for _, s := range a.op.Snapshot().Accounts {
		if s.Account.ID != id || a.model.removing(id) {
			continue
		}
		r := &removal{account: s}
		r.timer = time.AfterFunc(lingering, func() { a.post(func() { a.remove(r) }) })
		a.model.removals = append(a.model.removals, r)
	}
	a.render()
}

func (a *App) undoRemoval() {
	last := a.model.removals[len(a.model.removals)-1]
	last.timer.Stop()
	a.model.removals = a.model.removals[:len(a.model.removals)-1]
	a.render()
}

// remove deletes the account now.
func (a *App) remove(r *removal) {
	a.model.removals = slices.DeleteFunc(a.model.removals, func(x *removal) bool { return x == r })
	a.delete(r)
	if len(a.op.Snapshot().Accounts) == 0 {
		a.model.page = pageFirst
	}
	a.render()
}

func (a *App) delete(r *removal) {
	id := r.account.Account.ID
	if err := a.op.RemoveAccount(id); err != nil {
		a.log.Warn("the account was not removed", "err", err)
	}
	if a.deps.Accounts != nil && !r.account.Account.Temporary {
		if err := a.deps.Accounts.Remove(id); err != nil {
			a.log.Warn("the account was not forgotten", "err", err)
		}
	}
}

// removePending completes the removals that wait for their undo when the program ends.
func (a *App) removePending() {
	for _, r := range a.model.removals {
		r.timer.Stop()
		a.delete(r)
	}
	a.model.removals = nil
}
