package app

import (
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
)

// target is somebody whom a call may be sent to.
type target struct{ name, number, second string }

// sendable are who matches what was typed: contacts, each with each number, then the people of recent calls, the latest first.
// Before anything is typed only these are offered.
func (m *model) sendable(typed string) []target {
	var list []target
	if typed = strings.TrimSpace(typed); typed != "" {
		for i := 0; i < len(m.people.all) && len(list) < 4*mostMatches; i++ { // some of them are on the line
			list = append(list, contactTargets(&m.people.all[i], typed)...)
		}
	}
	for i := range m.past.recent {
		c := callOf(&m.past.recent[i])
		if nameHolds(typed, callName(c), c.Number) {
			list = append(list, target{callName(c), c.Number, firstOf(callNumber(c), tr("transfer.recently"))})
		}
	}
	return list
}

// contactTargets are a contact's numbers, if the typed text is found in the name or in them.
func contactTargets(c *store.Contact, typed string) []target {
	var list []target
	name, company := oneLine(c.Title()), oneLine(c.Company)
	for _, n := range c.Numbers {
		if nameHolds(typed, name+" "+company, n.Number) {
			list = append(list, target{name, n.Number, joinDots(oneLine(n.Number), labelText(n.Label))})
		}
	}
	return list
}

// knownAs is whom the calls that are there, then the contacts and the recent calls, know under a number; the number where none does.
func (m *model) knownAs(s *phone.Snapshot, number string) string {
	for _, c := range s.Calls {
		if c.Number == number {
			return callName(c)
		}
	}
	for i := range m.people.all {
		for _, n := range m.people.all[i].Numbers {
			if n.Number == number {
				return oneLine(m.people.all[i].Title())
			}
		}
	}
	for i := range m.past.recent {
		if e := &m.past.recent[i]; e.Number == number {
			return entryName(e)
		}
	}
	return oneLine(number)
}
