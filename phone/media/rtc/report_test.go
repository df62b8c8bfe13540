package rtc

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// lossy is a way on which one packet in ten gets lost.
type lossy struct{ webrtc.TrackLocalWriter }

func (l lossy) WriteRTP(h *rtp.Header, payload []byte) (int, error) {
	if h.SequenceNumber%10 == 5 {
		return len(payload), nil
	}
	return l.TrackLocalWriter.WriteRTP(h, payload)
}

// impair has one packet in ten of ours lost on its way.
func impair(o *outTrack) {
	o.mu.Lock()
	o.writer = lossy{o.writer}
	o.mu.Unlock()
}

// filming makes a call with pictures, and waits until both ways are open for both media.
func filming(t *testing.T) (a, b *end) {
	t.Helper()
	f := newFactory(t)
	a, b = newEnd(t, f), newEnd(t, f)
	carriertest.Exchange(a, b, seen, seen)
	for _, ends := range [][2]*end{{a, b}, {b, a}} {
		carriertest.Send(ends[0], ends[1], 111, "begin")
		show(t, ends[0], ends[1], 96)
	}
	return a, b
}

func inner(e *end) *transport {
	t, _ := e.Transport.(*transport)
	return t
}

// until writes packet after packet with write, one each pause, until the figures are as they should be.
func until(t *testing.T, a *end, pause time.Duration, write func(seq uint16), ok func(media.TransportStats) bool) {
	t.Helper()
	deadline := time.Now().Add(2 * carriertest.Patience)
	for seq := uint16(100); !ok(a.Transport.Stats()); seq++ {
		if time.Now().After(deadline) {
			t.Fatalf("%+v", a.Transport.Stats())
		}
		write(seq)
		time.Sleep(pause)
	}
}

func TestTheFarEndsReportsTellOfSoundAndPicturesApart(t *testing.T) {
	a, b := filming(t)
	p := inner(a).current.Load()
	impair(p.video.Load().track) // the pictures alone
	out, _ := a.Transport.(media.VideoTransport)
	until(t, a, 10*time.Millisecond, func(seq uint16) {
		for part := range uint16(3) { // a picture has three packets and one timestamp
			out.WriteVideo(&rtp.Header{PayloadType: 96, SequenceNumber: 3*seq + part, Timestamp: uint32(seq) * 900}, []byte("picture"))
		}
		a.Transport.WriteRTP(&rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 480}, []byte("sound"))
	}, func(s media.TransportStats) bool { return s.Video.Received > 150 && s.Audio.Received > 150 })
	s := a.Transport.Stats()
	if share := float64(s.Video.Lost) / float64(s.Video.Lost+s.Video.Received); s.Video.Lost == 0 || share > 0.2 {
		t.Errorf("%.2f of the pictures are lost: %+v", share, s.Video)
	}
	if s.Audio.Lost != 0 {
		t.Errorf("of the sound nothing was lost: %+v", s.Audio)
	}
	for name, of := range map[string]media.SentStats{"sound": s.Audio, "pictures": s.Video} {
		if !of.Reported || of.JitterMax < of.JitterAverage || of.JitterAverage <= 0 || of.RoundTrip > time.Second {
			t.Errorf("%s: %+v", name, of)
		}
	}
	if s.Audio.RoundTrip <= 0 || s.NetworkType != "host" || !s.Local.IsValid() {
		t.Errorf("%+v", s)
	}
	if back := b.Transport.Stats(); back.Video.Lost != 0 || back.Audio.Lost != 0 {
		t.Errorf("the other way nothing was lost: %+v", back)
	}
}

// uneven is the jitter that a far end estimates of packets that all have the same timestamp and went out at those times (RFC 3550
// §A.8): as long as the time between two, whatever the clock is.
func uneven(at []time.Time) (jitter time.Duration) {
	for i := 1; i < len(at); i++ {
		jitter += (at[i].Sub(at[i-1]) - jitter) / 16
	}
	return jitter
}

