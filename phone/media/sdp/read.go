package sdp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// What a description may hold at most; more is an attack or a mistake.
const (
	maxDescription = 64 << 10
	maxLines       = 32
	maxFormats     = 64
)

// Direction of a media stream as its author sees it (RFC 3264 §5.1).
type Direction string

// The directions.
const (
	SendRecv Direction = "sendrecv"
	SendOnly Direction = "sendonly"
	RecvOnly Direction = "recvonly"
	Inactive Direction = "inactive"
)

// Line is as much of an m-line as must be given back to refuse it.
type Line struct {
	Media, Proto string
	Port         int
	Formats      []string
	MID          string // "" where there is none

	session, section *section
}

// HasAttribute reports whether the line's own section has that attribute.
func (l *Line) HasAttribute(key string) bool {
	if l.section == nil {
		return false
	}
	_, ok := l.section.first(key)
	return ok
}

// Says reports whether the line's own section or the session's has that attribute.
func (l *Line) Says(key string) bool {
	if l.HasAttribute(key) {
		return true
	}
	if l.session == nil {
		return false
	}
	_, ok := l.session.first(key)
	return ok
}

// IsAudio reports whether the line is an audio stream over RTP that is in use.
func (l *Line) IsAudio() bool {
	return l.Media == "audio" && l.Port != 0 && len(l.Formats) > 0 && slices.Contains(strings.Split(strings.ToUpper(l.Proto), "/"), "RTP")
}

// Description is what matters of an SDP with one usable audio line.
type Description struct {
	Lines []Line
	Index int // of the audio line among Lines

	Formats    []Format
	Direction  Direction
	HeldByZero bool // c=0.0.0.0, the old way to hold (RFC 2543)
	PacketTime time.Duration
	Mux        bool   // RTCP comes on the same port (RFC 5761)
	SSRC       uint32 // 0: not told
	Address    string // of the c-line, "" where there is none

	session, section *section
}

// Audio is the audio line.
func (d *Description) Audio() *Line { return &d.Lines[d.Index] }

// HeldByThem reports whether the author does not want to hear us.
func (d *Description) HeldByThem() bool {
	return d.Direction == SendOnly || d.Direction == Inactive || d.HeldByZero
}

// sends reports whether the author may send.
func (d *Description) sends() bool { return d.Direction == SendRecv || d.Direction == SendOnly }

// Answers reports whether the lines can be an answer to so many of ours. There should be as many (RFC 3264 §6), but some
// leave out refused ones, and some refuse lines that nobody offered.
func (d *Description) Answers(ours int) bool {
	return !slices.ContainsFunc(d.Lines[min(ours, len(d.Lines)):], func(l Line) bool { return l.Port != 0 })
}

// Read reads an SDP; want is the audio line's index, or -1 for the first one that fits, which is also taken where there
// are not so many lines: some leave out refused ones, though every line stays (RFC 3264 §8). The error wraps
// phone.ErrMediaMalformed, or phone.ErrMediaIncompatible where no line fits.
func Read(raw []byte, want int, fits func(*Line) bool) (*Description, error) {
	if len(raw) == 0 || len(raw) > maxDescription {
		return nil, fmt.Errorf("sdp: description of %d bytes: %w", len(raw), phone.ErrMediaMalformed)
	}
	sections, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("sdp: %w (%s)", phone.ErrMediaMalformed, FirstLine(err.Error()))
	}
	if want >= len(sections)-1 {
		want = -1
	}
	d := &Description{Index: want, session: sections[0]}
	for i, m := range sections[1:] {
		d.Lines = append(d.Lines, readLine(d.session, m))
		if d.Index < 0 && fits(&d.Lines[i]) {
			d.Index = i
		}
	}
	if d.Index < 0 || d.Index >= len(d.Lines) || !fits(&d.Lines[d.Index]) {
		return nil, fmt.Errorf("sdp: no audio line that can be used: %w", phone.ErrMediaIncompatible)
	}
	d.section = sections[d.Index+1]
	d.readAudio()
	return d, nil
}

// Other reads another line of the same description as Read does the audio line; i is its index.
func (d *Description) Other(i int) *Description {
	o := &Description{Lines: d.Lines, Index: i, session: d.session, section: d.Lines[i].section}
	o.readAudio()
	return o
}

