package phone

import (
	"slices"
	"strings"
)

// Directory is the port to the people whom the user knows: it names who calls, or is called, where signalling does not.
type Directory interface {
	// LookUp returns at once and asks who has that number (as dialled, or as the network tells it). home is the domain of
	// the account in question, where a number without a host lives. found is called once, from any goroutine; with the zero Party where nobody has it.
	// Of the Party, Name, Company and Avatar count.
	LookUp(number, home string, found func(Party))
}

// known is what the directory says of a call's other end.
type known struct {
	number string // whom it was asked for; "": nobody yet
	party  Party
}

// askDirectory asks who has the number of the call's other end, once for each number. The answer is posted.
func (l *loop) askDirectory(s *session) {
	number := s.call.Party.Number
	if l.cfg.Directory == nil || number == "" || number == s.known.number {
		return
	}
	s.known = known{number: number}
	l.cfg.Directory.LookUp(number, Account{URI: s.line.acc.URI}.Host(), func(p Party) {
		l.post(func(l *loop) {
			if slices.Contains(l.order, s) && s.known.number == number {
				s.known.party = p
				l.updateParty(s, Party{})
			}
		})
	})
}

// fillIn completes what signalling says of p by what the directory knows of that number.
func (s *session) fillIn(p *Party) {
	if s.known.number == "" || s.known.number != p.Number {
		return
	}
	if who := s.known.party; nameless(*p) && who.Name != "" {
		p.Name = who.Name
	}
	if p.Company == "" {
		p.Company = s.known.party.Company
	}
	if p.Avatar == "" {
		p.Avatar = s.known.party.Avatar
	}
}

// nameless: the name is none, or merely says the number again, as PBXs like to.
func nameless(p Party) bool {
	return p.Name == "" || p.Number != "" && withoutSeparators(p.Name) == withoutSeparators(p.Number)
}

func withoutSeparators(number string) string {
	return strings.Map(func(r rune) rune {
		if isVisualSeparator(r) {
			return -1
		}
		return r
	}, number)
}
