//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheDemoPBXEchoesUnderEachMediaPolicy(t *testing.T) {
	pbx := startDemo(t)
	a := pbx.Account(0)
	for _, c := range []struct {
		name, server string
		policy, is   phone.MediaPolicy
	}{
		{"RTP over UDP", a.UDP, phone.MediaRTP, phone.MediaRTP},
		{"UDP without a policy", a.UDP, phone.MediaDefault, phone.MediaRTP},
		{"SDES over TCP", a.TCP, phone.MediaSDES, phone.MediaSDES},
		{"DTLS over TLS", a.TLS, phone.MediaDTLS, phone.MediaDTLS},
		{"WS without a policy", a.WS, phone.MediaDefault, phone.MediaWebRTC},
	} {
		t.Run(c.name, func(t *testing.T) {
			account := demoAccount(pbx)
			account.Server, account.Media = c.server, c.policy
			ours := startOurs(t, account)
			ours.awaitRegistered()
			id := ours.dial("600")
			if call := ours.awaitState(id, phone.StateTalking); call.Encrypted != (c.is != phone.MediaRTP) {
				t.Errorf("encrypted: %v", call.Encrypted)
			}
			ours.awaitTone(ourTone, ourLevel)
			ours.must(ours.Hangup(id))
			ours.awaitState(id, phone.StateEnded)
		})
	}
}
