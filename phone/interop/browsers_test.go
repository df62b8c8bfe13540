//go:build linux

package interop

import "testing"

// The browser's oscillator at a gain of 0.5: a sine of amplitude 0.5 has 20·log10(0.5/√2) dBFS.
const browserLevel = -9.03

// The frequency of the browser that talks to us, Hz.
const browserTone = 880

// The fixtures alone: what they say of two browsers is right before they say anything of us.
func TestTwoBrowsersTalkThroughKamailio(t *testing.T) {
	k := startKamailio(t)
	b := startBrowser(t)
	alice := b.phone(t, k, "1002", 523)
	bob := b.phone(t, k, "1003", 880)

	alice.do("call", bob.uri)
	bob.await("it rings", func(s webState) bool { return s.Ringing })
	bob.do("answer")
	alice.awaitTalking()
	bob.awaitTalking()
	alice.awaitTone(880, browserLevel)
	bob.awaitTone(523, browserLevel)

	alice.do("mute")
	bob.awaitSilence()
	alice.awaitTone(880, browserLevel)
	alice.do("unmute")
	bob.awaitTone(523, browserLevel)

	bob.do("hangup")
	if ended := alice.awaitEnded(); ended.Originator != "remote" {
		t.Errorf("ended by %q, not by the other side", ended.Originator)
	}
}
