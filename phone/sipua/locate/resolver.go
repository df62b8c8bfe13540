package locate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// The limits of a search: what is beyond them is not looked at.
const (
	searchLimit = 8 * time.Second
	maxTargets  = 16
	maxHosts    = 8  // SRV targets whose addresses are asked for, in one service
	maxServices = 4  // NAPTR records that are followed
	maxRecords  = 64 // of one answer

	resolutionDelay = 50 * time.Millisecond // RFC 8305 §3
	fallbackDelay   = time.Second
)

// Options are a resolver's settings; the zero value works.
type Options struct {
	// Servers are the name servers, "address:port" each. Empty: those of /etc/resolv.conf, and the system's own way
	// (hosts file, search list) to addresses. Where that file is not the system's way, as on Windows and macOS, SRV is
	// asked through the system too, and NAPTR is not.
	Servers []string
	// Timeout bounds one Locate; 0: 8 s.
	Timeout time.Duration
	// Rand returns a number in [0, n), for the weights of RFC 2782; nil: math/rand. It may be called from any goroutine.
	Rand func(n int) int
}

// Resolver finds servers. It may be used from any goroutine and remembers answers for as long as their TTL says, at
// least 5 s, at most 1 h.
type Resolver struct {
	timeout time.Duration
	rand    func(int) int
	cache   *cache
	lookup  lookup
}

// lookup asks for one kind of record (dns.TypeNAPTR, TypeSRV, TypeA, TypeAAAA). An error means that it is not known
// whether there are any; ErrNoSuchName or nothing at all is an answer.
type lookup func(ctx context.Context, name string, kind uint16) (answer, error)

// answer is what is known of a name: records of one kind, or that there are none.
type answer struct {
	naptr     []*dns.NAPTR
	srv       []*dns.SRV
	addresses []netip.Addr
	noName    bool // NXDOMAIN
	ttl       time.Duration
}

func (a answer) empty() bool { return len(a.naptr)+len(a.srv)+len(a.addresses) == 0 }

// New makes a resolver. It does nothing on the network.
func New(o Options) *Resolver {
	r := &Resolver{timeout: o.Timeout, rand: o.Rand, cache: newCache()}
	if r.timeout <= 0 {
		r.timeout = searchLimit
	}
	if r.rand == nil {
		r.rand = rand.IntN
	}
	perTry := r.timeout / 8
	if len(o.Servers) > 0 {
		servers := slices.Clone(o.Servers)
		r.lookup = wire{func() []string { return servers }, perTry}.lookup
	} else {
		r.lookup = newSystem(net.DefaultResolver, perTry).lookup
	}
	return r
}

// Locate returns the servers to try, best first: at least one, at most 16. Within a rank, they stand as RFC 2782's
// weights drew them this time, each machine's IPv6 and IPv4 addresses by turns (RFC 8305 §4).
func (r *Resolver) Locate(ctx context.Context, q Request) ([]Target, error) {
	bounded, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	targets, err := r.locate(bounded, q)
	switch {
	case err == nil:
		return targets, nil
	case errors.Is(ctx.Err(), context.Canceled):
		err = ctx.Err()
	case errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrTimeout):
		err = fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return nil, fmt.Errorf("find the SIP server of %q: %w", q.Host, err)
}

func (r *Resolver) locate(ctx context.Context, q Request) ([]Target, error) {
	wanted, err := q.wanted()
	if err != nil {
		return nil, err
	}
	host := strings.TrimSuffix(strings.TrimPrefix(q.Host, "["), "]")
	if address, err := netip.ParseAddr(host); err == nil {
		return numeric(q, address, cmp.Or(wanted, q.fallback()))
	}
	if !hostName(host) {
		return nil, fmt.Errorf("%w: it is no host name", ErrNoSuchName)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if q.Port != 0 || isMachine(host) {
		return r.byAddress(ctx, host, q.Port, cmp.Or(wanted, q.fallback()))
	}
	s := &search{r: r, ctx: ctx, q: q, host: host, wanted: wanted}
	return s.run()
}

func numeric(q Request, address netip.Addr, transport string) ([]Target, error) {
	address = address.Unmap()
	if !usable(address) {
		return nil, fmt.Errorf("%w: %s is nobody's address", ErrNoServer, address)
	}
	port := cmp.Or(q.Port, defaultPort(transport))
	return []Target{{Transport: transport, Addr: netip.AddrPortFrom(address, port), Host: address.String(), Name: address.WithZone("").String()}}, nil
}

// isMachine: a name of one label, and what RFC 6761 and RFC 6762 set apart, names a machine. No domain publishes
// services under it, and the world's name servers need not hear of it.
func isMachine(host string) bool {
	return !strings.Contains(host, ".") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".localhost")
}

// byAddress is the end of RFC 3263 §4.2: A and AAAA, and the default port where none is named.
func (r *Resolver) byAddress(ctx context.Context, host string, port uint16, transport string) ([]Target, error) {
	addresses, err := r.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	port = cmp.Or(port, defaultPort(transport))
	var targets []Target
	for _, a := range addresses[:min(len(addresses), maxTargets)] {
		targets = append(targets, Target{Transport: transport, Addr: netip.AddrPortFrom(a, port), Host: host, Name: host})
	}
	return targets, nil
}

// addresses asks for AAAA and A at once and returns them by turns, IPv6 first (RFC 8305 §4). One family is enough: IPv6
// addresses are waited for 50 ms where IPv4 ones are there (§3), since many a router does not answer AAAA at all. The
// others are waited for longer, for they are what helps when IPv6 leads nowhere.
func (r *Resolver) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	kinds := [...]uint16{dns.TypeAAAA, dns.TypeA}
	delays := [...]time.Duration{fallbackDelay, resolutionDelay} // for the other one
	var found [len(kinds)]answer
	var failures [len(kinds)]error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var late *time.Timer
	var once sync.Once
	var wait sync.WaitGroup
	for i, kind := range kinds {
		wait.Go(func() {
			found[i], failures[i] = r.ask(ctx, host, kind)
			if len(found[i].addresses) > 0 {
				once.Do(func() { late = time.AfterFunc(delays[i], cancel) })
			}
		})
	}
	wait.Wait()
	if late != nil {
		late.Stop()
	}
	var addresses []netip.Addr
	for i := range max(len(found[0].addresses), len(found[1].addresses)) {
		for _, family := range found {
			if i < len(family.addresses) {
				addresses = append(addresses, family.addresses[i])
			}
		}
	}
	switch {
	case len(addresses) > 0:
		return addresses, nil
	case failures[0] != nil || failures[1] != nil:
		return nil, worst(failures[0], failures[1])
	case found[0].noName || found[1].noName:
		return nil, ErrNoSuchName
	}
	return nil, fmt.Errorf("%w: %s has no address", ErrNoServer, host)
}

// worst chooses among failures: a timeout tells the most, since another try may help.
func worst(failures ...error) error {
	var first error
	for _, err := range failures {
		if errors.Is(err, ErrTimeout) {
			return err
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// ask asks the cache, then the network.
func (r *Resolver) ask(ctx context.Context, name string, kind uint16) (answer, error) {
	if a, ok := r.cache.get(name, kind); ok {
		return a, nil
	}
	a, err := r.lookup(ctx, name, kind)
	if err != nil {
		return answer{}, err
	}
	r.cache.put(name, kind, a)
	return a, nil
}
