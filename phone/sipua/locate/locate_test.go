package locate

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
)

var pbx = Request{Host: "pbx.example"}

// machines are addresses that several zones use.
var machines = []string{
	"a.pbx.example. 60 IN A 192.0.2.1", "a.pbx.example. 60 IN AAAA 2001:db8::1",
	"b.pbx.example. 60 IN A 192.0.2.2",
	"c.pbx.example. 60 IN A 192.0.2.3",
}

// searches are RFC 3263's cases: a zone, a request, and the targets or the error.
var searches = map[string]struct {
	zone []string
	q    Request
	want []string
	err  error
}{
	"a numeric address is itself":        {nil, Request{Host: "192.0.2.9"}, []string{"UDP 192.0.2.9:5060 0"}, nil},
	"sips to a numeric address is TLS":   {nil, Request{Host: "192.0.2.9", Secure: true}, []string{"TLS 192.0.2.9:5061 0"}, nil},
	"IPv6 in brackets, port, transport":  {nil, Request{Host: "[2001:db8::9]", Port: 5080, Transport: "TCP"}, []string{"TCP [2001:db8::9]:5080 0"}, nil},
	"sips over TCP is TLS":               {nil, Request{Host: "192.0.2.9", Transport: "tcp", Secure: true}, []string{"TLS 192.0.2.9:5061 0"}, nil},
	"sips over UDP is nothing":           {nil, Request{Host: "192.0.2.9", Transport: "UDP", Secure: true}, nil, ErrNoServer},
	"an unknown transport":               {nil, Request{Host: "192.0.2.9", Transport: "SCTP"}, nil, ErrNoServer},
	"this machine's wildcard is no host": {nil, Request{Host: "0.0.0.0"}, nil, ErrNoServer},
	"what can be no name is not asked":   {nil, Request{Host: "pbx example"}, nil, ErrNoSuchName},
	"an explicit port asks for addresses only": {
		append([]string{"pbx.example. 60 IN A 192.0.2.7", "_sip._udp.pbx.example. 60 IN SRV 0 0 5070 b.pbx.example."}, machines...),
		Request{Host: "pbx.example", Port: 5062}, []string{"UDP 192.0.2.7:5062 0"}, nil},
	"addresses by turns, IPv6 first": {
		[]string{"pbx.example. 60 IN A 192.0.2.1", "pbx.example. 60 IN A 192.0.2.2", "pbx.example. 60 IN A 192.0.2.3", "pbx.example. 60 IN AAAA 2001:db8::1"},
		Request{Host: "pbx.example", Port: 5060, Transport: "TCP"},
		[]string{"TCP [2001:db8::1]:5060 0", "TCP 192.0.2.1:5060 0", "TCP 192.0.2.2:5060 0", "TCP 192.0.2.3:5060 0"}, nil},
	"NAPTR: order, then preference, and its replacement": {append([]string{
		`pbx.example. 60 IN NAPTR 20 10 "s" "SIPS+D2T" "" tls.pbx.example.`,
		`pbx.example. 60 IN NAPTR 10 20 "S" "sip+d2t" "" tcp.pbx.example.`,
		`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2U" "" udp.pbx.example.`,
		`pbx.example. 60 IN NAPTR 1 1 "s" "SIP+D2S" "" sctp.pbx.example.`,
		`pbx.example. 60 IN NAPTR 1 1 "u" "SIP+D2U" "!.*!x!" .`,
		"tls.pbx.example. 60 IN SRV 0 0 5071 c.pbx.example.", "tcp.pbx.example. 60 IN SRV 0 0 5072 b.pbx.example.",
		"udp.pbx.example. 60 IN SRV 0 0 5073 a.pbx.example."}, machines...),
		pbx, []string{"UDP [2001:db8::1]:5073 0", "UDP 192.0.2.1:5073 0", "TCP 192.0.2.2:5072 1", "TLS 192.0.2.3:5071 2"}, nil},
	"sips takes the SIPS service only": {append([]string{
		`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2U" "" udp.pbx.example.`, `pbx.example. 60 IN NAPTR 20 10 "s" "SIPS+D2T" "" tls.pbx.example.`,
		"tls.pbx.example. 60 IN SRV 0 0 5071 c.pbx.example.", "udp.pbx.example. 60 IN SRV 0 0 5073 b.pbx.example."}, machines...),
		Request{Host: "pbx.example", Secure: true}, []string{"TLS 192.0.2.3:5071 0"}, nil},
	"without NAPTR: TLS, TCP, UDP": {append([]string{"_sip._udp.pbx.example. 60 IN SRV 0 0 5060 b.pbx.example.",
		"_sip._tcp.pbx.example. 60 IN SRV 0 0 5060 b.pbx.example.", "_sips._tcp.pbx.example. 60 IN SRV 0 0 5061 b.pbx.example."}, machines...),
		pbx, []string{"TLS 192.0.2.2:5061 0", "TCP 192.0.2.2:5060 1", "UDP 192.0.2.2:5060 2"}, nil},
	"a transport without a port asks for its SRV": {append([]string{`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2U" "" nowhere.pbx.example.`,
		"_sip._udp.pbx.example. 60 IN SRV 0 0 5060 b.pbx.example.", "_sip._tcp.pbx.example. 60 IN SRV 0 0 5060 c.pbx.example."}, machines...),
		Request{Host: "pbx.example", Transport: "TCP"}, []string{"TCP 192.0.2.3:5060 0"}, nil},
	"priorities are ranks": {append([]string{"_sip._udp.pbx.example. 60 IN SRV 20 0 5060 c.pbx.example.",
		"_sip._udp.pbx.example. 60 IN SRV 10 0 5060 b.pbx.example.", "_sip._udp.pbx.example. 60 IN SRV 20 0 5062 c.pbx.example."}, machines...),
		Request{Host: "pbx.example", Transport: "UDP"}, []string{"UDP 192.0.2.2:5060 0", "UDP 192.0.2.3:5060 1", "UDP 192.0.2.3:5062 1"}, nil},
	"one machine of two does not exist": {append([]string{"_sip._udp.pbx.example. 60 IN SRV 1 0 5060 gone.pbx.example.",
		"_sip._udp.pbx.example. 60 IN SRV 2 0 5060 b.pbx.example."}, machines...), pbx, []string{"UDP 192.0.2.2:5060 1"}, nil},
	"no machine of the SRV exists": {[]string{"pbx.example. 60 IN A 192.0.2.7", "_sip._udp.pbx.example. 60 IN SRV 1 0 5060 gone.pbx.example."},
		pbx, nil, ErrNoServer},
	"a dot says: no TLS here": {append([]string{"_sips._tcp.pbx.example. 60 IN SRV 0 0 0 .", "_sip._tcp.pbx.example. 60 IN SRV 0 0 5060 b.pbx.example."}, machines...),
		pbx, []string{"TCP 192.0.2.2:5060 0"}, nil},
	"a dot for every transport says: no SIP here": {[]string{"pbx.example. 60 IN A 192.0.2.7", "_sips._tcp.pbx.example. 60 IN SRV 0 0 0 .",
		"_sip._tcp.pbx.example. 60 IN SRV 0 0 0 .", "_sip._udp.pbx.example. 60 IN SRV 0 0 0 ."}, pbx, nil, ErrNoServer},
	"a dot for UDP leaves the domain's own address to TCP": {[]string{"pbx.example. 60 IN A 192.0.2.7", "_sip._udp.pbx.example. 60 IN SRV 0 0 0 ."},
		pbx, []string{"TCP 192.0.2.7:5060 0"}, nil},
	"without SRV, the domain's address": {[]string{"pbx.example. 60 IN A 192.0.2.7"}, pbx, []string{"UDP 192.0.2.7:5060 0"}, nil},
	"without SRV, TLS has its own port": {[]string{"pbx.example. 60 IN A 192.0.2.7"}, Request{Host: "pbx.example", Secure: true},
		[]string{"TLS 192.0.2.7:5061 0"}, nil},
	"NAPTR without its SRV: its transport and the domain's address": {[]string{"pbx.example. 60 IN A 192.0.2.7",
		`pbx.example. 60 IN NAPTR 10 10 "s" "SIP+D2T" "" tcp.pbx.example.`}, pbx, []string{"TCP 192.0.2.7:5060 0"}, nil},
	"aliases are followed": {append([]string{"pbx.example. 60 IN CNAME other.example.", "other.example. 60 IN CNAME b.pbx.example."}, machines...),
		pbx, []string{"UDP 192.0.2.2:5060 0"}, nil},
	"aliases in a loop end":            {[]string{"pbx.example. 60 IN CNAME pbx2.example.", "pbx2.example. 60 IN CNAME pbx.example."}, Request{Host: "pbx.example", Port: 1}, nil, ErrFailed},
	"a domain that is not there":       {machines, Request{Host: "nowhere.example"}, nil, ErrNoSuchName},
	"a domain without any SIP":         {[]string{`pbx.example. 60 IN TXT "mail only"`}, pbx, nil, ErrNoServer},
	"addresses that are nobody's":      {[]string{"pbx.example. 60 IN A 0.0.0.0", "pbx.example. 60 IN A 224.0.0.1", "pbx.example. 60 IN AAAA ::"}, pbx, nil, ErrNoServer},
	"names are not sensitive to case":  {[]string{"pbx.example. 60 IN A 192.0.2.7"}, Request{Host: "PBX.Example."}, []string{"UDP 192.0.2.7:5060 0"}, nil},
	"a name of one label is a machine": {[]string{"pbx. 60 IN A 192.0.2.7"}, Request{Host: "pbx", Transport: "TLS"}, []string{"TLS 192.0.2.7:5061 0"}, nil},
}

