package rtc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// maxSources bounds how many sources (SSRCs) one far end may use in a call: each costs pion a receiver.
const maxSources = 128

// peer is one PeerConnection: one ICE session and one certificate of the far end.
type peer struct {
	pc     *webrtc.PeerConnection
	sender *webrtc.RTPSender
	out    *outTrack
	video  atomic.Pointer[videoOut] // nil until a description of ours has video
	api    *webrtc.API
	silent atomic.Bool             // no RTCP may go out, see report
	clocks *atomic.Pointer[clocks] // of their payload types
	marks  *marks
	packet func(*rtp.Packet, time.Time)
	log    *slog.Logger

	restarting bool // the queue's: pion has restarted ICE, and our offer with that is out

	mu       sync.Mutex
	closed   bool
	sources  int
	heard    map[*source]struct{}
	gathered chan struct{} // closed when gathering is complete
	first    chan struct{} // closed at the first candidate
	far      chan struct{} // closed at the first one that a server gave
	grace    time.Duration // what servers get after the first candidate; 0: they have had it
	done     chan struct{} // closed by close
	loops    sync.WaitGroup
}

// newPeer makes a PeerConnection that opens no socket yet. look is called, from any goroutine, when its
// state may have changed; packet for every RTP packet.
func newPeer(t *transport, look func(), packet func(*rtp.Packet, time.Time)) (*peer, error) {
	f, network, list := t.factory, &marks{}, []webrtc.ICEServer(nil)
	if t.servers != nil {
		list = t.servers.list
	}
	api := f.newAPI(t.servers, network, t.ports)
	pc, err := api.NewPeerConnection(webrtc.Configuration{
		ICEServers:   list,
		Certificates: []webrtc.Certificate{f.certificate},
		BundlePolicy: webrtc.BundlePolicyMaxBundle, ICETransportPolicy: f.policy,
	})
	if err != nil {
		return nil, fmt.Errorf("rtc: %w: %w", phone.ErrLocalMediaInfo, err)
	}
	p := &peer{pc: pc, api: api, out: &outTrack{bound: look, sent: &t.sent}, clocks: &t.clocks, marks: network, packet: packet, log: f.log,
		heard: make(map[*source]struct{}), done: make(chan struct{})}
	p.armGathering(gatherGrace)
	pc.OnICECandidate(p.onCandidate)
	pc.OnConnectionStateChange(func(webrtc.PeerConnectionState) { look() })
	pc.OnTrack(p.onTrack)
	if p.sender, err = pc.AddTrack(p.out); err != nil {
		_ = pc.GracefulClose()
		return nil, fmt.Errorf("rtc: %w: %w", phone.ErrLocalMediaInfo, err)
	}
	p.loops.Go(p.readReports)
	p.loops.Go(p.reporter)
	return p, nil
}

func (p *peer) armGathering(grace time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gathered, p.first, p.far = make(chan struct{}), make(chan struct{}), make(chan struct{})
	p.grace = grace
}

func (p *peer) onCandidate(c *webrtc.ICECandidate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case c == nil:
		closeOnce(p.gathered)
	case c.Typ != webrtc.ICECandidateTypeHost:
		closeOnce(p.far)
		closeOnce(p.first)
	default:
		closeOnce(p.first)
	}
}

func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// offer starts gathering for our first offer.
func (p *peer) offer() error {
	d, err := p.pc.CreateOffer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(d)
	}
	return wrapLocal(err)
}

// restart gives the old way up and starts gathering for an offer that restarts ICE. pion takes no offer back, so it is
// shown ours only with their answer (accept).
func (p *peer) restart() error {
	p.armGathering(restartGather)
	_, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: true})
	p.restarting = err == nil
	return wrapLocal(err)
}

// answer applies a plain offer, the first one or one that restarts ICE, and starts gathering.
func (p *peer) answer(plain string) error {
	if p.pc.CurrentRemoteDescription() != nil {
		p.armGathering(restartGather)
	} else {
		p.armGathering(gatherGrace)
	}
	p.restarting = false // theirs comes instead
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: plain}); err != nil {
		return wrapRemote(err)
	}
	d, err := p.pc.CreateAnswer(nil)
	if err == nil {
		err = p.pc.SetLocalDescription(d)
	}
	return wrapLocal(err)
}

// accept applies a plain answer.
func (p *peer) accept(plain string) error {
	if p.restarting {
		p.restarting = false
		if err := p.offer(); err != nil {
			return err
		}
	}
	return wrapRemote(p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: plain}))
}

func wrapLocal(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rtc: %w: %w", phone.ErrLocalMediaInfo, err)
}

func wrapRemote(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("rtc: %w: %s", phone.ErrMediaIncompatible, sdp.FirstLine(err.Error()))
}

// local waits for the candidates and returns pion's own description.
func (p *peer) local(ctx context.Context) (*description, error) {
	p.awaitCandidates(ctx)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("rtc: closed: %w", phone.ErrLocalMediaInfo)
	}
	l := p.pc.LocalDescription()
	if p.restarting {
		fresh, err := p.pc.CreateOffer(nil)
		if err != nil {
			return nil, wrapLocal(err)
		}
		l = &fresh
	}
	if l == nil {
		return nil, fmt.Errorf("rtc: no local description: %w", phone.ErrLocalMediaInfo)
	}
	d, err := parseDescription([]byte(l.SDP), 0)
	if err != nil {
		return nil, fmt.Errorf("rtc: own description: %w", err)
	}
	if len(d.candidates) == 0 {
		return nil, fmt.Errorf("rtc: no network address: %w", phone.ErrLocalMediaInfo)
	}
	return d, nil
}

