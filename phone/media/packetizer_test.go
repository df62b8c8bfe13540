package media

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

func TestThePacketIsAsLongAsTheFarEndAsksWhereTheCodecHasThatLength(t *testing.T) {
	for _, c := range []struct {
		codec     string
		asked     time.Duration
		wantInMs  int
		thenBytes int // of G.711
	}{
		{"PCMU", 0, 20, 160}, {"PCMU", 10 * time.Millisecond, 10, 80}, {"PCMU", 20 * time.Millisecond, 20, 160}, {"PCMU", 30 * time.Millisecond, 30, 240},
		{"PCMU", 40 * time.Millisecond, 40, 320}, {"PCMU", 60 * time.Millisecond, 60, 480}, {"PCMU", 120 * time.Millisecond, 60, 480},
		{"PCMU", 25 * time.Millisecond, 20, 160}, {"PCMU", -time.Second, 20, 160}, {"PCMU", time.Hour, 60, 480},
		{"opus", 10 * time.Millisecond, 10, 0}, {"opus", 30 * time.Millisecond, 20, 0}, {"opus", 40 * time.Millisecond, 40, 0}, {"opus", 50 * time.Millisecond, 40, 0},
		{"opus", 60 * time.Millisecond, 60, 0}, {"G722", 30 * time.Millisecond, 30, 240},
	} {
		spec := specOf(c.codec)
		if c.codec == "G722" {
			spec = CodecSpec{Name: "G722", PayloadType: 9, ClockRate: 8000}
		}
		l := newLeg(New(Config{}), callID, phone.LegOptions{}, nil)
		n := negotiated("PCMU")
		n.Audio, n.PacketTime = spec, c.asked
		if err := l.setCodecs(n); err != nil {
			t.Fatalf("%s %v: %v", c.codec, c.asked, err)
		}
		var sizes []int
		var stamps []uint32
		pcm := make([]int16, tick)
		for i := range 120 {
			for j := range pcm { // no silence, or Opus would rest
				pcm[j] = int16((i*tick+j)%200*50 - 5000)
			}
			l.out.feed(pcm, l.send, func(h *rtp.Header, payload []byte) {
				sizes, stamps = append(sizes, len(payload)), append(stamps, h.Timestamp)
			})
		}
		if want := 1200 / c.wantInMs; len(sizes) != want || c.thenBytes > 0 && sizes[1] != c.thenBytes {
			t.Errorf("%s asked for %v: %d packets of %d bytes in 1.2 s, want %d", c.codec, c.asked, len(sizes), sizes[0], want)
		}
		if step := stamps[1] - stamps[0]; step != spec.ClockRate/1000*uint32(c.wantInMs) {
			t.Errorf("%s asked for %v: timestamps go on by %d", c.codec, c.asked, step)
		}
	}
}

func TestAnotherLengthInARunningCallIsTakenAtOnce(t *testing.T) {
	l := newLeg(New(Config{}), callID, phone.LegOptions{}, nil)
	for _, length := range []int{60, 10, 40, 20} {
		n := negotiated("PCMU")
		n.PacketTime = time.Duration(length) * time.Millisecond
		if err := l.setCodecs(n); err != nil {
			t.Fatal(err)
		}
		last := 0
		for range 13 { // not a whole number of packets
			l.out.feed(make([]int16, tick), l.send, func(_ *rtp.Header, payload []byte) { last = len(payload) })
		}
		if last != 8*length {
			t.Errorf("%d ms asked, %d bytes sent", length, last)
		}
	}
}

func TestDigitsLastTheirTimeInPacketsOfEveryLength(t *testing.T) {
	for _, length := range []int{10, 20, 30, 40, 60} {
		encoder, err := codec.NewEncoder(codec.Spec{Name: "PCMU", PacketTime: time.Duration(length) * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		n := negotiated("PCMU")
		s := &sending{audio: n.Audio, event: n.Event, encoder: encoder, packet: length * ms}
		z := newPacketizer()
		z.digits.add("12")
		type sent struct {
			event telephoneEvent
			stamp uint32
			seq   uint16
		}
		var events []sent
		packets := 0
		for range 100 {
			z.feed(make([]int16, tick), s, func(h *rtp.Header, payload []byte) {
				packets++
				if h.PayloadType == 101 {
					e, _ := parseEvent(payload)
					events = append(events, sent{e, h.Timestamp, h.SequenceNumber})
				}
			})
		}
		if packets != 1000/length {
			t.Errorf("%d ms: %d packets in a second", length, packets)
		}
		ends := map[uint8]int{}
		for _, e := range events {
			if e.event.End {
				ends[e.event.Event]++
				if got := int(e.event.Duration) / 8; got < 100 || got > 120 {
					t.Errorf("%d ms: digit %d lasts %d ms", length, e.event.Event, got)
				}
			}
		}
		if ends[1] != 3 || ends[2] != 3 {
			t.Errorf("%d ms: ends %v", length, ends)
		}
		first, second := events[0].stamp, events[len(events)-1].stamp
		if gap := int(second-first) / 8; gap < 200 || gap > 240 {
			t.Errorf("%d ms: the digits begin %d ms apart", length, gap)
		}
	}
}
