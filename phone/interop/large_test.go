//go:build linux

package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone/wiring"
)

// A call with ICE is too large for one datagram: from a line over UDP it goes by TCP where the server has that on the same
// port, and in fragments where it has not.
func TestACallThatIsTooLargeForUDP(t *testing.T) {
	for _, by := range []string{"tcp", "udp"} {
		t.Run("by "+by, func(t *testing.T) {
			proves(t, "Kamailio", "UDP", "ICE")
			k := startKamailio(t, func(k *kamailio) { k.Large = by == "tcp" })
			far := startOursWith(t, func(o *wiring.Options) { o.DeviceIDs.Microphone = fmt.Sprintf("tone:%.0f:%.0f", farTone, ourLevel) },
				k.account("1002", k.servers("1002")["WS"]))
			far.awaitRegistered()
			ours := startOurs(t, k.account("1001", k.servers("1001")["UDP"]))
			ours.awaitRegistered()
			talk(ours, far, "1002")
			await(t, "the call came by "+by, time.Second, func() bool { return k.said("INVITE 1001 by " + by) })
			talk(far, ours, "1001")
		})
	}
}
