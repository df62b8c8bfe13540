//go:build linux

package interop

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Towards a user with one of these, rtpengine speaks as we do under the policy of that name.
const (
	towardsWebRTC  = "ICE=force rtcp-mux-offer SDES-off UDP/TLS/RTP/SAVPF"
	towardsICELite = towardsWebRTC + " ICE-lite=forward"
	towardsDTLS    = "ICE=remove rtcp-mux-demux SDES-off UDP/TLS/RTP/SAVP"
	towardsSDES    = "ICE=remove rtcp-mux-demux DTLS=off RTP/SAVP"
	towardsRTP     = "ICE=remove rtcp-mux-demux RTP/AVP"
)

// rtpengine is a running rtpengine, which carries the media between two who do not speak alike. Kamailio tells it what
// to do, by its NG protocol.
type rtpengine struct {
	*process
	Port    int               // of the NG protocol, UDP
	Towards map[string]string // user to the flags of the media towards him
}

// withRTPEngine has Kamailio's calls go through an rtpengine of its own.
func withRTPEngine(t *testing.T, towards map[string]string) kamailioOption {
	t.Helper()
	longTest(t)
	command := peerFile(t, "rtpengine", "usr", "bin", "rtpengine")
	for range 5 {
		// Its media's ports lie below those that the kernel gives to others.
		r := &rtpengine{Port: freePorts(t, 1)[0], Towards: towards}
		cmd := exec.Command(command, "--foreground", "--log-stderr", "--log-level=6", "--table=-1", "--config-file=none",
			"--listen-ng=127.0.0.1:"+strconv.Itoa(r.Port), "--interface=127.0.0.1", "--port-min=22000", "--port-max=22999", "--num-threads=2")
		cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+libraries(t, "rtpengine"))
		r.process = start(t, "rtpengine", cmd)
		if eventually(10*time.Second, func() bool { return r.ended() || r.answers() }) && !r.ended() {
			return func(k *kamailio) { k.RTPEngine = r }
		}
		t.Logf("rtpengine does not start:\n%s", tail(r.text(), 20))
	}
	t.Fatal("rtpengine does not start")
	return nil
}

// answers asks it with a ping (NG protocol: a cookie, then a bencoded dictionary).
func (r *rtpengine) answers() bool {
	conn, err := net.DialTimeout("udp4", address(r.Port), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	answer := make([]byte, 512)
	if err := conn.SetDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte("look d7:command4:pinge")); err != nil {
		return false
	}
	n, err := conn.Read(answer)
	return err == nil && strings.Contains(string(answer[:n]), "pong")
}
