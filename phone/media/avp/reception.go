package avp

import (
	"time"

	"github.com/pion/rtcp"
)

// reception counts one source of theirs for receiver reports (RFC 3550 appendix A.1, A.3 and A.8). Another SSRC, or
// a leap of the sequence numbers, begins anew.
type reception struct {
	begun              bool
	ssrc               uint32
	base, highest      int64 // extended sequence numbers
	received           int64
	expectedBefore     int64 // at the last report
	receivedBefore     int64
	transit            int64 // in units of the RTP clock
	jitter             float64
	start              time.Time
	clock              uint32
	reportAt           time.Time // when their last sender report came
	reportMiddle       uint32    // its NTP time's middle
	reportedBySSRC     uint32
	anythingSinceBlock bool
}

// maxLeap is how far sequence numbers may leap within one stream.
const maxLeap = 3000

func (r *reception) count(ssrc uint32, seq uint16, timestamp, clock uint32, now time.Time) {
	distance := int64(int16(seq - uint16(r.highest))) //nolint:gosec // modulo 2^16 is meant
	if !r.begun || ssrc != r.ssrc || distance > maxLeap || distance < -maxLeap {
		*r = reception{begun: true, ssrc: ssrc, base: int64(seq) + 1<<16, highest: int64(seq) + 1<<16, start: now,
			reportAt: r.reportAt, reportMiddle: r.reportMiddle, reportedBySSRC: r.reportedBySSRC}
		distance = 0
	}
	extended := r.highest + distance
	r.highest = max(r.highest, extended)
	r.base = min(r.base, extended)
	r.received++
	r.anythingSinceBlock = true
	if clock == 0 {
		return
	}
	if clock != r.clock { // the units of transit change
		r.clock, r.jitter, r.transit = clock, 0, 0
	}
	arrival := int64(now.Sub(r.start)) / 1000 * int64(clock) / 1e6
	transit := int64(int32(uint32(arrival) - timestamp)) //nolint:gosec // modulo 2^32 is meant
	if r.transit != 0 {
		d := transit - r.transit
		if d < 0 {
			d = -d
		}
		if d < int64(clock) { // a talk spurt's new beginning is no jitter
			r.jitter += (float64(d) - r.jitter) / 16
		}
	}
	r.transit = transit
}

func (r *reception) senderReport(sr *rtcp.SenderReport, now time.Time) {
	r.reportAt, r.reportedBySSRC = now, sr.SSRC
	r.reportMiddle = uint32(sr.NTPTime >> 16) //nolint:gosec // the middle 32 bits are meant
}

// block makes the reception report (§6.4.1).
func (r *reception) block(now time.Time) (rtcp.ReceptionReport, bool) {
	if !r.begun || !r.anythingSinceBlock {
		return rtcp.ReceptionReport{}, false
	}
	r.anythingSinceBlock = false
	expected := r.highest - r.base + 1
	lost := max(-1<<23, min(1<<23-1, expected-r.received))
	expectedInterval, receivedInterval := expected-r.expectedBefore, r.received-r.receivedBefore
	r.expectedBefore, r.receivedBefore = expected, r.received
	b := rtcp.ReceptionReport{
		SSRC: r.ssrc, LastSequenceNumber: uint32(r.highest - 1<<16), TotalLost: uint32(lost) & 0xffffff, //nolint:gosec // 24 bits, signed
		Jitter: uint32(r.jitter),
	}
	if gone := expectedInterval - receivedInterval; expectedInterval > 0 && gone > 0 {
		b.FractionLost = uint8(min(255, gone<<8/expectedInterval)) //nolint:gosec // below 256
	}
	if r.reportedBySSRC == r.ssrc && !r.reportAt.IsZero() {
		b.LastSenderReport = r.reportMiddle
		b.Delay = uint32(now.Sub(r.reportAt).Seconds() * 65536)
	}
	return b, true
}
