package rtc

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/sdp/v3"

	"github.com/hookswitch/hookswitch/phone"
)

// What a description may hold at most; more is an attack or a mistake.
const (
	maxDescription = 64 << 10
	maxLines       = 32
	maxCandidates  = 64
	maxFormats     = 64
)

// direction of a media stream as its author sees it (RFC 3264 §5.1).
type direction string

const (
	sendRecv direction = "sendrecv"
	sendOnly direction = "sendonly"
	recvOnly direction = "recvonly"
	inactive direction = "inactive"
)

// format is one payload type of an audio line.
type format struct {
	payloadType uint8
	name        string // as in rtpmap, or of the static type
	clockRate   uint32
	channels    int
	fmtp        string
}

// mediaLine is as much of an m-line as must be given back to refuse it.
type mediaLine struct {
	media, proto string
	formats      []string
	mid          string // "" where there is none
}

// description is what matters of a far end's SDP, or of pion's.
type description struct {
	lines   []mediaLine
	index   int // of the audio line among lines
	bundled bool

	formats    []format
	direction  direction
	heldByZero bool // c=0.0.0.0, the old way to hold (RFC 2543)
	packetTime time.Duration

	ufrag, password string
	lite            bool
	candidates      []string // the values, parsed and written anew
	hash, digest    string   // of the certificate
	setup           string   // actpass, active, passive
	ssrc            uint32   // 0: not told
	mux             bool     // RTCP comes on the same port (RFC 5761)
}

// sameTransport reports whether both describe the same ICE session with the same certificate.
func (d *description) sameTransport(o *description) bool {
	return d.sameCertificate(o) && d.ufrag == o.ufrag && d.password == o.password
}

func (d *description) sameCertificate(o *description) bool {
	return d.hash == o.hash && d.digest == o.digest
}

// heldByThem reports whether the author does not want to hear us.
func (d *description) heldByThem() bool {
	return d.direction == sendOnly || d.direction == inactive || d.heldByZero
}

// parseDescription reads an SDP with one usable audio line; want is that line's index, or -1 for the first
// usable one. The error wraps phone.ErrMediaMalformed or phone.ErrMediaIncompatible.
func parseDescription(raw []byte, want int) (*description, error) {
	if len(raw) == 0 || len(raw) > maxDescription {
		return nil, fmt.Errorf("rtc: description of %d bytes: %w", len(raw), phone.ErrMediaMalformed)
	}
	var s sdp.SessionDescription
	if err := s.Unmarshal(raw); err != nil {
		return nil, fmt.Errorf("rtc: %w (%s)", phone.ErrMediaMalformed, firstLine(err.Error()))
	}
	if len(s.MediaDescriptions) == 0 || len(s.MediaDescriptions) > maxLines {
		return nil, fmt.Errorf("rtc: %d media lines: %w", len(s.MediaDescriptions), phone.ErrMediaMalformed)
	}
	d := &description{index: want}
	for i, m := range s.MediaDescriptions {
		d.lines = append(d.lines, readLine(m))
		if d.index < 0 && usable(m) {
			d.index = i
		}
	}
	if d.index < 0 || d.index >= len(d.lines) || !usable(s.MediaDescriptions[d.index]) {
		return nil, fmt.Errorf("rtc: no audio line that is in use: %w", phone.ErrMediaIncompatible)
	}
	m := s.MediaDescriptions[d.index]
	if err := d.readTransport(&s, m); err != nil {
		return nil, err
	}
	d.readAudio(&s, m)
	return d, nil
}

// firstLine keeps what a peer wrote out of logs but for a little.
func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 120 {
		text = text[:120]
	}
	return strconv.QuoteToASCII(text)
}

func usable(m *sdp.MediaDescription) bool {
	return m.MediaName.Media == "audio" && m.MediaName.Port.Value != 0 && slices.Contains(m.MediaName.Protos, "RTP") &&
		len(m.MediaName.Formats) > 0
}

