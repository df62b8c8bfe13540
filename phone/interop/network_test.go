//go:build linux

package interop

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// network is a little internet in namespaces of the test's own, which nothing leaves:
//
//	the phone    its router            the wide area              the other's router   the other phone
//	192.168.1.2 ── 192.168.1.1 | 203.0.113.21 ──┬── 203.0.113.22 | 192.168.2.1 ── 192.168.2.2
//	                                            │
//	                              203.0.113.10 and .11: Kamailio and coturn
type network struct {
	t      *testing.T
	prefix string
}

// Places of the network.
const (
	wideArea     = "wan"
	serverIP     = "203.0.113.10"
	secondIP     = "203.0.113.11" // by which coturn tells one kind of NAT from another (RFC 5780)
	nowhereIP    = "203.0.113.1"
	signalsPort  = 5060
	settleLimit  = 10 * time.Second
	forwardingOn = "/proc/sys/net/ipv4/ip_forward"
)

func phonePlace(side int) string  { return fmt.Sprintf("phone%d", side) }
func routerPlace(side int) string { return fmt.Sprintf("router%d", side) }
func phoneIP(side int) string     { return fmt.Sprintf("192.168.%d.2", side) }
func routerIP(side int) string    { return fmt.Sprintf("203.0.113.2%d", side) }

// newNetwork makes it, and takes it away at the test's end.
func newNetwork(t *testing.T) *network {
	t.Helper()
	longTest(t)
	program(t, "ip")
	program(t, "nft")
	n := &network{t: t, prefix: fmt.Sprintf("hookswitch%d", os.Getpid())}
	places := []string{wideArea, phonePlace(1), routerPlace(1), phonePlace(2), routerPlace(2)}
	t.Cleanup(func() { // after the processes in it: cleanups go backwards
		for _, place := range places {
			_ = exec.Command("ip", "netns", "del", n.name(place)).Run() // those that were never made
		}
	})
	for _, place := range places {
		if out, err := exec.Command("ip", "netns", "add", n.name(place)).CombinedOutput(); err != nil {
			missing(t, "no network namespaces here (they need root): %s", strings.TrimSpace(string(out)))
		}
		n.ip("-n", n.name(place), "link", "set", "lo", "up")
	}
	n.in(wideArea, "ip", "link", "add", "net", "type", "bridge")
	n.in(wideArea, "ip", "addr", "add", serverIP+"/24", "dev", "net")
	n.in(wideArea, "ip", "addr", "add", secondIP+"/24", "dev", "net")
	n.in(wideArea, "ip", "link", "set", "net", "up")
	// What is for nobody here gets lost further out, as it does in the real one, without a word to the sender.
	n.in(wideArea, "ip", "neigh", "add", nowhereIP, "lladdr", "02:00:00:00:00:01", "dev", "net")
	n.in(wideArea, "ip", "route", "add", "default", "via", nowhereIP)
	for side := 1; side <= 2; side++ {
		n.attach(side)
	}
	return n
}

// attach makes a router and a phone's place behind it.
func (n *network) attach(side int) {
	n.t.Helper()
	router, place := routerPlace(side), phonePlace(side)
	port := fmt.Sprintf("port%d", side)
	n.ip("link", "add", "out", "netns", n.name(router), "type", "veth", "peer", "name", port, "netns", n.name(wideArea))
	n.in(wideArea, "ip", "link", "set", port, "master", "net", "up")
	n.in(router, "ip", "addr", "add", routerIP(side)+"/24", "dev", "out")
	n.in(router, "ip", "link", "set", "out", "up")
	n.in(router, "ip", "neigh", "add", nowhereIP, "lladdr", "02:00:00:00:00:01", "dev", "out")
	n.in(router, "ip", "route", "add", "default", "via", nowhereIP)
	n.ip("link", "add", "in", "netns", n.name(router), "type", "veth", "peer", "name", "eth0", "netns", n.name(place))
	n.in(router, "ip", "addr", "add", fmt.Sprintf("192.168.%d.1/24", side), "dev", "in")
	n.in(router, "ip", "link", "set", "in", "up")
	n.in(router, "sh", "-c", "echo 1 >"+forwardingOn)
	n.in(place, "ip", "addr", "add", phoneIP(side)+"/24", "dev", "eth0")
	n.in(place, "ip", "link", "set", "eth0", "up")
	n.in(place, "ip", "route", "add", "default", "via", fmt.Sprintf("192.168.%d.1", side))
}

