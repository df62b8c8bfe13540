package tally

import (
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

// The limits of RFC 3550, appendix A.1: how far sequence numbers may leap ahead, and how late a packet may be, within
// one stream.
const (
	maxDropout  = 3000
	maxMisorder = 100
)

// Received counts the packets of one medium that come from a far end. One source at a time is heard; another SSRC, or
// a leap of the sequence numbers that a second packet confirms, begins anew, and what was before stays in the Totals.
// The zero value is ready. It is not safe for concurrent use.
type Received struct {
	begun          bool
	ssrc           uint32
	base, highest  int64       // extended sequence numbers
	came           int64       // of this source, duplicates too
	fresh          int64       // of them, each number once
	seen           seenNumbers // up to highest
	bad            uint16      // the number that would confirm a leap
	leapt          bool        // there was one
	expectedBefore int64       // at the last block
	cameBefore     int64
	news           bool // something came since

	timing
	reportAt     time.Time // when their last sender report came
	reportMiddle uint32    // the middle of its NTP time

	packetsOld, lostOld uint64 // of the sources before
}

// Totals are a medium's figures over all of its sources.
type Totals struct {
	Packets uint64 // each one once, however often it came
	Lost    uint64
	// Jitter is the estimate now, the others are of all that were made, one a packet (RFC 3550 §6.4.1).
	Jitter, JitterMax, JitterAverage time.Duration
}

// Count takes a packet that arrived at that time, and reports whether it is a new one. clock is the rate of its timestamps in Hz; 0: its timestamp says
// nothing of when it was sent, as that of a telephone-event does, all packets of which have the one of the key's first
// moment (RFC 4733 §2.5.1.2).
func (r *Received) Count(h *rtp.Header, clock uint32, at time.Time) bool {
	distance := int64(int16(h.SequenceNumber - uint16(r.highest))) //nolint:gosec // modulo 2^16 is meant
	switch {
	case !r.begun || h.SSRC != r.ssrc:
		r.begin(h)
		distance = 0
	case distance > maxDropout || distance < -maxMisorder:
		if !r.leapt || h.SequenceNumber != r.bad {
			r.leapt, r.bad = true, h.SequenceNumber+1
			return false
		}
		r.begin(h)
		distance = 0
	}
	r.leapt = false
	extended := r.highest + distance
	r.came++
	r.news = true
	fresh := r.seen.add(distance)
	if fresh {
		r.fresh++
	}
	r.highest = max(r.highest, extended)
	r.base = min(r.base, extended)
	r.time(h.Timestamp, clock, at)
	return fresh
}

// begin begins to count a source.
func (r *Received) begin(h *rtp.Header) {
	packets, lost := r.packetsOld+uint64(r.fresh), r.lostOld+r.lost() //nolint:gosec // never negative
	if h.SSRC != r.ssrc {
		r.reportAt = time.Time{}
	}
	r.timing.known, r.timing.jitter = false, 0
	// One cycle up, so that packets that come late do not go below zero.
	first := int64(h.SequenceNumber) + 1<<16
	*r = Received{begun: true, ssrc: h.SSRC, base: first, highest: first, timing: r.timing,
		reportAt: r.reportAt, reportMiddle: r.reportMiddle, packetsOld: packets, lostOld: lost}
}

// lost is how many packets of this source are missing.
func (r *Received) lost() uint64 {
	if !r.begun {
		return 0
	}
	return uint64(max(0, r.highest-r.base+1-r.fresh)) //nolint:gosec // never negative
}

// Totals returns the figures so far.
func (r *Received) Totals() Totals {
	t := Totals{Packets: r.packetsOld + uint64(r.fresh), Lost: r.lostOld + r.lost(), //nolint:gosec // never negative
		Jitter: r.estimate(), JitterMax: r.largest}
	if r.estimates > 0 {
		t.JitterAverage = r.sum / time.Duration(r.estimates)
	}
	return t
}

// SenderReport notes a report of theirs, which a block answers to. One of another source is passed over.
func (r *Received) SenderReport(sr *rtcp.SenderReport, now time.Time) {
	if r.begun && sr.SSRC == r.ssrc {
		r.reportAt, r.reportMiddle = now, uint32(sr.NTPTime>>16) //nolint:gosec // the middle 32 bits are meant
	}
}

// Block makes the reception report of the source that is heard now (RFC 3550 §6.4.1), and begins the next interval. It
// reports false where nothing has come since the last one.
func (r *Received) Block(now time.Time) (rtcp.ReceptionReport, bool) {
	if !r.news {
		return rtcp.ReceptionReport{}, false
	}
	r.news = false
	expected := r.highest - r.base + 1
	lost := max(-1<<23, min(1<<23-1, expected-r.came)) // 24 bits, signed: duplicates make it negative
	expectedInterval, cameInterval := expected-r.expectedBefore, r.came-r.cameBefore
	r.expectedBefore, r.cameBefore = expected, r.came
	b := rtcp.ReceptionReport{SSRC: r.ssrc, LastSequenceNumber: uint32(r.highest - 1<<16), //nolint:gosec // modulo 2^32 is meant
		TotalLost: uint32(lost) & 0xffffff, Jitter: uint32(r.jitter)} //nolint:gosec // likewise
	if gone := expectedInterval - cameInterval; expectedInterval > 0 && gone > 0 {
		b.FractionLost = uint8(min(255, gone<<8/expectedInterval)) //nolint:gosec // below 256
	}
	if !r.reportAt.IsZero() {
		b.LastSenderReport = r.reportMiddle
		b.Delay = uint32(now.Sub(r.reportAt).Seconds() * 65536)
	}
	return b, true
}

// seenNumbers remembers which of the last 128 sequence numbers came; the highest is the first bit.
type seenNumbers [2]uint64

// add notes the number that is so far from the highest one, and reports whether it is new.
func (s *seenNumbers) add(distance int64) bool {
	if distance > 0 {
		switch {
		case distance >= 128:
			*s = seenNumbers{}
		case distance >= 64:
			s[1], s[0] = s[0]<<(distance-64), 0
		default:
			s[1], s[0] = s[1]<<distance|s[0]>>(64-distance), s[0]<<distance
		}
		distance = 0
	}
	word, bit := -distance/64, uint64(1)<<(-distance%64)
	if s[word]&bit != 0 {
		return false
	}
	s[word] |= bit
	return true
}