func readLine(m *sdp.MediaDescription) mediaLine {
	mid, _ := m.Attribute("mid")
	if !isToken(mid) {
		mid = ""
	}
	formats := m.MediaName.Formats
	return mediaLine{
		media: m.MediaName.Media, proto: strings.Join(m.MediaName.Protos, "/"),
		formats: slices.Clone(formats[:min(len(formats), maxFormats)]), mid: mid,
	}
}

// attribute looks in the media section, then in the session (RFC 8839 §5.4, RFC 8122 §5).
func attribute(s *sdp.SessionDescription, m *sdp.MediaDescription, key string) string {
	if v, ok := m.Attribute(key); ok {
		return strings.TrimSpace(v)
	}
	v, _ := s.Attribute(key)
	return strings.TrimSpace(v)
}

// readTransport reads what ICE and DTLS need.
func (d *description) readTransport(s *sdp.SessionDescription, m *sdp.MediaDescription) error {
	d.ufrag, d.password = attribute(s, m, "ice-ufrag"), attribute(s, m, "ice-pwd")
	if d.ufrag == "" || d.password == "" {
		return fmt.Errorf("rtc: the far end does not speak ICE: %w", phone.ErrMediaIncompatible)
	}
	if !isICEText(d.ufrag, 4) || !isICEText(d.password, 22) {
		return fmt.Errorf("rtc: ICE credentials: %w", phone.ErrMediaMalformed)
	}
	_, d.lite = s.Attribute("ice-lite")
	_, d.mux = m.Attribute("rtcp-mux")
	if err := d.readFingerprint(s, m); err != nil {
		return err
	}
	switch d.setup = attribute(s, m, "setup"); d.setup {
	case "active", "passive", "actpass":
	case "", "holdconn":
		d.setup = "actpass"
	default:
		return fmt.Errorf("rtc: a=setup: %w", phone.ErrMediaMalformed)
	}
	for _, a := range m.Attributes {
		if a.Key == "candidate" && len(d.candidates) < maxCandidates {
			if c := plainCandidate(a.Value); c != "" {
				d.candidates = append(d.candidates, c)
			}
		}
		if a.Key == "ssrc" && d.ssrc == 0 {
			number, _, _ := strings.Cut(a.Value, " ")
			if v, err := strconv.ParseUint(number, 10, 32); err == nil {
				d.ssrc = uint32(v)
			}
		}
	}
	group, _ := s.Attribute("group")
	if words := strings.Fields(group); len(words) > 0 && words[0] == "BUNDLE" {
		d.bundled = slices.Contains(words[1:], d.lines[d.index].mid)
	}
	return nil
}

// readFingerprint takes the SHA-256 one where there are several (RFC 8122 §5).
func (d *description) readFingerprint(s *sdp.SessionDescription, m *sdp.MediaDescription) error {
	seen := false
	for _, attributes := range [][]sdp.Attribute{m.Attributes, s.Attributes} {
		for _, a := range attributes {
			if a.Key != "fingerprint" {
				continue
			}
			seen = true
			hash, digest, _ := strings.Cut(strings.TrimSpace(a.Value), " ")
			hash, digest = strings.ToLower(hash), strings.ToUpper(strings.TrimSpace(digest))
			if !isToken(hash) || !isDigest(digest) {
				continue
			}
			if d.hash == "" || (hash == "sha-256" && d.hash != "sha-256") {
				d.hash, d.digest = hash, digest
			}
		}
		if d.hash != "" {
			return nil // the media section's own go before the session's
		}
	}
	if seen {
		return fmt.Errorf("rtc: a=fingerprint: %w", phone.ErrMediaMalformed)
	}
	return fmt.Errorf("rtc: the far end does not encrypt by DTLS: %w", phone.ErrMediaIncompatible)
}

// plainCandidate writes a candidate anew, or returns "" for one that we cannot use: TCP, component 2, a name of mDNS.
func plainCandidate(value string) string {
	words := strings.Fields(value)
	if len(words) < 8 || len(value) > 512 || words[1] != "1" || !strings.EqualFold(words[2], "udp") {
		return ""
	}
	if _, err := netip.ParseAddr(words[4]); err != nil {
		return ""
	}
	c, err := ice.UnmarshalCandidate(value)
	if err != nil || c.Port() <= 0 || c.Port() > 65535 {
		return ""
	}
	out := c.Marshal()
	if strings.ContainsAny(out, "\r\n") {
		return ""
	}
	return out
}

