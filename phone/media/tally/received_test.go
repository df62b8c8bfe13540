package tally_test

import (
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/tally"
)

// came counts packets of a source, one each 20 ms, with those sequence numbers.
func came(r *tally.Received, ssrc uint32, seqs ...uint16) {
	for i, seq := range seqs {
		at := time.Unix(0, 0).Add(time.Duration(i) * 20 * time.Millisecond)
		r.Count(&rtp.Header{SSRC: ssrc, SequenceNumber: seq, Timestamp: uint32(i) * 160}, 8000, at)
	}
}

func run(from uint16, n int) (seqs []uint16) {
	for i := range n {
		seqs = append(seqs, from+uint16(i))
	}
	return seqs
}

// signed reads 24 bits as RFC 3550 §6.4.1 has them.
func signed(v uint32) int32 { return int32(v<<8) >> 8 }

func TestPacketsAreCountedAsTheRFCSaysForThemAndOnceForPeople(t *testing.T) {
	for name, c := range map[string]struct {
		seqs          []uint16
		packets, lost uint64
		blockLost     int32
		fraction      uint8
		highest       uint32
	}{
		"all come":                      {run(100, 20), 20, 0, 0, 0, 119},
		"the numbers go round":          {run(65530, 20), 20, 0, 0, 0, 1<<16 + 13},
		"one is late, two never come":   {[]uint16{65533, 65534, 65535, 1, 2, 0, 5}, 7, 2, 2, 2 * 256 / 9, 1<<16 + 5},
		"one is earlier than the first": {[]uint16{10, 9, 11}, 3, 0, 0, 0, 11},
		"some come twice":               {[]uint16{1, 2, 2, 2, 3}, 3, 0, -2, 0, 3},
		"one comes twice, one never":    {[]uint16{1, 2, 2, 4}, 3, 1, 0, 0, 4},
		"a very late one comes twice":   {append(run(1, 100), 1, 30), 100, 0, -2, 0, 100},
		"a long outage":                 {append(run(1, 10), run(1011, 10)...), 20, 1000, 1000, 250, 1020},
		"a stray number, once":          {append(run(1, 10), 40000, 11, 12), 12, 0, 0, 0, 12},
		"the numbers begin anew":        {append(run(1, 10), run(40000, 10)...), 19, 0, 0, 0, 40009},
	} {
		var r tally.Received
		came(&r, 9, c.seqs...)
		b, ok := r.Block(time.Unix(1, 0))
		if got := r.Totals(); got.Packets != c.packets || got.Lost != c.lost {
			t.Errorf("%s: %d packets, %d lost", name, got.Packets, got.Lost)
		}
		if !ok || b.SSRC != 9 || signed(b.TotalLost) != c.blockLost || b.FractionLost != c.fraction || b.LastSequenceNumber != c.highest {
			t.Errorf("%s: %+v, lost %d", name, b, signed(b.TotalLost))
		}
		if _, ok := r.Block(time.Unix(2, 0)); ok {
			t.Errorf("%s: a second report without news", name)
		}
	}
}

func TestAnotherSourceBeginsAnewAndTheOldOnesCountOn(t *testing.T) {
	var r tally.Received
	came(&r, 1, 1, 2, 4)
	came(&r, 2, 50000, 50001, 50005)
	came(&r, 1, 100)
	if got := r.Totals(); got.Packets != 7 || got.Lost != 4 {
		t.Errorf("%+v", got)
	}
	if b, _ := r.Block(time.Unix(9, 0)); b.SSRC != 1 || b.TotalLost != 0 || b.LastSequenceNumber != 100 {
		t.Errorf("%+v", b)
	}
}

func TestTheShareThatIsLostIsOfTheIntervalAlone(t *testing.T) {
	var r tally.Received
	came(&r, 1, append(run(0, 50), run(100, 50)...)...)
	if b, _ := r.Block(time.Unix(9, 0)); b.FractionLost != 50*256/150 {
		t.Errorf("%+v", b)
	}
	came(&r, 1, run(150, 50)...)
	if b, _ := r.Block(time.Unix(10, 0)); b.FractionLost != 0 || b.TotalLost != 50 {
		t.Errorf("%+v", b)
	}
}

