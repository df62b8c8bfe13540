package media

import (
	"encoding/binary"
	"errors"
	"strings"

	"github.com/pion/rtp"
)

// eventKeys are the DTMF events by their number (RFC 4733 §3.2).
const eventKeys = "0123456789*#ABCD"

const (
	eventVolume   = 10 // -10 dBm0
	eventSize     = 4  // bytes of payload
	eventEnd      = 0x80
	maxDigits     = 256      // that wait to be sent
	toneLength    = 100 * ms // at least; a gap is as long, the two repeated end packets included
	endRepeats    = 2        // the final packet is sent three times (RFC 4733 §2.5.1.4)
	rememberEvent = 8 * SampleRate
	mostBehind    = 3 // packets: what lies between two segments of one event may be lost, but no other event fits in
)

var errEvent = errors.New("media: telephone-event cannot be read")

// telephoneEvent is the payload of RFC 4733 §2.3.
type telephoneEvent struct {
	Event    uint8
	End      bool
	Volume   uint8  // -dBm0, 0…63
	Duration uint16 // in the clock of the stream
}

// parseEvent reads the first event of a payload.
func parseEvent(payload []byte) (telephoneEvent, error) {
	if len(payload) < eventSize {
		return telephoneEvent{}, errEvent
	}
	return telephoneEvent{
		Event:    payload[0],
		End:      payload[1]&eventEnd != 0,
		Volume:   payload[1] & 0x3f,
		Duration: binary.BigEndian.Uint16(payload[2:]),
	}, nil
}

// put writes the event to payload, which has eventSize bytes.
func (e telephoneEvent) put(payload []byte) {
	payload[0] = e.Event
	payload[1] = e.Volume & 0x3f
	if e.End {
		payload[1] |= eventEnd
	}
	binary.BigEndian.PutUint16(payload[2:], e.Duration)
}

// cleanDigits keeps what can be sent as an event.
func cleanDigits(digits string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'd' {
			r -= 'a' - 'A'
		}
		if strings.ContainsRune(eventKeys, r) {
			return r
		}
		return -1
	}, digits)
}

// eventListener tells each event of the far end once, however many packets it takes.
type eventListener struct {
	any  bool
	open bool // its end was not heard
	key  uint8
	ts   uint32
	ssrc uint32
	last uint16 // sequence number of its newest packet
	at   int64  // when that came
}

// hear takes an event packet that arrived at (samples at 48 kHz) and reports the digit when it is a new one.
func (l *eventListener) hear(p *rtp.Packet, at int64) (rune, bool) {
	e, err := parseEvent(p.Payload)
	if err != nil || int(e.Event) >= len(eventKeys) {
		return 0, false
	}
	known := l.any && p.SSRC == l.ssrc && at-l.at < rememberEvent
	later := int32(p.Timestamp - l.ts) //nolint:gosec // modulo 2^32 is meant
	switch {
	case known && later == 0:
		l.last, l.at, l.open = p.SequenceNumber, at, l.open && !e.End
		return 0, false
	case known && later < 0: // of a digit before
		return 0, false
	}
	again := known && l.goesOn(p, e)
	*l = eventListener{any: true, open: !e.End, key: e.Event, ts: p.Timestamp, ssrc: p.SSRC, last: p.SequenceNumber, at: at}
	return rune(eventKeys[e.Event]), !again
}

// goesOn: a key that is held for longer than a duration can say (65535: 8 s at 8 kHz, 1.4 s at 48 kHz) goes on in a segment
// with a timestamp of its own, without a marker and right behind (RFC 4733 §2.5.1.3). Gateways that give each packet a new
// timestamp are understood by the same signs.
func (l *eventListener) goesOn(p *rtp.Packet, e telephoneEvent) bool {
	behind := p.SequenceNumber - l.last
	return l.open && !p.Marker && e.Event == l.key && behind > 0 && behind <= mostBehind
}