// move gives the phone of that side another address, as a laptop gets one in another network.
func (n *network) move(side int) {
	n.t.Helper()
	place := phonePlace(side)
	n.in(place, "ip", "addr", "del", phoneIP(side)+"/24", "dev", "eth0")
	n.in(place, "ip", "addr", "add", fmt.Sprintf("192.168.%d.3/24", side), "dev", "eth0")
	n.in(place, "ip", "route", "replace", "default", "via", fmt.Sprintf("192.168.%d.1", side))
}

// addIPv6 lets the phones reach each other by IPv6, without a NAT and past the IPv4 firewalls.
func (n *network) addIPv6() {
	n.t.Helper()
	for side := 1; side <= 2; side++ {
		router, place, other := routerPlace(side), phonePlace(side), 3-side
		for _, a := range [][3]string{
			{router, fmt.Sprintf("2001:db8:ff::%d/64", side), "out"}, {router, fmt.Sprintf("2001:db8:%d::1/64", side), "in"},
			{place, fmt.Sprintf("2001:db8:%d::2/64", side), "eth0"},
		} {
			n.in(a[0], "ip", "-6", "addr", "add", a[1], "dev", a[2], "nodad")
		}
		n.in(router, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
		n.in(router, "ip", "-6", "route", "add", fmt.Sprintf("2001:db8:%d::/64", other), "via", fmt.Sprintf("2001:db8:ff::%d", other))
		n.in(place, "ip", "-6", "route", "add", "default", "via", fmt.Sprintf("2001:db8:%d::1", side))
	}
}

func (n *network) name(place string) string { return n.prefix + place }

// command makes a command that runs in that place.
func (n *network) command(place string, words ...string) *exec.Cmd {
	return exec.Command("ip", append([]string{"netns", "exec", n.name(place)}, words...)...)
}

// in runs a command in that place and returns what it says.
func (n *network) in(place string, words ...string) string {
	n.t.Helper()
	return n.run(n.command(place, words...))
}

func (n *network) ip(words ...string) { n.t.Helper(); n.run(exec.Command("ip", words...)) }

func (n *network) run(cmd *exec.Cmd) string {
	n.t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		n.t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return string(out)
}

// awaitListening waits until something in that place listens there.
func (n *network) awaitListening(p *process, place, ip string, port int) {
	n.t.Helper()
	await(n.t, fmt.Sprintf("%s listens on port %d", p.name, port), settleLimit, func() bool {
		return p.ended() || strings.Contains(n.in(place, "ss", "-Hltn"), fmt.Sprintf("%s:%d ", ip, port))
	})
	if p.ended() {
		n.t.Fatalf("%s has ended: %v\n%s", p.name, p.err, tail(p.text(), 40))
	}
}

// natKind is how a router treats what goes through it (RFC 4787, and RFC 3489's names for it).
type natKind string

const (
	// fullCone keeps the phone's ports, and lets everybody in by them: one mapping, no filter.
	fullCone natKind = "full cone"
	// restrictedCone keeps the phone's ports, and lets in who was written to: the usual router.
	restrictedCone natKind = "port-restricted cone"
	// symmetric takes another port for every far end, and lets in only that one.
	symmetric natKind = "symmetric"
	// noUDP is a firewall that lets TCP through alone.
	noUDP natKind = "no UDP"
)

// set makes the router of that side such a one.
func (n *network) set(side int, kind natKind) {
	n.t.Helper()
	forward, inbound, udp := "", "", "masquerade"
	switch kind {
	case fullCone:
		inbound = fmt.Sprintf(`iifname "out" udp dport 1024-65535 dnat to %s`, phoneIP(side))
	case symmetric:
		udp = "masquerade fully-random"
	case noUDP:
		forward = "meta l4proto udp drop"
	case restrictedCone:
	}
	open := ""
	if inbound != "" {
		open = `iifname "out" meta l4proto udp accept`
	}
	rules := fmt.Sprintf(`flush ruleset
table ip hookswitch {
  chain translate_in {
    type nat hook prerouting priority dstnat; policy accept;
    %s
  }
  chain translate_out {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "out" meta l4proto udp %s
    oifname "out" masquerade
  }
  chain pass {
    type filter hook forward priority filter; policy drop;
    %s
    ct state established,related accept
    iifname "in" accept
    %s
  }
  chain router_itself {
    type filter hook input priority filter; policy drop;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto icmp accept
  }
}
`, inbound, udp, forward, open)
	cmd := n.command(routerPlace(side), "nft", "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	n.run(cmd)
}

// authority makes certificates for the servers of the wide area.
func (n *network) authority() authority {
	n.t.Helper()
	return newAuthority(n.t, 24*time.Hour, net.ParseIP(serverIP))
}
