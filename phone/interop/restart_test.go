//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func TestABrowserRestartsICEInACall(t *testing.T) {
	proves(t, "Chromium", "ICE")
	k := startKamailio(t)
	web := startBrowser(t).phone(t, k, "1002", browserTone)
	ours := startOurs(t, k.account("1001", "ws://"+address(k.WS)))
	ours.awaitRegistered()
	id := ours.dial("1002")
	web.await("it rings", func(s webState) bool { return s.Ringing && !s.Ended })
	web.do("answer")
	ours.awaitState(id, phone.StateTalking)
	web.awaitTalking()
	ours.awaitTone(browserTone, browserLevel)
	web.awaitTone(ourTone, ourLevel)
	for range 2 {
		var before, after [2]string
		web.get("fragments", &before)
		web.get("restart", &after)
		if before[0] == after[0] || before[1] == after[1] {
			t.Fatalf("no restart: the ICE user names were %v and are %v", before, after)
		}
		ours.ear.Reset()
		ours.awaitTone(browserTone, browserLevel)
		web.awaitTone(ourTone, ourLevel)
	}
	ours.must(ours.Hangup(id))
	web.awaitEnded()
}
