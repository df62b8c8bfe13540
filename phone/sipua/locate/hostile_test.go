package locate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

// code answers every question, or those of one type, with a code and nothing else.
func code(rcode int, kinds ...uint16) func(dns.ResponseWriter, *dns.Msg, bool) bool {
	return func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		if len(kinds) > 0 && !slices.Contains(kinds, q.Question[0].Qtype) {
			return false
		}
		_ = w.WriteMsg(new(dns.Msg).SetRcode(q, rcode))
		return true
	}
}

// hostile name servers, and what becomes of a search for a domain whose address is 192.0.2.7.
var hostile = map[string]struct {
	before func(w dns.ResponseWriter, q *dns.Msg, tcp bool) bool
	want   string
	err    error
}{
	"silence":  {func(dns.ResponseWriter, *dns.Msg, bool) bool { return true }, "", ErrTimeout},
	"SERVFAIL": {code(dns.RcodeServerFailure), "", ErrFailed},
	"silence on NAPTR only": {func(_ dns.ResponseWriter, q *dns.Msg, _ bool) bool { return q.Question[0].Qtype == dns.TypeNAPTR },
		"UDP 192.0.2.7:5060 0", nil},
	"NAPTR fails":                  {code(dns.RcodeServerFailure, dns.TypeNAPTR), "UDP 192.0.2.7:5060 0", nil},
	"SRV fails, and is not waived": {code(dns.RcodeServerFailure, dns.TypeSRV), "", ErrFailed},
	"neither NAPTR nor SRV known":  {code(dns.RcodeNotImplemented, dns.TypeNAPTR, dns.TypeSRV), "UDP 192.0.2.7:5060 0", nil},
	"no IPv6 answers":              {code(dns.RcodeServerFailure, dns.TypeAAAA), "UDP 192.0.2.7:5060 0", nil},
	"garbage, another id, another question before the answer": {func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		_, _ = w.Write([]byte("garbage"))
		forged := new(dns.Msg).SetReply(q)
		forged.Id++
		forged.Answer = []dns.RR{record("pbx.example. 60 IN A 192.0.2.66")}
		_ = w.WriteMsg(forged)
		forged = new(dns.Msg).SetReply(q)
		forged.Question[0].Name = "other.example."
		_ = w.WriteMsg(forged)
		forged = new(dns.Msg).SetReply(q)
		forged.Response = false
		_ = w.WriteMsg(forged)
		raw, _ := new(dns.Msg).SetReply(q).Pack()
		_, _ = w.Write(raw[:len(raw)-3])
		return false
	}, "UDP 192.0.2.7:5060 0", nil},
	"only garbage": {func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		for range 2 * maxStrays {
			_, _ = w.Write([]byte{byte(q.Id >> 8), byte(q.Id), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc0, 0x0c})
		}
		return true
	}, "", ErrFailed},
	"records of other names are not taken": {func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		r := new(dns.Msg).SetReply(q)
		r.Answer = []dns.RR{record("other.example. 60 IN A 192.0.2.66"), record("_sip._udp.other.example. 60 IN SRV 0 0 1 evil.example.")}
		_ = w.WriteMsg(r)
		return true
	}, "", ErrNoServer},
	"truncated for ever": {func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		r := new(dns.Msg).SetReply(q)
		r.Truncated = true
		_ = w.WriteMsg(r)
		return true
	}, "", ErrFailed},
	"a chain of aliases, one in each answer": {func(w dns.ResponseWriter, q *dns.Msg, _ bool) bool {
		r := new(dns.Msg).SetReply(q)
		r.Answer = []dns.RR{record(q.Question[0].Name + " 0 IN CNAME x." + q.Question[0].Name)}
		_ = w.WriteMsg(r)
		return true
	}, "", ErrFailed},
}

func record(text string) dns.RR {
	r, err := dns.NewRR(text)
	if err != nil {
		panic(err)
	}
	return r
}

