package avp

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/tally"
)

// replayWindow is how far packets may be out of order before SRTP takes them for replayed ones (RFC 3711 §3.3.2).
const replayWindow = 512

// incoming is what is known of their stream: its keys, its source, its statistics.
type incoming struct {
	// rejected counts packets that failed authentication or came from a stranger; none of them was played.
	rejected atomic.Uint64

	early earlyPackets

	mu        sync.Mutex
	ready     bool // a negotiation is done
	resting   bool // their last report says that they send nothing
	encrypted bool
	context   *srtp.Context
	reports   *srtp.Context // of RTCP, see outgoing
	keys      *cryptoLine   // of SDES, to see whether they changed
	types     [128]bool     // payload types that are negotiated
	clocks    [128]uint32
	latch     latch
	control   latch // of RTCP
	received  tally.Received
	header    rtp.Header
	plain     []byte
	report    []byte
}

// negotiated takes over what an exchange has led to; keys are set apart.
func (i *incoming) negotiated(n media.Negotiated, to peerAddress) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ready, i.encrypted = true, n.Encrypted
	i.types, i.clocks = [128]bool{}, [128]uint32{}
	for pt, c := range n.Receive {
		i.types[pt&127], i.clocks[pt&127] = true, c.JitterClock()
	}
	if to.rtp.IsValid() { // c=0.0.0.0 tells no address; the old one stays known
		i.latch.signal(to.rtp)
		i.control.signal(to.rtcp)
	}
}

// comesFrom reports whether that is where their packets come from.
func (i *incoming) comesFrom(from netip.AddrPort) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return from == i.latch.target()
}

func (i *incoming) setContext(c *srtp.Context, keys *cryptoLine) {
	i.mu.Lock()
	i.context, i.reports, i.keys = c, c, keys
	i.mu.Unlock()
}

// packet opens an RTP packet. moved is the address that our packets go to from now on, if it changed.
func (i *incoming) packet(raw []byte, from netip.AddrPort, now time.Time) (p *rtp.Packet, moved netip.AddrPort, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.ready || i.encrypted && i.context == nil {
		i.early.keep(raw, from, now)
		return nil, moved, false
	}
	plain := raw
	var headerLength int
	var err error
	if i.encrypted {
		i.plain, err = i.context.DecryptRTP(i.plain[:0], raw, &i.header)
		plain = i.plain
	} else {
		headerLength, err = i.header.Unmarshal(raw)
	}
	if err != nil || i.header.Version != 2 || headerLength > len(plain) {
		i.rejected.Add(1)
		return nil, moved, false
	}
	before := i.latch.target()
	pt := i.header.PayloadType & 127
	if !i.latch.admit(from, i.header.SSRC, i.encrypted, i.types[pt], now) {
		i.rejected.Add(1)
		return nil, moved, false
	}
	if after := i.latch.target(); after != before {
		moved = after
	}
	i.resting = false
	i.received.Count(&i.header, i.clocks[pt], now)
	p, ok = carrier.Packet(plain)
	return p, moved, ok
}

// control opens an RTCP packet, of reduced size too (RFC 5506).
func (i *incoming) controlPacket(raw []byte, from netip.AddrPort, muxed bool, now time.Time) (packets []rtcp.Packet, moved netip.AddrPort) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.ready {
		return nil, moved
	}
	plain := raw
	var err error
	if i.encrypted {
		if i.reports == nil {
			return nil, moved
		}
		i.report, err = i.reports.DecryptRTCP(i.report[:0], raw, nil)
		plain = i.report
	}
	if err == nil {
		packets, err = rtcp.Unmarshal(plain)
	}
	if err != nil || len(packets) == 0 {
		i.rejected.Add(1)
		return nil, moved
	}
	ssrcs := packets[0].DestinationSSRC()
	if sender, ok := packets[0].(*rtcp.SenderReport); ok {
		ssrcs = []uint32{sender.SSRC}
	}
	known := from == i.control.signalled || from.Addr() == i.latch.target().Addr()
	if muxed {
		if !i.encrypted && from != i.latch.target() {
			i.rejected.Add(1)
			return nil, moved
		}
	} else {
		before := i.control.target()
		if !i.control.admit(from, append(ssrcs, 0)[0], i.encrypted, known, now) {
			i.rejected.Add(1)
			return nil, moved
		}
		if after := i.control.target(); after != before {
			moved = after
		}
	}
	for _, p := range packets {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			i.resting = false
			i.received.SenderReport(p, now)
		case *rtcp.ReceiverReport:
			i.resting = true
		}
	}
	return packets, moved
}

// rests reports whether the far end says that it sends nothing.
func (i *incoming) rests() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.resting
}

// block returns the reception report about their stream, false where there is nothing to tell.
func (i *incoming) block(now time.Time) (rtcp.ReceptionReport, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.received.Block(now)
}
