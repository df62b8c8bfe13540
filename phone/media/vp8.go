package media

import (
	"math/rand/v2"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

const (
	// reordered is how many packets of pictures may wait for one that is missing, and reorderTime how long, until it counts as lost.
	reordered   = 64
	reorderTime = 100 * time.Millisecond
	// pictureSpace is how far ahead of what is due a packet may be, a power of two.
	pictureSpace = 256
)

// assembler puts a far end's packets together to VP8 frames (RFC 7741), in order. After a loss it gives nothing but a key
// frame, since what is built on what was lost is no picture. It is bounded whatever comes.
type assembler struct {
	begun   bool
	source  uint32
	next    uint16 // the sequence number that is due
	waiting [pictureSpace]*rtp.Packet
	held    int       // of them
	since   time.Time // since when something has been missing

	frame      []byte
	stamp      uint32
	collecting bool
	needsKey   bool

	out [][]byte
}

// push takes a packet and returns the frames that are whole now, to be used until the next push, and whether a key frame is needed.
func (a *assembler) push(p *rtp.Packet, now time.Time) (frames [][]byte, needsKey bool) {
	a.out = a.out[:0]
	ahead := int16(p.SequenceNumber - a.next)
	switch {
	case !a.begun || p.SSRC != a.source || ahead < -pictureSpace:
		a.begin(p)
	case ahead < 0: // late, or a second time
		return nil, a.needy()
	case ahead >= pictureSpace:
		a.begin(p)
	}
	if slot := &a.waiting[p.SequenceNumber%pictureSpace]; *slot == nil {
		*slot = p
		a.held++
	}
	a.drain()
	switch {
	case a.held == 0:
		a.since = time.Time{}
	case a.since.IsZero():
		a.since = now
	case a.held > reordered || now.Sub(a.since) > reorderTime:
		a.skip()
		a.drain()
		a.since = now
	}
	return a.out, a.needy()
}

// needy reports whether a key frame is needed and none is on its way.
func (a *assembler) needy() bool {
	return a.needsKey && !(a.collecting && codec.IsVP8Key(a.frame))
}

// begin begins anew with a packet.
func (a *assembler) begin(p *rtp.Packet) {
	clear(a.waiting[:])
	a.begun, a.source, a.next, a.held = true, p.SSRC, p.SequenceNumber, 0
	a.collecting, a.needsKey, a.since = false, true, time.Time{}
}

// drain takes what is due.
func (a *assembler) drain() {
	for slot := &a.waiting[a.next%pictureSpace]; *slot != nil; slot = &a.waiting[a.next%pictureSpace] {
		p := *slot
		*slot = nil
		a.held--
		a.next++
		a.take(p)
	}
}

// skip gives up what is missing.
func (a *assembler) skip() {
	for a.held > 0 && a.waiting[a.next%pictureSpace] == nil {
		a.next++
	}
	a.collecting, a.needsKey = false, true
}

func (a *assembler) take(p *rtp.Packet) {
	if len(p.Payload) == 0 { // padding, by which some probe the way
		return
	}
	var v codecs.VP8Packet
	part, err := v.Unmarshal(p.Payload)
	if err != nil {
		a.collecting, a.needsKey = false, true
		return
	}
	switch {
	case v.S == 1 && v.PID == 0:
		a.frame, a.stamp, a.collecting = a.frame[:0], p.Timestamp, true
	case !a.collecting || p.Timestamp != a.stamp || len(a.frame)+len(part) > codec.MaxVideoFrame:
		a.collecting, a.needsKey = false, true
		return
	}
	a.frame = append(a.frame, part...)
	if !p.Marker {
		return
	}
	a.collecting = false
	if codec.IsVP8Key(a.frame) {
		a.needsKey = false
	}
	if !a.needsKey {
		a.out = append(a.out, append([]byte(nil), a.frame...))
	}
}

// pictureMTU is the most of a packet that is payload.
const pictureMTU = 1180

// videoPacketizer cuts VP8 frames into packets. It is the one writer of a leg's pictures and outlives each stretch of video: under
// one source, sequence numbers must not begin anew, since SRTP would use a part of the key stream twice (RFC 3711 §9.1) and the
// far end would take the leap for loss.
type videoPacketizer struct {
	payloader codecs.VP8Payloader
	sequence  uint16
	begin     time.Time // when the timestamp was first
	first     uint32
}

func newVideoPacketizer() videoPacketizer {
	return videoPacketizer{
		payloader: codecs.VP8Payloader{EnablePictureID: true},
		// As with sound, see newPacketizer.
		sequence: uint16(rand.Uint32N(1 << 15)),    //nolint:gosec // needs no secrecy
		begin:    time.Now(), first: rand.Uint32(), //nolint:gosec // likewise
	}
}

// send writes one frame that was taken at that time.
func (z *videoPacketizer) send(frame []byte, payloadType uint8, at time.Time, write func(*rtp.Header, []byte)) {
	stamp := z.first + uint32(int64(at.Sub(z.begin)/time.Microsecond)*videoClock/1e6) //nolint:gosec // modulo 2^32 is meant
	parts := z.payloader.Payload(pictureMTU, frame)
	for i, part := range parts {
		z.sequence++
		write(&rtp.Header{Version: 2, Marker: i == len(parts)-1, PayloadType: payloadType, SequenceNumber: z.sequence, Timestamp: stamp}, part)
	}
}
