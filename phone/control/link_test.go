package control

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestLinksTellWhatToDial(t *testing.T) {
	for link, want := range map[string]string{
		"tel:+49-30-1234":        "+49-30-1234",
		"TEL:600":                "600",
		"tel:*43%23":             "*43#",
		"tel://600":              "600",
		"sip:600@host.example":   "sip:600@host.example",
		"sips:600@host:5061":     "sips:600@host:5061",
		"sip:600":                "600",
		"callto:+4930%201":       "+4930 1",
		"callto://alice@p.local": "sip:alice@p.local",
	} {
		if got, err := ParseLink(link); err != nil || got != want {
			t.Errorf("ParseLink(%q) = %q, %v; want %q", link, got, err, want)
		}
	}
}

func TestLinksThatCouldHideSomethingAreRefused(t *testing.T) {
	for _, link := range []string{"", "600", "http://p/", "tel:", "tel:%20", "sip:@", "sip:@p", "sip:a@", "tel:6@p", "sip:a@b@c", "sip:600@p;transport=tcp",
		"sip:600%3Btransport=tcp@p", "sip:600@p?Replaces=x", "tel:600;ext=1", "tel:60%0d%0a0", "tel:60\n0", "tel:600%00", "tel:60%E2%80%AE0", "tel:6\u200b00",
		"sip:%22x%22@p", "tel:<600>", "tel:%2525", "tel:%zz", "tel:%ff", "tel:" + strings.Repeat("6", 300)} {
		if got, err := ParseLink(link); !errors.Is(err, ErrLink) {
			t.Errorf("ParseLink(%q) = %q, %v; want ErrLink", link, got, err)
		}
	}
}

func FuzzParseLink(f *testing.F) {
	for _, seed := range []string{"tel:+49-30-1234", "sip:a%23@h:1", "callto://x", "sip:%0a@p;x?y"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, link string) {
		number, err := ParseLink(link)
		if err != nil {
			if !errors.Is(err, ErrLink) {
				t.Fatalf("error %v does not wrap ErrLink", err)
			}
			return
		}
		if number == "" || strings.ContainsAny(number, ";?\r\n\x00\"<>%") {
			t.Fatalf("ParseLink(%q) = %q", link, number)
		}
		if _, err := phone.TargetURI(number, phone.Account{URI: "sip:1001@pbx.example"}); err != nil {
			t.Fatalf("ParseLink(%q) = %q, which cannot be dialled: %v", link, number, err)
		}
	})
}
