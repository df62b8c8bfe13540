package sipua

import (
	"net/url"
	"strings"
	"time"
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
	p := assertedParty(m)
	if p.Withheld || p.Number != "" || p.Name != "" {
		return p
	}
	company := p.Company
	a := parseNameAddr(m.get("From"))
	if isAnonymous(a.uri) {
		return phone.Party{Withheld: true, Company: company}
	}
	p = partyFrom(m.get("From"))
	p.Company = company
	return p
}

// assertedParty is what the network itself says, also in responses and within a call; zero where it does not. Who wants not to
// be known has no number and no name, though the network tells us (RFC 3325 §7, RFC 3323 §4.2).
func assertedParty(m *message) phone.Party {
	p := phone.Party{Company: companyOf(m)}
	for _, name := range [...]string{"P-Asserted-Identity", "Remote-Party-ID"} {
		for _, v := range m.list(name) {
			one := partyFrom(v)
			hidden := ""
			if name == "Remote-Party-ID" {
				a := parseNameAddr(v)
				if notTheirs(m, a.param("party")) {
					continue
				}
				hidden = strings.ToLower(a.param("privacy"))
			}
			if hidden == "full" || hidden == "uri" || isAnonymous(parseNameAddr(v).uri) {
				return phone.Party{Withheld: true, Company: p.Company}
			}
			if p.Number == "" { // the first of a sip: and a tel: identity names the number
				p.Number = one.Number
			}
			if p.Name == "" && hidden != "name" {
				p.Name = one.Name
			}
		}
		if p.Number == "" && p.Name == "" {
			continue
		}
		if wantsPrivacy(m) {
			return phone.Party{Withheld: true, Company: p.Company}
		}
		return p
	}
	return p
}

// notTheirs: a Remote-Party-ID that speaks of ourselves.
func notTheirs(m *message, party string) bool {
	switch {
	case !m.isRequest():
		return strings.EqualFold(party, "calling")
	case m.method == "INVITE" && m.toTag() == "":
		return strings.EqualFold(party, "called")
	}
	return false
}

// wantsPrivacy: the network was asked to tell nobody (RFC 3323 §4.2, RFC 3325 §9.3).
func wantsPrivacy(m *message) bool {
	for _, v := range m.list("Privacy") {
		for token := range strings.SplitSeq(v, ";") {
			switch strings.ToLower(strings.TrimSpace(token)) {
			case "id", "user":
				return true
			}
		}
	}
	return false
}

// isAnonymous: "anonymous@anonymous.invalid", and what PBXs make of it (RFC 3323 §4.1.1.3).
func isAnonymous(uri string) bool {
	u, ok := parseURI(uri)
	return ok && (strings.EqualFold(u.User, "anonymous") || strings.EqualFold(u.Host, "anonymous.invalid"))
}

// companyOf is a PBX's Contacts-Company; one that only separates nothing from nothing is none.
func companyOf(m *message) string {
	company := m.get("Contacts-Company")
	if strings.HasPrefix(company, `"`) {
		if text, rest, ok := unquote(company); ok && rest == "" {
			company = text
		}
	}
	company = displayText(company, maxName)
	if strings.Trim(company, "/-|,; ") == "" {
		return ""
	}
	return company
}

// calledFor is whom the caller wanted, where somebody sent the call on to us: the first who did by Diversion (RFC 5806), or
// the first target of History-Info (RFC 7044). Who wants not to be known is not named.
func (l *line) calledFor(m *message) phone.Party {
	if list := m.list("Diversion"); len(list) > 0 {
		first := list[len(list)-1] // the newest stands on top
		switch strings.ToLower(parseNameAddr(first).param("privacy")) {
		case "full", "uri":
			return phone.Party{}
		}
		return l.somebodyElse(first)
	}
	list := m.list("History-Info")
	if len(list) < 2 || wantsPrivacy(m) {
		return phone.Party{}
	}
	_, headers, _ := strings.Cut(parseNameAddr(list[0]).uri, "?")
	if strings.Contains(strings.ToLower(headers), "privacy=") {
		return phone.Party{}
	}
	return l.somebodyElse(list[0])
}

// somebodyElse reads an address that is not our own.
func (l *line) somebodyElse(value string) phone.Party {
	p := partyFrom(value)
	if isAnonymous(parseNameAddr(value).uri) || p.Number == numberOf(l.aor) {
		return phone.Party{}
	}
	return p
}

// partyWithin is who sent a request within a dialog: what the network says, else a From that is another one than before
// (RFC 4916 §4.4). Zero where neither says anything new.
func (d *dialog) partyWithin(m *message) phone.Party {
	p := assertedParty(m)
	before := d.shown
	if before == "" {
		before = d.remote
	}
	d.shown = withoutTag(m.get("From"))
	if p.Withheld || p.Number != "" || p.Name != "" || partyFrom(before) == partyFrom(d.shown) {
		return p
	}
	return partyOf(m)
}

// tellParty tells who the far end is now, where a message of theirs says it.
func (c *call) tellParty(p phone.Party) {
	if p != (phone.Party{}) && !c.over {
		c.l.post(phone.PartyIn{Dialog: c.id, Party: p, At: time.Now()})
	}
}

func partyFrom(value string) phone.Party {
	a := parseNameAddr(value)
	if !a.ok {
		return phone.Party{}
	}
	return phone.Party{Number: numberOf(a.uri), Name: displayText(a.display, maxName)}
}

// referredBy is whose transfer a call comes from (RFC 3892); zero where it does not say.
func referredBy(m *message) phone.Party {
	if isAnonymous(parseNameAddr(m.get("Referred-By")).uri) {
		return phone.Party{}
	}
	return partyFrom(m.get("Referred-By"))
}

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
