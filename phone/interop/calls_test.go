//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// A call between a browser and us is the same from here on, whoever called.
func checkSoundBothWays(t *testing.T, ours *ourPhone, id phone.CallID, web *webPhone) {
	t.Helper()
	ours.awaitTone(browserTone, browserLevel)
	web.awaitTone(ourTone, ourLevel)

	ours.must(ours.Mute(id))
	web.awaitSilence()
	ours.awaitTone(browserTone, browserLevel)
	ours.must(ours.Unmute(id))
	web.awaitTone(ourTone, ourLevel)

	web.do("mute")
	ours.awaitSilence()
	web.awaitTone(ourTone, ourLevel)
	web.do("unmute")
	ours.awaitTone(browserTone, browserLevel)
}

func TestABrowserAndWeCallEachOther(t *testing.T) {
	k := startKamailio(t)
	b := startBrowser(t)
	web := b.phone(t, k, "1002", browserTone)
	for _, name := range []string{"WS", "WSS with a path", "TCP", "UDP"} {
		server := k.servers("1001")[name]
		t.Run("we over "+name, func(t *testing.T) {
			web.t = t
			ours := startOurs(t, k.account("1001", server))
			ours.awaitRegistered()
			t.Run("the browser calls, and hangs up", func(t *testing.T) {
				proves(t, "Chromium", "calls us", "ICE", "DTLS-SRTP", "Opus")
				proves(t, "JsSIP", "calls us")
				web.t, ours.t = t, t
				web.do("call", k.uri("1001"))
				id := ours.awaitRinging()
				web.await("it rings here", func(s webState) bool { return s.Ringing })
				ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{}))
				call := ours.awaitState(id, phone.StateTalking)
				if call.Number != "1002" || call.Direction != phone.Inbound || !call.Encrypted {
					t.Errorf("the call says of itself: %+v", call)
				}
				web.awaitTalking()
				checkSoundBothWays(t, ours, id, web)
				web.do("hangup")
				if ended := ours.awaitState(id, phone.StateEnded); ended.Cause != phone.CauseTerminated || ended.EndedByUs {
					t.Errorf("it ended by %q, by us: %v", ended.Cause, ended.EndedByUs)
				}
			})
			t.Run("we call, and hang up", func(t *testing.T) {
				proves(t, "Chromium", "is called", "ICE", "DTLS-SRTP", "Opus")
				proves(t, "JsSIP", "is called")
				web.t, ours.t = t, t
				id := ours.dial("1002")
				web.await("it rings", func(s webState) bool { return s.Ringing && !s.Ended })
				ours.awaitState(id, phone.StateRinging)
				web.do("answer")
				ours.awaitState(id, phone.StateTalking)
				web.awaitTalking()
				checkSoundBothWays(t, ours, id, web)
				ours.must(ours.Hangup(id))
				if ended := web.awaitEnded(); ended.Originator != "remote" {
					t.Errorf("for the browser it was ended by %q", ended.Originator)
				}
				ours.awaitState(id, phone.StateEnded)
			})
		})
	}
}

func TestCallsThatDoNotComeToBe(t *testing.T) {
	k := startKamailio(t)
	b := startBrowser(t)
	web := b.phone(t, k, "1002", browserTone)
	ours := startOurs(t, k.account("1001", "ws://"+address(k.WS)))
	ours.awaitRegistered()

	t.Run("the browser gives up", func(t *testing.T) {
		web.t, ours.t = t, t
		web.do("call", k.uri("1001"))
		id := ours.awaitRinging()
		web.do("hangup")
		if ended := ours.awaitState(id, phone.StateEnded); ended.Cause != phone.CauseCanceled {
			t.Errorf("the cause is %q", ended.Cause)
		}
	})
	t.Run("we decline", func(t *testing.T) {
		web.t, ours.t = t, t
		web.do("call", k.uri("1001"))
		id := ours.awaitRinging()
		ours.must(ours.Reject(id))
		if ended := web.awaitEnded(); ended.Cause != "Busy" {
			t.Errorf("for the browser the cause is %q", ended.Cause)
		}
	})
	t.Run("we give up", func(t *testing.T) {
		web.t, ours.t = t, t
		id := ours.dial("1002")
		web.await("it rings", func(s webState) bool { return s.Ringing && !s.Ended })
		ours.must(ours.Hangup(id))
		if ended := web.awaitEnded(); ended.Cause != "Canceled" {
			t.Errorf("for the browser the cause is %q", ended.Cause)
		}
		ours.awaitState(id, phone.StateEnded)
	})
	t.Run("nobody has that number", func(t *testing.T) {
		ours.t = t
		id := ours.dial("1999")
		if ended := ours.awaitState(id, phone.StateEnded); ended.Cause != phone.CauseNotFound {
			t.Errorf("the cause is %q", ended.Cause)
		}
	})
}
