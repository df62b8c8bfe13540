package rtc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// closeLimit bounds Close, whatever pion waits for.
const closeLimit = 300 * time.Millisecond

// transport is one leg's way to the far end. See the package's drawing.
type transport struct {
	factory *Factory
	servers []webrtc.ICEServer
	steps   carrier.Queue
	ctx     context.Context
	cancel  context.CancelFunc

	gate *carrier.Gate

	// current and up are read by WriteRTP, Stats and the packets' goroutines.
	current atomic.Pointer[peer]
	up      atomic.Bool

	// All below belongs to the queue's goroutine.
	session session
	down    bool
	broken  bool
	closing sync.WaitGroup // of peers that were replaced
}

// session is what offers and answers have led to so far.
type session struct {
	id, version uint64
	agreed      bool // an exchange is complete
	offering    bool // our offer is out
	early       bool // and has a provisional answer
	offered     localDescription
	wish        phone.MediaWish
	lines       []sdp.Line
	index       int
	formats     []sdp.Format // ours, as the last complete exchange has them
	remote      *description
	theirs      *description // as pion was told
	setup       string       // our DTLS role as the last complete exchange has it
	outcome     media.Negotiated
}

var _ media.Transport = (*transport)(nil)

func newTransport(f *Factory, sink media.TransportSink) *transport {
	t := &transport{factory: f, gate: carrier.NewGate(sink), session: session{id: rand.Uint64() >> 2, version: 1}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

func (t *transport) Offer(wish phone.MediaWish) {
	t.steps.Put(func() { t.gate.Report(t.offer(wish)) })
}

func (t *transport) Answer(offer []byte, wish phone.MediaWish) {
	t.steps.Put(func() { t.gate.Report(t.answer(offer, wish)) })
}

func (t *transport) Remote(answer []byte, provisional bool) {
	t.steps.Put(func() { t.gate.Report(t.remote(answer, provisional)) })
}

func (t *transport) Rollback() {
	t.steps.Put(func() { t.session.offering = false })
}

func (t *transport) WriteRTP(h *rtp.Header, payload []byte) {
	if p := t.current.Load(); p != nil && t.up.Load() {
		p.out.write(h, payload)
	}
}

func (t *transport) Stats() media.TransportStats {
	p := t.current.Load()
	if p == nil {
		return media.TransportStats{}
	}
	s := p.stats.Get()
	s.NetworkType = p.networkType()
	return s
}

func (t *transport) Close() {
	t.gate.Shut()
	t.cancel()
	t.steps.Close()
	t.up.Store(false)
	if p := t.current.Swap(nil); p != nil {
		p.close(closeLimit)
	}
	t.closing.Wait()
}

// open makes a peer; replace puts it to use once it has taken a description.
func (t *transport) open() (*peer, error) {
	var p *peer
	look := func() { t.steps.Put(t.look) }
	p, err := newPeer(t.factory, t.servers, look, func(packet *rtp.Packet, at time.Time) {
		t.gate.Tell(func(s media.TransportSink) {
			if t.current.Load() == p {
				s.RTP(packet, at)
			}
		})
	})
	return p, err
}

// replace swaps the peer; the old one closes beside.
func (t *transport) replace(p *peer) {
	t.up.Store(false)
	t.broken = false
	if old := t.current.Swap(p); old != nil {
		t.closing.Go(func() { old.close(closeLimit) })
	}
}

// look compares the connection's true state with what the sink was told. Which callback came, and in which order, does not matter.
func (t *transport) look() {
	p := t.current.Load()
	if p == nil || t.broken {
		return
	}
	switch p.pc.ConnectionState() {
	case webrtc.PeerConnectionStateConnected:
		kind := p.networkType()
		if !p.out.ready() || kind == "" || (t.up.Load() && !t.down) {
			return
		}
		t.up.Store(true)
		t.down = false
		t.gate.Tell(func(s media.TransportSink) { s.Up(kind) })
	case webrtc.PeerConnectionStateDisconnected:
		if t.up.Load() && !t.down {
			t.down = true
			t.gate.Tell(media.TransportSink.Down)
		}
	case webrtc.PeerConnectionStateFailed:
		t.broken = true
		t.up.Store(false)
		t.gate.Report(fmt.Errorf("rtc: the connection to the far end failed: %w", phone.ErrLocalStream))
	}
}

// offer makes our offer: the first one, or a new one of the running session.
func (t *transport) offer(wish phone.MediaWish) error {
	s := &t.session
	p := t.current.Load()
	if p == nil {
		var err error
		if p, err = t.open(); err != nil {
			return err
		}
		if err = p.offer(); err != nil {
			p.close(closeLimit)
			return err
		}
		t.replace(p)
	}
	own, err := p.local(t.ctx)
	if err != nil {
		return err
	}
	l := localDescription{
		id: s.id, version: s.nextVersion(), formats: ours, setup: "actpass", transport: own, grouped: true, mux: true,
		lines: []sdp.Line{{Media: "audio", Proto: "UDP/TLS/RTP/SAVPF", MID: "0"}},
	}
	held := false
	if s.agreed {
		l.lines, l.index, held = s.lines, s.index, s.remote.HeldByThem()
		l.formats = ours.Again(s.formats)
	}
	l.direction = sdp.OfferDirection(wish.Hold, held)
	s.offering, s.early, s.offered, s.wish = true, false, l, wish
	raw := l.write()
	t.gate.Tell(func(k media.TransportSink) { k.LocalSDP(raw) })
	return nil
}

// nextVersion counts the descriptions that went out (RFC 3264 §8).
func (s *session) nextVersion() uint64 {
	s.version++
	return s.version
}

var errStale = errors.New("no offer of ours is out")
