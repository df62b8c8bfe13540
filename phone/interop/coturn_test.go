//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// coturn is a STUN and TURN server in the wide area of a network, with long-term credentials (RFC 8489 §9.2).
type coturn struct {
	*process
	net         *network
	discovery   string // the program that asks for a NAT's kind
	environment []string
}

// What it takes.
const (
	turnUser    = "ann"
	turnSecret  = "relay-secret"
	turnPort    = 3478
	turnTLSPort = 5349
)

// startCoturn starts it for UDP, TCP and TLS.
func startCoturn(n *network, a authority) *coturn {
	n.t.Helper()
	dir := n.t.TempDir()
	cmd := n.command(wideArea, peerFile(n.t, "coturn", "usr", "bin", "turnserver"), "-n", "--no-cli",
		"--listening-ip", serverIP, "--listening-ip", secondIP, "--relay-ip", serverIP, "--min-port", "50000", "--max-port", "50999",
		"--listening-port", fmt.Sprint(turnPort), "--tls-listening-port", fmt.Sprint(turnTLSPort), "--cert", a.Certificate, "--pkey", a.Key,
		"--lt-cred-mech", "--user", turnUser+":"+turnSecret, "--realm", domain, "--fingerprint", "--verbose", "--log-file", "stdout", "--simple-log",
		"--pidfile", filepath.Join(dir, "pid"), "--userdb", filepath.Join(dir, "users"))
	c := &coturn{net: n, discovery: peerFile(n.t, "coturn", "usr", "bin", "turnutils_natdiscovery"),
		environment: append(os.Environ(), "LD_LIBRARY_PATH="+libraries(n.t, "coturn"))}
	cmd.Env = c.environment
	c.process = start(n.t, "coturn", cmd)
	n.awaitListening(c.process, wideArea, serverIP, turnPort)
	n.awaitListening(c.process, wideArea, serverIP, turnTLSPort)
	return c
}

// turn is it as a relay by that URL, "turn:%s?transport=tcp" for instance.
func (c *coturn) turn(url, secret string) []phone.ICEServer {
	return []phone.ICEServer{{URLs: []string{fmt.Sprintf(url, serverIP)}, Username: turnUser, Credential: secret}}
}

// stun is it as a STUN server.
func (c *coturn) stun() []phone.ICEServer {
	return []phone.ICEServer{{URLs: []string{"stun:" + serverIP}}}
}

// discover asks it from a phone's place how the NAT between them maps ("-m") or filters ("-f") (RFC 5780 §4.3, §4.4).
func (c *coturn) discover(side int, what string) (string, error) {
	cmd := c.net.command(phonePlace(side), c.discovery, what, "-L", phoneIP(side), serverIP)
	cmd.Env = c.environment
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
	}
	for line := range strings.Lines(string(out)) {
		if behaviour, ok := strings.CutPrefix(line, "NAT with "); ok {
			return strings.TrimRight(behaviour, "!\n "), nil
		}
	}
	return string(out), nil
}

func TestTheRoutersAreWhatTheyClaim(t *testing.T) {
	n := newNetwork(t)
	c := startCoturn(n, n.authority())
	n.set(1, fullCone)
	n.set(2, symmetric)
	var work sync.WaitGroup // what does not answer takes its time
	check := func(side int, kind natKind, mapping, filtering string) {
		work.Go(func() {
			if m, err := c.discover(side, "-m"); err != nil || m != mapping {
				t.Errorf("the %s NAT does %s, %v", kind, m, err)
			}
		})
		work.Go(func() {
			if f, err := c.discover(side, "-f"); err != nil || f != filtering {
				t.Errorf("the %s NAT does %s, %v", kind, f, err)
			}
		})
	}
	check(1, fullCone, "Endpoint Independent Mapping", "Endpoint Independent Filtering")
	check(2, symmetric, "Address and Port Dependent Mapping", "Address and Port Dependent Filtering")
	work.Wait()
	n.set(1, restrictedCone) // its filter is the symmetric one's
	if m, err := c.discover(1, "-m"); err != nil || m != "Endpoint Independent Mapping" {
		t.Errorf("the %s NAT does %s, %v", restrictedCone, m, err)
	}
}
