package avp

import (
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var policies = []phone.MediaPolicy{phone.MediaRTP, phone.MediaSDES, phone.MediaDTLS}

// end is one side of a call.
type end = carriertest.End

// inner is an end's transport as this package knows it.
func inner(e *end) *transport { return e.Transport.(*transport) }

var loopback = netip.MustParseAddr("127.0.0.1")

func newFactory(t testing.TB, o Options) *Factory {
	t.Helper()
	if o.LocalAddress == nil {
		o.LocalAddress = func(netip.Addr) (netip.Addr, error) { return loopback, nil }
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newEnd(t testing.TB, f *Factory, policy phone.MediaPolicy) *end {
	t.Helper()
	return carriertest.New(t, f, phone.LegOptions{Policy: policy})
}

func connected(t testing.TB, policy phone.MediaPolicy) (a, b *end) {
	t.Helper()
	f := newFactory(t, Options{})
	a, b = newEnd(t, f, policy), newEnd(t, f, policy)
	carriertest.Connect(a, b)
	return a, b
}

// line returns the SDP's first line with that beginning, without it.
func line(t testing.TB, text, prefix string) string {
	t.Helper()
	for l := range strings.SplitSeq(text, "\r\n") {
		if rest, ok := strings.CutPrefix(l, prefix); ok {
			return rest
		}
	}
	t.Fatalf("no %s in\n%s", prefix, text)
	return ""
}
