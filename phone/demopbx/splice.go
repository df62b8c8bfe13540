package demopbx

import "github.com/pion/rtp"

// longGap is how many packets may be missing within one stream; more is a new beginning (RFC 3550 §A.1).
const longGap = 3000

// splice makes one stream of ours out of streams of theirs that follow one another: gaps of sequence numbers and timestamps stay,
// leaps do not. Under one source of ours no number may come again, since SRTP would use a part of its key stream twice.
type splice struct {
	stream    uint32 // SSRC of theirs
	tracking  bool   // seqShift and timeShift hold for stream
	seqShift  uint16
	timeShift uint32
	seq       uint16 // last sent
	time      uint32 // RTP timestamp last sent
}

// place gives a packet of theirs its place. step is the time from the last one that was sent to the first of another stream.
func (s *splice) place(p *rtp.Packet, step uint32) (seq uint16, time uint32) {
	if gap := int16(p.SequenceNumber + s.seqShift - s.seq); !s.tracking || p.SSRC != s.stream || gap > longGap || gap < -longGap {
		s.stream, s.tracking = p.SSRC, true
		s.seqShift = s.seq + 1 - p.SequenceNumber
		s.timeShift = s.time + step - p.Timestamp
	}
	seq, time = p.SequenceNumber+s.seqShift, p.Timestamp+s.timeShift
	if int16(seq-s.seq) > 0 {
		s.seq, s.time = seq, time
	}
	return seq, time
}
