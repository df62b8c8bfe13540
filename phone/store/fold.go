package store

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The longest texts that are kept, in characters. Whatever is longer comes from nobody who means well.
const (
	mostText   = 256
	mostNumber = 128
	mostPath   = 4096
	mostTerms  = 16 // words of one search
)

// tidy makes text fit to be kept and shown on one line: valid UTF-8, no control characters, none that turn the writing's
// direction (a name could read as another by them), at most so many characters.
func tidy(text string, most int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		switch {
		case n == most:
			return strings.TrimSpace(b.String())
		case r == '\t' || r == '\n' || r == '\u2028' || r == '\u2029':
			r = ' '
		case r == utf8.RuneError:
			r = '\ufffd'
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			continue
		}
		b.WriteRune(r)
		n++
	}
	return strings.TrimSpace(b.String())
}

// plainLetters are those that Unicode does not take apart into a letter and its accent.
var plainLetters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "ħ", "h", "ı", "i", "þ", "th")

// fold makes texts equal that differ in case, accents or width only: "Łukasz MÜLLER" and "lukasz muller".
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return plainLetters.Replace(b.String())
}

// haystack is what a search looks through. A line break, which no search holds, keeps the fields apart.
func haystack(texts, numbers []string) string {
	all := append([]string(nil), texts...)
	for _, number := range numbers {
		all = append(all, number)
		if plain, ok := telephone(number); ok && plain != number {
			all = append(all, plain)
		}
	}
	return fold(strings.Join(all, "\n"))
}

// search makes a condition for SQL of what a person types: each of its words is found somewhere, or it is a part of a number,
// however that is written. It is "1" for nothing. No character has a meaning of its own.
func search(text string) (condition string, values []any) {
	text = tidy(text, mostText)
	var words []string
	for _, word := range strings.Fields(fold(text)) {
		if len(values) == mostTerms {
			break
		}
		words, values = append(words, "instr(search, ?) > 0"), append(values, word)
	}
	if len(words) == 0 {
		return "1", nil
	}
	condition = strings.Join(words, " AND ")
	if plain, ok := telephone(text); ok {
		condition += " OR instr(search, ?) > 0"
		values = append(values, significant(plain))
	}
	return "(" + condition + ")", values
}

// significant is a searched number without what may be written in front of it or not: "+", "00", the trunk prefix.
func significant(number string) string {
	if rest := strings.TrimLeft(number, "+0"); len(rest) >= 3 {
		return rest
	}
	return number
}
