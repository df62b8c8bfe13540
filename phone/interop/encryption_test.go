//go:build linux

package interop

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// What comes of a call between an account of ours and a desk phone.
const (
	callRefused   = "refused"
	callOpen      = "open"
	callEncrypted = "encrypted"
)

func TestADeskPhoneMeetsEachWishForEncryption(t *testing.T) {
	k := startKamailio(t)
	for _, c := range []struct {
		name           string
		media          phone.MediaPolicy
		wish           phone.Encryption
		server, theirs string
		calls, called  string // what comes of its call, and of ours
	}{
		{"we require SDES, it has none", phone.MediaSDES, phone.EncryptionRequired, "UDP", "", callRefused, callRefused},
		{"we require DTLS, it requires SDES", phone.MediaDTLS, phone.EncryptionRequired, "UDP", "srtp-mand", callRefused, callRefused},
		{"we do not encrypt, it must", phone.MediaRTP, phone.EncryptionOff, "UDP", "srtp-mand", callRefused, callRefused},
		{"we do not encrypt, it may", phone.MediaRTP, phone.EncryptionOff, "UDP", "srtp", callOpen, callOpen},
		{"we prefer SDES, it has none", phone.MediaSDES, phone.EncryptionPreferred, "UDP", "", callOpen, callOpen},
		{"we prefer SDES, it may", phone.MediaSDES, phone.EncryptionPreferred, "WSS", "srtp", callEncrypted, callEncrypted},
		{"we prefer SDES, it must", phone.MediaSDES, phone.EncryptionPreferred, "UDP", "srtp-mand", callEncrypted, callEncrypted},
		{"we prefer DTLS, it has none", phone.MediaDTLS, phone.EncryptionPreferred, "UDP", "", callOpen, callOpen},
		{"we prefer DTLS, it has it", phone.MediaDTLS, phone.EncryptionPreferred, "UDP", "dtls_srtp", callEncrypted, callEncrypted},
	} {
		t.Run(c.name, func(t *testing.T) {
			desk := startDesk(t, k, "1002", deskOptions{codec: "PCMU", encryption: c.theirs})
			account := k.account("1001", k.servers("1001")[c.server])
			account.Media, account.Encryption = c.media, c.wish
			ours := startOurs(t, account)
			ours.awaitRegistered()
			exposed := c.media == phone.MediaSDES && c.server != "WSS"
			if c.calls == callRefused {
				desk.do("dial", k.uri("1001"))
				if e, err := ours.events.WaitFor(phone.EventMissed, 10*time.Second); err != nil || e.Call.SIPStatus != 488 {
					t.Errorf("its call: %+v %v", e, err)
				}
				desk.await("CALL_CLOSED 488", 1)
			} else {
				desk.do("dial", k.uri("1001"))
				id := ours.awaitRinging()
				ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{}))
				checkEncryption(t, ours, desk, id, c.calls, exposed)
			}
			id := ours.dial("1002")
			if c.called == callRefused {
				if ended := ours.awaitState(id, phone.StateEnded); ended.Cause != phone.CauseIncompatibleSDP {
					t.Errorf("our call ended by %q", ended.Cause)
				}
				if got := desk.hear(); got.Level > -120 {
					t.Errorf("it has heard %+v", got)
				}
				return
			}
			checkEncryption(t, ours, desk, id, c.called, exposed)
		})
	}
}

// checkEncryption: the call stands, says the truth about itself, and is heard both ways. Then it ends.
func checkEncryption(t *testing.T, ours *ourPhone, desk *deskPhone, id phone.CallID, want string, exposed bool) {
	t.Helper()
	call := ours.awaitState(id, phone.StateTalking)
	if call.Encrypted != (want == callEncrypted) || call.KeysExposed != (exposed && call.Encrypted) {
		t.Errorf("the call should be %s and says of itself: encrypted %v, keys exposed %v", want, call.Encrypted, call.KeysExposed)
	}
	ours.awaitTone(deskTone, deskLevel)
	desk.awaitTone(ourTone, ourLevel)
	ours.must(ours.Hangup(id))
	ours.awaitState(id, phone.StateEnded)
	desk.forget()
	ours.ear.Reset()
}