// readAudio reads codecs and direction.
func (d *description) readAudio(s *sdp.SessionDescription, m *sdp.MediaDescription) {
	d.direction = sendRecv
	for _, attributes := range [][]sdp.Attribute{s.Attributes, m.Attributes} { // the media section's goes last and wins
		for _, a := range attributes {
			switch v := direction(a.Key); v {
			case sendRecv, sendOnly, recvOnly, inactive:
				d.direction = v
			}
		}
	}
	c := m.ConnectionInformation
	if c == nil {
		c = s.ConnectionInformation
	}
	// Port 9 with 0.0.0.0 is no hold, but "no default candidate" (RFC 8840 §4.1.1).
	if c != nil && c.Address != nil && m.MediaName.Port.Value != 9 {
		d.heldByZero = c.Address.Address == "0.0.0.0" || c.Address.Address == "::"
	}
	d.packetTime = 20 * time.Millisecond
	if ms, err := strconv.Atoi(attribute(s, m, "ptime")); err == nil && ms >= 10 && ms <= 120 {
		d.packetTime = time.Duration(ms) * time.Millisecond
	}
	d.readFormats(m)
}

// staticFormats are the payload types of RFC 3551 that may come without rtpmap.
var staticFormats = map[uint8]format{
	0:  {payloadType: 0, name: "PCMU", clockRate: 8000, channels: 1},
	8:  {payloadType: 8, name: "PCMA", clockRate: 8000, channels: 1},
	13: {payloadType: 13, name: "CN", clockRate: 8000, channels: 1},
}

func (d *description) readFormats(m *sdp.MediaDescription) {
	rtpmap, fmtp := map[string]string{}, map[string]string{}
	for _, a := range m.Attributes {
		pt, rest, ok := strings.Cut(a.Value, " ")
		switch {
		case ok && a.Key == "rtpmap":
			rtpmap[pt] = strings.TrimSpace(rest)
		case ok && a.Key == "fmtp":
			fmtp[pt] = strings.TrimSpace(rest)
		}
	}
	seen := map[uint8]bool{}
	for _, pt := range d.lines[d.index].formats {
		number, err := strconv.ParseUint(pt, 10, 8)
		if err != nil || number > 127 || seen[uint8(number)] {
			continue
		}
		f, known := staticFormats[uint8(number)]
		if parts := strings.Split(rtpmap[pt], "/"); len(parts) >= 2 {
			rate, err := strconv.ParseUint(parts[1], 10, 32)
			if err != nil || rate == 0 {
				continue
			}
			f = format{payloadType: uint8(number), name: parts[0], clockRate: uint32(rate), channels: 1}
			if len(parts) > 2 {
				if n, err := strconv.Atoi(parts[2]); err == nil && n > 0 && n < 256 {
					f.channels = n
				}
			}
		} else if !known {
			continue
		}
		f.fmtp = fmtp[pt]
		seen[f.payloadType] = true
		d.formats = append(d.formats, f)
	}
}

// isToken reports whether s can stand in an SDP as a token (RFC 8866 §9).
func isToken(s string) bool {
	return s != "" && len(s) <= 64 && strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[]\`, r)
	}) < 0
}

// isICEText checks ice-ufrag and ice-pwd (RFC 8839 §5.4).
func isICEText(s string, least int) bool {
	return len(s) >= least && len(s) <= 256 && strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '+' && r != '/' &&
			r != '-' && r != '_' && r != '=' // beyond the RFC, but seen
	}) < 0
}

// isDigest checks a fingerprint's hex.
func isDigest(s string) bool {
	if len(s) < 16*3-1 || len(s) > 64*3-1 || len(s)%3 != 2 {
		return false
	}
	for i, r := range s {
		if i%3 == 2 {
			if r != ':' {
				return false
			}
		} else if (r < '0' || r > '9') && (r < 'A' || r > 'F') {
			return false
		}
	}
	return true
}
