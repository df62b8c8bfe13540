package sdp

import (
	"strconv"
	"strings"
)

// Text is an SDP in the making.
type Text struct{ b strings.Builder }

// Line writes one line made of parts.
func (t *Text) Line(parts ...string) {
	for _, p := range parts {
		t.b.WriteString(p)
	}
	t.b.WriteString("\r\n")
}

// Bytes returns what was written.
func (t *Text) Bytes() []byte { return []byte(t.b.String()) }

// String returns what was written.
func (t *Text) String() string { return t.b.String() }

// Head writes the session's part (RFC 8866 §5); connection is "IN IP4 192.0.2.1".
func (t *Text) Head(id, version uint64, connection string) {
	t.Line("v=0")
	t.Line("o=- ", strconv.FormatUint(id, 10), " ", strconv.FormatUint(version, 10), " ", connection)
	t.Line("s=-")
	t.Line("c=", connection)
	t.Line("t=0 0")
}

// Refused writes a media line with port 0 (RFC 3264 §6).
func (t *Text) Refused(l Line) {
	formats := strings.Join(l.Formats, " ")
	if formats == "" {
		formats = "0" // there must be one
	}
	t.Line("m=", l.Media, " 0 ", l.Proto, " ", formats)
	if l.MID != "" {
		t.Line("a=mid:", l.MID)
	}
	t.Line("a=inactive")
}

// Numbers returns the formats' payload types for an m-line, "111 0 8".
func Numbers(formats []Format) string {
	numbers := make([]string, len(formats))
	for i, f := range formats {
		numbers[i] = strconv.Itoa(int(f.PayloadType))
	}
	return strings.Join(numbers, " ")
}

// Format writes a format's rtpmap, and its fmtp as we say it: what we can receive, not what they can.
func (t *Text) Format(f Format, ours Codecs) {
	number := strconv.Itoa(int(f.PayloadType))
	rate := f.Name + "/" + strconv.FormatUint(uint64(f.ClockRate), 10)
	if f.Channels > 1 {
		rate += "/" + strconv.Itoa(f.Channels)
	}
	t.Line("a=rtpmap:", number, " ", rate)
	if k, _ := ours.Known(f); k.FMTP != "" {
		t.Line("a=fmtp:", number, " ", k.FMTP)
	}
}
