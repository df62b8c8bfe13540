package rtc

import (
	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// ours are the payload types of our offers, in our order. The numbers are those that browsers use;
// 101 is what SIP devices expect of telephone-event.
var ours = sdp.Codecs{
	{PayloadType: 111, Name: "opus", ClockRate: 48000, Channels: 2, FMTP: "minptime=10;useinbandfec=1"},
	{PayloadType: 9, Name: "G722", ClockRate: 8000, Channels: 1}, // a gateway's desk phones have no Opus, but wideband
	{PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1},
	{PayloadType: 8, Name: "PCMA", ClockRate: 8000, Channels: 1},
	{PayloadType: 110, Name: sdp.EventName, ClockRate: 48000, Channels: 1, FMTP: "0-16"},
	{PayloadType: 101, Name: sdp.EventName, ClockRate: 8000, Channels: 1, FMTP: "0-16"},
}

// negotiated is what the sink is told. Whatever is negotiated here is encrypted.
func negotiated(a sdp.Agreement, local []sdp.Format, direction sdp.Direction, remote *description) media.Negotiated {
	n := ours.Negotiated(a, local, direction, remote.Description)
	n.Encrypted = true
	return n
}
