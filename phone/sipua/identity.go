package sipua

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/hookswitch/hookswitch/phone"
)

// The longest name and number that we hand on, in characters.
const (
	maxName   = 64
	maxNumber = 128
)

// partyOf says who sent a request: P-Asserted-Identity beats Remote-Party-ID beats From. All
// of them come from the account's own server, the only one that a line listens to (RFC 3325 §5).
func partyOf(m *message) phone.Party {
	if p := assertedParty(m); p.Number != "" || p.Name != "" {
		return p
	}
	p := partyFrom(m.get("From"))
	p.Company = displayText(m.get("Contacts-Company"), maxName)
	return p
}

// assertedParty is what the network itself says; zero where it does not.
func assertedParty(m *message) phone.Party {
	for _, name := range [...]string{"P-Asserted-Identity", "Remote-Party-ID"} {
		var best phone.Party
		for _, v := range m.list(name) {
			p := partyFrom(v)
			if best.Number == "" { // the first of a sip: and a tel: identity names the number
				best.Number = p.Number
			}
			if best.Name == "" {
				best.Name = p.Name
			}
		}
		if best.Number != "" || best.Name != "" {
			best.Company = displayText(m.get("Contacts-Company"), maxName)
			return best
		}
	}
	return phone.Party{}
}

func partyFrom(value string) phone.Party {
	a := parseNameAddr(value)
	if !a.ok {
		return phone.Party{}
	}
	return phone.Party{Number: numberOf(a.uri), Name: displayText(a.display, maxName)}
}

// referredBy is whose transfer a call comes from (RFC 3892); zero where it does not say.
func referredBy(m *message) phone.Party { return partyFrom(m.get("Referred-By")) }

// numberOf is the user part of a sip: URI, or the number of a tel: URI, decoded for people.
func numberOf(uri string) string {
	scheme, rest, _ := strings.Cut(uri, ":")
	var user string
	if strings.EqualFold(scheme, "tel") {
		user, _, _ = strings.Cut(rest, ";")
	} else {
		at := strings.IndexByte(rest, '@')
		if at < 0 {
			return ""
		}
		user, _, _ = strings.Cut(rest[:at], ":")
		user, _, _ = strings.Cut(user, ";")
	}
	if plain, err := url.PathUnescape(user); err == nil {
		user = plain
	}
	return displayText(user, maxNumber)
}

// displayText makes foreign text fit to be shown on one line: valid UTF-8, no control or
// bidirectional-override characters (which can make a name read as another), and not too long.
func displayText(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(s, "�") {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			if r != '\t' {
				continue
			}
			r = ' '
		}
		if n == most {
			break
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}