func TestHostileNameServers(t *testing.T) {
	for name, c := range hostile {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := locatetest.Serve(t, "pbx.example. 60 IN A 192.0.2.7")
			s.AnswerWith(c.before)
			got, err := found(t, resolver(s), pbx)
			if strings.Join(got, ", ") != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

// TestOneFamilyDoesNotWaitForASilentOther: many a router answers no AAAA, and that must not cost every call a second.
func TestOneFamilyDoesNotWaitForASilentOther(t *testing.T) {
	for name, c := range map[string]struct {
		record string
		silent uint16
		want   string
		asked  int // how often, before we go on without
	}{
		"AAAA": {"pbx.example. 60 IN A 192.0.2.7", dns.TypeAAAA, "UDP 192.0.2.7:5060 0", 1},
		"A":    {"pbx.example. 60 IN AAAA 2001:db8::7", dns.TypeA, "UDP [2001:db8::7]:5060 0", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := locatetest.Serve(t, c.record)
			s.AnswerWith(func(_ dns.ResponseWriter, q *dns.Msg, _ bool) bool { return q.Question[0].Qtype == c.silent })
			got, err := found(t, New(Options{Servers: []string{s.Addr}, Timeout: 8 * 600 * time.Millisecond}), Request{Host: "pbx.example", Port: 5060})
			if err != nil || strings.Join(got, ", ") != c.want {
				t.Errorf("got %q, %v", got, err)
			}
			asked := 0
			for _, question := range s.Questions() {
				if question == name+" pbx.example." {
					asked++
				}
			}
			if asked != c.asked {
				t.Errorf("asked %d times: %q", asked, s.Questions())
			}
		})
	}
}

// TestWithoutANameServer: that is said, and numeric addresses and the hosts file serve on.
func TestWithoutANameServer(t *testing.T) {
	r := New(Options{})
	own := newSystem(&net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("network is unreachable")
	}}, time.Second)
	own.file = filepath.Join(t.TempDir(), "resolv.conf") // that does not exist
	r.lookup = own.lookup
	if got, err := found(t, r, pbx); !errors.Is(err, ErrFailed) {
		t.Errorf("%q %v", got, err)
	}
	for host, want := range map[string]string{"192.0.2.9": "TCP 192.0.2.9:5060 0", "localhost": "TCP 127.0.0.1:5060 0"} {
		if got, err := found(t, r, Request{Host: host, Transport: TCP}); err != nil || !slices.Contains(got, want) {
			t.Errorf("%s: %q %v", host, got, err)
		}
	}
}

func TestWhatDoesNotFitComesOverTCP(t *testing.T) {
	zone := []string{"pbx.example. 60 IN A 192.0.2.7"}
	for i := range 3000 {
		zone = append(zone, fmt.Sprintf("_sip._udp.pbx.example. 60 IN SRV %d 0 5060 pbx.example.", i))
	}
	s := locatetest.Serve(t, zone...)
	s.AnswerWith(func(w dns.ResponseWriter, q *dns.Msg, tcp bool) bool {
		r := s.Reply(q)
		if !tcp && len(r.Answer) > 20 {
			r.Truncate(512)
		}
		r.Compress = true
		if tcp { // as much as goes into 64 KiB
			r.Truncate(dns.MaxMsgSize)
			r.Truncated = false
		}
		_ = w.WriteMsg(r)
		return true
	})
	got, err := found(t, resolver(s), Request{Host: "pbx.example", Transport: UDP})
	if err != nil || !slices.Equal(got, []string{"UDP 192.0.2.7:5060 0"}) {
		t.Errorf("%q, %v", got, err)
	}
	if !slices.Contains(s.Questions(), "tcp SRV _sip._udp.pbx.example.") {
		t.Errorf("%q", s.Questions())
	}
}

