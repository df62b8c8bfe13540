package locate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/miekg/dns"
)

// service is a transport with the name under which its SRV records are.
type service struct{ transport, name string }

// prefixes are the SRV names in our order of preference, where the domain has stated none by NAPTR: TLS first, since who
// publishes it means it to be used, and it alone keeps calls and credentials private; then TCP, which carries messages of
// any length and crosses NATs without a refresh every half minute; UDP last.
var prefixes = [...]service{{TLS, "_sips._tcp."}, {TCP, "_sip._tcp."}, {UDP, "_sip._udp."}}

// naptrServices: RFC 3263 §4.1, and RFC 2915 for its case.
var naptrServices = map[string]string{"SIPS+D2T": TLS, "SIP+D2T": TCP, "SIP+D2U": UDP}

// search is one domain's search, by NAPTR and SRV.
type search struct {
	r      *Resolver
	ctx    context.Context
	q      Request
	host   string
	wanted string

	chosen string          // the transport that NAPTR names first
	denied map[string]bool // transports whose SRV is "."
	ranks  int
	noAddr error // why the first SRV target without an address has none
}

func (s *search) run() ([]Target, error) {
	services := s.services()
	answers := make([]answer, len(services))
	failures := make([]error, len(services))
	var wait sync.WaitGroup
	for i, service := range services {
		wait.Go(func() { answers[i], failures[i] = s.r.ask(s.ctx, service.name, dns.TypeSRV) })
	}
	wait.Wait()
	s.denied = make(map[string]bool)
	var targets []Target
	published := false
	for i, service := range services {
		records := s.offered(answers[i].srv, service.transport)
		published = published || len(records) > 0
		targets = append(targets, s.targets(service.transport, records, maxTargets-len(targets))...)
	}
	switch {
	case len(targets) > 0:
		return targets, nil
	case published: // they name machines that have no address
		return nil, cmp.Or(s.noAddr, ErrNoServer)
	case worst(failures...) != nil: // not known: its web server must not get our REGISTER only because DNS has a bad day
		return nil, worst(failures...)
	}
	return s.withoutSRV()
}

// services are the SRV names to ask, in order.
func (s *search) services() []service {
	if s.wanted == "" {
		if found := s.byNAPTR(); len(found) > 0 {
			s.chosen = found[0].transport
			return found
		}
	}
	var out []service
	for _, p := range prefixes {
		if s.wanted == p.transport || s.wanted == "" && (!s.q.Secure || p.transport == TLS) {
			out = append(out, service{p.transport, p.name + s.host})
		}
	}
	return out
}

// byNAPTR lets the domain choose (RFC 3263 §4.1). A failure counts as no record, since SRV says the same without the
// order, and some home routers know no NAPTR.
func (s *search) byNAPTR() []service {
	a, err := s.r.ask(s.ctx, s.host, dns.TypeNAPTR)
	if err != nil {
		return nil
	}
	records := slices.Clone(a.naptr)
	slices.SortStableFunc(records, func(a, b *dns.NAPTR) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Preference, b.Preference))
	})
	var out []service
	for _, n := range records {
		transport := naptrServices[strings.ToUpper(n.Service)]
		found := service{transport, strings.ToLower(strings.TrimSuffix(n.Replacement, "."))}
		switch {
		case transport == "" || s.q.Secure && transport != TLS:
		case !strings.EqualFold(n.Flags, "s") || n.Regexp != "" || !hostName(n.Replacement): // RFC 3263 uses no other form
		case len(out) < maxServices && !slices.Contains(out, found):
			out = append(out, found)
		}
	}
	return out
}

// offered drops what is no server; "." alone says that there is none (RFC 2782).
func (s *search) offered(records []*dns.SRV, transport string) []*dns.SRV {
	var out []*dns.SRV
	for _, record := range records {
		switch {
		case record.Target == "." || record.Target == "":
			s.denied[transport] = true
		case record.Port != 0 && hostName(record.Target):
			out = append(out, record)
		}
	}
	if len(out) > 0 {
		delete(s.denied, transport)
	}
	return out
}

