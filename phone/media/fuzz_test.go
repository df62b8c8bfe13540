package media

import (
	"encoding/binary"
	"testing"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
)

func FuzzTelephoneEvent(f *testing.F) {
	f.Add([]byte{5, 0x8a, 3, 0x20})
	f.Add([]byte{})
	f.Add([]byte{255, 255, 255})
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := parseEvent(payload)
		if err != nil {
			if len(payload) >= eventSize {
				t.Fatal("a whole event was refused")
			}
			return
		}
		var back [eventSize]byte
		e.put(back[:])
		again, err := parseEvent(back[:])
		if err != nil || again != e {
			t.Fatalf("%+v became %+v", e, again)
		}
	})
}

// FuzzRTP lets anything arrive at a leg: packets of 14 bytes of header fields and up to 40 of payload, with ticks in between.
func FuzzRTP(f *testing.F) {
	one := make([]byte, 0, 120)
	for i := range byte(6) {
		one = append(one, 111, 0, i, 0, 0, i*4, 0, 0, 0, 0, 1, 3, 20, 2, 0x78, 1, 2)
	}
	f.Add(one)
	f.Add([]byte{0, 255, 255, 255, 255, 255, 255, 1, 1, 1, 1, 200, 3, 1, 9, 9, 9, 101, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 4, 5, 128, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		e := New(Config{})
		e.byHand = true
		l := newLeg(e, callID, phone.LegOptions{}, nil)
		n := negotiated("opus")
		n.Receive[0] = specOf("PCMU")
		if err := l.setCodecs(n); err != nil {
			t.Fatal(err)
		}
		l.started.Store(true)
		now := e.epoch
		for steps := 0; len(data) >= 14 && steps < 400; steps++ {
			p := &rtp.Packet{Header: rtp.Header{
				Version: 2, PayloadType: data[0] & 127, SequenceNumber: binary.BigEndian.Uint16(data[1:]),
				Timestamp: binary.BigEndian.Uint32(data[3:]), SSRC: binary.BigEndian.Uint32(data[7:]),
			}}
			ticks, size := int(data[11]%8), int(data[12]%40)
			data = data[14:]
			size = min(size, len(data))
			p.Payload, data = data[:size], data[size:]
			legSink{l}.RTP(p, now)
			for range ticks {
				now = now.Add(tickTime)
				l.listen(&e.mixer, e.samples(now))
				l.speak(&e.mixer)
				if l.play.buffered() < 0 || l.play.to > pcmSpace || l.play.made > 2*giveUp {
					t.Fatalf("playout is out of bounds: %d %d", l.play.from, l.play.to)
				}
			}
		}
		e.running.Wait()
	})
}
