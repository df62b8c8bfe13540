package locate

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// The outcomes of a search; every error of Locate wraps one of them, or context.Canceled.
var (
	// ErrNoSuchName: the name servers know no such domain (NXDOMAIN), or it can be no name.
	ErrNoSuchName = errors.New("no such name")
	// ErrNoServer: the domain exists, but no SIP server in it: no record, a "." (RFC 2782), or none for that transport.
	ErrNoServer = errors.New("no SIP server there")
	// ErrTimeout: the name servers did not answer in time. Trying again later may help.
	ErrTimeout = errors.New("the name servers do not answer")
	// ErrFailed: the name servers answered, but nothing that can be used: SERVFAIL, garbage, a loop.
	ErrFailed = errors.New("the name servers fail")
)

// The transports, as Via writes them.
const (
	UDP = "UDP"
	TCP = "TCP"
	TLS = "TLS"
)

// Request says whose server is wanted.
type Request struct {
	// Host is a domain, a host name, or a numeric address (IPv6 with or without brackets).
	Host string
	// Port is 0 where none was named: then NAPTR and SRV are asked.
	Port uint16
	// Transport is UDP, TCP or TLS; empty: the domain's choice.
	Transport string
	// Secure: the URI is a sips one, only TLS will do.
	Secure bool
}

// Target is one server's address. It is a value.
type Target struct {
	// Transport is UDP, TCP or TLS.
	Transport string
	Addr      netip.AddrPort
	// Host is the machine's name as DNS told it; for logs only.
	Host string
	// Name is what the certificate must be for: the domain or address that was asked for.
	Name string
	// Rank counts the priorities from 0 on: targets of one rank are equals, a higher one is for when all below fail.
	Rank int
	// Priority and Weight are those of the SRV record (RFC 2782); 0 without one.
	Priority, Weight uint16
}

// String names the target for logs.
func (t Target) String() string {
	return fmt.Sprintf("%s %s (%s)", t.Transport, t.Addr, t.Host)
}

// Network is what package net calls the transport.
func (t Target) Network() string {
	if t.Transport == UDP {
		return "udp"
	}
	return "tcp"
}

// defaultPort: RFC 3261 §19.1.2.
func defaultPort(transport string) uint16 {
	if transport == TLS {
		return 5061
	}
	return 5060
}

// wanted returns the transport that the request names, "" where it leaves the choice; sips over TCP is TLS
// (RFC 3261 §26.2.2), over UDP it is nothing.
func (r Request) wanted() (string, error) {
	transport := strings.ToUpper(r.Transport)
	switch {
	case transport != "" && transport != UDP && transport != TCP && transport != TLS:
		return "", fmt.Errorf("%w: no transport %q", ErrNoServer, r.Transport)
	case r.Secure && transport == UDP:
		return "", fmt.Errorf("%w: sips has no way over UDP", ErrNoServer)
	case r.Secure && transport == TCP:
		return TLS, nil
	}
	return transport, nil
}

// fallback is the transport where nothing names one (RFC 3263 §4.1).
func (r Request) fallback() string {
	if r.Secure {
		return TLS
	}
	return UDP
}

// hostName reports whether a name can be asked for: letters, digits, hyphens, underscores and dots (RFC 1123), so that
// neither a person nor an answer makes us ask for anything else.
func hostName(s string) bool {
	s = strings.TrimSuffix(s, ".")
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, c := range []byte(label) {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			default:
				return false
			}
		}
	}
	return true
}

// usable reports whether an address of an answer can be a server's: 0.0.0.0 would be this machine.
func usable(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast()
}
