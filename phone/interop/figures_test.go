//go:build linux

package interop

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// counted is one line of a browser's getStats (W3C webrtc-stats), as far as it is compared; times are in seconds.
type counted struct {
	PacketsSent, PacketsReceived, PacketsLost uint64
	Jitter, FractionLost, RoundTripTime       float64
}

// webFigures is what a browser knows of one medium: of what comes and goes, and what we report of either.
type webFigures struct{ In, Out, FarOut, FarIn counted }

// figures compares what both ends know of sound and pictures: each is to report what the other one counts.
func (p *ourPhone) figures(id phone.CallID, web *webPhone) {
	p.t.Helper()
	var theirs map[string]webFigures
	var ours phone.MediaStats
	// Each report is some moments old, so that the jitters need not agree at once. By a wrong clock they never would: they
	// are off by what passes between two pictures then.
	near := func(web float64, here time.Duration) bool {
		there := time.Duration(web * float64(time.Second))
		return max(here, there)-min(here, there) < 8*time.Millisecond
	}
	known := func(s *phone.StreamStats, f webFigures) bool {
		return s.RemoteReported && s.RemoteReceived > 20 && f.FarOut.PacketsSent > 20 && f.FarIn.RoundTripTime > 0 && f.FarIn.Jitter > 0 &&
			near(f.FarIn.Jitter, s.Jitter) && near(f.In.Jitter, s.RemoteJitter)
	}
	if !eventually(15*time.Second, func() bool {
		web.get("figures", &theirs)
		ours, _ = p.Stats(id)
		return known(&ours.StreamStats, theirs["audio"]) && known(&ours.Video, theirs["video"])
	}) {
		p.t.Fatalf("the ends do not agree on the figures of both media: %+v\n%+v", ours, theirs)
	}
	compare(p.t, "sound", &ours.StreamStats, theirs["audio"])
	compare(p.t, "pictures", &ours.Video, theirs["video"])
	if ours.RoundTrip <= 0 || ours.RoundTrip > time.Second {
		p.t.Errorf("round trip %v", ours.RoundTrip)
	}
}

func compare(t *testing.T, medium string, s *phone.StreamStats, f webFigures) {
	t.Helper()
	if f.FarIn.RoundTripTime > 1 || f.FarIn.FractionLost > 0.1 || f.FarIn.PacketsLost > 5 {
		t.Errorf("%s: we report %+v", medium, f.FarIn)
	}
	if loss, _ := s.LossSent(); loss > 0.1 || s.RemoteReceived > s.PacketsSent || f.FarOut.PacketsSent > s.PacketsSent || s.PacketsReceived > f.Out.PacketsSent+200 {
		t.Errorf("%s: %+v\n%+v", medium, *s, f)
	}
	t.Logf("%s: %+v\n%+v", medium, *s, f)
}
