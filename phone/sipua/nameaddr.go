package sipua

import (
	"net/netip"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// nameAddr is a name-addr or addr-spec with its header parameters (RFC 3261 §20.10).
type nameAddr struct {
	display string // unescaped, otherwise as it came
	uri     string
	params  string // ";tag=…", as it came
	ok      bool
}

// splitList cuts a header value at its commas, but not within quotes or angle brackets.
func splitList(s string) []string {
	var out []string
	quoted, angle, start := false, false, 0
	add := func(part string) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"' && !angle:
			quoted = !quoted
		case quoted:
		case c == '<':
			angle = true
		case c == '>':
			angle = false
		case c == ',' && !angle:
			add(s[start:i])
			start = i + 1
		}
	}
	add(s[start:])
	return out
}

// parseNameAddr reads one address.
func parseNameAddr(s string) nameAddr {
	s = strings.TrimSpace(s)
	var a nameAddr
	if strings.HasPrefix(s, `"`) {
		display, rest, ok := unquote(s)
		if !ok {
			return nameAddr{}
		}
		a.display, s = display, strings.TrimSpace(rest)
		if !strings.HasPrefix(s, "<") {
			return nameAddr{}
		}
	}
	open := strings.IndexByte(s, '<')
	if open < 0 { // without brackets every parameter is the header's (§20.10)
		a.uri, a.params = s, ""
		if i := strings.IndexByte(s, ';'); i >= 0 {
			a.uri, a.params = strings.TrimSpace(s[:i]), s[i:]
		}
		a.ok = plausibleURI(a.uri)
		return a
	}
	if open > 0 {
		a.display = strings.TrimSpace(s[:open])
	}
	end := strings.IndexByte(s[open:], '>')
	if end < 0 {
		return nameAddr{}
	}
	a.uri, a.params = s[open+1:open+end], strings.TrimSpace(s[open+end+1:])
	a.ok = plausibleURI(a.uri) && (a.params == "" || a.params[0] == ';')
	return a
}

// plausibleURI: scheme ":" something, without blanks, quotes or brackets. "*" is Contact's own wildcard.
func plausibleURI(s string) bool {
	if s == "*" {
		return true
	}
	i := strings.IndexByte(s, ':')
	return i > 0 && i < len(s)-1 && isToken(s[:i]) && !strings.ContainsAny(s, " \t<>\"")
}

// unquote reads a quoted-string at the start of s and returns what follows it.
func unquote(s string) (text, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i < len(s) {
				b.WriteByte(s[i])
			}
		case '"':
			return b.String(), s[i+1:], true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}

// quote makes a quoted-string.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(oneLine(s)) + `"`
}

// param returns a header parameter's value, unquoted; "" when it is absent or has none.
func (a nameAddr) param(name string) string {
	v, _ := paramOf(a.params, name)
	return v
}

// paramOf finds a parameter in ";a=1;b" by its name, whatever its case.
func paramOf(params, name string) (value string, present bool) {
	for params != "" {
		var one string
		one, params = cutParam(strings.TrimLeft(params, "; \t"))
		key, v, _ := strings.Cut(one, "=")
		if !strings.EqualFold(strings.TrimSpace(key), name) {
			continue
		}
		v = strings.TrimSpace(v)
		if strings.HasPrefix(v, `"`) {
			v, _, _ = unquote(v)
		}
		return v, true
	}
	return "", false
}

// cutParam cuts at the next semicolon outside quotes.
func cutParam(s string) (first, rest string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == ';' && !quoted:
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// withoutTag is the address without its header parameters: what goes into To and From of a dialog's requests.
func withoutTag(value string) string {
	a := parseNameAddr(value)
	if !a.ok {
		return value
	}
	i := strings.LastIndex(value, a.params)
	if a.params == "" || i < 0 {
		return value
	}
	return strings.TrimSpace(value[:i])
}

// parseURI reads a SIP or SIPS URI; other schemes are refused.
func parseURI(s string) (sip.Uri, bool) {
	var u sip.Uri
	if !plausibleURI(s) || s == "*" || len(s) > 2048 || strings.IndexFunc(s, isLineControl) >= 0 {
		return u, false
	}
	if err := sip.ParseUri(s, &u); err != nil || u.Host == "" || u.Port < 0 || u.Port > 65535 {
		return u, false
	}
	return u, u.Scheme == "sip" || u.Scheme == "sips"
}

// hostReadable reports whether the host of a SIP URI can be one, as far as IPv6 goes (RFC 5118 §4.1-4.4): in brackets, and without
// a zone. RFC 3261's grammar wanted a third colon before an IPv4 part; who learned from it is understood (§4.10, RFC 5954).
func hostReadable(uri string) bool {
	scheme, rest, _ := strings.Cut(uri, ":")
	if !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		return true
	}
	host := rest[strings.LastIndexByte(rest, '@')+1:]
	if i := strings.IndexAny(host, ";?"); i >= 0 {
		host = host[:i]
	}
	inner, bracketed := strings.CutPrefix(host, "[")
	if !bracketed {
		return strings.Count(host, ":") < 2
	}
	inner, port, closed := strings.Cut(inner, "]")
	a, err := netip.ParseAddr(strings.Replace(inner, ":::", "::", 1))
	return closed && err == nil && a.Is6() && a.Zone() == "" && (port == "" || port[0] == ':')
}

// looseRouter reports whether a route's URI carries lr (RFC 3261 §16.12).
func looseRouter(uri string) bool {
	uri, _, _ = strings.Cut(uri, "?")
	_, params, _ := strings.Cut(uri, ";")
	_, lr := paramOf(params, "lr")
	return lr
}
