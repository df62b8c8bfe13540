package phone

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// TargetURI makes the SIP URI to be dialled for what a person typed, pasted or clicked, on
// the account's domain where it names none. The error wraps ErrInvalidNumber.
//
//	"+49 (0)30 / 12-34"   →  sip:+49301234@pbx.example     visual separators are dropped
//	"*43#"                →  sip:*43%23@pbx.example        RFC 3261 §25.1 wants # escaped
//	"john.doe"            →  sip:john.doe@pbx.example      with a letter it is a user name, kept as it is
//	"600@other.example"   →  sip:600@other.example
//	"sips:600@[::1]:5061" →  sips:600@[::1]:5061
//
// URI parameters and headers (";" and "?") are refused: a link could hide a diversion in them.
func TargetURI(number string, a Account) (string, error) {
	if !presentable(number) {
		return "", invalidNumber("it is longer than 128 characters, or holds a control character")
	}
	number = strings.TrimSpace(number)
	if strings.ContainsAny(number, `;?"'<>`+"`\\") {
		return "", invalidNumber("it holds a parameter or a quotation mark")
	}
	if number == "" {
		return "", invalidNumber("it is empty")
	}
	scheme, rest := cutScheme(number)
	if strings.Contains(rest, "@") {
		if scheme == "tel" {
			return "", invalidNumber("a tel: number has no host")
		}
		if scheme == "" {
			scheme = "sip"
		}
		u, err := sipURI(scheme + ":" + rest)
		if err != nil {
			return "", err
		}
		return u.String(), nil
	}
	user, err := cleanUser(rest)
	if err != nil {
		return "", err
	}
	home, err := sipURI(a.URI)
	if err != nil {
		return "", fmt.Errorf("%w (on an account without a usable address)", err)
	}
	if scheme == "sips" {
		home.scheme = "sips"
	}
	home.user = user
	return home.String(), nil
}

// presentable reports whether what was handed in as a number may be shown as one.
func presentable(number string) bool {
	return len(number) <= maxTargetLength && utf8.ValidString(number) && !hasControl(number)
}

func invalidNumber(why string) error { return fmt.Errorf("%w: %s", ErrInvalidNumber, why) }

// cutScheme cuts "sip:", "sips:" or "tel:", in any case, off.
func cutScheme(s string) (scheme, rest string) {
	before, after, found := strings.Cut(s, ":")
	if found {
		switch scheme = strings.ToLower(before); scheme {
		case "sip", "sips", "tel":
			return scheme, after
		}
	}
	return "", s
}

// address is a SIP URI without parameters.
type address struct{ scheme, user, host string }

func (u address) String() string { return u.scheme + ":" + u.user + "@" + u.host }

// sipURI reads "sip:user@host[:port]"; the host may be an [IPv6] address.
func sipURI(s string) (address, error) {
	scheme, rest := cutScheme(s)
	if scheme != "sip" && scheme != "sips" {
		return address{}, invalidNumber("it is no SIP address")
	}
	user, host, found := strings.Cut(rest, "@")
	if !found || !validHostPort(host) {
		return address{}, invalidNumber("its host cannot be used")
	}
	unescaped, err := url.PathUnescape(user)
	if err != nil {
		return address{}, invalidNumber("it holds a broken % sequence")
	}
	escaped, err := escapeUser(unescaped)
	if err != nil {
		return address{}, err
	}
	return address{scheme: scheme, user: escaped, host: host}, nil
}

// cleanUser makes the user part of a number or a user name without a host.
func cleanUser(s string) (string, error) {
	if strings.ContainsFunc(s, unicode.IsLetter) || strings.ContainsAny(s, "_%") {
		return escapeUser(s)
	}
	// The trunk prefix is written into international numbers, but must not be dialled: +49 (0)30 …
	if strings.HasPrefix(s, "+") {
		s = strings.Replace(s, "(0)", "", 1)
	}
	cleaned := strings.Map(func(r rune) rune {
		if isVisualSeparator(r) {
			return -1
		}
		return r
	}, s)
	digits, _ := strings.CutPrefix(cleaned, "+")
	if digits == "" || strings.Trim(digits, "0123456789*#") != "" {
		return "", invalidNumber("it is neither a number nor a SIP address")
	}
	return strings.ReplaceAll(cleaned, "#", "%23"), nil
}

// isVisualSeparator names what people and web pages put between digits (RFC 3966 §5.1.1 and typography).
func isVisualSeparator(r rune) bool {
	switch r {
	case '-', '(', ')', '.', '/', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
		return true
	}
	return unicode.IsSpace(r)
}

// escapeUser escapes what RFC 3261 §25.1 does not let stand in a user part; what no user part
// needs is refused, so that nobody can hide in it.
func escapeUser(user string) (string, error) {
	if user == "" {
		return "", invalidNumber("it has no user")
	}
	if !utf8.ValidString(user) || hasControl(user) {
		return "", invalidNumber("it holds a control character")
	}
	var b strings.Builder
	for _, r := range user {
		switch {
		case r < utf8.RuneSelf && (isAlphanumeric(byte(r)) || strings.ContainsRune("-_.!~*()&=+$,/", r)):
			b.WriteRune(r)
		case r == '#':
			b.WriteString("%23")
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteString(url.PathEscape(string(r)))
		default:
			return "", invalidNumber("it holds a character that no SIP address can have")
		}
	}
	return b.String(), nil
}

// isOwnedHeader reports header names (in lower case, compact forms of RFC 3261 §7.3.3 and its
// extensions included) that the dialog, the transaction or the authentication writes itself.
func isOwnedHeader(name string) bool {
	switch name {
	case "via", "v", "route", "record-route", "contact", "m", "call-id", "i", "cseq", "from", "f", "to", "t",
		"max-forwards", "path", "service-route", "user-agent", "server",
		"authorization", "proxy-authorization", "www-authenticate", "proxy-authenticate", "authentication-info",
		"c", "l", "e", "mime-version",
		"supported", "k", "require", "proxy-require", "unsupported", "allow", "allow-events", "u",
		"session-expires", "x", "min-se", "expires", "min-expires", "rseq", "rack",
		"refer-to", "r", "referred-by", "b", "replaces", "join", "event", "o", "subscription-state":
		return true
	}
	return strings.HasPrefix(name, "content-")
}

// CheckHeader refuses a header that the dialog owns, a name that is no token (RFC 3261 §25.1), or a
// value with a control character or of more than 1024 bytes. The error wraps ErrHeaderNotAllowed.
func CheckHeader(h Header) error {
	name := strings.ToLower(h.Name)
	for _, c := range []byte(name) {
		if !isAlphanumeric(c) && !strings.ContainsRune("-.!%*_+`'~", rune(c)) {
			return fmt.Errorf("%w: its name is no token", ErrHeaderNotAllowed)
		}
	}
	if name == "" || len(name) > 64 {
		return fmt.Errorf("%w: its name is empty or too long", ErrHeaderNotAllowed)
	}
	if isOwnedHeader(name) {
		return fmt.Errorf("%w: %s is written by the dialog itself", ErrHeaderNotAllowed, h.Name)
	}
	if len(h.Value) > maxHeaderLength || !utf8.ValidString(h.Value) || hasControl(strings.ReplaceAll(h.Value, "\t", " ")) {
		return fmt.Errorf("%w: the value of %s holds a control character or is too long", ErrHeaderNotAllowed, h.Name)
	}
	return nil
}
