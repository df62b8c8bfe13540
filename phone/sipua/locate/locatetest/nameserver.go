package locatetest

import (
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miekg/dns"
)

// NameServer is a real name server on loopback, over UDP and TCP, which knows one zone.
type NameServer struct {
	Addr    string // host and port
	mu      sync.Mutex
	records []dns.RR
	asked   []string // "NAPTR pbx.example.", over TCP with a "tcp " before it
	before  func(w dns.ResponseWriter, q *dns.Msg, tcp bool) bool
}

// Serve starts it; the records are in zone files' form. It ends with the test.
func Serve(t testing.TB, zone ...string) *NameServer {
	t.Helper()
	s := &NameServer{}
	for _, text := range zone {
		record, err := dns.NewRR(text)
		if err != nil {
			t.Fatal(err)
		}
		s.records = append(s.records, record)
	}
	packets, listener := onePort(t)
	s.Addr = packets.LocalAddr().String()
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

func (s *NameServer) handler(tcp bool) dns.HandlerFunc {
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
		_ = w.WriteMsg(s.Reply(q))
	}
}

// Reply answers as a recursive server does: records, aliases followed, NXDOMAIN for what has none at all.
func (s *NameServer) Reply(q *dns.Msg) *dns.Msg {
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

// Questions returns what was asked so far, sorted: what is asked at once comes in any order.
func (s *NameServer) Questions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.asked))
}

// Silent lets it answer nothing.
func (s *NameServer) Silent() {
	s.AnswerWith(func(dns.ResponseWriter, *dns.Msg, bool) bool { return true })
}

// AnswerWith lets before answer in its stead where that returns true.
func (s *NameServer) AnswerWith(before func(w dns.ResponseWriter, q *dns.Msg, tcp bool) bool) {
	s.mu.Lock()
	s.before = before
	s.mu.Unlock()
}
