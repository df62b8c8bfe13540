package sdp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

// EventName is the codec name of RFC 4733's digits, NoiseName that of RFC 3389's comfort noise.
const (
	EventName = "telephone-event"
	NoiseName = "CN"
)

// Format is one payload type of an audio line.
type Format struct {
	PayloadType uint8
	Name        string // as in rtpmap, or of the static type
	ClockRate   uint32
	Channels    int
	FMTP        string
}

// staticFormats are the payload types of RFC 3551 that may come without rtpmap. G.722 says 8000 though it
// samples at 16000 (§4.5.2).
var staticFormats = map[uint8]Format{
	0:  {PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1},
	8:  {PayloadType: 8, Name: "PCMA", ClockRate: 8000, Channels: 1},
	9:  {PayloadType: 9, Name: "G722", ClockRate: 8000, Channels: 1},
	13: {PayloadType: 13, Name: NoiseName, ClockRate: 8000, Channels: 1},
}

// Same reports whether two formats are the same codec, whatever their payload types.
func (f Format) Same(o Format) bool {
	return strings.EqualFold(f.Name, o.Name) && f.ClockRate == o.ClockRate
}

// Parameter finds key in a format's parameters, "a=1;b=2".
func (f Format) Parameter(key string) string {
	for part := range strings.SplitSeq(f.FMTP, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(strings.TrimSpace(k), key) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// isAudio reports whether the format carries a voice.
func (f Format) isAudio() bool {
	return !strings.EqualFold(f.Name, EventName) && !strings.EqualFold(f.Name, NoiseName)
}

// Numbered gives the formats the payload types that ours have.
func Numbered(formats, ours []Format) []Format {
	out := slices.Clone(formats)
	for i := range out {
		for _, f := range ours {
			if f.Same(out[i]) {
				out[i].PayloadType = f.PayloadType
			}
		}
	}
	return out
}

// HasNumber returns a function that reports whether one of the formats has that payload type.
func HasNumber(formats []Format) func(uint8) bool {
	return func(number uint8) bool {
		return slices.ContainsFunc(formats, func(f Format) bool { return f.PayloadType == number })
	}
}

// Codecs are the formats that a kind of transport offers, in order of preference.
type Codecs []Format

// Known returns our own way to say f.
func (c Codecs) Known(f Format) (Format, bool) {
	i := slices.IndexFunc(c, f.Same)
	if i < 0 {
		return Format{}, false
	}
	return c[i], true
}

// Agreement is what both sides can do, in the payload types of the far end's description.
type Agreement struct {
	Audio Format
	Event Format   // Name "" where there is none
	Use   []Format // audio and event, and comfort noise where we know it: what our answer says
}

// Agree takes the far end's first codec that we have (RFC 3264 §6.1) and the telephone-event that shares its
// clock, or one of another clock where that is all they have. The error wraps phone.ErrMediaIncompatible.
func (c Codecs) Agree(formats []Format) (Agreement, error) {
	var a Agreement
	for _, f := range formats {
		if k, ok := c.Known(f); ok && k.isAudio() {
			a.Audio = f
			a.Audio.Name = k.Name
			break
		}
	}
	if a.Audio.Name == "" {
		return a, fmt.Errorf("sdp: no codec in common: %w", phone.ErrMediaIncompatible)
	}
	a.Use = []Format{a.Audio}
	for _, f := range formats {
		k, ok := c.Known(f)
		if !ok || k.isAudio() || f.ClockRate != a.Audio.ClockRate || slices.ContainsFunc(a.Use, f.Same) {
			continue
		}
		f.Name = k.Name
		if k.Name == EventName {
			a.Event = f
		}
		a.Use = append(a.Use, f)
	}
	if a.Event.Name == "" {
		c.foreignEvent(&a, formats)
	}
	return a, nil
}

// foreignEvent takes a telephone-event of another clock than the audio's where there is none of the same: Asterisk
// offers 8000 Hz alone beside Opus, and its users expect their digits in the sound. Such events keep the stream's
// timestamps and count only their durations in their own clock.
func (c Codecs) foreignEvent(a *Agreement, formats []Format) {
	for _, f := range formats {
		if k, ok := c.Known(f); ok && k.Name == EventName {
			f.Name = k.Name
			a.Event = f
			a.Use = append(a.Use, f)
			return
		}
	}
}

// Again lists what is in use first, with the payload types in use, then the rest of ours (RFC 3264 §8.3.2:
// a payload type never changes its meaning in a session).
func (c Codecs) Again(inUse []Format) []Format {
	out := slices.Clone(inUse)
	for _, f := range c {
		clash := slices.ContainsFunc(inUse, func(g Format) bool { return g.Same(f) || g.PayloadType == f.PayloadType })
		if !clash {
			out = append(out, f)
		}
	}
	return out
}

// Spec tells the engine of a format.
func (c Codecs) Spec(f Format) media.CodecSpec {
	s := media.CodecSpec{Name: f.Name, PayloadType: f.PayloadType, ClockRate: f.ClockRate, Channels: f.Channels}
	if k, ok := c.Known(f); ok {
		s.Name = k.Name
	}
	if s.Name == "opus" {
		s.FEC = f.Parameter("useinbandfec") == "1"
		if n, err := strconv.Atoi(f.Parameter("maxaveragebitrate")); err == nil && n >= 6000 && n <= 510000 {
			s.MaxBitrate = n
		}
	}
	return s
}

// Negotiated puts together what the sink is told, but for Encrypted: local and direction are our own
// side's, remote is their description.
func (c Codecs) Negotiated(a Agreement, local []Format, direction Direction, remote *Description) media.Negotiated {
	n := media.Negotiated{
		Audio:      c.Spec(a.Audio),
		Receive:    map[uint8]media.CodecSpec{},
		PacketTime: remote.PacketTime,
		HeldByThem: remote.HeldByThem(),
		Sends:      remote.sends() && direction != SendOnly && direction != Inactive,
	}
	if a.Event.Name != "" {
		n.Event = c.Spec(a.Event)
	}
	// They send the types that we named; those that they named are accepted where nothing else is meant by them.
	for _, f := range slices.Concat(local, a.Use, remote.Formats) {
		_, taken := n.Receive[f.PayloadType]
		_, ok := c.Known(f)
		if !taken && (ok || strings.EqualFold(f.Name, NoiseName)) {
			s := c.Spec(f)
			if !ok {
				s.Name = NoiseName
			}
			n.Receive[f.PayloadType] = s
		}
	}
	return n
}

// OfferDirection is what our offer says.
func OfferDirection(hold, heldByThem bool) Direction {
	switch {
	case hold && heldByThem:
		return Inactive
	case hold:
		return SendOnly
	}
	return SendRecv
}

// AnswerDirection is what our answer says to theirs (RFC 3264 §6.1).
func AnswerDirection(hold bool, theirs *Description) Direction {
	switch {
	case theirs.Direction == Inactive, hold && theirs.HeldByThem():
		return Inactive
	case theirs.Direction == SendOnly || theirs.HeldByZero:
		return RecvOnly
	case theirs.Direction == RecvOnly || hold:
		return SendOnly
	}
	return SendRecv
}
