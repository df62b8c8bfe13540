package phone_test

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// preferring is a desk whose account prefers encryption.
func preferring(t *testing.T, wish phone.Encryption, f func(d *desk)) {
	onDesk(t, f, func(_ *phone.Config, d *desk) {
		d.account.Server, d.account.Media, d.account.Encryption = "udp:pbx.example", phone.MediaSDES, wish
	})
}

// invites are the INVITEs so far, with the encryption that each one's leg was opened with.
func invites(d *desk) (dialogs []phone.DialogID, legs []phone.Encryption) {
	for _, e := range d.net.Records() {
		switch v := e.Value.(type) {
		case phone.InviteOut:
			dialogs = append(dialogs, v.Dialog)
		case phone.LegOptions:
			legs = append(legs, v.Encryption)
		}
	}
	return dialogs, legs
}

func TestWhoRefusesWhatCouldBeLeftInTheClearIsCalledAgainEncrypted(t *testing.T) {
	for _, status := range []int{488, 606} {
		preferring(t, phone.EncryptionPreferred, func(d *desk) {
			id := d.dial("600")
			dialogs, _ := invites(d)
			d.post(phone.Refused{Dialog: dialogs[0], Status: status})
			dialogs, legs := invites(d)
			if len(dialogs) != 2 || dialogs[0] == dialogs[1] || len(legs) != 2 || legs[0] != phone.EncryptionPreferred || legs[1] != phone.EncryptionRequired {
				t.Fatalf("%d: INVITEs %v with legs %v", status, dialogs, legs)
			}
			d.wantState(id, phone.StateCalling)
			d.post(phone.Accepted{Dialog: dialogs[1], SDP: []byte("answer")})
			d.wantState(id, phone.StateTalking)
			if d.events.Count(phone.EventNewRTCSession) != 1 {
				t.Error("the user sees two calls")
			}
		})
	}
}

func TestASecondRefusalEndsTheCall(t *testing.T) {
	preferring(t, phone.EncryptionPreferred, func(d *desk) {
		id := d.dial("600")
		for range 2 {
			dialogs, _ := invites(d)
			d.post(phone.Refused{Dialog: dialogs[len(dialogs)-1], Status: 488})
		}
		if dialogs, _ := invites(d); len(dialogs) != 2 {
			t.Errorf("%d INVITEs", len(dialogs))
		}
		d.wantDeleted(id, phone.CauseIncompatibleSDP)
	})
}

func TestOnlyARefusalOfMediaUnderAWishThatCanBeRaisedIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		wish   phone.Encryption
		status int
	}{{phone.EncryptionPreferred, 486}, {phone.EncryptionPreferred, 415}, {phone.EncryptionRequired, 488}, {phone.EncryptionOff, 488}} {
		preferring(t, c.wish, func(d *desk) {
			d.dial("600")
			dialogs, _ := invites(d)
			d.post(phone.Refused{Dialog: dialogs[0], Status: c.status})
			if dialogs, _ := invites(d); len(dialogs) != 1 {
				t.Errorf("%s, %d: %d INVITEs", c.wish, c.status, len(dialogs))
			}
		})
	}
}

func TestHangingUpBetweenTheTwoCallsEndsAtOnce(t *testing.T) {
	preferring(t, phone.EncryptionPreferred, func(d *desk) {
		id := d.dial("600")
		dialogs, _ := invites(d)
		d.media.Auto = false // the second offer takes its time
		d.post(phone.Refused{Dialog: dialogs[0], Status: 488})
		d.must(d.op.Hangup(id))
		d.settle()
		d.wantDeleted(id, phone.CauseCanceled)
		if dialogs, _ := invites(d); len(dialogs) != 1 {
			t.Errorf("%d INVITEs", len(dialogs))
		}
	})
}
