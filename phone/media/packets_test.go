package media

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// receiver is one leg that a test feeds with packets of its own making.
type receiver struct {
	*leg
	now   time.Time
	heard []int16
}

func newReceiver(t *testing.T, name string) *receiver {
	t.Helper()
	e := New(Config{})
	e.byHand = true
	l := newLeg(e, callID, phone.LegOptions{}, nil)
	if err := l.setCodecs(negotiated(name)); err != nil {
		t.Fatal(err)
	}
	l.started.Store(true)
	t.Cleanup(e.running.Wait)
	return &receiver{leg: l, now: e.epoch}
}

func (r *receiver) tick10ms() {
	r.now = r.now.Add(tickTime)
	m := &r.engine.mixer
	clear(m.sum[:])
	r.listen(m, r.engine.samples(r.now))
	for _, v := range m.sum {
		r.heard = append(r.heard, int16(v))
	}
}

func TestPacketsOfEveryLengthPlayUnbroken(t *testing.T) {
	for _, name := range []string{"opus", "PCMA"} {
		for _, length := range []int{10, 20, 30, 40, 60, 120} {
			if name == "opus" && (length == 30 || length == 120) {
				continue // our encoder does not make these
			}
			t.Run(fmt.Sprint(name, " ", length, " ms"), func(t *testing.T) {
				r := newReceiver(t, name)
				spec := specOf(name)
				encoder, err := codec.NewEncoder(codec.Spec{Name: name, PacketTime: time.Duration(length) * time.Millisecond})
				if err != nil {
					t.Fatal(err)
				}
				pcm := make([]int16, length*ms)
				// Sequence number and timestamp wrap during the test.
				header := rtp.Header{Version: 2, PayloadType: spec.PayloadType, SSRC: 9, SequenceNumber: 65530, Timestamp: math.MaxUint32 - 20000}
				phase := 0
				for at := 0; at < 5000; at += 10 {
					if at%length == 0 {
						for i := range pcm {
							pcm[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(phase)/SampleRate))
							phase++
						}
						payload := make([]byte, codec.MaxPayload)
						n, err := encoder.Encode(payload, pcm)
						if err != nil {
							t.Fatal(err)
						}
						legSink{r.leg}.RTP(&rtp.Packet{Header: header, Payload: payload[:n]}, r.now)
						header.SequenceNumber++
						header.Timestamp += spec.ClockRate / 1000 * uint32(length)
					}
					r.tick10ms()
				}
				if share := steadiness(r.heard[SampleRate:], 440, 8000); share < 1 {
					t.Errorf("the tone is there for %.3f of the time", share)
				}
				if s := r.stats(); s.Concealed > 0 || s.PacketsLost > 0 {
					t.Errorf("%+v", s)
				}
			})
		}
	}
}

func TestPacketsTooLongUnknownOrGarbledDoNoHarm(t *testing.T) {
	r := newReceiver(t, "opus")
	for i := range uint16(200) {
		for _, p := range []*rtp.Packet{
			nil,
			{Header: rtp.Header{PayloadType: 77, SequenceNumber: i}, Payload: make([]byte, 20)},
			{Header: rtp.Header{PayloadType: 111, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: make([]byte, 4000)},
			{Header: rtp.Header{PayloadType: 111, SequenceNumber: i, Timestamp: uint32(i) * 960}, Payload: []byte{255, 255, 255}},
			{Header: rtp.Header{PayloadType: 101, SequenceNumber: i, Timestamp: uint32(i) * 960}},
		} {
			legSink{r.leg}.RTP(p, r.now)
		}
		r.tick10ms()
	}
	if got := rms(r.heard); got > 50 {
		t.Errorf("garbage sounds at level %.0f", got)
	}
}

func TestAFloodIsBounded(t *testing.T) {
	r := newReceiver(t, "PCMU")
	seq := uint16(0)
	for range 50 {
		for range 2000 {
			seq++
			legSink{r.leg}.RTP(&rtp.Packet{Header: rtp.Header{SequenceNumber: seq, Timestamp: uint32(seq)}, Payload: []byte{1}}, r.now)
		}
		r.tick10ms()
	}
	if waits := r.play.maxSeq - r.play.seq; waits > storeSlots {
		t.Errorf("%d packets wait", waits)
	}
}

func TestTheEchoOfAStrictClockGivesRFC3550sJitter(t *testing.T) {
	// Packets that come alternately 0 and 8 ms late: |D| is always 8 ms, so J tends to 8 ms.
	r := newReceiver(t, "PCMU")
	start := r.now
	for i := range 200 {
		late := time.Duration(i%2) * 8 * time.Millisecond
		legSink{r.leg}.RTP(&rtp.Packet{
			Header:  rtp.Header{SequenceNumber: uint16(i), Timestamp: uint32(i) * 160},
			Payload: make([]byte, 160),
		}, start.Add(time.Duration(i)*20*time.Millisecond+late))
		r.tick10ms()
		r.tick10ms()
	}
	if s := r.stats(); s.Jitter < 7500*time.Microsecond || s.Jitter > 8100*time.Microsecond {
		t.Errorf("jitter %v", s.Jitter)
	}
}
