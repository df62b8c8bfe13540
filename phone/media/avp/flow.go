package avp

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"

	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier"
)

const (
	reportInterval = 5 * time.Second // RFC 3550 §6.2
	// The first packets may be lost on a NAT that makes its binding with them, so there are some.
	openings        = 3
	openingInterval = 20 * time.Millisecond
	// tooManyErrors ends a reader that the system answers with errors only.
	tooManyErrors = 1000
)

// peerAddress is where the far end's SDP says that it listens.
type peerAddress struct{ rtp, rtcp netip.AddrPort }

// flow is a pair of sockets with what goes through them.
type flow struct {
	*sockets
	gate    *carrier.Gate
	out     outgoing
	in      incoming
	channel // of DTLS, beside RTP
	// beside is that of RTCP, where it has a port of its own: each port has its own association (RFC 5764 §3).
	beside channel
	hello  atomic.Pointer[func()] // what to do when the far end begins an association anew; see waitForHello

	opening chan struct{} // asks the reporter to open pinholes
	done    chan struct{}
	loops   sync.WaitGroup
}

func newFlow(s *sockets, gate *carrier.Gate, sent *carrier.Sent) *flow {
	f := &flow{sockets: s, gate: gate, opening: make(chan struct{}, 1), done: make(chan struct{})}
	f.out.sockets, f.out.sent = s, sent
	f.channel.write, f.channel.take = f.out.record, f.takeRecord
	f.beside.write, f.beside.take = f.out.recordBeside, f.takeRecordBeside
	f.out.ssrc = rand.Uint32() //nolint:gosec // needs no secrecy
	f.loops.Go(func() { f.read(s.rtp, false) })
	f.loops.Go(func() { f.read(s.rtcp, true) })
	f.loops.Go(f.reporter)
	return f
}

// read takes packets from one socket until it is closed.
func (f *flow) read(conn *net.UDPConn, control bool) {
	buf := make([]byte, 2048)
	for failures := 0; failures < tooManyErrors; {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // Windows tells here that an earlier packet of ours found nobody
			failures++
			continue
		}
		failures = 0
		f.take(buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), control)
	}
}

// take sorts by the first bytes (RFC 7983, RFC 5761 §4).
func (f *flow) take(raw []byte, from netip.AddrPort, control bool) {
	switch {
	case len(raw) < 4:
	case raw[0] >= 20 && raw[0] <= 63:
		if control {
			f.takeRecordBeside(raw, from)
		} else {
			f.takeRecord(raw, from)
		}
	case raw[0]>>6 != 2:
	case raw[1] >= 192 && raw[1] <= 223:
		f.takeControl(raw, from, !control)
	case !control:
		f.takeAudio(raw, from, time.Now())
	}
}

// replay takes what came before it could be understood: a far end may send as soon as it has our offer (RFC 3264
// §5.1), and its packets overtake its answer.
func (f *flow) replay() {
	for _, p := range f.in.early.take() {
		f.takeAudio(p.raw, p.from, p.at)
	}
}

func (f *flow) takeAudio(raw []byte, from netip.AddrPort, now time.Time) {
	packet, moved, ok := f.in.packet(raw, from, now)
	if moved.IsValid() {
		f.out.setTarget(moved)
	}
	if !ok {
		return
	}
	f.gate.Tell(func(s media.TransportSink) { s.RTP(packet, now) })
}

func (f *flow) takeControl(raw []byte, from netip.AddrPort, muxed bool) {
	now := time.Now()
	packets, moved := f.in.controlPacket(raw, from, muxed, now)
	if moved.IsValid() {
		f.out.setControlTarget(moved)
	}
	if len(packets) == 0 {
		return
	}
	for _, p := range packets {
		f.out.sent.Take(p, now)
	}
}

// takeRecord hands a DTLS record to the association, or keeps it until there is one. Until keys stand, our records
// go to where theirs come from: the far end's NAT may have given it another address than it knows.
func (f *flow) takeRecord(raw []byte, from netip.AddrPort) {
	a := f.dtls.Load()
	if a == nil {
		f.early.keep(raw, from)
		return
	}
	if !a.finished.Load() {
		f.out.setTarget(from)
	} else if isClientHello(raw) && f.in.comesFrom(from) {
		if begin := f.hello.Swap(nil); begin != nil {
			f.early.keep(raw, from)
			(*begin)()
			return
		}
	}
	a.conn.deliver(raw)
}

// takeRecordBeside does that for RTCP's association.
func (f *flow) takeRecordBeside(raw []byte, from netip.AddrPort) {
	a := f.beside.dtls.Load()
	if a == nil {
		f.beside.early.keep(raw, from)
		return
	}
	if !a.finished.Load() {
		f.out.setControlTarget(from)
	}
	a.conn.deliver(raw)
}

// reporter sends RTCP and keeps NATs open.
func (f *flow) reporter() {
	// The interval varies, so that those who started together do not report together (RFC 3550 §6.3.1).
	wait := func() time.Duration { return reportInterval/2 + rand.N(reportInterval) } //nolint:gosec // needs no secrecy
	timer := time.NewTimer(wait())
	defer timer.Stop()
	left := 0
	for {
		select {
		case <-f.done:
			return
		case <-f.opening:
			left = openings
			timer.Reset(0)
		case <-timer.C:
			f.report()
			left--
			if left > 0 {
				timer.Reset(openingInterval)
			} else {
				timer.Reset(wait())
			}
		}
	}
}

// report sends what is due.
func (f *flow) report(more ...rtcp.Packet) {
	now := time.Now()
	var blocks []rtcp.ReceptionReport
	if b, ok := f.in.block(now); ok {
		blocks = append(blocks, b)
	}
	ssrc := f.out.current()
	f.out.sendControl(append([]rtcp.Packet{f.out.sent.Report(ssrc, blocks, now), carrier.Description(ssrc)}, more...))
	f.out.pinhole()
}

// openPinholes sends the first packets.
func (f *flow) openPinholes() {
	select {
	case f.opening <- struct{}{}:
	default:
	}
}

// close says goodbye (RFC 3550 §6.6) and ends all goroutines.
func (f *flow) close() {
	f.report(&rtcp.Goodbye{Sources: []uint32{f.out.current()}})
	f.dissociate()
	f.out.close()
	close(f.done)
	f.sockets.close()
	f.loops.Wait()
}

// dissociate ends what DTLS there is.
func (f *flow) dissociate() {
	var both sync.WaitGroup
	both.Go(f.channel.close)
	both.Go(f.beside.close)
	both.Wait()
}
