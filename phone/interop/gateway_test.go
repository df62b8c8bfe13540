//go:build linux

package interop

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// withUsers are further users of ours.
func withUsers(names ...string) kamailioOption {
	return func(k *kamailio) {
		for _, name := range names {
			k.Users[name] = "secret-of-" + name
		}
	}
}

// TestADeskPhoneBehindAMediaGatewayAndWeCallEachOther: rtpengine speaks as we do towards us, and plain RTP towards
// baresip, as PBXs do that have web phones and desk phones.
//
// Digits are not tried beside Opus: baresip's telephone-event has a clock of 8 kHz alone, and rtpengine 10.5 holds every
// second event back for a second where the audio's clock is another one (its issue 1530).
func TestADeskPhoneBehindAMediaGatewayAndWeCallEachOther(t *testing.T) {
	k := startKamailio(t, withUsers("webrtc", "lite", "dtls", "sdes"), withRTPEngine(t, map[string]string{
		"1002": towardsRTP, "webrtc": towardsWebRTC, "lite": towardsICELite, "dtls": towardsDTLS, "sdes": towardsSDES}))
	for _, c := range []struct {
		name, user, server string
		policy             phone.MediaPolicy
		desk, codec        string
		more               string // what the two calls do beside: h hold, d digits
	}{
		{"ICE and DTLS-SRTP over WSS with Opus", "webrtc", "WSS", phone.MediaWebRTC, "opus", "opus", "h"},
		{"ICE and DTLS-SRTP over WS with G.722", "webrtc", "WS", phone.MediaWebRTC, "g722", "G722", "hd"},
		{"ICE towards a lite one over WS with PCMA", "lite", "WS", phone.MediaWebRTC, "PCMA", "PCMA", ""},
		{"DTLS-SRTP without ICE over TCP with PCMU", "dtls", "TCP", phone.MediaDTLS, "PCMU", "PCMU", "d"},
		{"SDES over UDP with Opus", "sdes", "UDP", phone.MediaSDES, "opus", "opus", "h"},
	} {
		t.Run(c.name, func(t *testing.T) {
			proves(t, "rtpengine", append(mediaFeatures(c.policy, c.codec), "is called", "calls us")...)
			desk := startDesk(t, k, "1002", deskOptions{codec: c.desk})
			account := k.account(c.user, k.servers(c.user)[c.server])
			account.Media = c.policy
			ours := startOurs(t, account)
			ours.awaitRegistered()
			ours.talkTwice(desk, conversation{number: "1002", ourURI: k.uri(c.user), policy: c.policy, codec: c.codec,
				hold: strings.Contains(c.more, "h"), digits: strings.Contains(c.more, "d")})
			if strings.Contains(c.more, "h") {
				proves(t, "rtpengine", "held and taken back", "holds us")
			}
			if strings.Contains(c.more, "d") {
				proves(t, "rtpengine", "telephone-event")
			}
		})
	}
}
