package wiring

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestAServerOnThisMachineIsKnownByItsAddress(t *testing.T) {
	for server, want := range map[string]bool{"ws://127.0.0.1:8080/ws": true, "wss://localhost/ws": true, "udp:[::1]:5060": true, "tcp:127.1.2.3": true,
		"udp:[::1]": true, "wss://pbx.example/ws": false, "udp:10.0.0.1:5060": false, "tls:[2001:db8::1]": false, "": false} {
		if got := anyLocal([]phone.Account{{URI: "sip:1001@pbx.example", Server: server}}); got != want {
			t.Errorf("%q: %t", server, got)
		}
	}
	if !anyLocal([]phone.Account{{URI: "sip:1001@127.0.0.1:5060"}}) {
		t.Error("an account on loopback without a server is not local")
	}
}
