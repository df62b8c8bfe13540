//go:build linux

package interop

import (
	"os/exec"
	"path/filepath"
	"regexp"
)

// peerColumn is a column of the table of interoperability.
type peerColumn struct {
	name    string
	command []string // prints its version; its first word may be a path below .cache
	library string   // the folder of .cache whose libraries it needs
}

// peers are the columns.
var peers = []peerColumn{
	{name: "Kamailio", command: []string{"kamailio/usr/sbin/kamailio", "-v"}, library: "kamailio"},
	{name: "rtpengine", command: []string{"rtpengine/usr/bin/rtpengine", "--version"}, library: "rtpengine"},
	{name: "coturn", command: []string{"coturn/usr/bin/turnserver", "--version"}, library: "coturn"},
	{name: "Chromium", command: []string{"chromium", "--version"}},
	{name: "JsSIP", command: []string{"node", "-p", `require(process.cwd()+"/../../.cache/jssip/node_modules/jssip/package.json").version`}},
	{name: "baresip", command: []string{"dpkg-query", "-W", "-f", "${Version}", "baresip-core"}},
	{name: "linphone", command: []string{"dpkg-query", "-W", "-f", "${Version}", "linphone-cli"}},
	{name: "SIPp", command: []string{"sipp", "-v"}},
}

// rows are the features, in the table's order.
var rows = []string{
	"registers us", "digest MD5", "digest SHA-256", "UDP", "TCP", "TLS", "WS", "WSS", "IPv6",
	"found by SRV, another one when it fails", "calls us", "is called",
	"RTP", "SDES", "DTLS-SRTP", "ICE", "TURN over UDP", "TURN over TCP", "TURN over TLS", "through a cone NAT", "through a symmetric NAT",
	"Opus", "G.722", "G.711", "telephone-event", "INFO digits", "held and taken back", "holds us", "blind transfer", "attended transfer",
	"transfers us", "conference", "video", "video in mid-call", "100rel and PRACK", "UPDATE", "session timers", "forks", "proxy chains", "every refusal told", "redirects",
}

// version asks the peer for its version, "" where it does not tell.
func (p peerColumn) version() string {
	command := p.command[0]
	cache, err := filepath.Abs(filepath.Join("..", "..", ".cache")) // the loader takes no relative path
	if p.library != "" && err == nil {
		command = filepath.Join(cache, command)
	}
	cmd := exec.Command(command, p.command[1:]...)
	if p.library != "" {
		cmd.Env = append(cmd.Environ(), "LD_LIBRARY_PATH="+libraryPath(filepath.Join(cache, p.library)))
	}
	out, err := cmd.CombinedOutput()
	if found := regexp.MustCompile(`\d+\.\d+(\.\d+)*`).Find(out); err == nil || found != nil {
		return string(found)
	}
	return ""
}
