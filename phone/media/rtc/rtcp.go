package rtc

import (
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/carrier"
	"github.com/hookswitch/hookswitch/phone/media/tally"
)

const (
	// reportInterval is how often we report on average. It is short of RFC 3550's five seconds, as RFC 4585 §3.4 allows, so
	// that a bad moment is told soon; a report has some 150 bytes.
	reportInterval = time.Second
	// mostBlocks is what one report has room for (RFC 3550 §6.4.1).
	mostBlocks = 31
	// mostControl is the longest packet of RTCP that is read.
	mostControl = 8192
)

// source is one SSRC of theirs, for the reports about it.
type source struct {
	mu       sync.Mutex
	received tally.Received
}

func (s *source) count(h *rtp.Header, clock uint32, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.received.Count(h, clock, at)
}

// take notes their sender reports.
func (s *source) take(packets []rtcp.Packet) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range packets {
		if sr, ok := p.(*rtcp.SenderReport); ok {
			s.received.SenderReport(sr, now)
		}
	}
}

func (s *source) block(now time.Time) (rtcp.ReceptionReport, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received.Block(now)
}

// reporter reports from time to time, until the peer is closed.
func (p *peer) reporter() {
	// The interval varies, so that those who started together do not report together (RFC 3550 §6.3.1).
	wait := func() time.Duration { return reportInterval/2 + rand.N(reportInterval) } //nolint:gosec // needs no secrecy
	timer := time.NewTimer(wait())
	defer timer.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-timer.C:
			p.report()
			timer.Reset(wait())
		}
	}
}

// report sends what is due, and more behind it. Nothing goes to a far end that refuses to take it on the port of the RTP (RFC
// 5761 §5.1.1): it would look for it on a second component, and pion has the first one only. So such a call goes on without
// reports.
func (p *peer) report(more ...rtcp.Packet) {
	if audio := p.out.source(); audio != 0 && !p.silent.Load() {
		_ = p.pc.WriteRTCP(append(p.compound(audio, time.Now()), more...)) // an error means that there is no way yet, or none any more; ICE tells
	}
}

// compound is a whole packet of RTCP (RFC 3550 §6.1): what we sent, and how theirs came, of sound and pictures. audio is the
// source of our sound; the pictures' follows behind the names (RFC 8108 §5.3).
func (p *peer) compound(audio uint32, now time.Time) []rtcp.Packet {
	first := p.out.sent.Report(audio, p.blocks(now), now)
	if v := p.video.Load(); v != nil {
		if second, ok := v.track.sent.Report(v.ssrc(), nil, now).(*rtcp.SenderReport); ok {
			return []rtcp.Packet{first, carrier.Description(audio, v.ssrc()), second}
		}
	}
	return []rtcp.Packet{first, carrier.Description(audio)}
}

// blocks are about all sources that something came from since the last report.
func (p *peer) blocks(now time.Time) (blocks []rtcp.ReceptionReport) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for s := range p.heard {
		if len(blocks) == mostBlocks {
			break // the others' turn comes
		}
		if b, ok := s.block(now); ok {
			blocks = append(blocks, b)
		}
	}
	return blocks
}

// readControl reads RTCP until there is none any more. What cannot be read is passed over.
func readControl(read func([]byte) (int, error), take func([]rtcp.Packet)) {
	buf := make([]byte, mostControl)
	for {
		n, err := read(buf)
		if errors.Is(err, io.ErrShortBuffer) {
			continue
		}
		if err != nil {
			return
		}
		if packets, err := rtcp.Unmarshal(buf[:n]); err == nil {
			take(packets)
		}
	}
}