func TestTheNextNameServerIsAsked(t *testing.T) {
	first, second := locatetest.Serve(t), locatetest.Serve(t, "pbx.example. 60 IN A 192.0.2.7")
	for name, before := range map[string]func(dns.ResponseWriter, *dns.Msg, bool) bool{
		"after silence":  func(dns.ResponseWriter, *dns.Msg, bool) bool { return true },
		"after SERVFAIL": code(dns.RcodeServerFailure),
		"after REFUSED":  code(dns.RcodeRefused),
	} {
		t.Run(name, func(t *testing.T) {
			first.AnswerWith(before)
			if got, err := found(t, resolver(first, second), Request{Host: "pbx.example", Port: 5060}); err != nil || len(got) != 1 {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

func TestNoMoreThanSixteenTargets(t *testing.T) {
	var zone []string
	for i := range 50 {
		zone = append(zone, fmt.Sprintf("pbx.example. 60 IN A 192.0.2.%d", i+1))
	}
	if got, err := found(t, resolver(locatetest.Serve(t, zone...)), pbx); err != nil || len(got) != maxTargets {
		t.Errorf("%d, %v", len(got), err)
	}
}

// TestCache: each TTL, and how long it is kept.
func TestCache(t *testing.T) {
	some := []*dns.SRV{{}}
	for name, c := range map[string]struct {
		a    answer
		keep time.Duration
	}{
		"no time at all":          {answer{srv: some}, leastTTL},
		"a minute":                {answer{srv: some, ttl: time.Minute}, time.Minute},
		"a week":                  {answer{srv: some, ttl: 7 * 24 * time.Hour}, time.Hour},
		"nothing, for a week":     {answer{ttl: 7 * 24 * time.Hour}, 5 * time.Minute},
		"no such name, half one":  {answer{noName: true, ttl: 30 * time.Second}, 30 * time.Second},
		"nothing, for no time":    {answer{}, leastTTL},
		"just the most that goes": {answer{srv: some, ttl: time.Hour}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				kept := newCache()
				kept.put("a", dns.TypeSRV, c.a)
				time.Sleep(c.keep - time.Nanosecond)
				if got, ok := kept.get("a", dns.TypeSRV); !ok || got.noName != c.a.noName || len(got.srv) != len(c.a.srv) {
					t.Error("forgotten too early, or changed")
				}
				if _, ok := kept.get("a", dns.TypeNAPTR); ok {
					t.Error("another type's answer")
				}
				time.Sleep(time.Nanosecond)
				if _, ok := kept.get("a", dns.TypeSRV); ok {
					t.Error("kept too long")
				}
			})
		})
	}
}

func TestTheCacheForgetsWhatWouldBeOverFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := newCache()
		for i := range maxEntries + 10 {
			kept.put(fmt.Sprint(i), dns.TypeA, answer{addresses: nil, ttl: time.Minute + time.Duration(i)*time.Millisecond})
		}
		_, oldest := kept.get("9", dns.TypeA)
		_, next := kept.get("10", dns.TypeA)
		if len(kept.entries) != maxEntries || oldest || !next {
			t.Errorf("%d entries, %v, %v", len(kept.entries), oldest, next)
		}
	})
}

// FuzzAnswer: a datagram of anybody's is read as an answer without a crash, and yields nothing but what fits.
func FuzzAnswer(f *testing.F) {
	ask := new(dns.Msg).SetQuestion("pbx.example.", dns.TypeSRV)
	ask.Id = 7
	for _, answers := range [][]dns.RR{nil,
		{record("pbx.example. 60 IN SRV 1 2 3 a.example.")},
		{record("pbx.example. 60 IN CNAME a.example."), record("a.example. 0 IN SRV 1 2 3 .")},
		{record("pbx.example. 60 IN CNAME pbx.example.")}} {
		r := new(dns.Msg).SetReply(ask)
		r.Answer = answers
		raw, err := r.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		reply, ok := matching(data, ask)
		if !ok {
			return
		}
		a, next, err := read(reply, "pbx.example", dns.TypeSRV)
		if len(a.srv) > maxRecords || len(a.naptr)+len(a.addresses) > 0 || err != nil && (!errors.Is(err, ErrFailed) || next != "") {
			t.Errorf("%+v %q %v", a, next, err)
		}
		if next != "" && !hostName(next) {
			t.Errorf("would ask for %q", next)
		}
	})
}
