package avp

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// lookupLimit bounds a look-up of a host's name.
const lookupLimit = 2 * time.Second

// networkType is what Up and Stats tell: packets go from this host's own address.
const networkType = "host"

// transport is one leg's way to the far end. See the package's drawing.
type transport struct {
	*carrier.Front
	factory *Factory
	policy  policy
	server  string
	ports   phone.PortRange

	// flow is read by WriteRTP and Stats.
	flow atomic.Pointer[flow]
	sent carrier.Sent

	// All below belongs to the queue's goroutine.
	session session
	up      bool
}

// session is what offers and answers have led to so far.
type session struct {
	offered localDescription
	lines   []sdp.Line
	index   int
	formats []sdp.Format // ours, as the last complete exchange has them
	remote  *sdp.Description
	manner  manner        // that we agreed on
	keys    []*cryptoLine // SDES: what our offers say, one a suite
	setup   string        // DTLS: our role as the last exchange has it
	tlsID   string        // DTLS: what they call the association (RFC 8842 §4)
	ownID   string        // DTLS: what we call it
}

var (
	_ media.Transport = (*transport)(nil)
	_ carrier.Steps   = (*transport)(nil)
)

func newTransport(f *Factory, p policy, o phone.LegOptions, sink media.TransportSink) *transport {
	t := &transport{factory: f, policy: p, server: o.Server, ports: o.Ports}
	t.Front = carrier.NewFront(t, sink)
	return t
}

func (t *transport) WriteRTP(h *rtp.Header, payload []byte) bool {
	f := t.flow.Load()
	return f != nil && f.out.write(h, payload)
}

func (t *transport) Stats() media.TransportStats {
	f := t.flow.Load()
	if f == nil {
		return media.TransportStats{}
	}
	return media.TransportStats{NetworkType: networkType, Local: f.address, Audio: t.sent.Get(), Resting: f.in.rests(), Rejected: f.in.rejected.Load()}
}

func (t *transport) Close() {
	t.End()
	if f := t.flow.Swap(nil); f != nil {
		f.close()
	}
}

// open sees that there are sockets that reach the peer; those that are there already stay.
func (t *transport) open(peer netip.Addr) (*flow, error) {
	old := t.flow.Load()
	if old != nil && (!peer.IsValid() || old.address.Is4() == peer.Is4()) {
		return old, nil
	}
	local, err := t.localAddress(peer)
	if err != nil {
		return nil, fmt.Errorf("avp: no way to the far end: %w: %w", phone.ErrLocalMediaInfo, err)
	}
	s, err := openSockets(local, t.ports)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", phone.ErrLocalMediaInfo, err)
	}
	f := newFlow(s, t.Gate, &t.sent)
	t.flow.Store(f)
	t.up = false
	if old != nil {
		old.close()
	}
	return f, nil
}

// anywhere are addresses of nobody (RFC 5737, RFC 3849): the way to them is the way into the world.
var anywhere = []netip.Addr{netip.AddrFrom4([4]byte{192, 0, 2, 1}), netip.MustParseAddr("2001:db8::1")}

// localAddress is the address that the SDP names: the one we send from to the peer, or else to the account's server,
// or else into the world. Of a server with addresses of both families the first that there is a way to counts.
func (t *transport) localAddress(peer netip.Addr) (netip.Addr, error) {
	if peer.IsValid() {
		return t.factory.options.LocalAddress(peer)
	}
	peers := anywhere
	if t.server != "" {
		found, _ := t.lookup(t.server) // without it the default route must do
		peers = append(found, anywhere...)
	}
	var failure error
	for _, p := range peers {
		local, err := t.factory.options.LocalAddress(p)
		if err == nil {
			return local, nil
		}
		failure = errors.Join(failure, err)
	}
	return netip.Addr{}, failure
}

// lookup finds a host's addresses, those of IPv4 first: what lies behind a server has IPv4 more often.
func (t *transport) lookup(host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address.Unmap().WithZone("")}, nil
	}
	if len(host) > 253 {
		return nil, errors.New("avp: the host's name is too long")
	}
	ctx, cancel := context.WithTimeout(t.Ctx, lookupLimit)
	defer cancel()
	found, err := t.factory.options.LookUp(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errors.New("avp: the host has no address")
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return found[:min(len(found), 8)], nil
}

// tellUp tells once that packets can go.
func (t *transport) tellUp(f *flow) {
	if t.flow.Load() == f && !t.up {
		t.up = true
		t.Tell(func(s media.TransportSink) { s.Up(networkType) })
	}
}

// secured puts the outcome of a DTLS handshake to use.
func (t *transport) secured(f *flow, a *association, send, receive *srtp.Context, err error) {
	if f.dtls.Load() != a {
		return // a later one has begun
	}
	if err != nil {
		t.Report(err)
		return
	}
	f.out.mu.Lock()
	f.out.context, f.out.open = send, true
	muxed := f.out.mux
	if muxed {
		f.out.reports = send
	}
	f.out.mu.Unlock()
	f.in.mu.Lock()
	f.in.context, f.in.keys = receive, nil
	if muxed {
		f.in.reports = receive
	}
	f.in.mu.Unlock()
	f.openPinholes()
	t.tellUp(f)
	f.replay()
}

// securedBeside puts the outcome of RTCP's own handshake to use. Without it the sound goes on, and nobody reports.
func (f *flow) securedBeside(a *association, send, receive *srtp.Context, err error) {
	if f.beside.dtls.Load() != a || err != nil {
		return
	}
	f.out.mu.Lock()
	f.out.reports = send
	f.out.mu.Unlock()
	f.in.mu.Lock()
	f.in.reports = receive
	f.in.mu.Unlock()
	f.openPinholes()
}
