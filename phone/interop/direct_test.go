//go:build linux

package interop

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
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
			d := openDoor(t, port)
			ours := startOurs(t, phone.Account{ID: "direct", URI: "sip:1001@" + address(port), Server: "udp:" + d.near.LocalAddr().String(),
				Secret: phone.NewPassword("nobody-asks"), Media: c.policy, Temporary: true})
			ours.awaitRegistered()
			ours.talkTwice(far, conversation{number: "1002", ourURI: "sip:1001@" + d.far.LocalAddr().String(), policy: c.policy, codec: c.codec, hold: true, digits: true})
		})
	}
}

// TestAPhoneIsNoRegistrar: an account whose server is a phone cannot register there, so that the contract lets it place
// no call (REGISTRY_FAILED); the person is told what the phone said.
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

// door stands before a phone that is no registrar. It lets us register, as our contract demands before a call; all else
// it passes on as it came, so that the two talk to each other alone. For us it is a server behind a NAT of one port.
type door struct {
	near, far *net.UDPConn // our side, the phone's side
	mu        sync.Mutex
	us        *net.UDPAddr
}

func openDoor(t *testing.T, port int) *door {
	t.Helper()
	d := &door{}
	for _, conn := range []**net.UDPConn{&d.near, &d.far} {
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		*conn = c
	}
	var work sync.WaitGroup
	t.Cleanup(func() {
		_ = d.near.Close()
		_ = d.far.Close()
		work.Wait()
	})
	phone := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	work.Go(func() {
		pass(d.near, func(message []byte, from *net.UDPAddr) {
			d.mu.Lock()
			d.us = from
			d.mu.Unlock()
			if text := string(message); strings.HasPrefix(text, "REGISTER ") {
				_, _ = d.near.WriteToUDP([]byte(letIn(text, d.far.LocalAddr().(*net.UDPAddr).Port)), from)
				return
			}
			_, _ = d.far.WriteToUDP(message, phone)
		})
	})
	work.Go(func() {
		pass(d.far, func(message []byte, _ *net.UDPAddr) {
			d.mu.Lock()
			us := d.us
			d.mu.Unlock()
			if us != nil {
				_, _ = d.near.WriteToUDP(message, us)
			}
		})
	})
	return d
}

// pass hands over what comes until the socket is closed.
func pass(conn *net.UDPConn, to func(message []byte, from *net.UDPAddr)) {
	buffer := make([]byte, 64<<10)
	for {
		n, from, err := conn.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		to(buffer[:n], from)
	}
}

// letIn is the answer to a REGISTER that says from where the phone sees us.
func letIn(request string, port int) string {
	answer := "SIP/2.0 200 OK\r\n"
	for line := range strings.SplitSeq(request, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		switch name {
		case "Via":
			answer += "Via:" + strings.Replace(value, ";rport", fmt.Sprintf(";received=127.0.0.1;rport=%d", port), 1) + "\r\n"
		case "From", "Call-ID", "CSeq", "Contact", "Expires":
			answer += line + "\r\n"
		case "To":
			answer += line + ";tag=door\r\n"
		}
	}
	return answer + "Content-Length: 0\r\n\r\n"
}
