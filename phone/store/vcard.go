package store

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime/quotedprintable"
	"slices"
	"strings"
	"unicode/utf8"
)

// mostLine is how much of one property is read, in bytes: names and numbers are short, pictures are passed over.
const mostLine = 8 << 10

// ReadVCards reads contacts from a file of vCards: RFC 6350 (4.0), RFC 2426 (3.0) and 2.1 as phones write it, also with
// errors. Names, companies and what a phone can call (TEL, and SIP addresses in IMPP or X-SIP) count, the rest is
// passed over, as are cards without any number that could be dialled: skipped counts these. Of a hostile file it keeps
// MostContacts at most, then the error is ErrContactsFull; other errors are r's. Nothing is kept in the store.
func ReadVCards(r io.Reader) (list []Contact, skipped int, err error) {
	lines := &unfolder{r: bufio.NewReader(r)}
	var open *card
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return list, skipped, nil
		}
		if err != nil {
			return list, skipped, err
		}
		p, ok := parseProperty(line)
		switch {
		case !ok:
		case p.name == "BEGIN" && strings.EqualFold(p.value, "VCARD"):
			open = open.begin()
		case open == nil: // between two cards
		case p.name == "END" && strings.EqualFold(p.value, "VCARD"):
			if open.depth--; open.depth > 0 {
				continue
			}
			c, err := open.contact()
			open = nil
			switch {
			case err != nil:
				skipped++
			case len(list) == MostContacts:
				return list, skipped, ErrContactsFull
			default:
				list = append(list, c)
			}
		case open.depth == 1:
			open.take(p)
		}
	}
}

// card is what is read of one.
type card struct {
	depth   int // a card may hold another one (AGENT), which does not count
	fn, n   string
	company string
	starred bool
	numbers []cardNumber
	labels  map[string]string // Apple's own, by group
}

type cardNumber struct{ group, label, number string }

// begin opens a card, or one within it.
func (c *card) begin() *card {
	if c == nil {
		c = &card{labels: make(map[string]string)}
	}
	c.depth++
	return c
}

// take notes a property.
func (c *card) take(p property) {
	if len(c.numbers) >= MostContactNumbers || len(c.labels) >= MostContactNumbers {
		switch p.name {
		case "TEL", "IMPP", "X-SIP", "X-ABLABEL":
			return
		}
	}
	switch p.name {
	case "FN":
		if c.fn == "" {
			c.fn = unescape(p.value)
		}
	case "N":
		c.n = structuredName(p.value)
	case "ORG":
		if c.company == "" {
			c.company = unescape(components(p.value)[0])
		}
	case "CATEGORIES":
		c.starred = c.starred || slices.Contains(strings.Split(strings.ToLower(p.value), ","), "starred")
	case "X-ABLABEL":
		c.labels[p.group] = strings.TrimSuffix(strings.TrimPrefix(unescape(p.value), "_$!<"), ">!$_")
	case "TEL":
		c.numbers = append(c.numbers, cardNumber{p.group, labelOf(p.types), dialled(unescape(p.value))})
	case "IMPP", "X-SIP":
		value := unescape(p.value)
		if scheme, _, found := strings.Cut(value, ":"); !found || strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips") {
			value, _, _ = strings.Cut(value, ";")
			c.numbers = append(c.numbers, cardNumber{p.group, "SIP", value})
		}
	}
}

var errNoNumber = errors.New("store: nothing to dial")

// contact makes a contact of what was read.
func (c *card) contact() (Contact, error) {
	contact := Contact{Name: tidy(c.fn, mostText), Company: tidy(c.company, mostText), Favourite: c.starred}
	if contact.Name == "" {
		contact.Name = tidy(c.n, mostText)
	}
	if contact.Name == contact.Company { // a firm's card
		contact.Name = ""
	}
	for _, n := range c.numbers {
		if own := c.labels[n.group]; n.group != "" && own != "" {
			n.label = own
		}
		one := Contact{Name: "x", Numbers: []ContactNumber{{Label: strings.TrimSpace(tidy(n.label, mostText)), Number: tidy(n.number, mostNumber)}}}
		if one, err := CheckContact(one); err == nil {
			contact.Numbers = append(contact.Numbers, one.Numbers...)
		}
	}
	if len(contact.Numbers) == 0 {
		return Contact{}, errNoNumber
	}
	return CheckContact(contact)
}

// dialled is a TEL's number without its URI scheme and what a phone would dial later: extensions and pauses.
func dialled(number string) string {
	if scheme, rest, found := strings.Cut(number, ":"); found && strings.EqualFold(scheme, "tel") {
		number = rest
	}
	if i := strings.IndexAny(number, ";,"); i >= 0 {
		number = number[:i]
	}
	return number
}

