package app

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// peopleState is the contacts as they are listed. The main goroutine owns it.
type peopleState struct {
	roll
	list     []store.Contact // what is listed
	all      []store.Contact
	stale    bool   // all has changed since it was read
	typed    string // in the field
	asked    string // for what was read last
	text     string // what the list answers
	answered bool
	dirty    bool
	slow     bool
}

// newPeople makes the reading of the contacts.
func (a *App) newPeople() *reading {
	r := &reading{app: a}
	r.begin = func() (func(context.Context) error, func()) {
		p := &a.model.people
		text := strings.TrimSpace(p.typed)
		p.asked = text
		if a.deps.Calls == nil {
			return nil, nil
		}
		var list, all []store.Contact
		both := text == "" || p.stale
		work := func(ctx context.Context) (err error) {
			if list, err = a.deps.Calls.Contacts(ctx, text); err != nil || !both {
				return err
			}
			if all = list; text != "" {
				all, err = a.deps.Calls.Contacts(ctx, "")
			}
			return err
		}
		return work, func() {
			if text != p.text {
				p.mark = ""
			}
			p.list, p.text, p.answered, p.dirty = list, text, true, true
			if both {
				p.all, p.stale = all, false
			}
		}
	}
	return r
}

// arrange makes the lines anew where something has changed: favourites first, then by letters.
func (p *peopleState) arrange(slow bool) {
	if !p.dirty && slow == p.slow {
		return
	}
	p.dirty, p.slow = false, slow
	p.begin()
	defer p.finish()
	switch {
	case !p.answered:
		if slow {
			p.grey(6)
		}
	case p.text != "":
		p.arrangeFound()
	default:
		p.arrangeAll()
	}
}

func (p *peopleState) arrangeFound() {
	for i := range p.list {
		if i == 0 {
			p.head(tr("search.people", "Count", itoa(len(p.list))))
		}
		p.add(line{person: &p.list[i]})
	}
	if first := p.first(); p.index(p.mark) < 0 && first >= 0 {
		p.mark = p.lines[first].key() // whom Enter calls
	}
}

func (p *peopleState) arrangeAll() {
	head := ""
	group := func(text string, l line) {
		if text != head {
			head = text
			p.head(text)
		}
		p.add(l)
	}
	for i := range p.list {
		if p.list[i].Favourite {
			group(tr("people.favourites"), line{person: &p.list[i]})
		}
	}
	for i := range p.list {
		if !p.list[i].Favourite {
			group(letterOf(p.list[i].Title()), line{person: &p.list[i]})
		}
	}
}

// plainLetters are what letters with marks are listed under. The table is never written to.
var plainLetters = strings.NewReplacer("Ä", "A", "À", "A", "Á", "A", "Â", "A", "Ã", "A", "Å", "A", "Ç", "C", "È", "E", "É", "E", "Ê", "E", "Ë", "E",
	"Ì", "I", "Í", "I", "Î", "I", "Ï", "I", "Ñ", "N", "Ò", "O", "Ó", "O", "Ô", "O", "Õ", "O", "Ö", "O", "Ø", "O", "Ù", "U", "Ú", "U", "Û", "U", "Ü", "U",
	"Š", "S", "Ž", "Z", "Č", "C")

// letterOf is the letter that somebody is listed under, # where the name begins with none.
func letterOf(name string) string {
	first, _ := utf8.DecodeRuneInString(oneLine(name))
	if !unicode.IsLetter(first) {
		return "#"
	}
	return plainLetters.Replace(string(unicode.ToUpper(first)))
}

// openPerson is whom the stage shows of the contacts: on their page, or found among the calls.
func (m *model) openPerson() *store.Contact {
	switch m.page {
	case pageContacts:
		return m.people.open.person
	case pageCalls, "":
		return m.past.open.person
	}
	return nil
}

// peopleRow is what stands in a line of the contacts.
func (a *App) peopleRow(i int) widgets.RowState {
	p := &a.model.people
	if i >= len(p.lines) || p.lines[i].person == nil {
		return widgets.RowState{}
	}
	return personRow(p.lines[i].person)
}

// editPeople is what the search field says.
func (a *App) editPeople(text string) {
	a.model.people.typed = text
	a.people.ask()
	a.render()
}

// pickPerson shows who was pressed.
func (a *App) pickPerson(i int) {
	p := &a.model.people
	if i < 0 || i >= len(p.lines) {
		return
	}
	p.mark, p.open = p.lines[i].key(), p.lines[i]
	a.model.card.open = false
	a.window.Canvas().Unfocus()
	a.render()
}

// movePeople moves the mark, and the details with it where they are beside the list.
func (a *App) movePeople(by int) {
	p := &a.model.people
	i := p.move(by)
	if i < 0 || a.model.card.open {
		return
	}
	if a.model.wide {
		p.open = p.lines[i]
	}
	a.render()
	a.shell.people.rows.Reveal(i)
}

// closePerson takes the details off the stage.
func (a *App) closePerson() {
	if a.model.page == pageContacts {
		a.model.people.open = line{}
	} else {
		a.model.past.open = line{}
	}
	a.render()
}

// toggleFavourite marks the open contact, or takes the mark away.
func (a *App) toggleFavourite() {
	c := a.model.openPerson()
	if c == nil || a.deps.Calls == nil {
		return
	}
	next := *c
	next.Favourite = !next.Favourite
	a.change(func(ctx context.Context) error {
		_, err := a.deps.Calls.SaveContact(ctx, next)
		return err
	}, nil)
}

// deletePerson forgets a contact; for 6 s that can be undone.
func (a *App) deletePerson(c *store.Contact) {
	if c == nil || a.deps.Calls == nil {
		return
	}
	p, gone := &a.model.people, *c
	key := line{person: c}.key()
	next := p.neighbour(key)
	a.change(func(ctx context.Context) error {
		err := a.deps.Calls.DeleteContact(ctx, gone.ID)
		if errors.Is(err, store.ErrContactNotFound) {
			return nil // gone already: that is what was wanted
		}
		return err
	}, func() {
		p.mark = next.key()
		if p.open.key() == key {
			p.open = line{}
		}
		if a.model.past.open.key() == key {
			a.model.past.open = line{}
		}
		a.offerUndo(tr("people.deleted", "Name", shortName(oneLine(gone.Title()))), func(ctx context.Context) error {
			_, err := a.deps.Calls.SaveContact(ctx, gone)
			return err
		})
	})
}

// keptSentence says why calls or contacts could not be changed.
func keptSentence(err error) string {
	switch {
	case errors.Is(err, store.ErrContactsFull):
		return tr("kept.full")
	case errors.Is(err, store.ErrContactInvalid):
		return tr("kept.invalid")
	}
	return tr("kept.writeFailed")
}

// sayKept says it on the page.
func (a *App) sayKept(err error) { a.say(widgets.BarError, keptSentence(err)) }
