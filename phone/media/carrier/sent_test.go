package carrier

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media"
)

const ours = 7

var begin = time.Unix(1_800_000_000, 500_000_000)

// sent counts packets of 20 ms with those sequence numbers.
func sent(s *Sent, ssrc uint32, from, to int) {
	for seq := from; seq <= to; seq++ {
		s.Count(ssrc, &rtp.Header{SequenceNumber: uint16(seq), Timestamp: uint32(seq) * 960}, 60, begin)
	}
}

// told takes a report of theirs.
func told(s *Sent, b rtcp.ReceptionReport) media.SentStats {
	s.Take(&rtcp.ReceiverReport{Reports: []rtcp.ReceptionReport{{SSRC: b.SSRC + 1, TotalLost: 77, LastSequenceNumber: 5, Jitter: 48000}, b}}, begin)
	return s.Get()
}

func TestWhatTheFarEndReportsIsLostAndReceived(t *testing.T) {
	for name, c := range map[string]struct {
		last       uint32 // that they say came
		lost       int32
		wantLost   uint64
		wantGot    uint64
		unreported bool
	}{
		"nothing is lost":                 {1099, 0, 0, 100, false},
		"ten are":                         {1099, 10, 10, 90, false},
		"some are still on their way":     {1079, 4, 4, 76, false},
		"duplicates make it negative":     {1099, -3, 0, 100, false},
		"they count the cycles":           {3<<16 + 1099, 10, 10, 90, false},
		"more is lost than was ever sent": {1099, 1<<23 - 1, 100, 0, false},
		"more came than was sent":         {1200, 0, 0, 100, false},
		"what they say came was not sent": {500, 10, 0, 0, true},
	} {
		var s Sent
		s.SetClock(48000)
		sent(&s, ours, 1000, 1099)
		got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: c.last, TotalLost: uint32(c.lost) & 0xffffff})
		if got.Lost != c.wantLost || got.Received != c.wantGot || got.Reported == c.unreported {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestALossThatTurnsOutNoneIsTakenBack(t *testing.T) {
	var s Sent
	sent(&s, ours, 1, 100)
	told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 90, TotalLost: 5})
	if got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 100, TotalLost: 0xffffff}); got.Lost != 0 || got.Received != 100 {
		t.Errorf("%+v", got)
	}
}

func TestTheShareThatIsLostIsOfWhatWentSinceTheLastReport(t *testing.T) {
	var s Sent
	for _, c := range []struct {
		upTo, lost int
		want       float64
	}{{100, 50, 0.5}, {200, 50, 0}, {200, 50, 0}, {300, 60, 0.1}, {400, 30, 0}, {500, 130, 1}} {
		sent(&s, ours, c.upTo-99, c.upTo)
		if got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: uint32(c.upTo), TotalLost: uint32(c.lost)}); got.FractionLost != c.want {
			t.Errorf("%+v: %v", c, got.FractionLost)
		}
	}
}

func TestNoReportOfOursIsKnownBeforeOneOfOurStreamHasCome(t *testing.T) {
	var s Sent
	s.SetClock(48000)
	b := rtcp.ReceptionReport{SSRC: 0, LastSequenceNumber: 1, TotalLost: 3, Jitter: 480}
	if got := told(&s, b); got != (media.SentStats{}) {
		t.Errorf("before anything was sent: %+v", got)
	}
	sent(&s, ours, 1, 10)
	b.SSRC = ours + 9
	if got := told(&s, b); got != (media.SentStats{}) {
		t.Errorf("of a stranger: %+v", got)
	}
}

func TestWhatWeLeftOutIsNoLoss(t *testing.T) {
	var s Sent
	sent(&s, ours, 1, 100)
	sent(&s, ours, 1101, 1200) // they held us for 20 s
	if got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 1200, TotalLost: 1003, FractionLost: 250}); got.Lost != 3 || got.Received != 197 || got.FractionLost != 0.015 {
		t.Errorf("%+v", got)
	}
}