// structuredName makes one line of family; given; additional; prefix; suffix.
func structuredName(value string) string {
	parts := append(components(value), "", "", "", "")
	ordered := []string{parts[3], parts[1], parts[2], parts[0], parts[4]}
	return strings.Join(strings.Fields(unescape(strings.Join(ordered, " "))), " ")
}

// components cuts a structured value at its unescaped semicolons; there is one at least.
func components(value string) (parts []string) {
	from := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ';':
			parts = append(parts, value[from:i])
			from = i + 1
		}
	}
	return append(parts, value[from:])
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\:`, ":")

func unescape(value string) string { return strings.TrimSpace(escapes.Replace(value)) }

// property is one line of a card: [group.]NAME;PARAMETERS:value.
type property struct {
	group, name string
	types       []string // the values of TYPE, and 2.1's bare ones, in lower case
	value       string
}

func parseProperty(line string) (p property, ok bool) {
	head, value, found := cutOutsideQuotes(strings.TrimPrefix(line, "\ufeff"), ':')
	if !found {
		return property{}, false
	}
	name, parameters, _ := cutOutsideQuotes(head, ';')
	if group, rest, grouped := strings.Cut(name, "."); grouped {
		p.group, name = strings.ToLower(group), rest
	}
	p.name, p.value = strings.ToUpper(strings.TrimSpace(name)), value
	quoted, charset := false, ""
	for parameters != "" {
		var one string
		one, parameters, _ = cutOutsideQuotes(parameters, ';')
		key, values, valued := strings.Cut(one, "=")
		switch key = strings.ToUpper(strings.TrimSpace(key)); {
		case key == "ENCODING":
			quoted = strings.EqualFold(values, "QUOTED-PRINTABLE")
		case key == "QUOTED-PRINTABLE" && !valued:
			quoted = true
		case key == "CHARSET":
			charset = strings.ToUpper(values)
		case key == "TYPE":
			p.types = append(p.types, strings.Split(strings.ToLower(strings.Trim(values, `"`)), ",")...)
		case !valued:
			p.types = append(p.types, strings.ToLower(key))
		}
	}
	if quoted {
		p.value = unquote(p.value)
	}
	if charset == "ISO-8859-1" || charset == "WINDOWS-1252" {
		p.value = latin1(p.value)
	}
	return p, p.name != ""
}

// cutOutsideQuotes is strings.Cut, but for what stands in "…".
func cutOutsideQuotes(s string, at byte) (before, after string, found bool) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == at && !quoted:
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

// unquote decodes quoted-printable (RFC 2045 §6.7) as far as it can be.
func unquote(value string) string {
	plain, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
	return string(plain)
}

func latin1(value string) string {
	if utf8.ValidString(value) && strings.ContainsFunc(value, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return value // it says one thing and is another
	}
	var b strings.Builder
	for _, c := range []byte(value) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// labels are the types of TEL as a contact shows them, the most telling first.
var labels = []struct{ kind, label string }{{"fax", "fax"}, {"pager", "pager"}, {"cell", "mobile"}, {"mobile", "mobile"}, {"main", "main"}, {"work", "work"}, {"home", "home"}}

func labelOf(types []string) string {
	for _, l := range labels {
		if slices.Contains(types, l.kind) {
			return l.label
		}
	}
	return ""
}

// unfolder joins what was folded (RFC 6350 §3.2, RFC 2045 §6.7 (5)), in bounded memory.
type unfolder struct {
	r      *bufio.Reader
	ahead  string // the line behind the last one
	peeked bool
}

// next returns the next whole line, cut at mostLine.
func (u *unfolder) next() (string, error) {
	first, err := u.line()
	if err != nil {
		return "", err
	}
	head, _, _ := cutOutsideQuotes(first, ':')
	quoted := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
	whole := []byte(first)
	for soft := quoted && strings.HasSuffix(first, "="); ; {
		more, err := u.line()
		switch {
		case err != nil: // what was read counts; the next call tells the error
			return string(whole), nil
		case soft:
			whole = bytes.TrimSuffix(whole, []byte("="))
		case more != "" && (more[0] == ' ' || more[0] == '\t'):
			more = more[1:]
		default:
			u.ahead, u.peeked = more, true
			return string(whole), nil
		}
		soft = quoted && strings.HasSuffix(more, "=")
		whole = append(whole, more[:min(len(more), mostLine-len(whole))]...)
	}
}

// line reads one physical line, without its end and cut at mostLine.
func (u *unfolder) line() (string, error) {
	if u.peeked {
		u.peeked = false
		return u.ahead, nil
	}
	var b strings.Builder
	for {
		part, err := u.r.ReadSlice('\n')
		b.Write(part[:min(len(part), mostLine-b.Len())])
		switch {
		case err == nil, errors.Is(err, io.EOF) && b.Len() > 0:
			return strings.TrimRight(b.String(), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}
