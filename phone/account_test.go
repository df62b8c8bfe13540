package phone_test

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestMediaAndEncryptionTogetherSayHowSoundTravels(t *testing.T) {
	const wss, udp = "wss://pbx.example/ws", "udp:pbx.example"
	for _, c := range []struct {
		server string
		media  phone.MediaPolicy
		wish   phone.Encryption
		how    phone.MediaPolicy
		policy phone.Encryption
	}{
		{udp, "", "", phone.MediaRTP, phone.EncryptionOff},
		{udp, "", phone.EncryptionOff, phone.MediaRTP, phone.EncryptionOff},
		{udp, "", phone.EncryptionRequired, phone.MediaSDES, phone.EncryptionRequired},
		{udp, "", phone.EncryptionPreferred, phone.MediaSDES, phone.EncryptionPreferred},
		{udp, phone.MediaRTP, "", phone.MediaRTP, phone.EncryptionOff},
		{udp, phone.MediaSDES, "", phone.MediaSDES, phone.EncryptionRequired},
		{udp, phone.MediaSDES, phone.EncryptionPreferred, phone.MediaSDES, phone.EncryptionPreferred},
		{udp, phone.MediaSDES, phone.EncryptionOff, phone.MediaRTP, phone.EncryptionOff},
		{udp, phone.MediaDTLS, "", phone.MediaDTLS, phone.EncryptionRequired},
		{udp, phone.MediaDTLS, phone.EncryptionPreferred, phone.MediaDTLS, phone.EncryptionPreferred},
		{udp, phone.MediaDTLS, phone.EncryptionOff, phone.MediaRTP, phone.EncryptionOff},
		{udp, phone.MediaWebRTC, "", phone.MediaWebRTC, phone.EncryptionRequired},
		{wss, "", "", phone.MediaWebRTC, phone.EncryptionRequired},
		{wss, "", phone.EncryptionPreferred, phone.MediaWebRTC, phone.EncryptionRequired},
		{wss, phone.MediaRTP, "", phone.MediaRTP, phone.EncryptionOff},
		{wss, phone.MediaSDES, phone.EncryptionPreferred, phone.MediaSDES, phone.EncryptionPreferred},
		{"", "", "", phone.MediaRTP, phone.EncryptionOff},
	} {
		a := phone.Account{URI: "sip:1001@pbx.example", Server: c.server, Media: c.media, Encryption: c.wish}
		if err := phone.CheckAccount(a); err != nil {
			t.Errorf("%q %q %q: %v", c.server, c.media, c.wish, err)
		}
		if how, policy := a.MediaPolicy(), a.EncryptionPolicy(); how != c.how || policy != c.policy {
			t.Errorf("%q %q %q: %s %s, want %s %s", c.server, c.media, c.wish, how, policy, c.how, c.policy)
		}
	}
}

func TestKeysInDescriptionsAreAsSecretAsTheSignalling(t *testing.T) {
	for _, c := range []struct {
		safe bool // the signalling
		info phone.MediaInfo
		want bool // exposed
	}{
		{true, phone.MediaInfo{Encrypted: true, KeysInSDP: true}, false},
		{false, phone.MediaInfo{Encrypted: true, KeysInSDP: true}, true},
		{false, phone.MediaInfo{Encrypted: true}, false},
		{false, phone.MediaInfo{}, false},
	} {
		onDesk(t, func(d *desk) {
			d.post(phone.TransportUp{Encrypted: c.safe})
			d.media.Info = c.info
			call := d.call(d.talk("600"))
			if call.Encrypted != c.info.Encrypted || call.KeysExposed != c.want {
				t.Errorf("%+v over signalling that is safe: %v: %+v", c.info, c.safe, call)
			}
		})
	}
}
