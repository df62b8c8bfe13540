package record

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAFileIsNamedByTimeAndParty(t *testing.T) {
	for party, want := range map[string]string{
		"Mara Lindqvist 600":        " Mara Lindqvist 600",
		"":                          "",
		"../../etc/passwd":          " etc passwd",
		`..\..\boot.ini`:            " boot.ini",
		"a/b\\c:d*e?f\"g<h>i|j":     " a b c d e f g h i j",
		"bad\x00\x1b[2Jname\r\n":    " bad[2Jname",
		"gpj.\u202eexe":             " gpj.exe",
		"\u2066x\u2069\u200b\ufeff": " x",
		". . .":                     "",
		"trailing dots...":          " trailing dots",
		".hidden":                   " hidden",
		"Пётр 张伟 é":                 " Пётр 张伟 é",
		"\xff\xfebroken":            " broken",
		strings.Repeat("x", 5000):   " " + strings.Repeat("x", nameRunes),
	} {
		if got := FileName(begin, party); got != "2026-03-14 15.09.26"+want {
			t.Errorf("%q becomes %q", party, got)
		}
	}
}

func FuzzFileName(f *testing.F) {
	f.Add("Mara/..\\\u202e600\x00")
	f.Add(strings.Repeat("张", 300))
	f.Add("e" + strings.Repeat("\u0301", 400))
	f.Fuzz(func(t *testing.T, party string) {
		name := FileName(begin, party)
		if filepath.Base(name) != name || len(name) > 200 || !utf8.ValidString(name) || strings.ContainsAny(name, `/\:*?"<>|`) ||
			strings.HasSuffix(name, " ") || strings.HasSuffix(name, ".") || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q becomes %q", party, name)
		}
	})
}