// awaitCandidates waits for the end of gathering, but for no server that does not answer: after the first candidate
// the others have their grace, and half a second after the first one from a server. It waits once for each gathering.
func (p *peer) awaitCandidates(ctx context.Context) {
	p.mu.Lock()
	gathered, first, far, grace := p.gathered, p.first, p.far, p.grace
	p.grace = 0
	p.mu.Unlock()
	if grace <= gatherGrace { // the first candidate's half second is all there is
		far = nil
	}
	limit := time.NewTimer(gatherLimit)
	defer limit.Stop()
	for {
		select {
		case <-gathered:
			return
		case <-first:
			first = nil
			limit.Reset(grace)
		case <-far:
			first, far = nil, nil
			limit.Reset(gatherGrace)
		case <-limit.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// onTrack runs on a goroutine of its own for every source. pion calls it before the first packet.
func (p *peer) onTrack(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	p.mu.Lock()
	p.sources++
	if p.closed || p.sources > maxSources {
		if p.sources == maxSources+1 {
			p.log.Warn("the far end changes its source too often; new ones are not heard")
		}
		p.mu.Unlock()
		return
	}
	p.loops.Add(2)
	s := &source{}
	p.heard[s] = struct{}{}
	p.mu.Unlock()
	go func() {
		defer p.loops.Done()
		readControl(func(b []byte) (int, error) {
			n, _, err := receiver.Read(b)
			return n, err
		}, s.take)
	}()
	defer p.loops.Done()
	p.readPackets(track, s)
	p.mu.Lock()
	delete(p.heard, s)
	p.mu.Unlock()
}

func (p *peer) readPackets(track *webrtc.TrackRemote, s *source) {
	buf := make([]byte, 1500)
	for {
		n, _, err := track.Read(buf)
		at := time.Now()
		// pion reports a payload type that it does not know as an error, after the packet.
		if err != nil && (n == 0 || errors.Is(err, io.EOF)) {
			return
		}
		if packet, ok := carrier.Packet(buf[:n]); ok {
			s.count(&packet.Header, p.clocks.Load().of(packet.PayloadType), at)
			p.packet(packet, at)
		}
	}
}

// readReports reads what the far end reports of our sound, until the sender stops.
func (p *peer) readReports() {
	readControl(func(b []byte) (int, error) {
		n, _, err := p.sender.Read(b)
		return n, err
	}, func(packets []rtcp.Packet) {
		now := time.Now()
		for _, packet := range packets {
			p.out.sent.Take(packet, now)
		}
	})
}

// networkType says over which kind of path the packets go, "" while there is none.
func (p *peer) networkType() string {
	kind, _ := p.path()
	return kind
}

// path says the same, and from which address of ours they go.
func (p *peer) path() (kind string, local netip.Addr) {
	transport := p.sender.Transport().ICETransport()
	// Asked while ICE starts, pion reads what it is writing; Role takes its lock, and has a value only after that.
	if transport.Role() == webrtc.ICERoleUnknown {
		return "", local
	}
	pair, err := transport.GetSelectedCandidatePair()
	if err != nil || pair == nil || pair.Local == nil || pair.Remote == nil {
		return "", local
	}
	address := pair.Local.Address
	if pair.Local.Typ != webrtc.ICECandidateTypeHost {
		address = pair.Local.RelatedAddress
	}
	local, _ = netip.ParseAddr(address) // a name, or none: then it is not known
	return pathKind(pair), local
}

// pathKind names a pair's way. pion calls the local side "host" also where a NAT gives the packets another address:
// it does not make the candidate of RFC 8445 §7.2.5.3.1. So both sides are looked at.
func pathKind(pair *webrtc.ICECandidatePair) string {
	local, remote := pair.Local.Typ, pair.Remote.Typ
	private := func(address string) bool {
		ip, err := netip.ParseAddr(address)
		return err != nil && strings.HasSuffix(address, ".local") || err == nil && !(ip.IsGlobalUnicast() && !ip.IsPrivate())
	}
	here := func(address string) bool {
		ip, err := netip.ParseAddr(address)
		return err == nil && (ip.IsLoopback() || ip.IsLinkLocalUnicast())
	}
	switch {
	case local == webrtc.ICECandidateTypeRelay || remote == webrtc.ICECandidateTypeRelay:
		return "relay"
	case local == webrtc.ICECandidateTypeHost && here(pair.Local.Address): // no NAT lies behind such an address
		return "host"
	case local != webrtc.ICECandidateTypeHost, private(pair.Local.Address) && !private(pair.Remote.Address):
		return "srflx"
	case remote != webrtc.ICECandidateTypeHost && !private(pair.Remote.Address):
		return "srflx"
	}
	return "host"
}

// close ends everything; it returns when no goroutine of ours is left, or after limit.
func (p *peer) close(limit time.Duration) {
	p.mu.Lock()
	p.closed = true
	close(p.done)
	p.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if v := p.video.Load(); v != nil {
			v.close()
		}
		_ = p.pc.GracefulClose()
		p.loops.Wait()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