func TestTheFiguresGoOnUnderAnotherSource(t *testing.T) {
	var s Sent
	s.SetClock(90000)
	sent(&s, ours, 65500, 65600) // it goes round
	told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 1<<16 | 64, TotalLost: 1, Jitter: 1800})
	sent(&s, ours+1, 7, 16)
	if got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 1<<16 | 64, TotalLost: 50}); got.Lost != 1 {
		t.Errorf("a report of the source before counts: %+v", got)
	}
	got := told(&s, rtcp.ReceptionReport{SSRC: ours + 1, LastSequenceNumber: 16, TotalLost: 2, Jitter: 900})
	if got.Lost != 3 || got.Received != 100+8 || got.Jitter != 10*time.Millisecond || got.JitterMax != 20*time.Millisecond {
		t.Errorf("%+v", got)
	}
}

func TestTheFarEndsReportsTellTheLargestAndTheAverageJitter(t *testing.T) {
	var s Sent
	s.SetClock(48000)
	sent(&s, ours, 1, 10)
	for _, jitter := range []uint32{480, 960, 0xffffffff, 240} { // 10, 20 and 5 ms, and one that cannot be
		told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 10, Jitter: jitter})
	}
	if got := s.Get(); got.Jitter != 5*time.Millisecond || got.JitterMax != 20*time.Millisecond || got.JitterAverage != 35*time.Millisecond/3 {
		t.Errorf("%+v", got)
	}
}

func TestTheRoundTripIsWhatTheyDidNotWait(t *testing.T) {
	for name, c := range map[string]struct {
		sent  time.Duration // before now
		delay time.Duration
		want  time.Duration
	}{
		"40 ms":                     {1040 * time.Millisecond, time.Second, 40 * time.Millisecond},
		"next to nothing":           {time.Second, time.Second, time.Second >> 16},
		"they waited for too long":  {time.Second, 2 * time.Second, 0},
		"half a minute and more":    {time.Hour, 0, 0},
		"it answers to what is yet": {-time.Minute, 0, 0},
	} {
		var s Sent
		sent(&s, ours, 1, 1)
		got := told(&s, rtcp.ReceptionReport{SSRC: ours, LastSequenceNumber: 1, LastSenderReport: uint32(ntp(begin.Add(-c.sent)) >> 16),
			Delay: uint32(c.delay.Seconds() * 65536)})
		if off := got.RoundTrip - c.want; off < -time.Millisecond || off > time.Millisecond || (got.RoundTrip == 0) != (c.want == 0) {
			t.Errorf("%s: %v", name, got.RoundTrip)
		}
	}
}

func TestASenderReportTellsTheTimeOfThePictureThatWentFirst(t *testing.T) {
	var s Sent
	s.SetClock(90000)
	if _, ok := s.Report(ours, nil, begin).(*rtcp.ReceiverReport); !ok {
		t.Error("who sent nothing reports as a sender")
	}
	picture := func(seq uint16, stamp uint32, after time.Duration) {
		s.Count(ours, &rtp.Header{SequenceNumber: seq, Timestamp: stamp}, 100, begin.Add(after))
	}
	picture(1, 1<<32-3000, 0)
	picture(2, 3000, 50*time.Millisecond)       // the timestamps go round
	picture(3, 3000, 70*time.Millisecond)       // of the same picture
	picture(1, 1<<32-3000, 80*time.Millisecond) // once more: they asked for it
	now := begin.Add(150 * time.Millisecond)
	sr, ok := s.Report(ours, nil, now).(*rtcp.SenderReport)
	if !ok || sr.SSRC != ours || sr.RTPTime != 3000+9000 || sr.PacketCount != 4 || sr.OctetCount != 400 || sr.NTPTime != ntp(now) {
		t.Errorf("%+v", sr)
	}
	if seconds := sr.NTPTime >> 32; seconds != 1_800_000_000+2_208_988_800 || uint32(sr.NTPTime) != 0xa6666666 { // .65 s
		t.Errorf("%d.%08x", seconds, uint32(sr.NTPTime))
	}
	s.Report(ours, nil, now)
	if _, ok := s.Report(ours, nil, now).(*rtcp.ReceiverReport); !ok {
		t.Error("who sent nothing for two intervals reports as a sender")
	}
	picture(4, 9000, time.Second)
	if _, ok := s.Report(ours+1, nil, now).(*rtcp.ReceiverReport); !ok {
		t.Error("another source sends")
	}
	if _, ok := s.Report(ours, nil, now).(*rtcp.SenderReport); !ok {
		t.Error("who sends again does not report as a sender")
	}
}
