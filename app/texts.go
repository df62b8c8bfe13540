package app

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2/lang"

	"github.com/hookswitch/hookswitch/assets"
)

// loadTranslations gives our texts to the toolkit, which picks the desktop's language.
func loadTranslations() error {
	return lang.AddTranslationsFS(assets.Translations, "translations")
}

// tr is the text of a key; pairs are the names and values of what stands in it.
// A test finds every key in the source and looks it up in every language.
func tr(key string, pairs ...string) string {
	if len(pairs) == 0 {
		return lang.X(key, key)
	}
	data := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i]] = pairs[i+1]
	}
	return lang.X(key, key, data)
}

// oneLine makes untrusted text fit for a label: no control characters, bounded.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return ' '
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > 120 {
		text = string(runes[:120]) + "…"
	}
	return strings.TrimSpace(text)
}

func itoa(n int) string { return strconv.Itoa(n) }

func twoDigits(n int) string { return fmt.Sprintf("%02d", n) }
