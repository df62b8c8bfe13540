package app

import (
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// personView is somebody on the stage.
type personView struct {
	shown     bool
	key       string
	name      string
	second    string // the company
	favourite bool
	numbers   []numberView
	note      string // in place of numbers
	video     bool
}

// numberView is one of somebody's numbers.
type numberView struct{ label, number string }

// cardFormView is the form of a contact.
type cardFormView struct {
	shown bool
	title string
	state cardState
}

// peopleView is the contacts' page beside its list.
type peopleView struct {
	list   widgets.ListState
	typed  string
	none   bool // there are no contacts
	nobody bool // nobody was found
	person personView
	card   cardFormView
	hint   bool // the stage says that nobody is chosen
}

// presentPerson is somebody with all their numbers.
func presentPerson(s *phone.Snapshot, c *store.Contact) personView {
	if c == nil {
		return personView{}
	}
	v := personView{shown: true, key: line{person: c}.key(), name: oneLine(c.Title()), favourite: c.Favourite, video: presentVideoCall(s)}
	if company := oneLine(c.Company); company != v.name {
		v.second = company
	}
	for _, n := range c.Numbers {
		v.numbers = append(v.numbers, numberView{label: labelText(n.Label), number: oneLine(n.Number)})
	}
	if len(v.numbers) == 0 {
		v.note = tr("people.noNumberYet")
	}
	return v
}

// presentPeople makes the contacts' page.
func presentPeople(s *phone.Snapshot, m *model) peopleView {
	p := &m.people
	v := peopleView{list: p.state(), typed: p.typed}
	v.none = p.answered && p.text == "" && len(p.list) == 0
	v.nobody = p.answered && p.text != "" && len(p.list) == 0
	if m.card.open && m.page == pageContacts {
		v.card = cardFormView{shown: true, title: tr("people.add"), state: m.card}
		if m.card.id != 0 {
			v.card.title = tr("people.edit")
		}
		return v
	}
	v.person = presentPerson(s, m.openPerson())
	v.hint = m.wide && m.page == pageContacts && !v.person.shown
	return v
}
