package avp

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

// patience is how long a packet may wait for the system to take it; it has room for hundreds, so this is for the
// day on which a driver hangs. Much less would drop packets that a busy machine's scheduler lets wait before they are
// even tried.
const patience = 20 * time.Millisecond

// largest is the largest packet that we send.
const largest = 1500

// outgoing is our stream: its keys and where it goes.
type outgoing struct {
	sockets *sockets

	mu        sync.Mutex
	closed    bool
	open      bool // both sides are known, and keys where there must be some
	discard   bool // they do not want to hear us now, or have no address
	encrypted bool
	mux       bool
	context   *srtp.Context
	reports   *srtp.Context // of RTCP: the same one, but under DTLS on two ports
	keys      *cryptoLine
	ssrc      uint32
	sent      *carrier.Sent
	rtp, rtcp netip.AddrPort
	header    rtp.Header
	plain     [largest]byte
	sealed    []byte

	sentSince bool // since the last report
}

// write sends one RTP packet and reports whether it did.
func (o *outgoing) write(h *rtp.Header, payload []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open || o.closed {
		return false
	}
	o.header = *h
	o.header.Version, o.header.SSRC = 2, o.ssrc
	o.header.Padding, o.header.PaddingSize = false, 0
	n := o.header.MarshalSize()
	if n+len(payload) > largest {
		return false
	}
	if _, err := o.header.MarshalTo(o.plain[:]); err != nil {
		return false
	}
	n += copy(o.plain[n:], payload)
	out := o.plain[:n]
	if o.encrypted {
		var err error
		// What is not sent is encrypted all the same: the packet counter (RFC 3711 §3.3.1) must see every sequence
		// number, or it would use a part of the key stream twice.
		if o.sealed, err = o.context.EncryptRTP(o.sealed[:0], out, &o.header); err != nil {
			return false
		}
		out = o.sealed
	}
	if o.discard || !o.rtp.IsValid() {
		return false
	}
	o.send(o.sockets.rtp, out, o.rtp)
	o.sentSince = true
	o.sent.Count(o.ssrc, h, len(payload), time.Now())
	return true
}

// send gives a packet to the system. An error is no news: who does not hear us will tell, or hang up.
func (o *outgoing) send(conn *net.UDPConn, packet []byte, to netip.AddrPort) {
	_ = conn.SetWriteDeadline(time.Now().Add(patience))
	_, _ = conn.WriteToUDPAddrPort(packet, to)
}

// sendControl sends RTCP.
func (o *outgoing) sendControl(packets []rtcp.Packet) {
	raw, err := rtcp.Marshal(packets)
	if err != nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.open || o.closed {
		return
	}
	if o.encrypted {
		if o.reports == nil {
			return
		}
		if raw, err = o.reports.EncryptRTCP(nil, raw, nil); err != nil {
			return
		}
	}
	if o.mux && o.rtp.IsValid() {
		o.send(o.sockets.rtp, raw, o.rtp)
	} else if !o.mux && o.rtcp.IsValid() {
		o.send(o.sockets.rtcp, raw, o.rtcp)
	}
}

// pinhole sends an empty packet, which every RTP stack drops but every NAT on the way lets an answer in for
// (RFC 6263 §4.1), unless audio does the same.
func (o *outgoing) pinhole() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && o.open && !o.sentSince && o.rtp.IsValid() {
		o.send(o.sockets.rtp, nil, o.rtp)
	}
	o.sentSince = false
}

// record sends a DTLS record.
func (o *outgoing) record(raw []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && o.rtp.IsValid() {
		o.send(o.sockets.rtp, raw, o.rtp)
	}
}

// recordBeside sends a DTLS record of RTCP's association.
func (o *outgoing) recordBeside(raw []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed && o.rtcp.IsValid() {
		o.send(o.sockets.rtcp, raw, o.rtcp)
	}
}

func (o *outgoing) setTarget(rtp netip.AddrPort) {
	o.mu.Lock()
	o.rtp = rtp
	o.mu.Unlock()
}

func (o *outgoing) setControlTarget(rtcp netip.AddrPort) {
	o.mu.Lock()
	o.rtcp = rtcp
	o.mu.Unlock()
}

func (o *outgoing) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
}

// current is the SSRC that we send under.
func (o *outgoing) current() uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ssrc
}
