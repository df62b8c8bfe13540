package carrier

import (
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media"
)

// Sent follows one medium of ours: what went out, for our sender reports, and what the far end's RTCP reports of it. It
// outlives sources and connections: its figures are of the whole call. The zero value is ready. It is safe for
// concurrent use.
type Sent struct {
	mu    sync.Mutex
	clock uint32 // of our RTP timestamps

	// Of the source that we send under now.
	begun           bool
	ssrc            uint32
	first, last     int64 // extended sequence numbers
	left            int64 // those in between that we left out ourselves
	packets, octets uint32
	stamp           uint32 // the newest timestamp, and when it first went out
	stampAt         time.Time
	quiet           int    // reports since the last packet
	lost, received  uint64 // as they report

	lostBefore, receivedBefore uint64 // of the sources before

	stats     media.SentStats
	jitters   int // reports of a jitter, and their sum
	jitterSum time.Duration
}

// SetClock tells the rate of our RTP timestamps in Hz.
func (s *Sent) SetClock(hz uint32) {
	s.mu.Lock()
	s.clock = hz
	s.mu.Unlock()
}

// Get returns what is known.
func (s *Sent) Get() media.SentStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Count notes a packet that went out under ssrc.
func (s *Sent) Count(ssrc uint32, h *rtp.Header, size int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun || ssrc != s.ssrc {
		s.begin(ssrc, h)
	}
	if ahead := int64(int16(h.SequenceNumber - uint16(s.last))); ahead > 0 { //nolint:gosec // modulo 2^16 is meant
		s.left += ahead - 1
		s.last += ahead
	}
	// A packet that is sent once more, and the later ones of a picture or a key, do not change which time it is.
	if s.packets == 0 || int32(h.Timestamp-s.stamp) > 0 { //nolint:gosec // modulo 2^32 is meant
		s.stamp, s.stampAt = h.Timestamp, now
	}
	s.packets++
	s.octets += uint32(size) //nolint:gosec // modulo 2^32 is meant
	s.quiet = 0
}

// begin begins with a source. mu is held.
func (s *Sent) begin(ssrc uint32, h *rtp.Header) {
	s.lostBefore, s.receivedBefore = s.lostBefore+s.lost, s.receivedBefore+s.received
	s.lost, s.received = 0, 0
	s.begun, s.ssrc, s.packets, s.octets, s.left = true, ssrc, 0, 0, 0
	s.first = int64(h.SequenceNumber) + 1<<16
	s.last = s.first
}

// Report makes what is due of this medium (RFC 3550 §6.4): a sender's report, or a receiver's where nothing went out
// since the last report but one. ssrc is the source that reports.
func (s *Sent) Report(ssrc uint32, blocks []rtcp.ReceptionReport, now time.Time) rtcp.Packet {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun || s.ssrc != ssrc || s.clock == 0 || s.quiet >= 2 {
		return &rtcp.ReceiverReport{SSRC: ssrc, Reports: blocks}
	}
	s.quiet++
	elapsed := uint32(int64(now.Sub(s.stampAt).Seconds() * float64(s.clock))) //nolint:gosec // modulo 2^32 is meant
	return &rtcp.SenderReport{SSRC: ssrc, NTPTime: ntp(now), RTPTime: s.stamp + elapsed, PacketCount: s.packets,
		OctetCount: s.octets, Reports: blocks}
}

// Take reads what a packet of theirs reports of us (RFC 3550 §6.4.1). What it says of other sources, or of packets
// that we never sent, is passed over.
func (s *Sent) Take(packet rtcp.Packet, now time.Time) {
	var blocks []rtcp.ReceptionReport
	switch p := packet.(type) {
	case *rtcp.ReceiverReport:
		blocks = p.Reports
	case *rtcp.SenderReport:
		blocks = p.Reports
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range blocks {
		if s.begun && blocks[i].SSRC == s.ssrc {
			s.block(&blocks[i], now)
		}
	}
}

// block takes a block about the source of now. mu is held.
//
// Of the highest number that came to them the lower half counts alone: not everybody counts the cycles. What we left
// out ourselves, while they did not want to hear us, is no loss.
func (s *Sent) block(b *rtcp.ReceptionReport, now time.Time) {
	highest := s.last + int64(min(0, int16(uint16(b.LastSequenceNumber)-uint16(s.last)))) //nolint:gosec // modulo 2^16 is meant
	expected := highest - s.first + 1 - s.left
	if expected <= 0 {
		return
	}
	lost := int64(int32(b.TotalLost<<8)>>8) - s.left //nolint:gosec // 24 bits, signed: duplicates make it negative
	lost = max(0, min(lost, expected))
	// The share of the interval is made of these, too: theirs would hold what we left out.
	gone, came := lost-int64(s.lost), expected-lost-int64(s.received) //nolint:gosec // not that many
	if gone+came > 0 {
		s.stats.FractionLost = max(0, min(1, float64(gone)/float64(gone+came)))
	}
	s.lost, s.received = uint64(lost), uint64(expected-lost) //nolint:gosec // neither is negative
	s.stats.Reported = true
	s.stats.Lost, s.stats.Received = s.lostBefore+s.lost, s.receivedBefore+s.received
	if s.clock > 0 {
		s.jitter(time.Duration(b.Jitter) * time.Second / time.Duration(s.clock))
	}
	if b.LastSenderReport != 0 {
		if trip, ok := roundTrip(now, b.LastSenderReport, b.Delay); ok {
			s.stats.RoundTrip = trip
		}
	}
}

// mostJitter bounds what is believed of a report: a jitter of more than a minute is none.
const mostJitter = time.Minute

// jitter notes what a report says. mu is held.
func (s *Sent) jitter(j time.Duration) {
	if j > mostJitter {
		return
	}
	s.jitters++
	s.jitterSum += j
	s.stats.Jitter = j
	s.stats.JitterMax = max(s.stats.JitterMax, j)
	s.stats.JitterAverage = s.jitterSum / time.Duration(s.jitters)
}

const secondsFrom1900 = 2208988800

// ntp is the time as RTCP tells it (RFC 3550 §4).
func ntp(t time.Time) uint64 {
	seconds := uint64(t.Unix() + secondsFrom1900) //nolint:gosec // not before 1900
	return seconds<<32 | uint64(t.Nanosecond())<<32/1e9
}

// roundTrip is A - LSR - DLSR, in units of 1/65536 s (RFC 3550 §6.4.1, figure 2).
func roundTrip(now time.Time, lsr, dlsr uint32) (time.Duration, bool) {
	trip := int32(uint32(ntp(now)>>16) - lsr - dlsr) //nolint:gosec // the middle 32 bits are meant
	// Clocks of different grain make a tiny negative one of a short trip. No trip takes no time: 0 is for what is not known.
	if trip < 1 && trip > -66 {
		trip = 1
	}
	if trip < 1 || trip > 30<<16 {
		return 0, false
	}
	return time.Duration(trip) * time.Second >> 16, true
}

// Description names our sources (RFC 3550 §6.5); each compound packet ends with it or goes on with feedback (§6.1).
func Description(ssrcs ...uint32) *rtcp.SourceDescription {
	d := &rtcp.SourceDescription{}
	for _, ssrc := range ssrcs {
		d.Chunks = append(d.Chunks, rtcp.SourceDescriptionChunk{Source: ssrc,
			Items: []rtcp.SourceDescriptionItem{{Type: rtcp.SDESCNAME, Text: "hookswitch"}}})
	}
	return d
}