// targets gives the servers of one service, in RFC 2782's order, their addresses.
func (s *search) targets(transport string, records []*dns.SRV, most int) []Target {
	if len(records) == 0 || most <= 0 {
		return nil
	}
	records = inOrder(records, s.r.rand)
	records = records[:min(len(records), maxHosts)]
	addresses := make([][]netip.Addr, len(records))
	failures := make([]error, len(records))
	var wait sync.WaitGroup
	for i, record := range records {
		host := strings.ToLower(strings.TrimSuffix(record.Target, "."))
		wait.Go(func() { addresses[i], failures[i] = s.r.addresses(s.ctx, host) })
	}
	wait.Wait()
	var out []Target
	for i, record := range records {
		if i > 0 && record.Priority != records[i-1].Priority {
			s.ranks++
		}
		if s.noAddr == nil {
			s.noAddr = notTheirName(failures[i])
		}
		for _, a := range addresses[i] {
			if len(out) < most {
				out = append(out, Target{Transport: transport, Addr: netip.AddrPortFrom(a, record.Port), Name: s.host, Rank: s.ranks,
					Host: strings.TrimSuffix(record.Target, "."), Priority: record.Priority, Weight: record.Weight})
			}
		}
	}
	s.ranks++
	return compact(out)
}

// notTheirName: that a machine does not exist says nothing of the domain, which named it.
func notTheirName(err error) error {
	if errors.Is(err, ErrNoSuchName) {
		return fmt.Errorf("%w: its SRV record names a machine that does not exist", ErrNoServer)
	}
	return err
}

// compact drops addresses that are there twice, under two names of one machine.
func compact(targets []Target) []Target {
	seen := make(map[netip.AddrPort]bool)
	return slices.DeleteFunc(targets, func(t Target) bool {
		twice := seen[t.Addr]
		seen[t.Addr] = true
		return twice
	})
}

// withoutSRV is for domains that publish no SRV: the name itself is the server (RFC 3263 §4.2, last paragraph), unless
// "." says that there is none.
func (s *search) withoutSRV() ([]Target, error) {
	candidates := []string{s.wanted}
	switch {
	case s.wanted != "":
	case s.q.Secure:
		candidates = []string{TLS}
	case s.chosen != "":
		candidates = []string{s.chosen}
	default:
		candidates = []string{UDP, TCP, TLS}
	}
	for _, transport := range candidates {
		if !s.denied[transport] {
			return s.r.byAddress(s.ctx, s.host, 0, transport)
		}
	}
	return nil, fmt.Errorf("%w: the domain says so", ErrNoServer)
}

// inOrder sorts by priority and draws by weight within each (RFC 2782, "Usage rules"): records of weight 0 come first in
// the running sum, so that they have a small chance beside others and an even one among themselves.
func inOrder(records []*dns.SRV, random func(int) int) []*dns.SRV {
	rest := slices.Clone(records)
	for i := len(rest) - 1; i > 0; i-- { // an even chance among weights of 0 wants no order of theirs
		j := random(i + 1)
		rest[i], rest[j] = rest[j], rest[i]
	}
	slices.SortStableFunc(rest, func(a, b *dns.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(min(a.Weight, 1), min(b.Weight, 1)))
	})
	out := make([]*dns.SRV, 0, len(rest))
	for len(rest) > 0 {
		same, sum := 0, 0
		for same < len(rest) && rest[same].Priority == rest[0].Priority {
			sum += int(rest[same].Weight)
			same++
		}
		drawn, at, running := random(sum+1), 0, int(rest[0].Weight)
		for running < drawn {
			at++
			running += int(rest[at].Weight)
		}
		out = append(out, rest[at])
		rest = slices.Delete(rest, at, at+1)
	}
	return out
}