func TestSearch(t *testing.T) {
	for name, c := range searches {
		t.Run(name, func(t *testing.T) {
			s := locatetest.Serve(t, c.zone...)
			got, err := found(t, resolver(s), c.q)
			if !slices.Equal(got, c.want) || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v; asked %q", got, err, c.want, c.err, s.Questions())
			}
		})
	}
}

func TestAMachineIsNotAskedForServices(t *testing.T) {
	s := locatetest.Serve(t, "pbx. 60 IN A 192.0.2.7")
	if _, err := found(t, resolver(s), Request{Host: "pbx"}); err != nil {
		t.Fatal(err)
	}
	if got := s.Questions(); !slices.Equal(got, []string{"A pbx.", "AAAA pbx."}) {
		t.Errorf("%q", got)
	}
}

// A certificate is for what the user typed: whoever forges DNS answers must not choose the name (RFC 5922 §7.1).
func TestTheCertificateIsForTheDomainThatWasAskedFor(t *testing.T) {
	s := locatetest.Serve(t, `pbx.example. 60 IN NAPTR 10 10 "s" "SIPS+D2T" "" _sips._tcp.evil.example.`,
		"_sips._tcp.evil.example. 60 IN SRV 7 9 5071 host.evil.example.", "host.evil.example. 60 IN A 192.0.2.66")
	targets, err := resolver(s).Locate(t.Context(), pbx)
	if err != nil || len(targets) != 1 {
		t.Fatal(targets, err)
	}
	if got := targets[0]; got.Name != "pbx.example" || got.Host != "host.evil.example" || got.Priority != 7 || got.Weight != 9 {
		t.Errorf("%+v", got)
	}
}

func TestAnswersAreKeptForTheirTime(t *testing.T) {
	s := locatetest.Serve(t, append([]string{"_sip._udp.pbx.example. 600 IN SRV 0 0 5060 b.pbx.example."}, machines...)...)
	r := resolver(s)
	for range 3 {
		if got, err := found(t, r, pbx); err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
	}
	want := []string{"A b.pbx.example.", "AAAA b.pbx.example.", "NAPTR pbx.example.", "SRV _sip._tcp.pbx.example.",
		"SRV _sip._udp.pbx.example.", "SRV _sips._tcp.pbx.example."}
	if got := s.Questions(); !slices.Equal(got, want) {
		t.Errorf("asked %q", got)
	}
}

func TestAnAbandonedSearchEndsAtOnce(t *testing.T) {
	s := locatetest.Serve(t)
	s.Silent()
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan error, 1)
	go func() {
		_, err := resolver(s).Locate(ctx, pbx)
		asked <- err
	}()
	for len(s.Questions()) == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	select {
	case err := <-asked:
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
			t.Error(err)
		}
	case <-time.After(3 * time.Second):
		t.Fatal("it goes on")
	}
}
