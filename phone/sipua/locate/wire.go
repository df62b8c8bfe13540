package locate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// The limits of one question.
const (
	rounds      = 2    // through the list of name servers
	maxServers  = 3    // of the list, as resolv.conf(5) has it
	maxCNAMEs   = 8    // in a row
	maxStrays   = 64   // datagrams that are not the answer
	udpSize     = 1232 // EDNS0, without fragments on any path (DNS flag day 2020)
	maxDatagram = 64 << 10
)

// wire asks name servers itself (RFC 1035).
type wire struct {
	servers func() []string
	perTry  time.Duration
}

// errCannot: this server does not know the type or will not answer; the next one may.
var errCannot = errors.New("the name server refuses the question")

// lookup follows CNAMEs over as many questions as it takes, but not for ever.
func (w wire) lookup(ctx context.Context, name string, kind uint16) (answer, error) {
	ttl := mostTTL
	for range maxCNAMEs {
		reply, err := w.exchange(ctx, name, kind)
		switch {
		case errors.Is(err, errCannot) && (kind == dns.TypeNAPTR || kind == dns.TypeSRV):
			return answer{ttl: leastTTL}, nil // a router that knows addresses only: so there are no such records for us
		case err != nil:
			return answer{}, err
		}
		a, next, err := read(reply, name, kind)
		if err != nil {
			return answer{}, err
		}
		ttl = min(ttl, a.ttl)
		if a.ttl = ttl; next == "" {
			return a, nil
		}
		name = next
	}
	return answer{}, fmt.Errorf("%w: aliases without end", ErrFailed)
}

// exchange asks the servers one after the other until one answers yes or no.
func (w wire) exchange(ctx context.Context, name string, kind uint16) (*dns.Msg, error) {
	servers := w.servers()
	servers = servers[:min(len(servers), maxServers)]
	failure := fmt.Errorf("%w: there is none", ErrFailed)
	for range rounds {
		for _, server := range servers {
			reply, err := w.try(ctx, server, name, kind)
			if err == nil {
				return reply, nil
			}
			if ctx.Err() != nil {
				return nil, fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
			}
			failure = err
		}
	}
	return nil, failure
}

// try asks one server once, over UDP, and over TCP where the answer did not fit.
func (w wire) try(ctx context.Context, server, name string, kind uint16) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, w.perTry)
	defer cancel()
	ask := new(dns.Msg)
	ask.SetQuestion(dns.Fqdn(name), kind)
	ask.SetEdns0(udpSize, false)
	reply, err := w.talk(ctx, "udp", server, ask)
	if err == nil && reply.Truncated {
		reply, err = w.talk(ctx, "tcp", server, ask)
	}
	switch {
	case err != nil:
		return nil, err
	case reply.Truncated:
		return nil, fmt.Errorf("%w: %s cuts its answer short", ErrFailed, server)
	}
	switch reply.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		return reply, nil
	case dns.RcodeRefused, dns.RcodeNotImplemented, dns.RcodeFormatError:
		return nil, fmt.Errorf("%w: %w: %s", ErrFailed, errCannot, dns.RcodeToString[reply.Rcode])
	}
	return nil, fmt.Errorf("%w: %s", ErrFailed, dns.RcodeToString[reply.Rcode])
}

// talk sends the question over a socket of its own, whose port nobody can guess (RFC 5452), and reads the answer.
func (w wire) talk(ctx context.Context, network, server string, ask *dns.Msg) (*dns.Msg, error) {
	packed, err := ask.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoSuchName, err)
	}
	raw, err := (&net.Dialer{}).DialContext(ctx, network, server)
	if err != nil {
		return nil, unanswered(err)
	}
	defer raw.Close()
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if network == "tcp" {
		packed = append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...)
	}
	if _, err := raw.Write(packed); err != nil {
		return nil, unanswered(err)
	}
	if network == "tcp" {
		return readStream(raw, ask)
	}
	return readDatagrams(raw, ask)
}

// unanswered tells silence from other failures.
func unanswered(err error) error {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return fmt.Errorf("%w: %w", ErrFailed, err)
}

func readStream(raw io.Reader, ask *dns.Msg) (*dns.Msg, error) {
	var length [2]byte
	if _, err := io.ReadFull(raw, length[:]); err != nil {
		return nil, unanswered(err)
	}
	data := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(raw, data); err != nil {
		return nil, unanswered(err)
	}
	reply, ok := matching(data, ask)
	if !ok {
		return nil, fmt.Errorf("%w: what came over TCP is no answer", ErrFailed)
	}
	return reply, nil
}

