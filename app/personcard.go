package app

import (
	"context"
	"strings"

	"github.com/hookswitch/hookswitch/phone/store"
)

// cardState is the form of a contact, beside what is typed in it.
type cardState struct {
	open      bool
	id        int64 // 0: a new one
	favourite bool
	back      page // where it was opened
	waiting   bool
	wrongName string
	wrong     []string // of each number
	trouble   string
}

// labelKeys are the labels of numbers that have a translation. The table is never written to.
var labelKeys = map[string]string{"work": "label.work", "mobile": "label.mobile", "home": "label.home", "fax": "label.fax", "other": "label.other"}

// numberLabels are the labels that are offered, in their order.
var numberLabels = []string{"work", "mobile", "home", "fax", "other"}

// labelText is a number's label in the person's language; one of their own stays as it is.
func labelText(label string) string {
	if key, ok := labelKeys[strings.ToLower(label)]; ok {
		return tr(key)
	}
	return oneLine(label)
}

// addPerson opens an empty form, with what was searched for where that is a name or a number.
func (a *App) addPerson() {
	c := store.Contact{}
	if text := strings.TrimSpace(a.model.people.typed); dialable(text) {
		c.Numbers = []store.ContactNumber{{Label: "work", Number: text}}
	} else {
		c.Name = text
	}
	a.openCard(c)
}

// keepPast opens the form for whom the open call was with: a new contact, or the one that has the number.
func (a *App) keepPast() {
	e := a.model.past.open.entry
	switch {
	case e == nil:
	case a.model.past.known.person != nil:
		a.openCard(*a.model.past.known.person)
	default:
		a.openCard(store.Contact{Name: oneLine(e.Name), Company: oneLine(e.Company), Numbers: []store.ContactNumber{{Label: "work", Number: e.Number}}})
	}
}

// editPerson opens the form with the open contact.
func (a *App) editPerson() {
	if c := a.model.openPerson(); c != nil {
		a.openCard(*c)
	}
}

func (a *App) openCard(c store.Contact) {
	m := &a.model
	m.card = cardState{open: true, id: c.ID, favourite: c.Favourite, back: a.shell.view.page}
	m.page, m.callOpen = pageContacts, false
	a.shell.card.fill(c)
	a.render()
	a.window.Canvas().Focus(a.shell.card.name.Focusable())
}

// leaveCard closes the form without a change.
func (a *App) leaveCard() {
	m := &a.model
	back := m.card.back
	m.card = cardState{}
	if back != "" {
		m.page = back
	}
	a.window.Canvas().Unfocus()
	a.render()
}

// saveCard keeps what the form says. Typed text stays where it cannot be kept.
func (a *App) saveCard() {
	m, f := &a.model, a.shell.card
	if m.card.waiting || a.deps.Calls == nil {
		return
	}
	c := f.contact()
	c.ID, c.Favourite = m.card.id, m.card.favourite
	m.card.wrongName, m.card.wrong, m.card.trouble = "", nil, ""
	wrong := false
	if c.Name == "" && c.Company == "" {
		m.card.wrongName, wrong = tr("card.needName"), true
	}
	for _, n := range c.Numbers {
		text := ""
		if _, err := store.CheckContact(store.Contact{Name: "x", Numbers: []store.ContactNumber{n}}); err != nil {
			text, wrong = tr("error.invalidNumber"), true
		}
		m.card.wrong = append(m.card.wrong, text)
	}
	if wrong {
		a.render()
		f.showWrong()
		return
	}
	m.card.waiting = true
	a.async(func(ctx context.Context) (err error) {
		c.ID, err = a.deps.Calls.SaveContact(ctx, c)
		return err
	}, func(err error) {
		m.card.waiting = false
		if err != nil {
			a.log.Warn("the contact was not saved", "err", err)
			m.card.trouble = keptSentence(err)
		} else {
			a.cardSaved(c)
		}
		a.render()
	})
	a.render()
}

// cardSaved goes back to where the form was opened, and shows there whom it was about.
func (a *App) cardSaved(c store.Contact) {
	m := &a.model
	back := m.card.back
	m.card = cardState{}
	if back == pageCalls {
		m.page = pageCalls
		if m.past.open.entry != nil {
			m.past.known = line{person: &c}
		} else {
			m.past.open = line{person: &c}
		}
		return
	}
	m.people.open = line{person: &c}
	m.people.mark = m.people.open.key()
	if i := m.people.index(m.people.mark); i >= 0 {
		a.shell.people.rows.Reveal(i)
	}
}
