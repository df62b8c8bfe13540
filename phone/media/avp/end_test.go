package avp

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const waitLimit = 5 * time.Second

var policies = []phone.MediaPolicy{phone.MediaRTP, phone.MediaSDES, phone.MediaDTLS}

// end is one side of a call: a transport and what its sink was told.
type end struct {
	t          testing.TB
	transport  *transport
	sdp        chan []byte
	negotiated chan media.Negotiated
	failed     chan error
	ups        chan string

	mu     sync.Mutex
	closed bool
	late   int
	rtp    chan *rtp.Packet
}

func (e *end) told() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		e.late++
	}
}

func (e *end) LocalSDP(s []byte)             { e.told(); e.sdp <- s }
func (e *end) Negotiated(n media.Negotiated) { e.told(); e.negotiated <- n }
func (e *end) Failed(err error)              { e.told(); e.failed <- err }
func (e *end) Up(kind string)                { e.told(); e.ups <- kind }
func (e *end) Down()                         { e.told() }
func (e *end) RTP(p *rtp.Packet, _ time.Time) {
	e.told()
	select {
	case e.rtp <- p:
	default:
	}
}

func (e *end) close() {
	e.transport.Close()
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
}

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
	e := &end{t: t, sdp: make(chan []byte, 16), negotiated: make(chan media.Negotiated, 16), failed: make(chan error, 16),
		ups: make(chan string, 16), rtp: make(chan *rtp.Packet, 1000)}
	made, err := f.NewTransport(phone.LegOptions{Policy: policy}, e)
	if err != nil {
		t.Fatal(err)
	}
	e.transport = made.(*transport)
	t.Cleanup(func() {
		e.close()
		if e.late > 0 {
			t.Errorf("the sink was called %d times after Close", e.late)
		}
	})
	return e
}

// await takes the next of what, or ends the test.
func await[T any](e *end, what string, from <-chan T) T {
	e.t.Helper()
	timer := time.NewTimer(waitLimit)
	defer timer.Stop()
	var zero T
	select {
	case v := <-from:
		return v
	case err := <-e.failed:
		e.t.Fatalf("waiting for %s: %v", what, err)
	case <-timer.C:
		e.t.Fatalf("no %s", what)
	}
	return zero
}

func (e *end) offer(wish phone.MediaWish) string {
	e.t.Helper()
	e.transport.Offer(wish)
	return string(await(e, "offer", e.sdp))
}

func (e *end) answer(offer string, wish phone.MediaWish) (string, media.Negotiated) {
	e.t.Helper()
	e.transport.Answer([]byte(offer), wish)
	return string(await(e, "answer", e.sdp)), await(e, "agreement", e.negotiated)
}

func (e *end) remote(answer string) media.Negotiated {
	e.t.Helper()
	e.transport.Remote([]byte(answer), false)
	return await(e, "agreement", e.negotiated)
}

// failure waits for the transport to say no.
func (e *end) failure() error {
	e.t.Helper()
	select {
	case err := <-e.failed:
		return err
	case <-time.After(waitLimit):
		e.t.Fatal("no failure was told")
		return nil
	}
}

// exchange lets a offer and b answer.
func exchange(a, b *end, wishA, wishB phone.MediaWish) (na, nb media.Negotiated) {
	a.t.Helper()
	answer, nb := b.answer(a.offer(wishA), wishB)
	return a.remote(answer), nb
}

func connected(t testing.TB, policy phone.MediaPolicy) (a, b *end) {
	t.Helper()
	f := newFactory(t, Options{})
	a, b = newEnd(t, f, policy), newEnd(t, f, policy)
	exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	if kind := await(a, "connection", a.ups); kind != "host" {
		t.Fatalf("network type %q", kind)
	}
	await(b, "connection", b.ups)
	return a, b
}

// send writes packets until one with this payload type arrives at the other end.
func send(from, to *end, payloadType uint8, payload string) *rtp.Packet {
	from.t.Helper()
	deadline := time.Now().Add(waitLimit)
	for seq := uint16(1); time.Now().Before(deadline); seq++ {
		from.write(payloadType, seq, payload)
		timer := time.NewTimer(20 * time.Millisecond)
	drain:
		for {
			select {
			case p := <-to.rtp:
				if p.PayloadType == payloadType && string(p.Payload) == payload {
					timer.Stop()
					return p
				}
			case <-timer.C:
				break drain
			}
		}
	}
	from.t.Fatalf("no packet of type %d arrived", payloadType)
	return nil
}

func (e *end) write(payloadType uint8, seq uint16, payload string) {
	e.transport.WriteRTP(&rtp.Header{PayloadType: payloadType, SequenceNumber: seq, Timestamp: uint32(seq) * 160, Marker: seq == 1}, []byte(payload))
}

// waitFor polls until ok, or ends the test.
func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(waitLimit); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s", what)
		}
	}
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
