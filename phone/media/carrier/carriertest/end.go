package carriertest

import (
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// Patience is how long an End waits for what must come.
const Patience = 5 * time.Second

// End is one side of a call: a transport, and what its sink was told.
type End struct {
	T          testing.TB
	Transport  media.Transport
	Sent       chan []byte // our descriptions
	Agreements chan media.Negotiated
	Failures   chan error
	Ups        chan string
	Downs      chan struct{}
	Troubles   chan error
	Packets    chan *rtp.Packet
	Pictures   chan *rtp.Packet // of the video
	Asked      chan struct{}    // for a key frame

	mu     sync.Mutex
	closed bool
	late   int
}

// New makes a transport with that factory. When the test ends it is closed, and must have been silent since.
func New(t testing.TB, f media.TransportFactory, o phone.LegOptions) *End {
	t.Helper()
	e := &End{T: t, Sent: make(chan []byte, 16), Agreements: make(chan media.Negotiated, 16), Failures: make(chan error, 16),
		Ups: make(chan string, 16), Downs: make(chan struct{}, 16), Troubles: make(chan error, 16), Packets: make(chan *rtp.Packet, 1000),
		Pictures: make(chan *rtp.Packet, 1000), Asked: make(chan struct{}, 16)}
	var err error
	if e.Transport, err = f.NewTransport(o, sink{e}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.Close()
		if e.late > 0 {
			t.Errorf("the sink was called %d times after Close", e.late)
		}
	})
	return e
}

// sink is the End as its transport sees it.
type sink struct{ e *End }

func (s sink) told() {
	s.e.mu.Lock()
	defer s.e.mu.Unlock()
	if s.e.closed {
		s.e.late++
	}
}

func (s sink) LocalSDP(raw []byte)           { s.told(); s.e.Sent <- raw }
func (s sink) Negotiated(n media.Negotiated) { s.told(); s.e.Agreements <- n }
func (s sink) Failed(err error)              { s.told(); s.e.Failures <- err }
func (s sink) Up(kind string)                { s.told(); s.e.Ups <- kind }
func (s sink) Down()                         { s.told(); s.e.Downs <- struct{}{} }
func (s sink) Trouble(err error)             { s.told(); s.e.Troubles <- err }
func (s sink) PictureAsked()                 { s.told(); s.e.Asked <- struct{}{} }
func (s sink) Video(p *rtp.Packet, _ time.Time) {
	s.told()
	select {
	case s.e.Pictures <- p:
	default:
	}
}
func (s sink) RTP(p *rtp.Packet, _ time.Time) {
	s.told()
	select {
	case s.e.Packets <- p:
	default:
	}
}

// Close closes the transport; it may be called again.
func (e *End) Close() {
	e.Transport.Close()
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
}

// Await takes the next of what, or ends the test.
func Await[T any](e *End, what string, from <-chan T) T {
	e.T.Helper()
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	var zero T
	select {
	case v := <-from:
		return v
	case err := <-e.Failures:
		e.T.Fatalf("waiting for %s: %v", what, err)
	case <-timer.C:
		e.T.Fatalf("no %s", what)
	}
	return zero
}

// Offer has an offer made.
func (e *End) Offer(wish phone.MediaWish) string {
	e.T.Helper()
	e.Transport.Offer(wish)
	return string(Await(e, "offer", e.Sent))
}

// Answer has an offer answered.
func (e *End) Answer(offer string, wish phone.MediaWish) (string, media.Negotiated) {
	e.T.Helper()
	e.Transport.Answer([]byte(offer), wish)
	return string(Await(e, "answer", e.Sent)), Await(e, "agreement", e.Agreements)
}

// Remote has a final answer applied.
func (e *End) Remote(answer string) media.Negotiated {
	e.T.Helper()
	e.Transport.Remote([]byte(answer), false)
	return Await(e, "agreement", e.Agreements)
}

// Failure waits for the transport to say no.
func (e *End) Failure() error {
	e.T.Helper()
	timer := time.NewTimer(Patience)
	defer timer.Stop()
	select {
	case err := <-e.Failures:
		return err
	case <-timer.C:
		e.T.Fatal("no failure was told")
		return nil
	}
}

// Exchange lets a offer and b answer.
func Exchange(a, b *End, wishA, wishB phone.MediaWish) (na, nb media.Negotiated) {
	a.T.Helper()
	answer, nb := b.Answer(a.Offer(wishA), wishB)
	return a.Remote(answer), nb
}

// Connect lets a call b, and waits until packets can go.
func Connect(a, b *End) {
	a.T.Helper()
	Exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	if kind := Await(a, "connection", a.Ups); kind != "host" {
		a.T.Fatalf("network type %q", kind)
	}
	Await(b, "connection", b.Ups)
}

// Write sends one packet of 20 ms at 8000 Hz.
func (e *End) Write(payloadType uint8, seq uint16, payload string) {
	e.Transport.WriteRTP(&rtp.Header{PayloadType: payloadType, SequenceNumber: seq, Timestamp: uint32(seq) * 160, Marker: seq == 1}, []byte(payload))
}

// Send writes packets until one with this payload type arrives at the other end.
func Send(from, to *End, payloadType uint8, payload string) *rtp.Packet {
	from.T.Helper()
	deadline := time.Now().Add(Patience)
	for seq := uint16(1); time.Now().Before(deadline); seq++ {
		from.Write(payloadType, seq, payload)
		timer := time.NewTimer(20 * time.Millisecond)
	drain:
		for {
			select {
			case p := <-to.Packets:
				if p.PayloadType == payloadType && string(p.Payload) == payload {
					timer.Stop()
					return p
				}
			case <-timer.C:
				break drain
			}
		}
	}
	from.T.Fatalf("no packet of type %d arrived", payloadType)
	return nil
}

// WaitFor polls until ok, or ends the test.
func WaitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s", what)
		}
	}
}
