//go:build linux

package interop

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"
	"time"
)

// domain is what our Kamailio is responsible for; it is the realm of its challenges too.
const domain = "hookswitch.test"

// kamailio is a running Kamailio.
type kamailio struct {
	*process
	authority
	Domain             string
	Algorithm          string // of its digest challenges
	Modules            string
	Users              map[string]string // user to password
	UDP, TCP, WS, WSS  int
	Silence            int  // seconds until it sends a PING on a WebSocket
	IPv6               bool // it listens on [::1] as well
	Large              bool // it takes what is too large for UDP by TCP, on the same port
	RTPEngine          *rtpengine
	libraries, command string
}

type kamailioOption func(*kamailio)

// withSHA256 has it challenge with SHA-256 instead of MD5 (RFC 8760).
func withSHA256(k *kamailio) { k.Algorithm = "SHA-256" }

// startKamailio starts one on free ports of 127.0.0.1, with the users 1001 … 1004.
func startKamailio(t *testing.T, options ...kamailioOption) *kamailio {
	t.Helper()
	longTest(t)
	k := &kamailio{
		authority: newAuthority(t, 24*time.Hour),
		Domain:    domain, Algorithm: "MD5", Silence: 30,
		Users:   map[string]string{"1001": "one-secret", "1002": "two-secret", "1003": "three-secret", "1004": "four-secret"},
		command: peerFile(t, "kamailio", "usr", "sbin", "kamailio"),
	}
	k.libraries = libraries(t, "kamailio")
	k.findModules(t)
	for _, option := range options {
		option(k)
	}
	// A port may be taken between our look and Kamailio's; then it says so and ends, and we draw again.
	for range 5 {
		if k.try(t) {
			return k
		}
	}
	t.Fatalf("Kamailio does not start:\n%s", tail(k.text(), 40))
	return nil
}

// findModules finds its modules in the unpacked packages, whatever the architecture.
func (k *kamailio) findModules(t *testing.T) {
	t.Helper()
	modules, err := filepath.Glob(filepath.Join(peerFile(t, "kamailio"), "usr/lib/*/kamailio/modules"))
	if err != nil || len(modules) != 1 {
		t.Fatalf("Kamailio's modules: %v %v", modules, err)
	}
	k.Modules = modules[0] + "/"
}

func (k *kamailio) try(t *testing.T) (ready bool) {
	t.Helper()
	ports := freePorts(t, 4)
	k.UDP, k.TCP, k.WS, k.WSS = ports[0], ports[1], ports[2], ports[3]
	dir := t.TempDir()
	config := filepath.Join(dir, "kamailio.cfg")
	file, err := os.Create(config)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := template.Must(template.ParseFiles("testdata/kamailio.cfg")).Execute(file, k); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(k.command, "-f", config, "-DD", "-E", "-m", "32", "-M", "8", "-Y", dir, "-P", filepath.Join(dir, "pid"))
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+k.libraries)
	k.process = start(t, "kamailio", cmd)
	answered := eventually(15*time.Second, func() bool {
		return k.ended() || k.answers("udp", k.UDP) && k.answers("tcp", k.TCP) && k.listens(k.WS) && k.listens(k.WSS)
	})
	return answered && !k.ended()
}

func (k *kamailio) listens(port int) bool {
	conn, err := net.DialTimeout("tcp4", address(port), time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// answers asks it with OPTIONS.
func (k *kamailio) answers(network string, port int) bool {
	conn, err := net.DialTimeout(network, address(port), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		return false
	}
	local := conn.LocalAddr().String()
	_, err = fmt.Fprintf(conn, "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/%s %s;branch=z9hG4bK%d\r\nMax-Forwards: 5\r\n"+
		"From: <sip:ping@%s>;tag=1\r\nTo: <sip:%s>\r\nCall-ID: %d@%s\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
		k.Domain, strings.ToUpper(network), local, time.Now().UnixNano(), k.Domain, k.Domain, time.Now().UnixNano(), local)
	if err != nil {
		return false
	}
	answer := make([]byte, 2048)
	n, err := conn.Read(answer)
	return err == nil && strings.HasPrefix(string(answer[:n]), "SIP/2.0 200")
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// uri is a user's address of record.
func (k *kamailio) uri(user string) string { return "sip:" + user + "@" + k.Domain }
