package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteVCards writes contacts as vCards of version 3.0 (RFC 2426, with IMPP of RFC 4770), which about every address book reads.
func WriteVCards(w io.Writer, list []Contact) error {
	b := bufio.NewWriter(w)
	for _, c := range list {
		writeVCard(b, c)
	}
	return b.Flush()
}

func writeVCard(b *bufio.Writer, c Contact) {
	line := func(text string) { writeFolded(b, text) }
	line("BEGIN:VCARD")
	line("VERSION:3.0")
	line("FN:" + escape(c.Title()))
	line("N:" + escape(c.Name) + ";;;;")
	if c.Company != "" {
		line("ORG:" + escape(c.Company))
	}
	for i, n := range c.Numbers {
		writeNumber(b, n, fmt.Sprintf("item%d.", i+1))
	}
	if c.Favourite {
		line("CATEGORIES:starred")
	}
	line("END:VCARD")
}

// writeNumber writes one number; a label that has no TYPE goes into a group of its own, as Apple's address book has it.
func writeNumber(b *bufio.Writer, n ContactNumber, group string) {
	name, kind := "TEL", kindOf(n.Label)
	if p := parseNumber(n.Number); !p.tel || p.host != "" {
		name, kind = "X-SIP", "" // a user name alone is no URI, so no IMPP
		if p.host != "" {
			name = "IMPP"
			if scheme, _, found := strings.Cut(n.Number, ":"); !found || !strings.HasPrefix(strings.ToLower(scheme), "sip") {
				n.Number = "sip:" + n.Number
			}
		}
		if n.Label == "SIP" {
			n.Label = ""
		}
	}
	if n.Label == "" || kind != "" {
		group = ""
	}
	if kind != "" {
		name += ";TYPE=" + kind
	}
	writeFolded(b, group+name+":"+escape(n.Number))
	if group != "" {
		writeFolded(b, group+"X-ABLabel:"+escape(n.Label))
	}
}

// kindOf is the TYPE of a label; "" where there is none.
func kindOf(label string) string {
	for _, l := range labels {
		if l.label == label {
			return strings.ToUpper(l.kind)
		}
	}
	return ""
}

var escaper = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`)

func escape(text string) string { return escaper.Replace(text) }

// mostFolded is the longest line of a vCard, in bytes (RFC 2426 §2.6).
const mostFolded = 75

func writeFolded(b *bufio.Writer, text string) {
	for first := true; first || text != ""; first = false {
		room := mostFolded
		start := ""
		if !first {
			start = " "
			room--
		}
		end := min(len(text), room)
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end--
		}
		_, _ = b.WriteString(start + text[:end] + "\r\n") // Flush tells what went wrong
		text = text[end:]
	}
}

// Imported says what became of a file of vCards.
type Imported struct {
	Added   int
	Known   int // contacts of the same name with the same numbers were there already
	Skipped int // cards that name nobody whom a phone could call
}

// ImportVCards adds the contacts of a file (ReadVCards) to those that are there: all, or none when there is an error.
func (s *Store) ImportVCards(ctx context.Context, r io.Reader) (Imported, error) {
	read, skipped, err := ReadVCards(r)
	if err != nil {
		return Imported{}, fmt.Errorf("store: %w", err)
	}
	kept, err := s.Contacts(ctx, "")
	if err != nil {
		return Imported{}, err
	}
	known := make(map[string]bool, len(kept)+len(read))
	for _, c := range kept {
		known[identity(c)] = true
	}
	done := Imported{Skipped: skipped}
	var added []Contact
	for _, c := range read {
		if id := identity(c); known[id] {
			done.Known++
		} else {
			known[id] = true
			added = append(added, c)
		}
	}
	if done.Added = len(added); done.Added == 0 {
		return done, nil
	}
	if _, err := s.saveContacts(ctx, added); err != nil {
		return Imported{}, err
	}
	return done, nil
}

// identity is what two contacts have in common that are the same.
func identity(c Contact) string {
	var numbers []string
	for _, n := range c.Numbers {
		p := parseNumber(n.Number)
		numbers = append(numbers, p.user+"@"+p.host)
	}
	slices.Sort(numbers)
	return fold(c.Title()) + "\n" + strings.Join(numbers, "\n")
}
