package media

import (
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// A packet holds 20 ms, or what the far end asks for within these bounds (RFC 8866 §6.4).
const (
	usualPacket   = codec.FrameSamples
	longestPacket = 60 * ms
)

// packetOf is how many samples a packet of that codec holds where the far end asks for t: whole ticks, as far as the
// codec has frames of that length.
func packetOf(name string, t time.Duration) int {
	n := int(t/(10*time.Millisecond)) * tick
	switch {
	case n < tick:
		return usualPacket
	case n > longestPacket:
		n = longestPacket
	}
	if strings.EqualFold(name, "opus") { // RFC 7587 §6.1: it has no frames of 30 or 50 ms
		for n != tick && n != 2*tick && n != 4*tick && n != 6*tick {
			n -= tick
		}
	}
	return n
}

// digitQueue holds the digits that wait to be sent. Any goroutine may use it.
type digitQueue struct {
	mu     sync.Mutex
	digits [maxDigits]byte
	n      int
}

// add queues digits as far as there is room.
func (q *digitQueue) add(digits string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.n += copy(q.digits[q.n:], digits)
}

func (q *digitQueue) take() (byte, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return 0, false
	}
	d := q.digits[0]
	q.n = copy(q.digits[:], q.digits[1:q.n])
	return d, true
}

// sending is what was negotiated for our stream. It is immutable but for the encoder, which is the tick's.
type sending struct {
	audio   CodecSpec
	event   CodecSpec // Name "" where not negotiated
	encoder codec.Encoder
	packet  int // samples of one
}

// duration is how long one packet is in units of that clock.
func (s *sending) duration(clock uint32) uint32 { return clock / 1000 * uint32(s.packet/ms) } //nolint:gosec // at most 60 ms

// frames is how many packets a tone lasts, and the gap behind it.
func (s *sending) frames() int { return (toneLength + s.packet - 1) / s.packet }

// packetizer is the one writer of a leg's RTP stream: it owns sequence number, timestamp and marker
// (RFC 3550 §5.1). It belongs to the tick.
type packetizer struct {
	header  rtp.Header
	ts      uint32 // of the frame to come
	begun   bool
	pcm     [longestPacket]int16
	filled  int
	payload [codec.MaxPayload]byte
	digits  digitQueue

	// halted: the far end takes no sound just now. Digits that wait go on waiting (a PBX that moves a call holds it for a moment).
	halted bool

	// The event being sent.
	key     int // 1…: its frame, tone and gap; 0: none
	event   uint8
	eventTS uint32
}

// wanted reports whether digits wait, or the stream runs already: before the call is answered nothing but digits makes it begin.
func (z *packetizer) wanted() bool {
	if z.begun || z.filled > 0 {
		return true
	}
	z.digits.mu.Lock()
	defer z.digits.mu.Unlock()
	return z.digits.n > 0
}

func newPacketizer() *packetizer {
	return &packetizer{
		// RFC 3550 §5.1: both begin at random; the sequence number in the lower half, which is kind to SRTP's rollover counter (RFC 3711 §3.3.1).
		header: rtp.Header{Version: 2, SequenceNumber: uint16(rand.Uint32N(1 << 15))}, //nolint:gosec // needs no secrecy
		ts:     rand.Uint32(),                                                         //nolint:gosec // needs no secrecy
	}
}

// feed takes 10 ms of sound and writes a packet when its length is there.
func (z *packetizer) feed(pcm []int16, s *sending, write func(*rtp.Header, []byte)) {
	z.filled += copy(z.pcm[z.filled:], pcm)
	if z.filled < s.packet {
		return
	}
	z.filled = 0 // and what is beyond, where packets have just become shorter
	if !z.sendEvent(s, write) {
		z.sendAudio(s, write)
	}
	z.ts += s.duration(s.audio.ClockRate)
}

func (z *packetizer) sendAudio(s *sending, write func(*rtp.Header, []byte)) {
	n, err := s.encoder.Encode(z.payload[:], z.pcm[:s.packet])
	if err != nil || n == 0 || n <= 2 && s.audio.Name == "opus" {
		return // DTX: the time passes without a packet
	}
	z.header.Marker = !z.begun
	z.header.PayloadType = s.audio.PayloadType
	z.header.Timestamp = z.ts
	z.write(n, write)
}

// sendEvent sends this frame's packet of an event, if one is under way or waits; it reports whether the frame is taken.
func (z *packetizer) sendEvent(s *sending, write func(*rtp.Header, []byte)) bool {
	if s.event.Name == "" || z.halted {
		z.key = 0
		return false
	}
	if z.key == 0 {
		digit, ok := z.digits.take()
		if !ok {
			return false
		}
		z.event, z.eventTS = eventNumber(digit), z.ts
	}
	z.key++
	frame, tone := z.key, s.frames()
	if frame >= 2*tone {
		z.key = 0
	}
	if frame > tone+endRepeats {
		return false // the rest of the gap is audio
	}
	telephoneEvent{
		Event:    z.event,
		End:      frame >= tone,
		Volume:   eventVolume,
		Duration: uint16(s.duration(s.event.ClockRate) * uint32(min(frame, tone))), //nolint:gosec // at most 120 ms
	}.put(z.payload[:])
	z.header.Marker = frame == 1
	z.header.PayloadType = s.event.PayloadType
	z.header.Timestamp = z.eventTS
	z.write(eventSize, write)
	return true
}

func (z *packetizer) write(n int, write func(*rtp.Header, []byte)) {
	z.begun = true
	write(&z.header, z.payload[:n])
	z.header.SequenceNumber++
}

func eventNumber(digit byte) uint8 {
	for i := range len(eventKeys) {
		if eventKeys[i] == digit {
			return uint8(i) //nolint:gosec // below 16
		}
	}
	return 0
}
