package carrier

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
)

func TestTheFarEndsReportsTellTheLargestAndTheAverageJitter(t *testing.T) {
	const ours = 7
	var r Reports
	r.SetClock(48000)
	for _, jitter := range []uint32{480, 960, 0xffffffff, 240} { // 10, 20 and 5 ms, and one that cannot be
		r.Take(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: ours, Jitter: jitter}, {SSRC: ours + 1, Jitter: 48000}}}, ours, time.Now())
	}
	s := r.Get()
	if s.RemoteJitter != 5*time.Millisecond || s.RemoteJitterMax != 20*time.Millisecond || s.RemoteJitterAverage != 35*time.Millisecond/3 {
		t.Errorf("now %v, largest %v, average %v", s.RemoteJitter, s.RemoteJitterMax, s.RemoteJitterAverage)
	}
}
