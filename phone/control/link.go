package control

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookswitch/hookswitch/phone"
)

// ErrLink is wrapped by every error of ParseLink. Its text is a sentence for people.
var ErrLink = errors.New("this link cannot be dialled")

// mostLink bounds a link in bytes.
const mostLink = 256

// IsLink reports whether a command line argument looks like a link of ours.
func IsLink(s string) bool {
	scheme, _, found := strings.Cut(s, ":")
	if !found {
		return false
	}
	switch strings.ToLower(scheme) {
	case "tel", "sip", "sips", "callto":
		return true
	}
	return false
}

// ParseLink returns what a tel:, sip:, sips: or callto: link asks to dial: a number for tel: and for callto: without
// a host, a SIP address otherwise. Everything that could make something else happen than the shown number says is
// refused: parameters (";", RFC 3261 §19.1.1), headers ("?"), control characters, quotation marks.
// The number must be shown in full and is dialled only after a click.
func ParseLink(link string) (number string, err error) {
	if len(link) > mostLink {
		return "", fmt.Errorf("%w: it is too long", ErrLink)
	}
	if !IsLink(link) {
		return "", fmt.Errorf("%w: it is no tel:, sip:, sips: or callto: link", ErrLink)
	}
	scheme, rest, _ := strings.Cut(link, ":")
	scheme = strings.ToLower(scheme)
	rest = strings.TrimPrefix(rest, "//")
	plain, err := url.PathUnescape(rest)
	if err != nil {
		return "", fmt.Errorf("%w: a %% sequence in it is broken", ErrLink)
	}
	if err := checkLink(plain); err != nil {
		return "", err
	}
	if strings.Contains(plain, "@") {
		if scheme == "tel" {
			return "", fmt.Errorf("%w: a tel: link has no host", ErrLink)
		}
		if scheme == "callto" {
			scheme = "sip"
		}
		plain = scheme + ":" + plain
	}
	// The account is not known yet; any one tells whether the number can be dialled at all.
	if _, err := phone.TargetURI(plain, phone.Account{URI: "sip:anyone@example.invalid"}); err != nil {
		return "", fmt.Errorf("%w: it holds no number or address that can be called", ErrLink)
	}
	return plain, nil
}

// checkLink looks at the link as it reads when all escapes are undone, so that nothing hides behind them.
func checkLink(plain string) error {
	if !utf8.ValidString(plain) || strings.ContainsFunc(plain, hides) {
		return fmt.Errorf("%w: it holds control or invisible characters", ErrLink)
	}
	if strings.ContainsAny(plain, ";?") {
		return fmt.Errorf("%w: it holds parameters after ; or ?, which could hide where the call goes", ErrLink)
	}
	if strings.ContainsAny(plain, "\"'<>`\\%") || strings.Count(plain, "@") > 1 {
		return fmt.Errorf("%w: it holds characters that no number has", ErrLink)
	}
	return nil
}

// hides reports characters that change how a line reads: controls, line and paragraph separators, and format
// characters such as the bidirectional overrides.
func hides(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}
