//go:build linux

package interop

import (
	"testing"
	"time"
)

// awaitAnotherWay waits until nothing is heard any more, and then both sides again.
func (p *remotePhone) awaitAnotherWay(them *remotePhone, limit time.Duration) {
	p.t.Helper()
	await(p.t, "nothing is heard any more", 5*time.Second, func() bool { return p.hear().silent() })
	await(p.t, "another way is found", limit, func() bool { return p.hear().is(theirTone, ourLevel) })
	them.awaitTone(ourTone, ourLevel)
}

func TestACallOutlivesTheFirewallThatClosesInTheMiddleOfIt(t *testing.T) {
	n, k, c := behindNATs(t, restrictedCone, restrictedCone)
	us, them := startTwo(t, n, k, append(c.stun(), c.turn("turn:%s?transport=tcp", turnSecret)...), c.stun())
	us.talk()
	us.goesBy("srflx")
	n.set(1, noUDP)
	us.awaitAnotherWay(them, 20*time.Second)
	us.goesBy("relay")
	us.hangUpOn(them)
}

func TestACallOutlivesAChangeOfOurNetwork(t *testing.T) {
	n, k, c := behindNATs(t, restrictedCone, restrictedCone)
	us, them := startTwo(t, n, k, c.stun(), c.stun())
	us.talk()
	n.move(1)
	us.awaitAnotherWay(them, 25*time.Second)
	us.hangUpOn(them)
}
