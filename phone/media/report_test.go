package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

// step is one packet's worth of a far end's sound: 20 ms.
type step struct {
	number uint8  // payload type
	clock  uint32 // of the sound
	lost   bool
	twice  bool
}

func steps(n int, s step) (list []step) {
	for range n {
		list = append(list, s)
	}
	return list
}

func TestTheFiguresOfSoundAreOfWhatCame(t *testing.T) {
	opus, pcma, key := step{number: 111, clock: 48000}, step{number: 8, clock: 8000}, step{number: 110, clock: 48000}
	join := func(lists ...[]step) (all []step) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	for name, c := range map[string]struct {
		steps         []step
		packets, lost uint64
	}{
		"nothing happens":           {steps(200, opus), 200, 0},
		"a key is pressed":          {join(steps(50, opus), steps(12, key), steps(50, opus)), 112, 0},
		"the network is out":        {join(steps(50, opus), steps(300, step{number: 111, clock: 48000, lost: true}), steps(50, opus)), 100, 300},
		"the codec changes":         {join(steps(50, opus), steps(50, pcma), steps(50, opus)), 150, 0},
		"everything comes twice":    {steps(100, step{number: 111, clock: 48000, twice: true}), 100, 0},
		"one in two goes astray":    {join(steps(1, opus), join(slicesOf(50, step{number: 111, clock: 48000, lost: true}, opus)...)), 51, 50},
		"a key in G.711's own time": {join(steps(50, pcma), steps(12, step{number: 110, clock: 8000}), steps(50, pcma)), 112, 0},
	} {
		r := newReceiver(t, "opus")
		n := negotiated("opus")
		n.Receive[8] = specOf("PCMA")
		n.Receive[110] = CodecSpec{Name: "telephone-event", PayloadType: 110, ClockRate: 48000}
		if err := r.setCodecs(n); err != nil {
			t.Fatal(err)
		}
		now, stamp := uint32(1<<32-20000), uint32(0)
		for i, s := range c.steps {
			now += s.clock / 50
			if s.number != 110 || c.steps[i-1].number != 110 { // a key keeps the time of its beginning (RFC 4733 §2.5.1.2)
				stamp = now
			}
			for range map[bool]int{true: 2, false: 1}[s.twice] {
				if !s.lost {
					legSink{r.leg}.RTP(&rtp.Packet{Header: rtp.Header{PayloadType: s.number, SequenceNumber: uint16(65500 + i), Timestamp: stamp}, Payload: make([]byte, 4)}, r.now)
				}
			}
			r.tick10ms()
			r.tick10ms()
		}
		s := r.stats()
		if s.PacketsReceived != c.packets || s.PacketsLost != c.lost || s.BytesReceived != 4*c.packets {
			t.Errorf("%s: %d packets, %d bytes, %d lost", name, s.PacketsReceived, s.BytesReceived, s.PacketsLost)
		}
		if s.JitterMax > time.Millisecond {
			t.Errorf("%s: jitter %v at most", name, s.JitterMax)
		}
	}
}

// slicesOf is n times those, one list each.
func slicesOf(n int, s ...step) (lists [][]step) {
	for range n {
		lists = append(lists, s)
	}
	return lists
}

func TestTheFarEndsFiguresAreOfEachMedium(t *testing.T) {
	a, _ := videoCall(t)
	a.Start(callID)
	a.negotiate(bothWays)
	if s, _ := a.Stats(callID); s.RemoteReported || s.Video.RemoteReported || s.Video.Codec != "VP8" {
		t.Fatalf("before any report: %+v", s)
	}
	a.t.mu.Lock()
	a.t.stats = TransportStats{
		Audio: SentStats{Reported: true, Lost: 1, Received: 2, Jitter: 3, JitterMax: 4, JitterAverage: 5},
		Video: SentStats{Reported: true, Lost: 6, Received: 7, Jitter: 8, JitterMax: 9, JitterAverage: 10, RoundTrip: 11},
	}
	a.t.mu.Unlock()
	a.t.sink.Up("host") // the figures are looked at then, and from time to time
	eventually(t, "figures", func() bool { s, _ := a.Stats(callID); return s.Video.RemoteReported })
	s, _ := a.Stats(callID)
	want := phone.StreamStats{Codec: "PCMU", RemoteReported: true, RemoteLost: 1, RemoteReceived: 2, RemoteJitter: 3, RemoteJitterMax: 4, RemoteJitterAverage: 5}
	s.PacketsSent, s.BytesSent = 0, 0
	if s.StreamStats != want {
		t.Errorf("sound\n got %+v\nwant %+v", s.StreamStats, want)
	}
	want = phone.StreamStats{Codec: "VP8", RemoteReported: true, RemoteLost: 6, RemoteReceived: 7, RemoteJitter: 8, RemoteJitterMax: 9, RemoteJitterAverage: 10}
	if s.Video != want || s.RoundTrip != 11 {
		t.Errorf("pictures, round trip %v\n got %+v\nwant %+v", s.RoundTrip, s.Video, want)
	}
}

func TestPicturesThatComeBackGoOnWhereTheyStopped(t *testing.T) {
	a, b := videoCall(t)
	var sent []rtp.Header
	a.t.mu.Lock()
	a.t.tamper = func(p *rtp.Packet) bool { sent = append(sent, p.Header); return true }
	a.t.mu.Unlock()
	for _, e := range []*filmEnd{a, b} {
		e.Start(callID)
	}
	for range 3 {
		a.negotiate(bothWays)
		b.negotiate(bothWays)
		filmUntil(t, a, "b sees a", func() bool { return b.serial(true) > 2 })
		a.negotiate(VideoSpec{})
		b.negotiate(VideoSpec{})
	}
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for i := 1; i < len(sent); i++ {
		if sent[i].SequenceNumber != sent[i-1].SequenceNumber+1 || int32(sent[i].Timestamp-sent[i-1].Timestamp) < 0 {
			t.Fatalf("packet %d is %d at %d, after %d at %d", i, sent[i].SequenceNumber, sent[i].Timestamp, sent[i-1].SequenceNumber, sent[i-1].Timestamp)
		}
	}
	there, _ := b.Stats(callID)
	if here, _ := a.Stats(callID); here.Video.PacketsSent != uint64(len(sent)) || there.Video.PacketsReceived == 0 || there.Video.PacketsLost > here.Video.PacketsSent-there.Video.PacketsReceived ||
		there.Video.JitterMax <= 0 || there.Video.JitterAverage > there.Video.JitterMax {
		t.Errorf("sent %d, %+v\nreceived %+v", len(sent), here.Video, there.Video)
	}
}
