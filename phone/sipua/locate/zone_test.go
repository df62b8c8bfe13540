package locate

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// nameServer is a real name server on loopback, over UDP and TCP, which knows one zone.
type nameServer struct {
	addr    string
	mu      sync.Mutex
	records []dns.RR
	asked   []string // "NAPTR pbx.example.", over TCP with a "tcp " before it
	// before may answer in the server's stead; true: it did.
	before func(w dns.ResponseWriter, q *dns.Msg, tcp bool) bool
}

func serveZone(t testing.TB, zone ...string) *nameServer {
	t.Helper()
	s := &nameServer{}
	for _, text := range zone {
		record, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		s.records = append(s.records, record)
	}
	packets, listener := onePort(t)
	s.addr = packets.LocalAddr().String()
	var wait sync.WaitGroup
	t.Cleanup(wait.Wait)
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: s.handler(false)},
		{Listener: listener, Handler: s.handler(true)},
	} {
		up := make(chan struct{})
		server.NotifyStartedFunc = func() { close(up) }
		wait.Go(func() { _ = server.ActivateAndServe() })
		<-up
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return s
}

// onePort finds a port that is free for both.
func onePort(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if listener, err := net.Listen("tcp", packets.LocalAddr().String()); err == nil {
			return packets, listener
		}
		packets.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

func (s *nameServer) handler(tcp bool) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		asked := dns.TypeToString[q.Question[0].Qtype] + " " + q.Question[0].Name
		if tcp {
			asked = "tcp " + asked
		}
		s.mu.Lock()
		s.asked = append(s.asked, asked)
		before := s.before
		s.mu.Unlock()
		if before != nil && before(w, q, tcp) {
			return
		}
		_ = w.WriteMsg(s.reply(q))
	}
}

// reply answers as a recursive server does: records, aliases followed, NXDOMAIN for what has none at all.
func (s *nameServer) reply(q *dns.Msg) *dns.Msg {
	r := new(dns.Msg)
	r.SetReply(q)
	name, known := q.Question[0].Name, false
	for range 20 {
		alias := ""
		for _, record := range s.records {
			h := record.Header()
			known = known || strings.EqualFold(h.Name, name) || strings.HasSuffix(h.Name, "."+name)
			if !strings.EqualFold(h.Name, name) {
				continue
			}
			if cname, ok := record.(*dns.CNAME); ok {
				alias = cname.Target
				r.Answer = append(r.Answer, record)
			} else if h.Rrtype == q.Question[0].Qtype {
				r.Answer = append(r.Answer, record)
			}
		}
		if alias == "" {
			break
		}
		name = alias
	}
	if !known {
		r.Rcode = dns.RcodeNameError
	}
	return r
}

// questions returns what was asked so far, sorted: what is asked at once comes in any order.
func (s *nameServer) questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.asked))
}

// resolver asks these servers; it draws the highest number each time, where the test does not say another thing.
func (s *nameServer) resolver(more ...*nameServer) *Resolver {
	servers := []string{s.addr}
	for _, other := range more {
		servers = append(servers, other.addr)
	}
	return New(Options{Servers: servers, Timeout: 4 * time.Second, Rand: func(n int) int { return n - 1 }})
}

// found makes Locate's answer short: "TLS 192.0.2.1:5061 0", the last being the rank.
func found(t *testing.T, r *Resolver, q Request) ([]string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	targets, err := r.Locate(ctx, q)
	var out []string
	for _, target := range targets {
		out = append(out, target.Transport+" "+target.Addr.String()+" "+string(rune('0'+target.Rank)))
	}
	return out, err
}
