package phone

import (
	"fmt"
	"slices"
	"strings"
)

// mostRelays is how many addresses a person or a file may name.
const mostRelays = 16

// ParseRelay reads the address of a STUN or TURN server as a person writes it and returns its URI (RFC 7064, RFC 7065):
// "turn.example" and "turn.example:3478" mean TURN by UDP; "turns:", "stun:", "stuns:" and "?transport=tcp" say otherwise.
// The error wraps ErrRelayAddress and never quotes the text.
func ParseRelay(text string) (uri string, err error) {
	scheme, rest := "turn", strings.TrimSpace(text)
	for _, s := range []string{"stun", "stuns", "turn", "turns"} {
		if n := len(s); len(rest) > n && rest[n] == ':' && strings.EqualFold(rest[:n], s) && !isPort(rest[n+1:]) {
			scheme, rest = s, strings.TrimPrefix(rest[n+1:], "//") // no URI of these has slashes, many people write them
			break
		}
	}
	host, query, asked := strings.Cut(rest, "?")
	if asked {
		query = strings.ToLower(query)
		if strings.HasPrefix(scheme, "stun") || query != "transport=udp" && query != "transport=tcp" {
			return "", ErrRelayAddress
		}
		query = "?" + query
	}
	if name, _, _ := strings.Cut(host, ":"); !validHostPort(host) || isPort(name) {
		return "", ErrRelayAddress // a lone number is a port that lost its host
	}
	return scheme + ":" + host + query, nil
}

// isPort reports whether what follows a name is a port: then the name was a host called "turn", no scheme.
func isPort(s string) bool {
	s, _, _ = strings.Cut(s, "?")
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// NewICEServers makes an account's servers of what a form has: addresses for ParseRelay, separated by commas or spaces,
// and the name and password by which those that are TURN are used. Addresses that stand twice count once. The error
// wraps ErrRelayAddress, or ErrRelayCredentials where TURN lacks its name or password (RFC 8656 §5 wants both).
func NewICEServers(addresses, user, password string) ([]ICEServer, error) {
	var plain, relays ICEServer
	for _, text := range strings.FieldsFunc(addresses, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' }) {
		uri, err := ParseRelay(text)
		if err != nil {
			return nil, err
		}
		to := &relays
		if strings.HasPrefix(uri, "stun") {
			to = &plain
		}
		if !slices.Contains(to.URLs, uri) {
			to.URLs = append(to.URLs, uri)
		}
	}
	if len(plain.URLs)+len(relays.URLs) > mostRelays {
		return nil, fmt.Errorf("%w: more than %d", ErrRelayAddress, mostRelays)
	}
	var list []ICEServer
	if plain.URLs != nil {
		list = append(list, plain)
	}
	if relays.URLs != nil {
		if user == "" || password == "" || hasControl(user) || hasControl(password) || len(user) > maxHeaderLength || len(password) > maxHeaderLength {
			return nil, ErrRelayCredentials
		}
		relays.Username, relays.Credential = user, password
		list = append(list, relays)
	}
	return list, nil
}

// withoutCredentials are the servers as snapshots show them.
func withoutCredentials(list []ICEServer) []ICEServer {
	list = slices.Clone(list)
	for i := range list {
		list[i].Credential = ""
	}
	return list
}
