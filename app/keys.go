package app

import (
	"slices"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// bindKeys gives the window its keys (look.md, "Keys").
func (a *App) bindKeys() {
	c := a.window.Canvas()
	c.SetOnTypedRune(a.typedRune)
	c.SetOnTypedKey(a.typedKey)
	for _, s := range a.shortcuts() {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: s.key, Modifier: s.modifier}, a.shortcut)
	}
	a.shell.list.field.OnShortcut = a.shortcut
	for _, f := range a.shell.first.fields() {
		f.OnShortcut(a.shortcut)
	}
	c.AddShortcut(&fyne.ShortcutPaste{}, func(s fyne.Shortcut) {
		if p, ok := s.(*fyne.ShortcutPaste); ok && p.Clipboard != nil {
			a.edit(a.model.typed + widgets.CleanNumber(p.Clipboard.Content()))
		}
	})
}

// binding is a shortcut and what it does.
type binding struct {
	key      fyne.KeyName
	modifier fyne.KeyModifier
	do       func()
}

func (a *App) shortcuts() []binding {
	one := fyne.KeyModifierShortcutDefault
	both := one | fyne.KeyModifierShift
	return []binding{
		{fyne.KeyA, both, func() { a.onIncoming(a.answer) }},
		{fyne.KeyV, both, a.videoKey},
		{fyne.KeyD, both, a.declineOrHangup},
		{fyne.KeyS, both, func() { a.onIncoming(a.silence) }},
		{fyne.KeyM, both, a.toggleMute},
		{fyne.KeyO, both, a.toggleHold},
		{fyne.KeyK, both, a.toggleKeypad},
		{fyne.KeyT, both, a.beginTransfer},
		{fyne.KeyJ, both, a.mergeOrSplit},
		{fyne.KeyR, both, a.toggleRecord},
		{fyne.KeyF, one, a.focusField},
		{fyne.Key1, one, func() { a.openNth(0) }},
		{fyne.Key2, one, func() { a.openNth(1) }},
		{fyne.Key3, one, func() { a.openNth(2) }},
		{fyne.Key4, one, func() { a.openNth(3) }},
		{fyne.Key5, one, func() { a.openNth(4) }},
		{fyne.KeyTab, one, a.nextCall},
	}
}

// shortcut does what a shortcut stands for, wherever it was typed.
func (a *App) shortcut(s fyne.Shortcut) {
	for _, b := range a.shortcuts() {
		if c, ok := s.(*desktop.CustomShortcut); ok && c.KeyName == b.key && c.Modifier == b.modifier {
			b.do()
			return
		}
	}
}

// typedRune is what is typed while no text field has the keyboard: a key of the dial pad, or the
// beginning of an address.
func (a *App) typedRune(r rune) {
	v := a.shell.view
	if v.page == pageFirst || v.page == pageSettings || v.people.card.shown || a.model.helps {
		return
	}
	if v.page == pageContacts {
		if unicode.IsPrint(r) && r != ' ' && a.shell.people.box.Visible() {
			a.focusField()
			a.shell.people.search.field.TypedRune(r)
		}
		return
	}
	if v.transfer.step == transferChoose {
		a.window.Canvas().Focus(a.shell.transfer.field)
		a.shell.transfer.field.TypedRune(r)
		return
	}
	switch {
	case r >= '0' && r <= '9', r == '*', r == '#', r == '+':
		a.digit(r)
	case unicode.IsPrint(r) && r != ' ' && v.page == pageCalls && a.shell.list.box.Visible():
		a.focusField()
		a.shell.list.field.TypedRune(r)
	}
}

func (a *App) typedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyF1:
		a.model.helps = !a.model.helps
		a.render()
	case fyne.KeyEscape:
		a.escape()
	case fyne.KeyReturn, fyne.KeyEnter:
		a.enter()
	case fyne.KeyBackspace:
		if p := a.shell.view.page; p == pageCalls || p == pageDial {
			a.backspace()
		}
	default:
		a.listKey(k.Name)
	}
}

