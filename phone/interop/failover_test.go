//go:build linux

package interop

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua/locate"
	"github.com/hookswitch/hookswitch/phone/sipua/locate/locatetest"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// pair is a domain with two Kamailios behind SRV, the first one preferred, a desk phone at both, and us, who are told of
// the domain only.
type pair struct {
	first, second *kamailio
	desk          *deskPhone
	ours          *ourPhone
}

// startPair starts them; transport is the only one that the domain offers. manual: the desk phone rings.
func startPair(t *testing.T, transport string, manual bool) *pair {
	t.Helper()
	p := &pair{first: startKamailio(t)}
	p.second = startKamailio(t, func(k *kamailio) { k.authority = p.first.authority })
	p.desk = startDesk(t, p.first, "1002", deskOptions{codec: "PCMU", manual: manual, also: []*kamailio{p.second}})
	service := map[string]string{"UDP": "_sip._udp.", "TCP": "_sip._tcp.", "TLS": "_sips._tcp."}[transport]
	zone := []string{"one." + domain + ". 60 IN A 127.0.0.1", "two." + domain + ". 60 IN A 127.0.0.1"}
	for i, k := range []*kamailio{p.first, p.second} {
		port := map[string]int{"UDP": k.UDP, "TCP": k.TCP, "TLS": k.WSS}[transport]
		zone = append(zone, fmt.Sprintf("%s%s. 60 IN SRV %d 0 %d %s.%s.", service, domain, 10*(i+1), port, []string{"one", "two"}[i], domain))
	}
	if transport == "TCP" { // what SRV offers for UDP is not wanted, says NAPTR
		zone = append(zone, "_sip._udp."+domain+". 60 IN SRV 0 0 9 one."+domain+".", domain+`. 60 IN NAPTR 10 10 "s" "SIP+D2T" "" _sip._tcp.`+domain+".")
	}
	server := locatetest.Serve(t, zone...).Addr
	account := p.first.account("1001", "")
	account.Media = phone.MediaRTP
	p.ours = startOursWith(t, func(o *wiring.Options) {
		o.Resolver = locate.New(locate.Options{Servers: []string{server}})
	}, account)
	p.ours.awaitRegistered()
	await(t, "we are registered at the first server", 5*time.Second, func() bool { return p.first.said("REGISTERED 1001") })
	if p.second.said("REGISTERED 1001") {
		t.Error("we should be registered at the first server only")
	}
	return p
}

// kill ends the first server without a word. Its connections break, so that over TCP we know at once.
func (p *pair) kill() { p.first.signal(syscall.SIGKILL) }

// signal sends a signal to the process and its children.
func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(-p.cmd.Process.Pid, s) }

// moved waits until we are registered at the second server, and tells how long that took.
func (p *pair) moved(t *testing.T, since time.Time, limit time.Duration) {
	t.Helper()
	await(t, "we are registered at the second server", limit, func() bool {
		return p.second.said("REGISTERED 1001") && p.ours.Snapshot().Registered()
	})
	t.Logf("reachable again after %v", time.Since(since).Round(10*time.Millisecond))
}

// bothHear wants sound both ways.
func (p *pair) bothHear() {
	p.ours.t.Helper()
	p.ours.awaitTone(deskTone, deskLevel)
	p.desk.awaitTone(ourTone, ourLevel)
}

// soundGoesOn wants sound both ways that is younger than this moment.
func (p *pair) soundGoesOn() {
	p.ours.t.Helper()
	before := p.desk.size()
	p.ours.ear.Reset()
	await(p.ours.t, "baresip decodes on", 5*time.Second, func() bool { return p.desk.size() > before+int64(p.desk.rate) }) // half a second
	p.bothHear()
}

// afresh forgets all sound and events so far.
func (p *pair) afresh() {
	p.desk.forget()
	p.ours.ear.Reset()
	p.ours.recordAnew()
}

// over ends a call from here.
func (p *pair) over(id phone.CallID) {
	p.ours.t.Helper()
	p.ours.must(p.ours.Hangup(id))
	p.ours.awaitState(id, phone.StateEnded)
}

// called lets the desk phone call us through the second server.
func (p *pair) called() {
	p.ours.t.Helper()
	p.afresh()
	p.desk.do("dial", p.second.uri("1001"))
	id := p.ours.awaitAnswered()
	p.bothHear()
	p.desk.do("hangup", "")
	p.ours.awaitState(id, phone.StateEnded)
}

func TestAServerIsKilledDuringACall(t *testing.T) {
	for _, transport := range []string{"UDP", "TCP", "TLS"} {
		t.Run(transport, func(t *testing.T) {
			proves(t, "Kamailio", "found by SRV, another one when it fails", transport)
			proves(t, "baresip", "held and taken back", "calls us", "is called")
			p := startPair(t, transport, false)
			id := p.ours.callFar("1002").ID
			p.bothHear()
			p.kill()
			died := time.Now()
			if transport != "UDP" { // there, nothing tells until something is sent
				p.moved(t, died, 5*time.Second)
			}
			p.soundGoesOn()
			p.ours.must(p.ours.Hold(id))
			p.desk.awaitSilence()
			p.ours.awaitSilence()
			p.ours.awaitNothingSent(id)
			p.ours.must(p.ours.Unhold(id))
			p.ours.awaitTone(deskTone, deskLevel) // which it does not send while it is held
			p.over(id)
			p.desk.await("CALL_CLOSED", 1)
			p.moved(t, died, 5*time.Second)
			p.called()
		})
	}
}

func TestAServerIsKilledWhileWeAreRegistered(t *testing.T) {
	for _, transport := range []string{"UDP", "TCP"} {
		t.Run(transport, func(t *testing.T) {
			proves(t, "Kamailio", "found by SRV, another one when it fails", transport)
			p := startPair(t, transport, false)
			p.kill()
			died := time.Now()
			if transport == "UDP" { // nothing breaks; the first message finds out
				id := p.ours.callFar("1002").ID
				t.Logf("the next call stands after %v", time.Since(died).Round(10*time.Millisecond))
				p.bothHear()
				p.over(id)
			}
			p.moved(t, died, 5*time.Second)
			p.called()
		})
	}
}

func TestAServerIsKilledWhileItRings(t *testing.T) {
	proves(t, "Kamailio", "found by SRV, another one when it fails", "TCP")
	p := startPair(t, "TCP", true)
	id := p.ours.dial("1002")
	p.ours.awaitState(id, phone.StateRinging)
	p.kill()
	p.desk.await("CALL_INCOMING", 2) // the same call again, through the second server
	p.desk.do("accept", "")
	p.ours.awaitState(id, phone.StateTalking)
	p.bothHear()
	p.over(id)
}

// A server that hangs is worse than one that is dead: its connections stand, nobody answers.
func TestAServerHangsWhenWeCall(t *testing.T) {
	proves(t, "Kamailio", "found by SRV, another one when it fails", "UDP")
	p := startPair(t, "UDP", false)
	p.first.signal(syscall.SIGSTOP)
	t.Cleanup(p.kill)
	hung := time.Now()
	id := p.ours.callFar("1002").ID
	t.Logf("the call stands after %v", time.Since(hung).Round(10*time.Millisecond))
	p.bothHear()
	p.moved(t, hung, 15*time.Second)
	p.over(id)
}
