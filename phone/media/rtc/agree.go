package rtc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media"
)

const eventName = "telephone-event"

// ours are the payload types of our offers, in our order. The numbers are those that browsers use;
// 101 is what SIP devices expect of telephone-event.
var ours = []format{
	{payloadType: 111, name: "opus", clockRate: 48000, channels: 2, fmtp: "minptime=10;useinbandfec=1"},
	{payloadType: 0, name: "PCMU", clockRate: 8000, channels: 1},
	{payloadType: 8, name: "PCMA", clockRate: 8000, channels: 1},
	{payloadType: 110, name: eventName, clockRate: 48000, channels: 1, fmtp: "0-16"},
	{payloadType: 101, name: eventName, clockRate: 8000, channels: 1, fmtp: "0-16"},
}

// same reports whether two formats are the same codec, whatever their payload types.
func (f format) same(o format) bool {
	return strings.EqualFold(f.name, o.name) && f.clockRate == o.clockRate
}

// known returns our own way to say f.
func known(f format) (format, bool) {
	i := slices.IndexFunc(ours, f.same)
	if i < 0 {
		return format{}, false
	}
	return ours[i], true
}

// agreement is what both sides can do, in the payload types of the far end's description.
type agreement struct {
	audio format
	event format   // name "" where there is none
	use   []format // audio and event: what our answer says
}

// agree takes the far end's first codec that we have (RFC 3264 §6.1) and the telephone-event that shares its clock.
func agree(formats []format) (agreement, error) {
	var a agreement
	for _, f := range formats {
		if k, ok := known(f); ok && k.name != eventName {
			a.audio = f
			a.audio.name = k.name
			break
		}
	}
	if a.audio.name == "" {
		return a, fmt.Errorf("rtc: no codec in common: %w", phone.ErrMediaIncompatible)
	}
	a.use = []format{a.audio}
	for _, f := range formats {
		if k, ok := known(f); ok && k.name == eventName && f.clockRate == a.audio.clockRate {
			a.event = f
			a.event.name = k.name
			a.use = append(a.use, a.event)
			break
		}
	}
	return a, nil
}

// parameter finds key in a format's parameters, "a=1;b=2".
func (f format) parameter(key string) string {
	for part := range strings.SplitSeq(f.fmtp, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(strings.TrimSpace(k), key) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// spec tells the engine of a format.
func (f format) spec() media.CodecSpec {
	s := media.CodecSpec{Name: f.name, PayloadType: f.payloadType, ClockRate: f.clockRate, Channels: f.channels}
	if k, ok := known(f); ok {
		s.Name = k.name
	}
	if s.Name == "opus" {
		s.FEC = f.parameter("useinbandfec") == "1"
		if n, err := strconv.Atoi(f.parameter("maxaveragebitrate")); err == nil && n >= 6000 && n <= 510000 {
			s.MaxBitrate = n
		}
	}
	return s
}

// negotiated puts together what the sink is told: local is our own side's formats and direction, remote theirs.
func negotiated(a agreement, local []format, localDirection direction, wantHold bool, remote *description) media.Negotiated {
	n := media.Negotiated{
		Audio:      a.audio.spec(),
		Receive:    map[uint8]media.CodecSpec{},
		PacketTime: remote.packetTime,
		HeldByThem: remote.heldByThem(),
		HeldByUs:   wantHold && (localDirection == sendOnly || localDirection == inactive),
		Encrypted:  true,
	}
	if a.event.name != "" {
		n.Event = a.event.spec()
	}
	// They send the types that we named; those that they named are accepted where nothing else is meant by them.
	for _, f := range slices.Concat(local, a.use, remote.formats) {
		_, taken := n.Receive[f.payloadType]
		_, ok := known(f)
		if !taken && (ok || strings.EqualFold(f.name, "CN")) {
			s := f.spec()
			if !ok {
				s.Name = "CN"
			}
			n.Receive[f.payloadType] = s
		}
	}
	return n
}

// offerDirection is what our offer says.
func offerDirection(hold, heldByThem bool) direction {
	switch {
	case hold && heldByThem:
		return inactive
	case hold:
		return sendOnly
	}
	return sendRecv
}

// answerDirection is what our answer says to theirs (RFC 3264 §6.1).
func answerDirection(hold bool, theirs *description) direction {
	switch {
	case theirs.direction == inactive, hold && theirs.heldByThem():
		return inactive
	case theirs.direction == sendOnly || theirs.heldByZero:
		return recvOnly
	case theirs.direction == recvOnly || hold:
		return sendOnly
	}
	return sendRecv
}
