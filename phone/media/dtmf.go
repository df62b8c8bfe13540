package media

import (
	"encoding/binary"
	"errors"
	"strings"
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
	ts   uint32
	ssrc uint32
	at   int64
}

// hear takes an event packet's payload and reports the digit when it is a new one.
func (l *eventListener) hear(payload []byte, ssrc, ts uint32, at int64) (rune, bool) {
	e, err := parseEvent(payload)
	if err != nil || int(e.Event) >= len(eventKeys) {
		return 0, false
	}
	if l.any && ssrc == l.ssrc && at-l.at < rememberEvent && int32(ts-l.ts) <= 0 { //nolint:gosec // modulo 2^32 is meant
		return 0, false
	}
	*l = eventListener{any: true, ts: ts, ssrc: ssrc, at: at}
	return rune(eventKeys[e.Event]), true
}