// readDatagrams waits for the answer and ignores what is none: anybody may have sent it.
func readDatagrams(raw io.Reader, ask *dns.Msg) (*dns.Msg, error) {
	data := make([]byte, maxDatagram)
	for range maxStrays {
		n, err := raw.Read(data)
		if err != nil {
			return nil, unanswered(err)
		}
		if reply, ok := matching(data[:n], ask); ok {
			return reply, nil
		}
	}
	return nil, fmt.Errorf("%w: nothing but garbage comes", ErrFailed)
}

// matching reads data as the answer to the question: same id, same question (RFC 5452 §9.1).
func matching(data []byte, ask *dns.Msg) (*dns.Msg, bool) {
	if len(data) < 12 || binary.BigEndian.Uint16(data) != ask.Id {
		return nil, false
	}
	reply := new(dns.Msg)
	if err := reply.Unpack(data); err != nil && !reply.Truncated { // a truncated one may end anywhere
		return nil, false
	}
	if !reply.Response || reply.Opcode != dns.OpcodeQuery {
		return nil, false
	}
	if len(reply.Question) == 0 { // such as FORMERR
		return reply, reply.Rcode != dns.RcodeSuccess
	}
	is, was := reply.Question[0], ask.Question[0]
	return reply, len(reply.Question) == 1 && is.Qtype == was.Qtype && is.Qclass == was.Qclass && strings.EqualFold(is.Name, was.Name)
}

// read picks the records of one kind out of an answer and follows its CNAMEs as far as it goes; next is where to ask on.
func read(reply *dns.Msg, name string, kind uint16) (a answer, next string, err error) {
	owner := dns.Fqdn(name)
	ttl := mostTTL
	for hops := 0; ; hops++ {
		a, alias, authority := collect(reply, owner, kind)
		a.ttl = min(ttl, a.ttl)
		switch a.noName = reply.Rcode == dns.RcodeNameError; {
		case !a.empty():
			return a, "", nil
		case alias == nil && hops > 0 && !authority && !a.noName: // the chain leads out of this answer
			return a, strings.ToLower(strings.TrimSuffix(owner, ".")), nil
		case alias == nil:
			return a, "", nil
		}
		if hops >= maxCNAMEs || !hostName(alias.Target) {
			return answer{}, "", fmt.Errorf("%w: aliases without end", ErrFailed)
		}
		ttl = min(ttl, seconds(alias.Hdr.Ttl))
		owner = alias.Target
	}
}

func seconds(ttl uint32) time.Duration { return time.Duration(ttl) * time.Second }

// collect takes the owner's records of the kind, or its alias. Where there is none and an authority says so, the zone's
// SOA tells how long that holds (RFC 2308 §5).
func collect(reply *dns.Msg, owner string, kind uint16) (a answer, alias *dns.CNAME, authority bool) {
	a.ttl = mostTTL
	taken := 0
	for _, record := range reply.Answer {
		h := record.Header()
		if h.Class != dns.ClassINET || !strings.EqualFold(h.Name, owner) || taken >= maxRecords {
			continue
		}
		if cname, ok := record.(*dns.CNAME); ok && alias == nil {
			alias = cname
		}
		if h.Rrtype == kind && a.take(record) {
			a.ttl = min(a.ttl, seconds(h.Ttl))
			taken++
		}
	}
	if taken == 0 && alias == nil {
		for _, record := range reply.Ns {
			if soa, ok := record.(*dns.SOA); ok {
				a.ttl, authority = min(a.ttl, seconds(min(soa.Hdr.Ttl, soa.Minttl))), true
			}
		}
	}
	return a, alias, authority
}

func (a *answer) take(record dns.RR) bool {
	switch r := record.(type) {
	case *dns.NAPTR:
		a.naptr = append(a.naptr, r)
	case *dns.SRV:
		a.srv = append(a.srv, r)
	case *dns.A:
		return a.takeAddress(r.A)
	case *dns.AAAA:
		return a.takeAddress(r.AAAA)
	default:
		return false
	}
	return true
}

func (a *answer) takeAddress(ip net.IP) bool {
	address, ok := netip.AddrFromSlice(ip)
	if address = address.Unmap(); !ok || !usable(address) {
		return false
	}
	a.addresses = append(a.addresses, address)
	return true
}
