//go:build linux

package interop

import (
	"testing"
	"time"
)

func TestACallOutlivesTheFirewallThatClosesInTheMiddleOfIt(t *testing.T) {
	n := newNetwork(t)
	a := n.authority()
	k, c := startKamailioIn(n, a), startCoturn(n, a)
	n.set(1, restrictedCone)
	n.set(2, restrictedCone)
	us := startRemote(t, n, k, 1, "1001", ourMicrophone, append(c.stun(), c.turn("turn:%s?transport=tcp", turnSecret)...))
	them := startRemote(t, n, k, 2, "1002", theirMicrophone, c.stun(), "-auto-answer")
	us.say("call 1002")
	us.awaitEvent("confirmed", nil)
	us.awaitTone(theirTone, ourLevel)
	if way := us.stats()["networkType"]; way != "srflx" {
		t.Errorf("at first our packets go by %v", way)
	}
	n.set(1, noUDP)
	await(t, "nothing is heard any more", 5*time.Second, func() bool { return us.hear().silent() })
	await(t, "another way is found", 20*time.Second, func() bool { return us.hear().is(theirTone, ourLevel) })
	them.awaitTone(ourTone, ourLevel)
	if way := us.stats()["networkType"]; way != "relay" {
		t.Errorf("then our packets go by %v", way)
	}
	us.say("hangup")
	them.awaitEvent("deleteSession", nil)
}

func TestACallOutlivesAChangeOfOurNetwork(t *testing.T) {
	n := newNetwork(t)
	a := n.authority()
	k, c := startKamailioIn(n, a), startCoturn(n, a)
	n.set(1, restrictedCone)
	n.set(2, restrictedCone)
	us := startRemote(t, n, k, 1, "1001", ourMicrophone, c.stun())
	them := startRemote(t, n, k, 2, "1002", theirMicrophone, c.stun(), "-auto-answer")
	us.say("call 1002")
	us.awaitEvent("confirmed", nil)
	us.awaitTone(theirTone, ourLevel)
	n.move(1)
	await(t, "nothing is heard any more", 5*time.Second, func() bool { return us.hear().silent() })
	await(t, "another way is found", 25*time.Second, func() bool { return us.hear().is(theirTone, ourLevel) })
	them.awaitTone(ourTone, ourLevel)
	us.say("hangup")
	them.awaitEvent("deleteSession", nil)
}
