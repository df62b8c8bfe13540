package locate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"time"

	"github.com/miekg/dns"
)

// systemTTL is how long an answer is kept that came without its TTL; the system has a cache of its own.
const systemTTL = 30 * time.Second

// system asks as every other program of this machine does: addresses through the system's resolver with its hosts file
// and search list, services at the name servers of /etc/resolv.conf.
type system struct {
	resolver *net.Resolver
	file     string // "": the system has none, or does not mean it
	port     string // of the name servers in it
	perTry   time.Duration
}

func newSystem(resolver *net.Resolver, perTry time.Duration) system {
	s := system{resolver: resolver, file: "/etc/resolv.conf", port: "53", perTry: perTry}
	switch runtime.GOOS {
	case "windows", "darwin", "ios", "android", "plan9": // macOS has the file, but not all of its servers in it
		s.file = ""
	}
	return s
}

func (s system) lookup(ctx context.Context, name string, kind uint16) (answer, error) {
	switch kind {
	case dns.TypeA:
		return s.addresses(ctx, "ip4", name)
	case dns.TypeAAAA:
		return s.addresses(ctx, "ip6", name)
	}
	if servers := s.servers(); len(servers) > 0 {
		return wire{func() []string { return servers }, s.perTry}.lookup(ctx, name, kind)
	}
	if kind == dns.TypeSRV {
		return s.services(ctx, name)
	}
	return answer{ttl: systemTTL}, nil
}

// servers reads the file anew each time: the machine may have moved to another network.
func (s system) servers() []string {
	if s.file == "" {
		return nil
	}
	config, err := dns.ClientConfigFromFile(s.file)
	if err != nil {
		return nil
	}
	var out []string
	for _, address := range config.Servers {
		out = append(out, net.JoinHostPort(address, s.port))
	}
	return out
}

func (s system) addresses(ctx context.Context, network, name string) (answer, error) {
	found, err := s.resolver.LookupNetIP(ctx, network, name)
	if err != nil {
		return missing(err)
	}
	a := answer{ttl: systemTTL}
	for _, address := range found {
		if address = address.Unmap(); usable(address) && len(a.addresses) < maxRecords {
			a.addresses = append(a.addresses, address)
		}
	}
	return a, nil
}

func (s system) services(ctx context.Context, name string) (answer, error) {
	_, found, err := s.resolver.LookupSRV(ctx, "", "", dns.Fqdn(name))
	if err != nil && len(found) == 0 { // some may be left out as broken
		return missing(err)
	}
	a := answer{ttl: systemTTL}
	for _, r := range found[:min(len(found), maxRecords)] {
		a.srv = append(a.srv, &dns.SRV{Priority: r.Priority, Weight: r.Weight, Port: r.Port, Target: r.Target})
	}
	return a, nil
}

// missing reads an error of package net, which does not tell "no such name" from "no such record".
func missing(err error) (answer, error) {
	var failure *net.DNSError
	var address *net.AddrError // the name has addresses, but none of the wanted family
	switch {
	case errors.As(err, &failure) && failure.IsNotFound:
		return answer{noName: true, ttl: systemTTL}, nil
	case errors.As(err, &address):
		return answer{ttl: systemTTL}, nil
	}
	if failed := unanswered(err); errors.Is(failed, ErrTimeout) {
		return answer{}, failed
	}
	return answer{}, fmt.Errorf("%w: %w", ErrFailed, err)
}
