package demopbx

import (
	"bytes"
	"context"
	"net"
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

const patience = 10 * time.Second

// offerSDP is what a browser-like phone offers, as far as the PBX itself looks at it.
const offerSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111 0 101\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" +
	"a=fingerprint:sha-256 00:11\r\na=setup:actpass\r\na=sendrecv\r\n"

// fakeMedia stands in for ICE and DTLS: it answers every description and records what is sent.
type fakeMedia struct {
	mu    sync.Mutex
	opens []*fakeTransport
	fail  error // of Answer
}

type fakeTransport struct {
	factory *fakeMedia
	sink    media.TransportSink
	mu      sync.Mutex
	sent    []rtp.Packet
	closed  bool
	arrived chan struct{}
}

func (f *fakeMedia) NewTransport(_ phone.LegOptions, sink media.TransportSink) (media.Transport, error) {
	t := &fakeTransport{factory: f, sink: sink, arrived: make(chan struct{}, 1000)}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opens = append(f.opens, t)
	return t, nil
}

func (f *fakeMedia) last(t *testing.T) *fakeTransport {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.opens) == 0 {
		t.Fatal("no transport was opened")
	}
	return f.opens[len(f.opens)-1]
}

func opusNegotiated(held bool) media.Negotiated {
	audio := media.CodecSpec{Name: "opus", PayloadType: 111, ClockRate: 48000, Channels: 2}
	event := media.CodecSpec{Name: "telephone-event", PayloadType: 101, ClockRate: 48000}
	return media.Negotiated{
		Audio: audio, Event: event, HeldByThem: held, Encrypted: true, PacketTime: 20 * time.Millisecond,
		Receive: map[uint8]media.CodecSpec{111: audio, 101: event},
	}
}

func (t *fakeTransport) Offer(phone.MediaWish) { t.sink.LocalSDP([]byte(offerSDP)) }

func (t *fakeTransport) Answer(offer []byte, _ phone.MediaWish) {
	if t.factory.fail != nil {
		t.sink.Failed(t.factory.fail)
		return
	}
	held := bytes.Contains(offer, []byte("a=sendonly"))
	answer := offerSDP
	if held {
		answer = strings.Replace(answer, "a=sendrecv", "a=recvonly", 1)
	}
	t.sink.Negotiated(opusNegotiated(held))
	t.sink.LocalSDP([]byte(answer))
	t.sink.Up("host")
}

func (t *fakeTransport) Remote([]byte, bool) {
	t.sink.Negotiated(opusNegotiated(false))
	t.sink.Up("host")
}
func (t *fakeTransport) Rollback()                   {}
func (t *fakeTransport) Stats() media.TransportStats { return media.TransportStats{} }

func (t *fakeTransport) WriteRTP(h *rtp.Header, payload []byte) bool {
	t.mu.Lock()
	t.sent = append(t.sent, rtp.Packet{Header: *h, Payload: bytes.Clone(payload)})
	t.mu.Unlock()
	select {
	case t.arrived <- struct{}{}:
	default:
	}
	return true
}

func (t *fakeTransport) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
}

func (t *fakeTransport) packets() []rtp.Packet {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]rtp.Packet(nil), t.sent...)
}

func (t *fakeTransport) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// waitSent waits for n more packets.
func (t *fakeTransport) waitSent(tb testing.TB, n int) {
	tb.Helper()
	deadline := time.After(patience)
	for range n {
		select {
		case <-t.arrived:
		case <-deadline:
			tb.Fatal("no RTP came")
		}
	}
}

// start runs a PBX with fake media for the test.
func start(t *testing.T, edit func(*Options)) (*PBX, *fakeMedia) {
	t.Helper()
	fake := &fakeMedia{}
	o := Options{Transports: fake, CallbackDelay: 50 * time.Millisecond}
	if edit != nil {
		edit(&o)
	}
	p, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, fake
}

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits for a condition that the PBX's own events make true.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatal("did not happen: " + what)
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && net.ParseIP(host).IsLoopback()
}
