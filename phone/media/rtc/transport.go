package rtc

import (
	"fmt"
	"slices"
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

// findLimit is how long the first search for a way may take before it is told as lost. A healthy one takes a second.
const findLimit = 4 * time.Second

// closeLimit bounds Close, whatever pion waits for.
const closeLimit = 300 * time.Millisecond

// transport is one leg's way to the far end. See the package's drawing.
type transport struct {
	*carrier.Front
	factory *Factory
	servers *servers // nil: none
	ports   phone.PortRange

	// current and up are read by WriteRTP, Stats and the packets' goroutines.
	current atomic.Pointer[peer]
	up      atomic.Bool
	clocks  atomic.Pointer[clocks]
	// sent and shown are our sound and our pictures, over all peers.
	sent, shown carrier.Sent
	// pictures are the payload types of the video; nil: there is none.
	pictures atomic.Pointer[[128]bool]

	// All below belongs to the queue's goroutine.
	session session
	down    bool
	broken  bool
	closing sync.WaitGroup // of peers that were replaced
	finding *time.Timer    // until the first way must be found; nil before
}

// session is what offers and answers have led to so far.
type session struct {
	offered localDescription
	lines   []sdp.Line
	index   int
	formats []sdp.Format // ours, as the last complete exchange has them
	remote  *description
	theirs  *description // as pion was told
	setup   string       // our DTLS role as the last complete exchange has it

	video  videoLine // as the last complete exchange has it; its index and format outlive its end
	recast int       // counts the lines that were used again

	elsewhere bool // the answer came from another far end: the next offer begins anew with it
}

var (
	_ media.Transport = (*transport)(nil)
	_ carrier.Steps   = (*transport)(nil)
)

func newTransport(f *Factory, sink media.TransportSink) *transport {
	t := &transport{factory: f}
	t.shown.SetClock(videoClock)
	t.Front = carrier.NewFront(t, sink)
	return t
}

func (t *transport) WriteRTP(h *rtp.Header, payload []byte) bool {
	p := t.current.Load()
	return p != nil && t.up.Load() && p.out.write(h, payload)
}

func (t *transport) Stats() media.TransportStats {
	p := t.current.Load()
	if p == nil {
		return media.TransportStats{}
	}
	s := media.TransportStats{Audio: t.sent.Get(), Video: t.shown.Get()}
	s.NetworkType, s.Local = p.path()
	return s
}

func (t *transport) Close() {
	t.End()
	if t.finding != nil { // the queue, which it belongs to, has ended
		t.finding.Stop()
	}
	t.up.Store(false)
	if p := t.current.Swap(nil); p != nil {
		p.close(closeLimit)
	}
	t.closing.Wait()
}

// open makes a peer; replace puts it to use once it has taken a description.
func (t *transport) open() (*peer, error) {
	var p *peer
	look := func() { t.Put(t.look) }
	p, err := newPeer(t, look, func(packet *rtp.Packet, at time.Time) {
		t.Tell(func(s media.TransportSink) {
			if t.current.Load() == p {
				t.deliver(s, p, packet, at)
			}
		})
	})
	return p, err
}

// clocks are the rates of their timestamps by payload type; 0 where these do not tell when a packet was sent.
type clocks [128]uint32

func (c *clocks) of(payloadType uint8) uint32 {
	if c == nil {
		return 0
	}
	return c[payloadType&127]
}

// settleClocks keeps what an exchange makes of the timestamps, ours and theirs.
func (t *transport) settleClocks(n *media.Negotiated) {
	t.sent.SetClock(n.Audio.ClockRate)
	c := new(clocks)
	for pt, spec := range n.Receive {
		c[pt&127] = spec.JitterClock()
	}
	if types := t.pictures.Load(); types != nil {
		for pt, video := range types {
			if video {
				c[pt] = videoClock
			}
		}
	}
	t.clocks.Store(c)
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
		t.Tell(func(s media.TransportSink) { s.Up(kind) })
	case webrtc.PeerConnectionStateDisconnected:
		if t.up.Load() && !t.down {
			t.down = true
			t.Tell(media.TransportSink.Down)
		}
	case webrtc.PeerConnectionStateFailed:
		t.broken = true
		t.up.Store(false)
		t.Report(fmt.Errorf("rtc: the connection to the far end failed: %w", phone.ErrLocalStream))
	}
}

// MakeOffer makes our offer: the first one, a new one of the running session, one that restarts ICE, or one that
// begins anew with another far end.
func (t *transport) MakeOffer(wish phone.MediaWish) ([]byte, error) {
	s := &t.session
	p, err := t.peerToOffer(wish)
	if err != nil {
		return nil, err
	}
	own, err := p.local(t.Ctx)
	if err != nil {
		return nil, err
	}
	l := localDescription{
		formats: ours, setup: "actpass", transport: own, grouped: true, mux: true,
		lines: []sdp.Line{{Media: "audio", Proto: "UDP/TLS/RTP/SAVPF", MID: "0"}},
	}
	l.id, l.version = t.NextVersion()
	held := false
	if t.Agreed() {
		l.lines, l.index, held = slices.Clone(s.lines), s.index, s.remote.HeldByThem()
		l.formats = ours.Again(s.formats)
	}
	l.direction = sdp.OfferDirection(wish.Hold, held)
	if wish.Video || wish.Watch {
		if err := t.offerVideo(&l, p, wish, held); err != nil {
			return nil, err
		}
	}
	s.offered = l
	return l.write(), nil
}

// peerToOffer is the peer whose ICE and DTLS our offer describes.
func (t *transport) peerToOffer(wish phone.MediaWish) (*peer, error) {
	s := &t.session
	p := t.current.Load()
	switch {
	case p == nil, s.elsewhere:
		fresh, err := t.open()
		if err != nil {
			return nil, err
		}
		if err = fresh.offer(); err != nil {
			fresh.close(closeLimit)
			return nil, err
		}
		t.replace(fresh)
		s.theirs, s.elsewhere = nil, false
		return fresh, nil
	case wish.Restart && s.theirs != nil:
		return p, p.restart()
	}
	return p, nil
}

// Begin implements carrier.Steps: ICE and DTLS begin by themselves, and are watched.
func (t *transport) Begin() {
	if t.finding != nil || t.up.Load() {
		return
	}
	t.finding = time.AfterFunc(t.factory.findLimit, func() { t.Put(t.missWay) })
}

// missWay tells that no way was found. Candidates that came after our description, from a distant relay, may make the
// next offer lead further than this one.
func (t *transport) missWay() {
	if t.current.Load() != nil && !t.up.Load() && !t.down && !t.broken {
		t.down = true
		t.Tell(media.TransportSink.Down)
	}
}
