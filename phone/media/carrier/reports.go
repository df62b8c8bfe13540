package carrier

import (
	"sync"
	"time"

	"github.com/pion/rtcp"

	"github.com/hookswitch/hookswitch/phone/media"
)

// Reports keeps what the far end's RTCP tells of our stream.
type Reports struct {
	mu    sync.Mutex
	stats media.TransportStats
	clock uint32 // of our RTP timestamps, for their jitter

	jitters   int // reports of a jitter, and their sum
	jitterSum time.Duration
}

// SetClock tells the rate of our RTP timestamps in Hz, for the jitter that they report.
func (r *Reports) SetClock(hz uint32) {
	r.mu.Lock()
	r.clock = hz
	r.mu.Unlock()
}

// Get returns what was told last.
func (r *Reports) Get() media.TransportStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Take reads the report blocks about ssrc (RFC 3550 §6.4.1).
func (r *Reports) Take(packet rtcp.Packet, ssrc uint32, now time.Time) {
	var blocks []rtcp.ReceptionReport
	switch p := packet.(type) {
	case *rtcp.ReceiverReport:
		blocks = p.Reports
	case *rtcp.SenderReport:
		blocks = p.Reports
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range blocks {
		if b.SSRC != ssrc {
			continue
		}
		// 24 bits, signed: duplicates make it negative.
		if lost := int32(b.TotalLost<<8) >> 8; lost > 0 {
			r.stats.RemoteLost = uint64(lost)
		}
		r.stats.RemoteFractionLost = float64(b.FractionLost) / 256
		if r.clock > 0 {
			r.jitter(time.Duration(b.Jitter) * time.Second / time.Duration(r.clock))
		}
		if b.LastSenderReport != 0 {
			if rtt, ok := roundTrip(now, b.LastSenderReport, b.Delay); ok {
				r.stats.RoundTrip = rtt
			}
		}
	}
}

// mostJitter bounds what is believed of a report: a jitter of more than a minute is none.
const mostJitter = time.Minute

// jitter notes what a report says. mu is held.
func (r *Reports) jitter(j time.Duration) {
	if j > mostJitter {
		return
	}
	r.jitters++
	r.jitterSum += j
	r.stats.RemoteJitter = j
	r.stats.RemoteJitterMax = max(r.stats.RemoteJitterMax, j)
	r.stats.RemoteJitterAverage = r.jitterSum / time.Duration(r.jitters)
}

// roundTrip is A - LSR - DLSR, in units of 1/65536 s (RFC 3550 §6.4.1, figure 2).
func roundTrip(now time.Time, lsr, dlsr uint32) (time.Duration, bool) {
	const secondsFrom1900 = 2208988800
	seconds := uint64(now.Unix() + secondsFrom1900)
	middle := uint32(seconds<<16) | uint32(uint64(now.Nanosecond())<<16/1e9)
	rtt := int32(middle - lsr - dlsr)
	// Clocks of different grain make a tiny negative one of a short trip.
	if rtt < 0 && rtt > -66 {
		rtt = 0
	}
	if rtt < 0 || rtt > 30<<16 {
		return 0, false
	}
	return time.Duration(rtt) * time.Second >> 16, true
}
