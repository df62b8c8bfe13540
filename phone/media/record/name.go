package record

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	nameRunes = 60  // of who is recorded
	nameBytes = 160 // the same in bytes: file systems allow 255 for the whole name
)

// FileName is the name, without its extension, of a recording that began at that time with that party: "2026-03-14 15.09.26 Mara
// Lindqvist 600". The party is text of strangers. What separates folders, controls the terminal, reverses the reading
// direction, is invisible, or is forbidden on some file system becomes a space or is left out.
func FileName(at time.Time, party string) string {
	name := at.Format("2006-01-02 15.04.05")
	if party = cleanParty(party); party != "" {
		name += " " + party
	}
	return name
}

// cleanParty keeps what is harmless in a name of a file.
func cleanParty(party string) string {
	party = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), strings.ContainsRune(`/\:*?"<>|`, r):
			return ' '
		case r == utf8.RuneError, r != ' ' && !unicode.IsPrint(r): // controls, bidi marks, joiners, private and unassigned
			return -1
		}
		return r
	}, party)
	party = strings.Join(strings.Fields(party), " ")
	if runes := []rune(party); len(runes) > nameRunes {
		party = string(runes[:nameRunes])
	}
	for len(party) > nameBytes {
		_, size := utf8.DecodeLastRuneInString(party)
		party = party[:len(party)-size]
	}
	return strings.Trim(party, " .") // Windows drops these at the end, and they hide at the beginning
}
