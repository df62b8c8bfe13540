package rtc

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 5 * time.Second

// end is one side of a call: a transport and what its sink was told.
type end struct {
	t          testing.TB
	transport  media.Transport
	sdp        chan []byte
	negotiated chan media.Negotiated
	failed     chan error
	ups        chan string
	downs      chan struct{}

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
func (e *end) Down()                         { e.told(); e.downs <- struct{}{} }
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

func newFactory(t testing.TB) *Factory {
	t.Helper()
	f, err := New(Options{IncludeLoopback: true, IPFilter: net.IP.IsLoopback})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func newEnd(t testing.TB, f *Factory) *end {
	t.Helper()
	e := &end{
		t: t, sdp: make(chan []byte, 16), negotiated: make(chan media.Negotiated, 16), failed: make(chan error, 16),
		ups: make(chan string, 16), downs: make(chan struct{}, 16), rtp: make(chan *rtp.Packet, 1000),
	}
	transport, err := f.NewTransport(phone.LegOptions{}, e)
	if err != nil {
		t.Fatal(err)
	}
	e.transport = transport
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
	timer := time.NewTimer(patience)
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

func (e *end) offer(wish phone.MediaWish) []byte {
	e.t.Helper()
	e.transport.Offer(wish)
	return await(e, "offer", e.sdp)
}

func (e *end) answer(offer []byte, wish phone.MediaWish) ([]byte, media.Negotiated) {
	e.t.Helper()
	e.transport.Answer(offer, wish)
	return await(e, "answer", e.sdp), await(e, "agreement", e.negotiated)
}

func (e *end) remote(answer []byte) media.Negotiated {
	e.t.Helper()
	e.transport.Remote(answer, false)
	return await(e, "agreement", e.negotiated)
}

func (e *end) failure() error {
	e.t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-e.failed:
		return err
	case <-timer.C:
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

func connected(t testing.TB) (a, b *end) {
	t.Helper()
	f := newFactory(t)
	a, b = newEnd(t, f), newEnd(t, f)
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
	deadline := time.Now().Add(patience)
	for seq := uint16(1); time.Now().Before(deadline); seq++ {
		from.transport.WriteRTP(&rtp.Header{PayloadType: payloadType, SequenceNumber: seq, Timestamp: uint32(seq) * 960, Marker: seq == 1}, []byte(payload))
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

func TestTwoOfOursTalkBothWays(t *testing.T) {
	a, b := connected(t)
	send(a, b, 111, "from the caller")
	send(b, a, 111, "from the callee")
}

func TestTheAgreementIsOpusWithFECAndItsTelephoneEvent(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	na, nb := exchange(a, b, phone.MediaWish{}, phone.MediaWish{})
	for _, n := range []media.Negotiated{na, nb} {
		if n.Audio.Name != "opus" || n.Audio.PayloadType != 111 || n.Audio.ClockRate != 48000 || !n.Audio.FEC || !n.Encrypted {
			t.Errorf("audio %+v", n.Audio)
		}
		if n.Event.Name != "telephone-event" || n.Event.PayloadType != 110 || n.Event.ClockRate != 48000 {
			t.Errorf("event %+v", n.Event)
		}
		if n.PacketTime != 20*time.Millisecond || n.HeldByThem || n.HeldByUs {
			t.Errorf("%+v", n)
		}
		if n.Receive[111].Name != "opus" || n.Receive[110].Name != "telephone-event" {
			t.Errorf("receive %+v", n.Receive)
		}
	}
}

func TestTheHeaderIsTheCallers(t *testing.T) {
	a, b := connected(t)
	send(a, b, 111, "audio")
	first := send(a, b, 110, "key")
	if first.PayloadType != 110 {
		t.Fatalf("telephone-event left as %d", first.PayloadType)
	}
	h := &rtp.Header{PayloadType: 110, SequenceNumber: 40000, Timestamp: 123456789, Marker: true, SSRC: 1}
	a.transport.WriteRTP(h, []byte("once"))
	for {
		p := await(b, "packet", b.rtp)
		if string(p.Payload) != "once" {
			continue
		}
		if p.SequenceNumber != 40000 || p.Timestamp != 123456789 || !p.Marker || p.PayloadType != 110 {
			t.Errorf("%+v", p.Header)
		}
		if p.SSRC != first.SSRC || h.SSRC != 1 {
			t.Errorf("source %d, before %d; the caller's header says %d", p.SSRC, first.SSRC, h.SSRC)
		}
		return
	}
}

func TestPayloadTypesThatNobodyNamedArriveToo(t *testing.T) {
	a, b := connected(t)
	send(a, b, 77, "unknown")
	send(a, b, 111, "known")
}

func TestHoldAndUnholdFromEitherSide(t *testing.T) {
	a, b := connected(t)
	hold := phone.MediaWish{Hold: true}
	steps := []struct {
		name           string
		from, to       *end
		wishFrom       phone.MediaWish
		wishTo         phone.MediaWish
		fromUs, fromTh bool // as the offerer sees it
		toUs, toTh     bool
	}{
		{"the caller holds", a, b, hold, phone.MediaWish{}, true, false, false, true},
		{"the caller holds again", a, b, hold, phone.MediaWish{}, true, false, false, true},
		{"the callee holds as well", b, a, hold, hold, true, true, true, true},
		{"the caller resumes", a, b, phone.MediaWish{}, hold, false, true, true, false},
		{"the callee resumes", b, a, phone.MediaWish{}, phone.MediaWish{}, false, false, false, false},
	}
	for _, s := range steps {
		n, m := exchange(s.from, s.to, s.wishFrom, s.wishTo)
		if n.HeldByUs != s.fromUs || n.HeldByThem != s.fromTh {
			t.Errorf("%s: offerer held by us %v, by them %v", s.name, n.HeldByUs, n.HeldByThem)
		}
		if m.HeldByUs != s.toUs || m.HeldByThem != s.toTh {
			t.Errorf("%s: answerer held by us %v, by them %v", s.name, m.HeldByUs, m.HeldByThem)
		}
	}
	send(a, b, 111, "after all")
	send(b, a, 111, "after all")
}

func TestDescriptionsKeepOneLineAndCountUp(t *testing.T) {
	a, b := connected(t)
	send(a, b, 111, "x")
	send(b, a, 111, "x")
	version := uint64(0)
	for range 3 {
		for _, p := range [][2]*end{{a, b}, {b, a}} {
			offer := p[0].offer(phone.MediaWish{})
			answer, _ := p[1].answer(offer, phone.MediaWish{})
			p[0].remote(answer)
			for _, raw := range [][]byte{offer, answer} {
				d, err := parseDescription(raw, 0)
				if err != nil || len(d.Lines) != 1 {
					t.Fatalf("%v\n%s", err, raw)
				}
			}
			if p[0] == a {
				if v := originVersion(t, offer); v <= version {
					t.Fatalf("version %d after %d", v, version)
				} else {
					version = v
				}
			}
		}
	}
	send(a, b, 111, "still")
	send(b, a, 111, "still")
}

func TestARolledBackOfferLeavesTheSessionAsItWas(t *testing.T) {
	a, b := connected(t)
	_ = a.offer(phone.MediaWish{Hold: true})
	a.transport.Rollback()
	n, _ := exchange(b, a, phone.MediaWish{}, phone.MediaWish{})
	if n.HeldByThem || n.HeldByUs {
		t.Errorf("%+v", n)
	}
	send(a, b, 111, "goes on")
}

func TestAnAnswerWithoutOfferIsRefused(t *testing.T) {
	a, b := connected(t)
	answer, _ := b.answer(a.offer(phone.MediaWish{}), phone.MediaWish{})
	a.remote(answer)
	a.transport.Remote(answer, false)
	if err := a.failure(); !errors.Is(err, phone.ErrLocalMediaInfo) {
		t.Error(err)
	}
	send(a, b, 111, "goes on")
}

func TestCloseInTheMiddleOfEverything(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	a.close() // never used
	a = newEnd(t, f)
	a.transport.Offer(phone.MediaWish{})
	a.close() // while gathering
	a = newEnd(t, f)
	answer, _ := b.answer(a.offer(phone.MediaWish{}), phone.MediaWish{})
	a.transport.Remote(answer, false)
	a.close() // in the handshake
	b.close()
	a, b = connected(t)
	start := time.Now()
	b.close()
	a.close()
	if took := time.Since(start); took > time.Second {
		t.Errorf("two Close took %v", took)
	}
	a.transport.WriteRTP(&rtp.Header{}, nil)
	a.transport.Offer(phone.MediaWish{})
	a.transport.Close()
	if s := a.transport.Stats(); s != (media.TransportStats{}) {
		t.Errorf("%+v", s)
	}
}

func TestTheFarEndsReportsAreRead(t *testing.T) {
	a, b := connected(t)
	deadline := time.Now().Add(patience)
	for seq := uint16(1); ; seq++ {
		if seq%10 != 0 { // one in ten is never sent: the far end counts it as lost
			a.transport.WriteRTP(&rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 960}, []byte("sound"))
			b.transport.WriteRTP(&rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 960}, []byte("sound"))
		}
		s := a.transport.Stats()
		if s.RemoteLost > 0 && s.RemoteFractionLost > 0.05 && s.RoundTrip < 100*time.Millisecond && s.NetworkType == "host" && s.RemoteJitter > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", s)
		}
		timer := time.NewTimer(10 * time.Millisecond)
		<-timer.C
	}
}
