package phone

import (
	"slices"
	"strings"
	"time"
)

// The bounds of what is remembered of redirections.
const (
	maxHops      = 5 // redirections in a row (RFC 3261 §8.1.3.4 wants an end to them)
	maxRedirects = 8
	redirectTime = 5 * time.Minute
)

// redirection is where an ended call was sent. Nobody goes there by himself: a call that the user makes to it, within a few
// minutes, goes on from here.
type redirection struct {
	target  string   // a SIP URI as TargetURI makes it
	visited []string // all targets that led here
	headers []Header // Diversion (RFC 5806), which whoever is called next wants to know
	at      time.Time
}

// redirected notes where a 3xx points and returns that as a number to be called; "" where it points to nothing that we call.
// loop: it leads back to where it came from, or on and on.
func (l *loop) redirected(s *session, e Refused) (number string, loop bool) {
	number = redirectNumber(e.Redirect, s.line.acc)
	if number == "" {
		return "", false
	}
	target, err := TargetURI(number, s.line.acc)
	if err != nil {
		return "", false
	}
	visited := append(slices.Clone(s.visited), s.target)
	if slices.Contains(visited, target) || len(visited) > maxHops {
		return "", true
	}
	r := redirection{target: target, visited: visited, at: l.now()}
	for _, h := range e.Diversion {
		if len(r.headers) < maxHops && CheckHeader(h) == nil {
			r.headers = append(r.headers, h)
		}
	}
	l.redirects = append(l.redirects[max(0, len(l.redirects)-maxRedirects+1):], r)
	return number, false
}

// redirectTo finds the redirection that a call to target follows.
func (l *loop) redirectTo(target string) redirection {
	for _, r := range slices.Backward(l.redirects) {
		if r.target == target && l.now().Sub(r.at) < redirectTime {
			return r
		}
	}
	return redirection{}
}

// redirectNumber makes what a 3xx's Contact names (a sip:, sips: or tel: URI) a number as the user would dial it. Parameters are
// dropped, because a stranger could hide a detour in them.
func redirectNumber(uri string, a Account) string {
	scheme, rest := cutScheme(uri)
	rest, _, _ = strings.Cut(rest, "?")
	user, host, found := strings.Cut(rest, "@")
	if !found { // tel:, or a server alone, which is no one to talk to
		host = ""
	}
	user, _, _ = strings.Cut(user, ";")
	host, _, _ = strings.Cut(host, ";")
	number := ""
	switch scheme {
	case "tel":
		number = user
	case "sip", "sips":
		u, err := sipURI(scheme + ":" + user + "@" + host)
		if err != nil {
			return ""
		}
		number = u.String()
		if home, err := sipURI(a.URI); err == nil && strings.EqualFold(home.host, u.host) && home.scheme == u.scheme {
			if plain := strings.ReplaceAll(u.user, "%23", "#"); sameTarget(plain, u.String(), a) {
				number = plain
			}
		}
	}
	if _, err := TargetURI(number, a); err != nil {
		return ""
	}
	return number
}

// sameTarget reports whether dialling number leads to that URI.
func sameTarget(number, uri string, a Account) bool {
	target, err := TargetURI(number, a)
	return err == nil && strings.EqualFold(target, uri)
}