func TestABlockAnswersToTheSourcesOwnReportAlone(t *testing.T) {
	var r tally.Received
	now := time.Unix(100, 0)
	came(&r, 1, 1, 2)
	r.SenderReport(&rtcp.SenderReport{SSRC: 7, NTPTime: 0x1111_2222_3333_4444}, now)
	if b, _ := r.Block(now); b.LastSenderReport != 0 || b.Delay != 0 {
		t.Errorf("a stranger's report is answered: %+v", b)
	}
	r.SenderReport(&rtcp.SenderReport{SSRC: 1, NTPTime: 0x1111_2222_3333_4444}, now)
	came(&r, 1, 3)
	if b, _ := r.Block(now.Add(1500 * time.Millisecond)); b.LastSenderReport != 0x2222_3333 || b.Delay != 65536*3/2 {
		t.Errorf("%+v", b)
	}
	came(&r, 2, 3)
	if b, _ := r.Block(now); b.LastSenderReport != 0 {
		t.Errorf("the next source answers for the one before: %+v", b)
	}
}

// at is a packet's timestamp and when it comes.
type at struct {
	stamp uint32
	clock uint32
	after time.Duration
}

// uneven makes packets that are by turns early and late by 10 ms of what the clock says.
func uneven(clock, first uint32, n, twins int) (list []at) {
	for i := range n {
		due := time.Duration(i) * 40 * time.Millisecond
		if i%2 == 1 {
			due += 10 * time.Millisecond
		}
		for range twins {
			list = append(list, at{first + uint32(i)*clock/25, clock, due})
		}
	}
	return list
}

func TestTheJitterIsATimeWhateverTheClock(t *testing.T) {
	for name, c := range map[string]struct {
		packets []at
		want    time.Duration
	}{
		"Opus":                              {uneven(48000, 0, 200, 1), 10 * time.Millisecond},
		"G.722, whose clock is half of it":  {uneven(8000, 0, 200, 1), 10 * time.Millisecond},
		"VP8":                               {uneven(90000, 0, 200, 1), 10 * time.Millisecond},
		"timestamps that go round":          {uneven(90000, 1<<32-100, 200, 1), 10 * time.Millisecond},
		"pictures of two packets at a time": {uneven(90000, 0, 200, 2), 5 * time.Millisecond}, // every other difference is none
		"another clock in mid-stream":       {append(uneven(48000, 0, 100, 1), uneven(8000, 77, 200, 1)...), 10 * time.Millisecond},
		"a clock that was set anew":         {append(uneven(8000, 0, 100, 1), uneven(8000, 1<<31, 200, 1)...), 10 * time.Millisecond},
		"keys among it": {func() (list []at) {
			for _, p := range uneven(8000, 0, 200, 1) {
				list = append(list, p, at{0, 0, p.after + 5*time.Millisecond})
			}
			return list
		}(), 10 * time.Millisecond},
	} {
		var r tally.Received
		for i, p := range c.packets {
			r.Count(&rtp.Header{SequenceNumber: uint16(i), Timestamp: p.stamp}, p.clock, time.Unix(5, 0).Add(p.after))
		}
		got := r.Totals()
		if off := got.Jitter - c.want; off < -c.want/10 || off > c.want/10 || got.JitterMax < got.Jitter || got.JitterAverage <= 0 || got.JitterAverage > got.JitterMax {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
		}
		last := c.packets[len(c.packets)-1].clock
		if last == 0 {
			last = 8000
		}
		if b, _ := r.Block(time.Unix(9, 0)); b.Jitter != uint32(got.Jitter.Seconds()*float64(last)+1e-6) {
			t.Errorf("%s: the block says %d, the clock is %d", name, b.Jitter, last)
		}
	}
}

func TestNothingIsMeasuredOfOnePacket(t *testing.T) {
	var r tally.Received
	if got := r.Totals(); got != (tally.Totals{}) {
		t.Errorf("%+v", got)
	}
	came(&r, 1, 7)
	if got := r.Totals(); got != (tally.Totals{Packets: 1}) {
		t.Errorf("%+v", got)
	}
}

// FuzzReceived: whatever comes, no figure is nonsense.
func FuzzReceived(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r tally.Received
		now, n := time.Unix(0, 0), uint64(0)
		for ; len(raw) >= 8; raw = raw[8:] {
			h := rtp.Header{SSRC: uint32(raw[0] & 3), SequenceNumber: uint16(raw[1])<<8 | uint16(raw[2]), Timestamp: uint32(raw[3])<<24 | uint32(raw[4])}
			now = now.Add(time.Duration(raw[5]) * time.Millisecond)
			r.Count(&h, []uint32{0, 8000, 48000, 90000}[raw[6]&3], now)
			n++
			if raw[7]&7 == 0 {
				r.Block(now)
			}
			got := r.Totals()
			if got.Packets > n || got.Lost > n*3000 || got.Jitter < 0 || got.Jitter > time.Second || got.JitterMax < got.Jitter || got.JitterAverage > got.JitterMax {
				t.Fatalf("%+v of %d packets", got, n)
			}
		}
	})
}
