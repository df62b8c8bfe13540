//go:build linux

package interop

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"text/template"

	"github.com/hookswitch/hookswitch/phone"
)

// The other phone's voice.
const (
	theirTone       = 880.0
	theirMicrophone = "tone:880:-14"
)

// startKamailioIn starts Kamailio in the network's wide area; the test itself cannot reach it there.
func startKamailioIn(n *network, a authority) *kamailio {
	n.t.Helper()
	k := &kamailio{authority: a, Domain: domain, Algorithm: "MD5", Silence: 30, Users: map[string]string{"1001": "one-secret", "1002": "two-secret"},
		UDP: signalsPort, TCP: signalsPort, WS: signalsPort + 1, WSS: signalsPort + 2,
		command: peerFile(n.t, "kamailio", "usr", "sbin", "kamailio"), libraries: libraries(n.t, "kamailio")}
	k.findModules(n.t)
	var text bytes.Buffer
	if err := template.Must(template.ParseFiles("testdata/kamailio.cfg")).Execute(&text, k); err != nil {
		n.t.Fatal(err)
	}
	dir := n.t.TempDir()
	config := filepath.Join(dir, "kamailio.cfg")
	if err := os.WriteFile(config, bytes.ReplaceAll(text.Bytes(), []byte("127.0.0.1"), []byte(serverIP)), 0o600); err != nil {
		n.t.Fatal(err)
	}
	cmd := n.command(wideArea, k.command, "-f", config, "-DD", "-E", "-m", "32", "-M", "8", "-Y", dir, "-P", filepath.Join(dir, "pid"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+k.libraries)
	k.process = start(n.t, "kamailio", cmd)
	n.awaitListening(k.process, wideArea, serverIP, k.TCP)
	return k
}

// natCase is a call between two phones behind routers, and the ways that their packets have to take.
type natCase struct {
	name         string
	ours, theirs natKind
	servers      []phone.ICEServer // ours
	others       []phone.ICEServer
	way, back    string // our networkType and theirs
	features     []string
}

// behindNATs is a network with our router and the other phone's, Kamailio and coturn in its middle.
func behindNATs(t *testing.T, ours, theirs natKind) (*network, *kamailio, *coturn) {
	t.Helper()
	n := newNetwork(t)
	a := n.authority()
	k, c := startKamailioIn(n, a), startCoturn(n, a)
	n.set(1, ours)
	n.set(2, theirs)
	return n, k, c
}

// startTwo are the two phones, each with its relays; the other one answers.
func startTwo(t *testing.T, n *network, k *kamailio, ours, theirs []phone.ICEServer) (us, them *remotePhone) {
	t.Helper()
	return startRemote(t, n, k, 1, "1001", ourMicrophone, ours), startRemote(t, n, k, 2, "1002", theirMicrophone, theirs, "-auto-answer")
}

// talk calls the other phone, and waits until it is heard.
func (p *remotePhone) talk() {
	p.t.Helper()
	p.say("call 1002")
	p.awaitEvent("confirmed", nil)
	p.awaitTone(theirTone, ourLevel)
}

// goesBy wants that way for our packets.
func (p *remotePhone) goesBy(way string) {
	p.t.Helper()
	if got := p.stats()["networkType"]; got != way {
		p.t.Errorf("%s's packets go by %v, want %s", p.name, got, way)
	}
}

// hangUpOn ends the call with the other phone.
func (p *remotePhone) hangUpOn(them *remotePhone) {
	p.t.Helper()
	p.say("hangup")
	them.awaitEvent("deleteSession", nil)
}

func TestCallsThroughNATs(t *testing.T) {
	n := newNetwork(t)
	a := n.authority()
	k, c := startKamailioIn(n, a), startCoturn(n, a)
	stun := c.stun()
	overUDP, overTCP, overTLS := c.turn("turn:%s", turnSecret), c.turn("turn:%s?transport=tcp", turnSecret), c.turn("turns:%s", turnSecret)
	for _, nat := range []natCase{
		{"full cones", fullCone, fullCone, stun, stun, "srflx", "srflx", []string{"through a cone NAT"}},
		{"port-restricted cones", restrictedCone, restrictedCone, stun, stun, "srflx", "srflx", []string{"through a cone NAT"}},
		{"symmetric towards a full cone", symmetric, fullCone, stun, stun, "srflx", "srflx", []string{"through a symmetric NAT"}},
		{"both symmetric, by relays over UDP", symmetric, symmetric, overUDP, overUDP, "relay", "relay", []string{"TURN over UDP", "through a symmetric NAT"}},
		{"no UDP here, by a relay over TCP", noUDP, restrictedCone, overTCP, stun, "relay", "relay", []string{"TURN over TCP"}},
		{"no UDP here, by a relay over TLS", noUDP, restrictedCone, overTLS, stun, "relay", "relay", []string{"TURN over TLS"}},
		{"no UDP on both sides, by relays over TLS and TCP", noUDP, noUDP, overTLS, overTCP, "relay", "relay", nil},
	} {
		t.Run(nat.name, func(t *testing.T) { nat.check(t, n, k) })
	}
}

func (c natCase) check(t *testing.T, n *network, k *kamailio) {
	proves(t, "coturn", append(c.features, "ICE")...)
	n.t = t
	n.set(1, c.ours)
	n.set(2, c.theirs)
	us, them := startTwo(t, n, k, c.servers, c.others)
	us.talk()
	them.awaitTone(ourTone, ourLevel)
	us.goesBy(c.way)
	them.goesBy(c.back)
	us.hangUpOn(them)
}

func TestACallGoesByIPv6WhereIPv4HasNoWay(t *testing.T) {
	n := newNetwork(t)
	if _, err := os.Stat("/proc/sys/net/ipv6/conf/all/forwarding"); err != nil {
		t.Skip("no IPv6 here")
	}
	a := n.authority()
	k := startKamailioIn(n, a)
	n.set(1, noUDP)
	n.set(2, noUDP)
	n.addIPv6()
	us, them := startTwo(t, n, k, nil, nil)
	us.talk()
	them.awaitTone(ourTone, ourLevel)
	us.goesBy("host")
	us.hangUpOn(them)
}

func TestARelaysRefusalIsTold(t *testing.T) {
	n, k, c := behindNATs(t, noUDP, restrictedCone)
	us, _ := startTwo(t, n, k, c.turn("turn:%s?transport=tcp", "wrong"), c.stun())
	us.say("call 1002")
	us.awaitEvent("clientError", map[string]any{"code": -206.0, "reason": "a relay (TURN server) refuses the account's credentials"})
	us.awaitEvent("confirmed", nil) // and the call goes its way, though there is none for its sound
	us.say("hangup")
}
