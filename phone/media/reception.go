package media

import (
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/codec"
	"github.com/hookswitch/hookswitch/phone/media/tally"
)

const (
	storeSlots = 256 // 5 s of 20 ms packets; with maxPayload this bounds a leg's memory
	maxPayload = 1500
	// A packet whose sequence number or timestamp is further off than this belongs to a new stream.
	maxSequenceJump  = storeSlots / 2
	maxTimestampJump = 2 * SampleRate
)

// content is what a received packet holds.
type content uint8

const (
	nothing content = iota
	audio
	comfortNoise // RFC 3389
	event        // RFC 4733: keeps its place in the sequence, is not heard here
)

// received is one packet in the store.
type received struct {
	holds   content
	seq     int64 // extended sequence number
	ts      int64 // extended timestamp in samples at 48 kHz
	codec   *decoderEntry
	payload []byte
}

// decoderEntry is a decoder for one payload type.
type decoderEntry struct {
	spec    CodecSpec
	decoder codec.Decoder // nil for telephone-event and CN
	holds   content
	scale   int64 // 48000 / clock rate
}

// counters are read by Stats from any goroutine.
type counters struct {
	packets, bytes, lost, concealed, played atomic.Uint64
	jitter, jitterMax, jitterAverage, delay atomic.Int64 // nanoseconds
}

// reception puts the packets of one RTP stream in order. It belongs to the tick. Whatever arrives, it holds
// at most storeSlots packets.
type reception struct {
	count *counters
	// restarted is called when a new stream begins (first packet, other SSRC, jump).
	restarted func()

	begun   bool
	ssrc    uint32
	clock   uint32
	maxSeq  int64 // highest extended sequence number
	lastRaw uint32
	lastTS  int64 // lastRaw extended, in clock units
	slots   [storeSlots]received
	late    delays

	// candidate is a packet that does not fit; a second one that continues it begins a new stream.
	candidate   *rtp.Packet
	candidateAt int64

	tally tally.Received
}

// accept takes a packet that arrived at (samples at 48 kHz). next is the sequence number that playout
// waits for; what lies before it comes too late.
func (r *reception) accept(p *rtp.Packet, at, next int64, entry *decoderEntry) {
	if len(p.Payload) > maxPayload || entry == nil {
		return
	}
	if !r.begun {
		r.restart(p, entry)
	} else if !r.fits(p, at, entry) {
		first := r.candidate
		r.candidate = p
		firstAt := r.candidateAt
		r.candidateAt = at
		if first == nil || first.SSRC != p.SSRC || p.SequenceNumber != first.SequenceNumber+1 ||
			first.PayloadType != p.PayloadType || absolute(int64(int32(p.Timestamp-first.Timestamp)))*entry.scale > maxTimestampJump {
			return
		}
		r.restart(first, entry)
		r.store(first, firstAt, r.maxSeq, entry)
		next = r.maxSeq
	}
	r.candidate = nil
	r.store(p, at, next, entry)
}

// fits says whether p continues the stream.
func (r *reception) fits(p *rtp.Packet, at int64, entry *decoderEntry) bool {
	if p.SSRC != r.ssrc || entry.spec.ClockRate != r.clock && entry.holds != event {
		return false
	}
	if absolute(int64(int16(p.SequenceNumber-uint16(r.maxSeq)))) > maxSequenceJump { //nolint:gosec // modulo 2^16 is meant
		return false
	}
	if entry.holds == event || r.late.used == 0 {
		return true
	}
	ts := (r.lastTS + int64(int32(p.Timestamp-r.lastRaw))) * r.scale() //nolint:gosec // modulo 2^32 is meant
	return absolute(at-ts-r.late.base()) < maxTimestampJump
}

func (r *reception) scale() int64 { return SampleRate / int64(r.clock) }

// restart begins a new stream with p.
func (r *reception) restart(p *rtp.Packet, entry *decoderEntry) {
	r.begun, r.ssrc, r.clock = true, p.SSRC, entry.spec.ClockRate
	// One cycle up, so that reordering before the first packet does not go below zero.
	r.maxSeq = int64(p.SequenceNumber) + 1<<16
	r.lastRaw, r.lastTS = p.Timestamp, 1<<32
	clear(r.slots[:])
	r.late = delays{}
	r.restarted()
}

// store files p under its sequence number.
func (r *reception) store(p *rtp.Packet, at, next int64, entry *decoderEntry) {
	seq := r.maxSeq + int64(int16(p.SequenceNumber-uint16(r.maxSeq))) //nolint:gosec // modulo 2^16 is meant
	s := &r.slots[seq%storeSlots]
	if s.holds != nothing && s.seq == seq {
		return // a duplicate
	}
	// A slot remembers its number after playout, so that a duplicate that comes late is not counted twice.
	if s.seq == seq {
		return
	}
	r.tell(p, at, entry)
	raw := r.lastTS + int64(int32(p.Timestamp-r.lastRaw)) //nolint:gosec // modulo 2^32 is meant
	if seq > r.maxSeq {
		r.maxSeq = seq
		if entry.holds != event {
			r.lastTS, r.lastRaw = raw, p.Timestamp
		}
	}
	ts := raw * r.scale()
	if entry.holds == audio {
		r.late.add(at, ts)
	}
	if seq < next {
		s.seq = max(s.seq, seq)
		return // too late to be heard
	}
	*s = received{holds: entry.holds, seq: seq, ts: ts, codec: entry, payload: p.Payload}
}

// tell counts a packet for the call's report.
func (r *reception) tell(p *rtp.Packet, at int64, entry *decoderEntry) {
	r.tally.Count(&p.Header, entry.spec.JitterClock(), time.Unix(0, at*int64(time.Second)/SampleRate))
	r.count.bytes.Add(uint64(len(p.Payload)))
	t := r.tally.Totals()
	r.count.packets.Store(t.Packets)
	r.count.lost.Store(t.Lost)
	r.count.jitter.Store(int64(t.Jitter))
	r.count.jitterMax.Store(int64(t.JitterMax))
	r.count.jitterAverage.Store(int64(t.JitterAverage))
}

// at returns the packet with that number, nil where it is not there.
func (r *reception) at(seq int64) *received {
	if s := &r.slots[seq%storeSlots]; s.holds != nothing && s.seq == seq {
		return s
	}
	return nil
}

// after returns the first packet behind seq, nil where there is none.
func (r *reception) after(seq int64) *received {
	for i := seq + 1; i <= r.maxSeq; i++ {
		if s := r.at(i); s != nil {
			return s
		}
	}
	return nil
}

// done frees a slot but remembers its number.
func (s *received) done() { *s = received{seq: s.seq} }

func absolute(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
