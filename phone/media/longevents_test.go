package media

import (
	"testing"

	"github.com/pion/rtp"
)

// pressed is what a listener tells of these packets, 20 ms one after the other, sequence numbers from start.
func pressed(packets []rtp.Packet) string {
	var l eventListener
	var told []rune
	for i := range packets {
		if key, ok := l.hear(&packets[i], int64(i)*20*ms); ok {
			told = append(told, key)
		}
	}
	return string(told)
}

// press is a packet of an event.
func press(seq int, ts uint32, key uint8, duration uint16, marker, end bool) rtp.Packet {
	payload := make([]byte, eventSize)
	telephoneEvent{Event: key, Duration: duration, End: end}.put(payload)
	return rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(seq), Timestamp: ts, Marker: marker, SSRC: 7}, Payload: payload} //nolint:gosec // small
}

// held is a key held for n packets of 20 ms at a clock rate, in as many segments as that takes, with its end three times.
func held(seq int, ts uint32, key uint8, step uint16, n int) (all []rtp.Packet) {
	duration := uint16(0)
	for i := range n {
		if uint32(duration)+uint32(step) > 65535 {
			ts += uint32(duration)
			duration = 0
		}
		duration += step
		all = append(all, press(seq+i, ts, key, duration, i == 0, false))
	}
	for i := range 3 {
		all = append(all, press(seq+n+i, ts, key, duration, false, true))
	}
	return all
}

func TestAKeyIsToldOnceHoweverLongItIsHeld(t *testing.T) {
	for name, c := range map[string]struct {
		packets []rtp.Packet
		want    string
	}{
		"5 s at 48 kHz, over the end of a duration": {held(65500, 4294900000, 5, 960, 250), "5"},
		"20 s at 8 kHz":                  {held(1, 1, 5, 160, 1000), "5"},
		"twice":                          {append(held(1, 1000, 5, 160, 5), held(20, 5000, 5, 160, 5)...), "55"},
		"twice, the first end lost":      {append(held(1, 1000, 5, 160, 5)[:5], held(20, 5000, 5, 160, 5)...), "55"},
		"twice, all between them lost":   {append(held(1, 1000, 5, 160, 5)[:4], held(12, 5000, 5, 160, 5)[1:]...), "55"},
		"two keys, the first end lost":   {append(held(1, 1000, 5, 160, 5)[:5], held(6, 1800, 6, 160, 5)...), "56"},
		"two keys, end and marker lost":  {append(held(1, 1000, 5, 160, 5)[:5], held(6, 1800, 6, 160, 5)[1:]...), "56"},
		"a packet lost between segments": {append(held(1, 1000, 5, 960, 100)[:68], held(1, 1000, 5, 960, 100)[70:]...), "5"},
	} {
		if got := pressed(c.packets); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestAGatewayMayMoveTheTimestampOfEveryEventPacket: against RFC 4733 §2.4.1, but the key was pressed once.
func TestAGatewayMayMoveTheTimestampOfEveryEventPacket(t *testing.T) {
	packets := held(1, 1000, 5, 160, 5)
	for i := range packets {
		packets[i].Timestamp += uint32(160 * min(i, 5)) //nolint:gosec // small
	}
	if got := pressed(packets); got != "5" {
		t.Errorf("%q", got)
	}
}
