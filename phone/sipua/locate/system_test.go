package locate

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

// asSystem makes a resolver as New makes it for production, except that the system's name server is the test's.
func asSystem(t *testing.T, s *locatetest.NameServer, withFile bool) *Resolver {
	t.Helper()
	r := New(Options{Timeout: 4 * time.Second})
	// Package net goes on asking for seconds after its caller gave up: the test takes its sockets away.
	over, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	own := newSystem(&net.Resolver{PreferGo: true, Dial: func(_ context.Context, network, _ string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(over, network, s.Addr)
		if err == nil {
			context.AfterFunc(over, func() { c.Close() })
		}
		return c, err
	}}, time.Second)
	own.file = ""
	if withFile {
		host, port, err := net.SplitHostPort(s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		own.file = filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(own.file, []byte("nameserver "+host+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		own.port = port
	}
	r.lookup = own.lookup
	return r
}

func TestTheSystemsOwnWay(t *testing.T) {
	zone := append([]string{`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.pbx.example.`,
		"_sip._tcp.pbx.example. 60 IN SRV 0 0 5072 b.pbx.example.", "_sip._udp.pbx.example. 60 IN SRV 0 0 5073 c.pbx.example.",
		"_sip._udp.other.example. 60 IN SRV 0 0 5073 gone.example."}, machines...)
	for name, c := range map[string]struct {
		file bool
		q    Request
		want []string
		err  error
	}{
		"with resolv.conf, NAPTR counts":      {true, pbx, []string{"TCP 192.0.2.2:5072 0"}, nil},
		"without it, SRV in our order":        {false, pbx, []string{"TCP 192.0.2.2:5072 0", "UDP 192.0.2.3:5073 1"}, nil},
		"the hosts file counts":               {false, Request{Host: "localhost", Port: 5060, Transport: "TCP"}, nil, nil},
		"no such name":                        {false, Request{Host: "nowhere.example"}, nil, ErrNoSuchName},
		"no such name, with resolv.conf":      {true, Request{Host: "nowhere.example"}, nil, ErrNoSuchName},
		"a machine that does not exist":       {false, Request{Host: "other.example"}, nil, ErrNoServer},
		"one family is enough for an address": {true, Request{Host: "b.pbx.example", Port: 1}, []string{"UDP 192.0.2.2:1 0"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := found(t, asSystem(t, locatetest.Serve(t, zone...), c.file), c.q)
			if c.q.Host == "localhost" {
				if err != nil || !slices.Contains(got, "TCP 127.0.0.1:5060 0") {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestTheSystemsSilenceIsATimeout(t *testing.T) {
	s := locatetest.Serve(t)
	s.Silent()
	if _, err := found(t, asSystem(t, s, false), Request{Host: "pbx.example", Port: 5060}); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}
