package store_test

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone/store"
)

func TestWhoCallsIsFoundHoweverTheNumberIsWritten(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	for _, c := range []struct {
		kept, asked string
		found       bool
	}{
		{"+49 (0)30 123-4567", "+49301234567", true},
		{"+49 30 1234567", "0049301234567", true},
		{"+49 30 1234567", "030 / 123 45 67", true},
		{"030 1234567", "tel:+49-30-1234567", true},
		{"030 1234567", "+49 89 1234567", false}, // another town
		{"+49 30 1234567", "+43 30 1234567", false},
		{"+49 30 1234567", "+49 30 12345678", false},
		{"030 1234567", "089 30 1234567", false}, // both are whole numbers
		{"1234567", "+49 30 1234567", true},      // as far as it is written
		{"+1 (212) 555-0142", "2125550142", true},
		{"234567", "+49 30 1234567", false}, // six digits are an extension
		{"600", "600", true},
		{"600", "0600", false},
		{"600", "+600", false},
		{"600", "6001", false},
		{"1600", "600", false},
		{"*97", "*97", true},
		{"*1234567", "1234567", false},
		{"ann", "ann", true},
		{"ann", "Ann", false}, // RFC 3261 §19.1.4: user names have case
		{"sip:ann@pbx.example", "sips:ann@PBX.Example.:5061;transport=tcp", true},
		{"sip:ann@pbx.example", "ann@other.example", false},
		{"sip:600@pbx.example", "600", true}, // at home
		{"600", "sip:600@pbx.example", true},
		{"600", "sip:600@other.example", false}, // somebody else's 600
		{"sip:600@other.example", "600", false},
		{"sip:+49301234567@trunk.example", "+49 30 1234567", true}, // global numbers are the same everywhere
		{"030 1234567", "sip:+49301234567@trunk.example", false},   // but whose area that is nobody knows
		{"sip:j%6fe@pbx.example", "joe", true},
		{"sip:600@[2001:DB8::1]:5060", "600@[2001:db8::1]", true},
		{"600", "", false}, {"600", "@", false}, {"600", "sip:", false}, {"600", "sip:@pbx.example", false}, {"600", "\x00\xff", false},
		{"600", strings.Repeat("6", 1<<20), false},
	} {
		id := must[int64](t)(s.SaveContact(t.Context(), contact("Ann", c.kept)))
		got, found, err := s.LookUp(t.Context(), c.asked, "PBX.example")
		if err != nil || found != c.found || found && got.Name != "Ann" {
			t.Errorf("kept %q, asked %.40q: %t %+v, %v", c.kept, c.asked, found, got, err)
		}
		if err := s.DeleteContact(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheBestMatchWinsAndADoubtfulOneIsNone(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	boss := contact("Boss", "700")
	boss.Favourite = true
	save(t, s, contact("Local", "5550142"), contact("National", "030 5550142"), contact("Global", "+49 30 5550142"), contact("Munich", "089 7770142"),
		contact("Bonn", "0228 7770142"), contact("Desk", "700"), boss, contact("Late", "701"), contact("Later", "701"))
	for asked, want := range map[string]string{
		"+49305550142": "Global", "0305550142": "National", "5550142": "Local", "004389 5550142": "Local", "+498947770142": "",
		"7770142": "", "+49 89 7770142": "Munich", "700": "Boss", "701": "Late",
	} {
		got, found, err := s.LookUp(t.Context(), asked, "")
		if err != nil || got.Name != want || found != (want != "") {
			t.Errorf("%s is %q (%t, %v), want %q", asked, got.Name, found, err, want)
		}
	}
}

func TestManyContactsWithOneNumberDoNotHoldACallUp(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	for range 50 {
		save(t, s, contact("Switchboard", "030 1234567", "+49301234567", "0049301234567"))
	}
	if c, found, err := s.LookUp(t.Context(), "030-1234567", ""); !found || err != nil || c.ID != 1 {
		t.Errorf("%+v, %t, %v", c, found, err)
	}
}

func TestSameNumberKnowsOneNumberFromAnother(t *testing.T) {
	for pair, want := range map[[2]string]bool{{"+49 30 1234567", "0301234567"}: true, {"600", "600"}: true, {"600", "601"}: false, {"1234567", "0301234567"}: false} {
		if got := store.SameNumber(pair[0], pair[1]); got != want {
			t.Errorf("%v: %t", pair, got)
		}
	}
}

// FuzzLookUp: no number that calls is an error, and everybody finds himself.
func FuzzLookUp(f *testing.F) {
	for _, seed := range []string{"+49 (0)30 123-4567", "sip:ann%40x@pbx.example;x?y=z", "tel:*43#", "@@::%%", "[::1]", "\xff\x00"} {
		f.Add(seed)
	}
	s, err := store.Open(f.TempDir(), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, number string) {
		if _, _, err := s.LookUp(t.Context(), number, number); err != nil {
			t.Error(err)
		}
		if _, err := s.Contacts(t.Context(), number); err != nil {
			t.Error(err)
		}
		if !store.SameNumber(number, number) {
			t.Errorf("%q is not itself", number)
		}
		c := contact("Ann", number)
		id, err := s.SaveContact(t.Context(), c)
		if err != nil {
			return
		}
		kept, err := s.Contact(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range kept.Numbers {
			if got, found, err := s.LookUp(t.Context(), n.Number, "pbx.example"); err != nil || !found || got.ID != id {
				t.Errorf("%q: %t, %v", n.Number, found, err)
			}
		}
		if err := s.DeleteContact(t.Context(), id); err != nil {
			t.Error(err)
		}
	})
}
