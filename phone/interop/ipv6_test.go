//go:build linux

package interop

import (
	"fmt"
	"net"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// servers6 are the ways to reach that Kamailio over IPv6.
func (k *kamailio) servers6() map[string]string {
	at := func(scheme string, port int) string { return fmt.Sprintf("%s[::1]:%d", scheme, port) }
	return map[string]string{"UDP": at("udp:", k.UDP), "TCP": at("tcp:", k.TCP), "TLS": at("tls:", k.WSS), "WS": at("ws://", k.WS), "WSS": at("wss://", k.WSS)}
}

// farTone is what another phone of ours says.
const farTone = 880.0

// Over IPv6 we register, call another phone of ours, and are called by it on the registration's flow.
func TestWeCallAndAreCalledOverIPv6(t *testing.T) {
	if listener, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		missing(t, "this machine has no IPv6: %v", err)
	} else {
		_ = listener.Close()
	}
	k := startKamailio(t, func(k *kamailio) { k.IPv6 = true })
	account := k.account("1002", k.servers6()["UDP"])
	account.Media = phone.MediaRTP
	far := startOursWith(t, func(o *wiring.Options) { o.DeviceIDs.Microphone = fmt.Sprintf("tone:%.0f:%.0f", farTone, ourLevel) }, account)
	far.awaitRegistered()
	for _, transport := range []string{"UDP", "TCP", "TLS", "WS", "WSS"} {
		t.Run(transport, func(t *testing.T) {
			proves(t, "Kamailio", "registers us", "IPv6", transport)
			far.t = t
			account := k.account("1001", k.servers6()[transport])
			account.Media = phone.MediaRTP
			ours := startOurs(t, account)
			ours.awaitRegistered()
			talk(ours, far, "1002")
			talk(far, ours, "1001")
		})
	}
}

// talk lets one call the other: they hear each other, and the caller hangs up.
func talk(caller, callee *ourPhone, number string) {
	caller.t.Helper()
	for _, p := range []*ourPhone{caller, callee} {
		p.recordAnew()
		p.ear.Reset()
	}
	id := caller.dial(number)
	there := callee.awaitRinging()
	callee.must(callee.Answer(callee.t.Context(), there, phone.AnswerOptions{}))
	caller.awaitState(id, phone.StateTalking)
	for _, p := range []*ourPhone{caller, callee} {
		tone := farTone
		if p == callee == (number == "1002") {
			tone = ourTone
		}
		p.awaitTone(tone, ourLevel)
	}
	caller.must(caller.Hangup(id))
	caller.awaitState(id, phone.StateEnded)
	callee.awaitState(there, phone.StateEnded)
}
