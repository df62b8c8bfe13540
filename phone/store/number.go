package store

import (
	"net/url"
	"strings"
	"unicode"
)

// leastLoose is how many digits at the end of two telephone numbers must be the same before they may be taken for one: so
// many has a local number almost everywhere. Shorter ones are extensions of somebody's PBX and must be equal.
const leastLoose = 7

// number is a telephone number or SIP address, taken apart so that two can be compared.
type number struct {
	user string // of a telephone number: without separators
	host string // lower case, without its port; "" where none is named
	tel  bool   // digits, with *, # or a leading +
}

// parseNumber reads "+49 (0)30 12-34", "tel:+49-30-1234", "600", "ann", "sip:ann@pbx.example:5060;transport=tcp". What cannot be
// read is a user name that nobody has.
func parseNumber(text string) number {
	text = tidy(text, mostNumber+mostText)
	rest, isURI := text, false
	if before, after, found := strings.Cut(text, ":"); found {
		switch strings.ToLower(before) {
		case "sip", "sips", "tel":
			rest, isURI = after, true
		}
	}
	rest, _, _ = strings.Cut(rest, "?")
	user, host := rest, ""
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, host = rest[:at], rest[at+1:]
		isURI = true
		user, _, _ = strings.Cut(user, ":") // a password, which RFC 3261 §19.1.1 advises against
		host, _, _ = strings.Cut(host, ";")
	}
	user, _, _ = strings.Cut(user, ";")
	if plain, err := url.PathUnescape(user); isURI && err == nil {
		user = plain
	}
	n := number{user: strings.TrimSpace(user), host: hostName(host)}
	if plain, ok := telephone(n.user); ok {
		n.user, n.tel = plain, true
	}
	return n
}

// hostName drops a port and an IPv6 address's brackets, and makes names comparable (RFC 3261 §19.1.4).
func hostName(host string) string {
	host = strings.ToLower(strings.TrimSpace(host))
	if inside, _, found := strings.Cut(strings.TrimPrefix(host, "["), "]"); found {
		return inside
	}
	if strings.Count(host, ":") == 1 {
		host, _, _ = strings.Cut(host, ":")
	}
	return strings.TrimSuffix(host, ".")
}

// telephone drops the visual separators of a telephone number (RFC 3966 §5.1.1, and what people write), and the trunk prefix in
// brackets of "+49 (0)30 …"; ok is false where something else is in it.
func telephone(text string) (plain string, ok bool) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "+") {
		text = strings.Replace(text, "(0)", "", 1)
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			ok = true
			b.WriteRune(r)
		case r == '*' || r == '#':
			ok = true
			b.WriteRune(r)
		case r == '+' && b.Len() == 0:
			b.WriteRune(r)
		case strings.ContainsRune("-.()/\u2010\u2011\u2012\u2013\u2014\u2212", r) || unicode.IsSpace(r):
		default:
			return "", false
		}
	}
	return b.String(), ok
}

// form is how much of a telephone number is written.
type form int

const (
	formNone     form = iota // no number that can be compared by its digits
	formGlobal               // with its country: +49…, 0049…
	formNational             // with a trunk prefix: 030…
	formLocal                // neither, which may also be a whole number of a country without trunk prefixes
)

// digits are the number's own, without the prefixes that say how much of it is written.
func (n number) digits() (string, form) {
	switch {
	case !n.tel || strings.ContainsAny(n.user, "*#"):
		return "", formNone
	case strings.HasPrefix(n.user, "+"):
		return n.user[1:], formGlobal
	case strings.HasPrefix(n.user, "00") && len(n.user) > leastLoose+2:
		return n.user[2:], formGlobal
	case strings.HasPrefix(n.user, "0"):
		return n.user[1:], formNational
	}
	return n.user, formLocal
}

// tail is what all ways to write the number have in common; "" for one that is never compared loosely.
func (n number) tail() string {
	d, f := n.digits()
	if f == formNone || len(d) < leastLoose {
		return ""
	}
	return d[len(d)-leastLoose:]
}

// How well two numbers match, the best first.
const (
	matchSame  = iota // as written
	matchEqual        // the same number, written otherwise
	matchTail         // as far as both are written
	matchNone
)

// match compares a number that is kept with one that calls. home is the domain at which a number without a host lives; "":
// unknown.
func match(kept, asked number, home string) int {
	keptAt, askedAt := kept.host, asked.host
	if keptAt == "" {
		keptAt = home
	}
	if askedAt == "" {
		askedAt = home
	}
	a, formA := kept.digits()
	b, formB := asked.digits()
	if keptAt != askedAt { // somebody else's 600; but +49… is the same everywhere (RFC 3261 §19.1.6)
		if formA == formGlobal && formB == formGlobal && a == b {
			return matchEqual
		}
		return matchNone
	}
	if kept.user == asked.user {
		return matchSame
	}
	if formA == formNone || formB == formNone || min(len(a), len(b)) < leastLoose {
		return matchNone
	}
	return matchDigits(a, b, formA, formB)
}

// mostCountry is the length of the longest country codes.
const mostCountry = 3

func matchDigits(a, b string, formA, formB form) int {
	long, short := a, b
	if len(short) > len(long) {
		long, short = short, long
	}
	switch {
	case !strings.HasSuffix(long, short):
		return matchNone
	case formA == formB && formA != formLocal: // both are written whole
		if len(long) == len(short) {
			return matchEqual
		}
		return matchNone
	case formA != formLocal && formB != formLocal:
		if len(long)-len(short) <= mostCountry {
			return matchEqual
		}
		return matchNone
	}
	return matchTail
}
