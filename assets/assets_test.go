package assets

import (
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryIconIsDrawnOnTheSameGridWithTheSameLine(t *testing.T) {
	names := IconNames()
	if len(names) < 35 {
		t.Fatalf("only %d icons", len(names))
	}
	for _, name := range names {
		svg, err := Icon(name, "#123456")
		if err != nil {
			t.Fatal(err)
		}
		var root struct {
			ViewBox string `xml:"viewBox,attr"`
			Width   string `xml:"stroke-width,attr"`
			Cap     string `xml:"stroke-linecap,attr"`
			Stroke  string `xml:"stroke,attr"`
		}
		if err := xml.Unmarshal(svg, &root); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if root.ViewBox != "0 0 24 24" || root.Width != "1.75" || root.Cap != "round" {
			t.Errorf("%s is not on the 24 grid with a round 1.75 line: %+v", name, root)
		}
		if root.Stroke != "#123456" || strings.Contains(string(svg), "currentColor") {
			t.Errorf("%s does not take the colour", name)
		}
	}
}

func TestAnUnknownIconIsAnError(t *testing.T) {
	if _, err := Icon("../icon", "#000000"); err == nil {
		t.Error("no error")
	}
}

func translation(t *testing.T, language string) map[string]string {
	t.Helper()
	data, err := Translations.ReadFile("translations/" + language + ".json")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(data, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestEveryLanguageHasTheSameTextsWithTheSamePlaces(t *testing.T) {
	place := regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)
	places := func(s string) []string {
		found := place.FindAllString(s, -1)
		slices.Sort(found)
		return found
	}
	entries, err := Translations.ReadDir("translations")
	if err != nil || len(entries) < 2 {
		t.Fatalf("%d languages, %v", len(entries), err)
	}
	english := translation(t, "en")
	for _, e := range entries {
		language := strings.TrimSuffix(e.Name(), ".json")
		texts := translation(t, language)
		for key, text := range english {
			switch other, ok := texts[key]; {
			case !ok:
				t.Errorf("%s lacks %s", language, key)
			case strings.TrimSpace(other) == "":
				t.Errorf("%s: %s is empty", language, key)
			case !slices.Equal(places(text), places(other)):
				t.Errorf("%s: %s has %v, not %v", language, key, places(other), places(text))
			}
		}
		for key := range texts {
			if _, ok := english[key]; !ok {
				t.Errorf("%s has %s, which English has not", language, key)
			}
		}
	}
}

func TestSentencesAreShort(t *testing.T) {
	for key, text := range translation(t, "en") {
		if words := strings.Fields(text); len(words) > 12 && key != "first.demoNote" {
			t.Errorf("%s has %d words: %s", key, len(words), text)
		}
		if strings.Contains(strings.ToLower(text), "oops") {
			t.Errorf("%s: %s", key, text)
		}
	}
}
