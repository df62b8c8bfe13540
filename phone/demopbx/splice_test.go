package demopbx

import (
	"testing"

	"github.com/pion/rtp"
)

func TestStreamsThatFollowOneAnotherBecomeOneWithItsGaps(t *testing.T) {
	var s splice
	s.seq, s.time = 65534, 1<<32-100
	for i, c := range []struct {
		ssrc      uint32
		seq       uint16
		time      uint32
		wantSeq   uint16
		wantAfter uint32 // timestamp since the beginning
	}{
		{1, 500, 7000, 65535, 160},
		{1, 501, 7160, 0, 320},
		{1, 504, 7640, 3, 800},           // two are lost
		{1, 503, 7480, 2, 640},           // one comes late
		{2, 60000, 1 << 31, 4, 960},      // another source
		{2, 60001, 1<<31 + 160, 5, 1120}, // goes on
		{2, 100, 12, 6, 1280},            // begins anew
		{2, 101, 172, 7, 1440},
	} {
		seq, time := s.place(&rtp.Packet{Header: rtp.Header{SSRC: c.ssrc, SequenceNumber: c.seq, Timestamp: c.time}}, 160)
		if seq != c.wantSeq || time-(1<<32-100) != c.wantAfter {
			t.Errorf("%d: %d at %d, want %d at %d", i, seq, time-(1<<32-100), c.wantSeq, c.wantAfter)
		}
	}
}
