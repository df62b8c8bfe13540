//go:build linux

package interop

import (
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestLinphoneAndWeCallEachOther: the media goes from one to the other, Kamailio has the signalling.
func TestLinphoneAndWeCallEachOther(t *testing.T) {
	k := startKamailio(t, withUsers("lin"))
	for _, c := range []struct {
		policy     phone.MediaPolicy
		encryption string
		codec      string
		more       bool // they hold and press keys, too
	}{
		{phone.MediaRTP, "none", "opus", false}, {phone.MediaRTP, "none", "G722", false}, {phone.MediaRTP, "none", "PCMA", true},
		{phone.MediaSDES, "srtp", "opus", true}, {phone.MediaSDES, "srtp", "G722", false}, {phone.MediaSDES, "srtp", "PCMA", false},
		{phone.MediaDTLS, "dtls", "opus", false}, {phone.MediaDTLS, "dtls", "G722", true}, {phone.MediaDTLS, "dtls", "PCMA", false},
		{phone.MediaWebRTC, "dtls", "opus", true}, {phone.MediaWebRTC, "dtls", "PCMA", false},
	} {
		t.Run(string(c.policy)+" with "+c.codec, func(t *testing.T) {
			proves(t, "linphone", append(mediaFeatures(c.policy, c.codec), "is called", "calls us")...)
			if c.more {
				proves(t, "linphone", "held and taken back", "holds us", "telephone-event")
			}
			far := startLinphone(t, linOptions{codec: c.codec, encryption: c.encryption, ice: c.policy == phone.MediaWebRTC, k: k, user: "lin"})
			account := k.account("1001", k.servers("1001")["UDP"])
			account.Media = c.policy
			ours := startOurs(t, account)
			ours.awaitRegistered()
			ours.talkTwice(far, conversation{number: "lin", ourURI: k.uri("1001"), policy: c.policy, codec: c.codec, hold: c.more, digits: c.more})
		})
	}
}

// TestAPhoneAndWeCallEachOtherWithNoServerBetween: from address to address, as small sites do.
func TestAPhoneAndWeCallEachOtherWithNoServerBetween(t *testing.T) {
	longTest(t)
	for _, c := range []struct {
		peer   string
		policy phone.MediaPolicy
		codec  string
		start  func(t *testing.T) (farPhone, int)
	}{
		{"baresip", phone.MediaSDES, "opus", func(t *testing.T) (farPhone, int) {
			p := startDesk(t, nil, "1002", deskOptions{codec: "opus", encryption: "srtp-mand", alone: true})
			return p, p.port
		}},
		{"baresip", phone.MediaDTLS, "G722", func(t *testing.T) (farPhone, int) {
			p := startDesk(t, nil, "1002", deskOptions{codec: "g722", encryption: "dtls_srtp", alone: true})
			return p, p.port
		}},
		{"linphone", phone.MediaRTP, "PCMA", func(t *testing.T) (farPhone, int) {
			p := startLinphone(t, linOptions{codec: "PCMA", encryption: "none"})
			return p, p.port
		}},
	} {
		t.Run(c.peer+" by "+string(c.policy), func(t *testing.T) {
			proves(t, c.peer, append(mediaFeatures(c.policy, c.codec), "is called", "calls us", "UDP", "holds us", "telephone-event")...)
			far, port := c.start(t)
			listen := address(freePorts(t, 1)[0])
			ours := startOurs(t, phone.Account{ID: "direct", URI: "sip:1001@" + address(port), Server: "udp:" + address(port),
				Direct: true, Listen: listen, Media: c.policy, Temporary: true})
			ours.awaitEvent(phone.EventConnected)
			ours.talkTwice(far, conversation{number: "1002", ourURI: "sip:1001@" + listen, policy: c.policy, codec: c.codec, hold: true, digits: true})
		})
	}
}

// TestAPhoneIsNoRegistrar: an account whose server is a phone, and which does not say so, cannot register there, so that the
// contract lets it place no call (REGISTRY_FAILED); the person is told what the phone said.
func TestAPhoneIsNoRegistrar(t *testing.T) {
	longTest(t)
	desk := startDesk(t, nil, "1002", deskOptions{codec: "PCMU", alone: true})
	lin := startLinphone(t, linOptions{codec: "PCMU", encryption: "none"})
	for name, c := range map[string]struct{ port, status int }{"baresip": {desk.port, 501}, "linphone": {lin.port, 405}} {
		t.Run(name, func(t *testing.T) {
			ours := startOurs(t, phone.Account{ID: "direct", URI: "sip:1001@" + address(c.port), Server: "udp:" + address(c.port),
				Secret: phone.NewPassword("nobody-asks"), Media: phone.MediaRTP, Temporary: true})
			event, err := ours.events.WaitFor(phone.EventRegistrationFailed, 10*time.Second)
			if err != nil || event.Status != c.status || event.Reason == "" {
				t.Errorf("%+v, %v", event, err)
			}
			if _, err := ours.Call(t.Context(), phone.CallRequest{Number: "1002"}); !errors.Is(err, phone.ErrRegistryFailed) {
				t.Errorf("the call: %v", err)
			}
		})
	}
}
