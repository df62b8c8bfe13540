//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// startDemo starts the embedded PBX.
func startDemo(t *testing.T) *demopbx.PBX {
	t.Helper()
	transports, err := rtc.New(rtc.Options{IncludeLoopback: true})
	if err != nil {
		t.Fatal(err)
	}
	pbx, err := demopbx.Start(t.Context(), demopbx.Options{Transports: transports})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pbx.Close)
	return pbx
}

// The demo PBX with a browser, without any other part of us: its media and its signalling are those that browsers speak.
func TestABrowserUsesTheDemoPBX(t *testing.T) {
	pbx := startDemo(t)
	b := startBrowser(t)
	a := pbx.Account(1)
	web := b.phoneAt(t, a.WS, a.URI, a.Password, browserTone)
	number := func(n string) string { return "sip:" + n + "@127.0.0.1" }

	t.Run("600 echoes", func(t *testing.T) {
		web.t = t
		web.do("call", number("600"))
		web.awaitTalking()
		web.awaitTone(browserTone, browserLevel)
		web.do("mute")
		web.awaitSilence()
		web.do("unmute")
		web.awaitTone(browserTone, browserLevel)
		web.do("hangup")
		web.awaitEnded()
	})
	t.Run("601 plays", func(t *testing.T) {
		web.t = t
		web.do("call", number("601"))
		web.awaitTalking()
		web.await("music is heard", func(webState) bool { return web.hear().Level > -40 })
		web.do("hangup")
		web.awaitEnded()
	})
	for n, cause := range map[string]string{"603": "Busy", "605": "Rejected", "699": "Not Found"} {
		t.Run(n+" ends with "+cause, func(t *testing.T) {
			web.t = t
			web.do("call", number(n))
			if ended := web.awaitEnded(); ended.Cause != cause {
				t.Errorf("the cause is %q", ended.Cause)
			}
		})
	}
	t.Run("604 rings until the caller gives up", func(t *testing.T) {
		web.t = t
		web.do("call", number("604"))
		web.await("it rings", func(s webState) bool { return s.Ringing })
		web.do("hangup")
		if ended := web.awaitEnded(); ended.Cause != "Canceled" {
			t.Errorf("the cause is %q", ended.Cause)
		}
	})
	t.Run("606 calls back", func(t *testing.T) {
		web.t = t
		web.do("call", number("606"))
		web.await("the first call is over", func(s webState) bool { return s.Ended })
		web.await("it calls back", func(s webState) bool { return s.Ringing && !s.Ended })
		web.do("answer")
		web.awaitTalking()
		web.do("hangup")
		web.awaitEnded()
	})
}
