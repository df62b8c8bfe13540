//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestADeskPhoneAndWeCallEachOtherWithoutICE(t *testing.T) {
	k := startKamailio(t)
	for _, c := range []struct {
		name   string
		policy phone.MediaPolicy
		server string
		desk   deskOptions
		codec  string // as we name it
	}{
		{"RTP with PCMU over UDP", phone.MediaRTP, "UDP", deskOptions{codec: "PCMU"}, "PCMU"},
		{"RTP with PCMA over UDP, 40 ms in a packet", phone.MediaRTP, "UDP", deskOptions{codec: "PCMA", ptime: 40}, "PCMA"},
		{"RTP with G.722 over TCP", phone.MediaRTP, "TCP", deskOptions{codec: "g722"}, "G722"},
		{"RTP with Opus over UDP", phone.MediaRTP, "UDP", deskOptions{codec: "opus"}, "opus"},
		{"SDES with PCMU over UDP", phone.MediaSDES, "UDP", deskOptions{codec: "PCMU", encryption: "srtp-mand"}, "PCMU"},
		{"SDES with G.722 over TCP", phone.MediaSDES, "TCP", deskOptions{codec: "g722", encryption: "srtp-mand"}, "G722"},
		{"SDES as best effort", phone.MediaSDES, "UDP", deskOptions{codec: "PCMA", encryption: "srtp"}, "PCMA"},
		{"DTLS with Opus over UDP", phone.MediaDTLS, "UDP", deskOptions{codec: "opus", encryption: "dtls_srtp"}, "opus"},
		{"DTLS with PCMA over TCP", phone.MediaDTLS, "TCP", deskOptions{codec: "PCMA", encryption: "dtls_srtp"}, "PCMA"},
	} {
		t.Run(c.name, func(t *testing.T) {
			desk := startDesk(t, k, "1002", c.desk)
			account := k.account("1001", k.servers("1001")[c.server])
			account.Media = c.policy
			ours := startOurs(t, account)
			ours.awaitRegistered()
			check := func(call phone.Call) {
				if call.Encrypted != (c.policy != phone.MediaRTP) || call.KeysExposed != (c.policy == phone.MediaSDES) || call.Codec != c.codec {
					t.Errorf("the call says of itself: %+v", call)
				}
				ours.awaitTone(deskTone, deskLevel)
				desk.awaitTone(ourTone, ourLevel)
			}
			features := mediaFeatures(c.policy, c.codec)
			t.Run("we call, hold, take back and hang up", func(t *testing.T) {
				proves(t, "baresip", append(features, "is called", "held and taken back")...)
				desk.t, ours.t = t, t
				id := ours.dial("1002")
				check(ours.awaitState(id, phone.StateTalking))
				ours.must(ours.Hold(id))
				desk.awaitSilence()
				ours.awaitSilence()
				ours.awaitNothingSent(id)
				ours.must(ours.Unhold(id))
				ours.awaitTone(deskTone, deskLevel) // which it does not send while it is held
				ours.must(ours.Hangup(id))
				ours.awaitState(id, phone.StateEnded)
				desk.await("CALL_CLOSED", 1)
			})
			t.Run("it calls, and hangs up", func(t *testing.T) {
				proves(t, "baresip", append(features, "calls us")...)
				desk.t, ours.t = t, t
				desk.forget() // what the call before left
				ours.ear.Reset()
				desk.do("dial", k.uri("1001"))
				id := ours.awaitRinging()
				ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{}))
				check(ours.awaitState(id, phone.StateTalking))
				desk.do("hangup", "")
				ours.awaitState(id, phone.StateEnded)
			})
		})
	}
}

// TestADeskPhoneWithICECallsUs: where the way that it found is not the one that its offer named first, it sends a re-INVITE of
// its own at once. Calls from us to it fail
// where there is more than one way: as the controlled agent baresip 1.0 does not wait for the one that is nominated
// (RFC 8445 §8.1), but begins DTLS on its first, and takes no answer that comes by ours.
func TestADeskPhoneWithICECallsUs(t *testing.T) {
	proves(t, "baresip", append(mediaFeatures(phone.MediaWebRTC, "G722"), "calls us", "held and taken back")...)
	k := startKamailio(t)
	desk := startDesk(t, k, "1002", deskOptions{codec: "g722", encryption: "dtls_srtp", ice: true})
	ours := startOurs(t, k.account("1001", k.servers("1001")["WSS"]))
	ours.awaitRegistered()
	call := ours.calledBy(desk, k.uri("1001"))
	if !call.Encrypted || call.Codec != "G722" {
		t.Errorf("the call says of itself: %+v", call)
	}
	ours.checkTones(desk)
	ours.checkHolding(desk, call.ID)
	ours.hungUpBy(desk, call.ID)
}

// mediaFeatures are the table's names of a call's media.
func mediaFeatures(policy phone.MediaPolicy, codec string) []string {
	policies := map[phone.MediaPolicy][]string{phone.MediaRTP: {"RTP"}, phone.MediaSDES: {"SDES"}, phone.MediaDTLS: {"DTLS-SRTP"},
		phone.MediaWebRTC: {"ICE", "DTLS-SRTP"}}
	codecs := map[string]string{"PCMU": "G.711", "PCMA": "G.711", "G722": "G.722", "opus": "Opus"}
	return append(policies[policy], codecs[codec])
}