// TestTheJitterIsToldByTheClockOfWhatCame has both ends report of packets that come 40 ms apart and pretend to have been sent at once.
// The estimate is those 40 ms then only if both ends reckon with the same clock, which is another one for each kind of packet.
func TestTheJitterIsToldByTheClockOfWhatCame(t *testing.T) {
	for name, c := range map[string]struct {
		number uint8 // of the sound's payload; 0: it is pictures
	}{
		"pictures": {}, "Opus": {number: 111}, "G.722": {number: 9}, "PCMA": {number: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFactory(t)
			a, b := newEnd(t, f), newEnd(t, f)
			offer := a.Offer(seen)
			if c.number == 9 || c.number == 8 {
				offer = strings.Replace(offer, "SAVPF 111 9 0 8 110 101", fmt.Sprintf("SAVPF %d 101", c.number), 1)
			}
			answer, _ := b.Answer(offer, seen)
			if n := a.Remote(answer); c.number != 0 && n.Audio.PayloadType != c.number {
				t.Fatalf("%+v", n.Audio)
			}
			sound := c.number
			if sound == 0 {
				sound = 111
			}
			carriertest.Send(a, b, sound, "begin")
			show(t, a, b, 96)
			out, _ := a.Transport.(media.VideoTransport)
			var times []time.Time
			of := func(s media.TransportStats) media.SentStats {
				if c.number == 0 {
					return s.Video
				}
				return s.Audio
			}
			until(t, a, 40*time.Millisecond, func(seq uint16) {
				h := &rtp.Header{PayloadType: sound, SequenceNumber: seq, Timestamp: 5000}
				if c.number == 0 {
					h.PayloadType = 96
					out.WriteVideo(h, []byte("picture"))
				} else {
					a.Transport.WriteRTP(h, []byte("sound"))
				}
				times = append(times, time.Now())
			}, func(s media.TransportStats) bool { return of(s).Received > 75 })
			got, want := of(a.Transport.Stats()).Jitter, uneven(times)
			if math.Abs(got.Seconds()-want.Seconds()) > 0.2*want.Seconds() {
				t.Errorf("they report %v of %v", got, want)
			}
		})
	}
}

func TestWhoShowsNothingIsToldNothingOfPictures(t *testing.T) {
	f := newFactory(t)
	a, b := newEnd(t, f), newEnd(t, f)
	carriertest.Exchange(a, b, seen, phone.MediaWish{Watch: true})
	carriertest.Send(a, b, 111, "begin")
	show(t, a, b, 96)
	out, _ := a.Transport.(media.VideoTransport)
	until(t, a, 10*time.Millisecond, func(seq uint16) {
		out.WriteVideo(&rtp.Header{PayloadType: 96, SequenceNumber: seq, Timestamp: uint32(seq) * 900}, []byte("picture"))
		b.Transport.WriteRTP(&rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 480}, []byte("sound"))
	}, func(s media.TransportStats) bool {
		return s.Video.Received > 50 && b.Transport.Stats().Audio.Received > 50
	})
	if s := b.Transport.Stats(); s.Video != (media.SentStats{}) || s.Audio.Lost != 0 {
		t.Errorf("%+v", s)
	}
}

// reported writes sound until the far end has told of that many more packets.
func reported(t *testing.T, from *end, more uint64) {
	t.Helper()
	before := from.Transport.Stats().Audio.Received
	until(t, from, 5*time.Millisecond, func(seq uint16) {
		from.Transport.WriteRTP(&rtp.Header{PayloadType: 111, SequenceNumber: seq, Timestamp: uint32(seq) * 960}, []byte("sound"))
	}, func(s media.TransportStats) bool { return s.Audio.Received >= before+more })
}

func TestTheFiguresGoOnWithAnotherFarEnd(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "first")
	reported(t, a, 50)
	before := a.Transport.Stats().Audio
	c := newEnd(t, newFactory(t))
	carriertest.Exchange(c, a, phone.MediaWish{}, phone.MediaWish{})
	carriertest.Await(c, "connection", c.Ups)
	carriertest.Await(a, "new connection", a.Ups)
	carriertest.Send(a, c, 111, "second")
	if s := a.Transport.Stats().Audio; !s.Reported || s.Received < before.Received || s.JitterMax < before.JitterMax {
		t.Errorf("%+v, then %+v", before, s)
	}
	reported(t, a, 50)
}