// FirstLine keeps what a peer wrote out of logs but for a little.
func FirstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 120 {
		text = text[:120]
	}
	return strconv.QuoteToASCII(text)
}

func readLine(s, m *section) Line {
	mid, _ := m.first("mid")
	if !IsToken(mid) {
		mid = ""
	}
	return Line{Media: m.media, Proto: m.proto, Port: m.port, Formats: m.formats, MID: mid, session: s, section: m}
}

// Attribute looks in the audio section, then in the session's (RFC 8839 §5.4, RFC 8122 §5).
func (d *Description) Attribute(key string) string {
	if v, ok := d.section.first(key); ok {
		return strings.TrimSpace(v)
	}
	v, _ := d.session.first(key)
	return strings.TrimSpace(v)
}

// SessionAttribute looks in the session's section only.
func (d *Description) SessionAttribute(key string) (value string, ok bool) {
	value, ok = d.session.first(key)
	return strings.TrimSpace(value), ok
}

// Attributes returns every value of that attribute in the audio section, in order.
func (d *Description) Attributes(key string) []string { return d.section.all(key) }

// readAudio reads codecs, direction and what else is of every kind of audio.
func (d *Description) readAudio() {
	s, m := d.session, d.section
	d.Direction = SendRecv
	for _, part := range []*section{s, m} { // the media section's goes last and wins
		for _, a := range part.attributes {
			switch v := Direction(a.key); v {
			case SendRecv, SendOnly, RecvOnly, Inactive:
				d.Direction = v
			}
		}
	}
	if d.Address = m.address; d.Address == "" {
		d.Address = s.address
	}
	// Port 9 with 0.0.0.0 is no hold, but "no default candidate" (RFC 8840 §4.1.1).
	d.HeldByZero = m.port != 9 && (d.Address == "0.0.0.0" || d.Address == "::")
	d.PacketTime = d.packetTime()
	d.Mux = d.Audio().HasAttribute("rtcp-mux") || d.Audio().HasAttribute("rtcp-mux-only") // RFC 8858 wants both; one tells
	for _, a := range d.Attributes("ssrc") {
		number, _, _ := strings.Cut(a, " ")
		if v, err := strconv.ParseUint(number, 10, 32); err == nil && v != 0 {
			d.SSRC = uint32(v)
			break
		}
	}
	d.readFormats()
}

// packetTime is the length of a packet that the author asks for (RFC 8866 §6.4), no longer than the longest that it
// takes (§6.5).
func (d *Description) packetTime() time.Duration {
	read := func(key string, otherwise int) int {
		if n, err := strconv.Atoi(d.Attribute(key)); err == nil && n >= 10 && n <= 200 {
			return n
		}
		return otherwise
	}
	return time.Duration(min(read("ptime", 20), read("maxptime", 200))) * time.Millisecond
}

func (d *Description) readFormats() {
	rtpmap, fmtp := map[string]string{}, map[string]string{}
	for _, a := range d.section.attributes {
		pt, rest, ok := strings.Cut(strings.TrimSpace(a.value), " ")
		switch {
		case ok && a.key == "rtpmap":
			rtpmap[pt] = strings.TrimSpace(rest)
		case ok && a.key == "fmtp":
			fmtp[pt] = strings.TrimSpace(rest)
		}
	}
	seen := map[uint8]bool{}
	for _, pt := range d.Audio().Formats {
		number, err := strconv.ParseUint(pt, 10, 8)
		if err != nil || number > 127 || seen[uint8(number)] {
			continue
		}
		f, ok := readFormat(uint8(number), rtpmap[pt])
		if !ok {
			continue
		}
		f.FMTP = fmtp[pt]
		seen[f.PayloadType] = true
		d.Formats = append(d.Formats, f)
	}
}

// readFormat reads "opus/48000/2"; without it the static types of RFC 3551 are known.
func readFormat(pt uint8, rtpmap string) (Format, bool) {
	parts := strings.Split(rtpmap, "/")
	if len(parts) < 2 {
		f, known := staticFormats[pt]
		return f, known
	}
	rate, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil || rate == 0 {
		return Format{}, false
	}
	f := Format{PayloadType: pt, Name: parts[0], ClockRate: uint32(rate), Channels: 1}
	if len(parts) > 2 {
		if n, err := strconv.Atoi(parts[2]); err == nil && n > 0 && n < 256 {
			f.Channels = n
		}
	}
	return f, true
}