// listKey is a key of the list that is shown.
func (a *App) listKey(name fyne.KeyName) {
	m, calls, people := &a.model, a.shell.list.box.Visible(), a.shell.people.box.Visible()
	by, moves := listKeys(name)
	switch {
	case a.model.helps || a.shell.view.people.card.shown:
	case moves && calls:
		a.movePast(by)
	case moves && people:
		a.movePeople(by)
	case name == fyne.KeyDelete && (calls || a.shell.past.box.Visible()):
		if l, ok := m.past.marked(); ok {
			a.deletePast(l.entry)
		}
	case name == fyne.KeyDelete && (people || a.shell.view.page == pageContacts):
		if l, ok := m.people.marked(); ok {
			a.deletePerson(l.person)
		}
	case name == fyne.KeySpace && calls:
		a.pickPast(m.past.index(m.past.mark))
	case name == fyne.KeySpace && people:
		a.pickPerson(m.people.index(m.people.mark))
	}
}

// enter calls whom the list marks, else what was typed.
func (a *App) enter() {
	m := &a.model
	switch a.shell.view.page {
	case pageDial:
		a.callTyped()
	case pageCalls:
		l, ok := m.past.marked()
		switch {
		case !ok:
			a.callTyped()
		case l.entry != nil:
			a.place(phone.CallRequest{Number: l.entry.Number, Account: a.accountFor(l.entry)})
		default:
			a.call(l.number())
		}
	case pageContacts:
		if l, ok := m.people.marked(); ok && !m.card.open {
			a.call(l.number())
		}
	}
}

// markFirst marks the first line where none is: the keyboard has come to the list.
func (a *App) markFirst(r *roll) {
	if i := r.first(); r.index(r.mark) < 0 && i >= 0 {
		r.mark = r.lines[i].key()
		a.render()
	}
}

// escape closes what lies on top, never a call.
func (a *App) escape() {
	m := &a.model
	switch {
	case m.helps:
		m.helps = false
	case m.asksQuit || m.link != "" || a.shell.notice.State().Close != "":
		a.noticeClose()
		return
	case m.card.open && a.shell.view.people.card.shown:
		a.leaveCard()
		return
	case m.wide && a.clearSearch():
		return
	case a.shell.view.past.shown || a.shell.view.people.person.shown:
		a.closeOpened()
		return
	case m.choosing(a.op.Snapshot()) != nil:
		a.cancelTransfer()
		return
	case m.keypad:
		m.keypad = false
	case a.clearSearch():
		return
	default:
		a.window.Canvas().Unfocus()
	}
	a.render()
}

// clearSearch empties the page's field and reports whether there was anything in it.
func (a *App) clearSearch() bool {
	m := &a.model
	switch {
	case a.shell.view.page == pageContacts && m.people.typed != "":
		a.editPeople("")
	case a.shell.view.page == pageCalls && m.typed != "":
		a.edit("")
	default:
		return false
	}
	return true
}

// onIncoming does something with the call that rings longest.
func (a *App) onIncoming(do func(phone.CallID)) {
	if list := a.shell.view.incoming; len(list) > 0 {
		do(list[0].id)
	}
}

// videoKey answers with video, and in a call turns the camera on and off.
func (a *App) videoKey() {
	if len(a.shell.view.incoming) > 0 {
		a.onIncoming(a.answerVideo)
		return
	}
	a.toggleCamera()
}

func (a *App) declineOrHangup() {
	if len(a.shell.view.incoming) > 0 {
		a.onIncoming(a.reject)
		return
	}
	a.hangupCurrent()
}

func (a *App) focusField() {
	if a.shell.view.page == pageContacts {
		if a.shell.people.box.Visible() {
			a.window.Canvas().Focus(a.shell.people.search.field)
		}
		return
	}
	if !a.shell.list.box.Visible() {
		a.open(string(pageCalls))
	}
	a.window.Canvas().Focus(a.shell.list.field)
}

// openNth opens the nth page of the rail or the bar.
func (a *App) openNth(n int) {
	if items := a.shell.view.nav.Items; n < len(items) && a.shell.view.page != pageFirst {
		a.open(items[n].Key)
	}
}

// nextCall brings the next live call to the foreground.
func (a *App) nextCall() {
	s := a.op.Snapshot()
	calls := slices.DeleteFunc(slices.Clone(s.Calls), phone.Call.RingsHere)
	if len(calls) < 2 {
		return
	}
	i := slices.IndexFunc(calls, func(c phone.Call) bool { return c.ID == s.Current })
	a.choose(calls[(i+1)%len(calls)].ID)
}