func TestNonsenseFromTheFarEndSpoilsNoFigure(t *testing.T) {
	a, b := connected(t)
	carriertest.Send(a, b, 111, "begin")
	carriertest.Send(b, a, 111, "begin") // b's reports have a source that a knows
	ours := inner(a).current.Load().out.source()
	nonsense := []rtcp.ReceptionReport{
		{SSRC: ours + 1, FractionLost: 255, TotalLost: 1 << 20, LastSequenceNumber: 5, Jitter: 1 << 31},
		{SSRC: ours, FractionLost: 255, TotalLost: 1<<23 - 1, LastSequenceNumber: 20000, Jitter: 1 << 31, LastSenderReport: 1, Delay: 1 << 31},
		{SSRC: ours, TotalLost: 1 << 23, LastSequenceNumber: 1<<32 - 1, Jitter: 1<<32 - 1, LastSenderReport: 1<<32 - 1, Delay: 1<<32 - 1},
	}
	long := &rtcp.RawPacket{0x80, 204, 0x04, 0x00} // 4 KB of an APP packet
	*long = append(*long, make([]byte, 4096)...)
	there := inner(b).current.Load().pc
	for range 20 {
		for _, packets := range [][]rtcp.Packet{{&rtcp.ReceiverReport{SSRC: 1, Reports: nonsense}}, {&rtcp.ReceiverReport{SSRC: 1, Reports: nonsense}, long}} {
			if err := there.WriteRTCP(packets); err != nil {
				t.Fatal(err)
			}
		}
	}
	reported(t, a, 100) // the true ones are still taken
	s := a.Transport.Stats().Audio
	if s.Lost != 0 || s.FractionLost != 0 || s.JitterMax > time.Minute || s.JitterMax < s.JitterAverage || s.RoundTrip > 30*time.Second {
		t.Errorf("%+v", s)
	}
}

func TestAReportIsOneCompoundPacketOfAllThatGoesAndComes(t *testing.T) {
	a, b := filming(t)
	from, to := inner(a).current.Load(), inner(b).current.Load()
	our, theirs := [2]uint32{from.out.source(), from.video.Load().ssrc()}, [2]uint32{to.out.source(), to.video.Load().ssrc()}
	carriertest.Send(b, a, 111, "news")
	show(t, b, a, 96)
	var sources []uint32
	carriertest.WaitFor(t, "report of both, of which the reporter has not just told", func() bool {
		b.Write(111, 900, "more")
		out, _ := b.Transport.(media.VideoTransport)
		out.WriteVideo(&rtp.Header{PayloadType: 96, SequenceNumber: 900}, []byte("more"))
		a.Write(111, 900, "more")
		packets := from.compound(our[0], time.Now())
		if err := rtcp.CompoundPacket(packets).Validate(); err != nil {
			t.Fatal(err)
		}
		sr, ok := packets[0].(*rtcp.SenderReport)
		if !ok || sr.SSRC != our[0] {
			t.Fatalf("%+v", packets[0])
		}
		sources = nil
		for _, block := range sr.Reports {
			sources = append(sources, block.SSRC)
		}
		if len(packets) != 3 { // the pictures are silent by now
			return false
		}
		if pictures, ok := packets[2].(*rtcp.SenderReport); !ok || pictures.SSRC != our[1] || len(pictures.Reports) > 0 || !slices.Equal(packets[1].DestinationSSRC(), our[:]) {
			t.Fatalf("%+v", packets)
		}
		return len(sources) == 2
	})
	slices.Sort(sources)
	slices.Sort(theirs[:])
	if !slices.Equal(sources, theirs[:]) {
		t.Errorf("about %v, of %v", sources, theirs)
	}
}
