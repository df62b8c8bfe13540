package avp

import (
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// ours are the payload types of our offers, in our order.
var ours = sdp.Codecs{
	{PayloadType: 111, Name: "opus", ClockRate: 48000, Channels: 2, FMTP: "minptime=10;useinbandfec=1"},
	{PayloadType: 9, Name: "G722", ClockRate: 8000, Channels: 1},
	{PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1},
	{PayloadType: 8, Name: "PCMA", ClockRate: 8000, Channels: 1},
	{PayloadType: 101, Name: sdp.EventName, ClockRate: 8000, Channels: 1, FMTP: "0-16"},
	{PayloadType: 110, Name: sdp.EventName, ClockRate: 48000, Channels: 1, FMTP: "0-16"},
}

// profileOf is what our offers say on the m-line.
func profileOf(p phone.MediaPolicy) string {
	switch p {
	case phone.MediaSDES:
		return "RTP/SAVP"
	case phone.MediaDTLS:
		return "UDP/TLS/RTP/SAVP"
	default:
		return "RTP/AVP"
	}
}

// fits reports whether a media line can be used under the policy. Some devices write RTP/AVP and still hand over keys
// ("best effort"); since we encrypt then or refuse, that is no downgrade.
func fits(p phone.MediaPolicy) func(*sdp.Line) bool {
	return func(l *sdp.Line) bool {
		if !l.IsAudio() {
			return false
		}
		profile := strings.TrimSuffix(strings.ToUpper(l.Proto), "F") // feedback (RFC 4585) is not used, and not in the way
		switch p {
		case phone.MediaSDES:
			return (profile == "RTP/SAVP" || profile == "RTP/AVP") && l.HasAttribute("crypto")
		case phone.MediaDTLS:
			return profile == "UDP/TLS/RTP/SAVP" || (profile == "RTP/SAVP" || profile == "RTP/AVP") && l.HasAttribute("fingerprint")
		default:
			return profile == "RTP/AVP"
		}
	}
}
