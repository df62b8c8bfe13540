//go:build linux

package interop

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What linphone says, of this frequency and level (dBFS, RMS).
const (
	linTone  = 800.0
	linLevel = -18.0
)

// linphone is a running linphonec. It plays a file with a tone instead of a microphone, and what it decodes goes into
// another file.
type linphone struct {
	*process
	t       *testing.T
	dir     string
	port    int // where it listens for SIP over UDP
	rate    int // of its codec, in Hz
	console io.WriteCloser
	seen    int // how much of its output is of calls before this one
}

// linOptions say how a linphone differs.
type linOptions struct {
	codec      string // its one codec: "opus", "G722", "PCMU", "PCMA"
	encryption string // media_encryption: "none", "srtp", "dtls"
	ice        bool
	k          *kamailio // where it registers; nil: nowhere
	user       string    // there
}

// startLinphone starts linphonec, which answers each call at once.
func startLinphone(t *testing.T, o linOptions) *linphone {
	t.Helper()
	longTest(t)
	ports := freePorts(t, 1)
	p := &linphone{t: t, dir: t.TempDir(), port: ports[0], rate: map[string]int{"opus": 48000, "G722": 16000}[o.codec]}
	if p.rate == 0 {
		p.rate = 8000
	}
	p.write("linphonerc", p.config(o))
	p.write("tone.wav", soundFile(p.rate, linTone, linLevel))
	if err := os.MkdirAll(filepath.Join(p.dir, ".local", "share", "linphone"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "linphonec"), "-a", "-c", filepath.Join(p.dir, "linphonerc"))
	cmd.Env = append(os.Environ(), "HOME="+p.dir, "XDG_CONFIG_HOME="+p.dir, "XDG_DATA_HOME="+filepath.Join(p.dir, ".local", "share"), "TERM=dumb")
	var err error
	if p.console, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	mark, before := "REGISTERED "+o.user+" by ", 0
	if o.k != nil {
		before = strings.Count(o.k.text(), mark)
	}
	p.process = start(t, "linphone", cmd)
	t.Cleanup(func() { _ = p.console.Close() })
	p.do("soundcard use files")
	p.do("play " + filepath.Join(p.dir, "tone.wav"))
	p.do("record " + p.ear())
	await(t, "linphone listens", 10*time.Second, func() bool { return listensUDP(p.port) })
	if o.k != nil {
		await(t, "linphone registers", 10*time.Second, func() bool { return strings.Count(o.k.text(), mark) > before })
	}
	return p
}

func (p *linphone) ear() string { return filepath.Join(p.dir, "ear.wav") }

func (p *linphone) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// do types a line.
func (p *linphone) do(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.console, line); err != nil {
		p.t.Fatalf("linphone: %s: %v", line, err)
	}
}

func (p *linphone) config(o linOptions) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[sip]\nsip_port=%d\nsip_tcp_port=-1\nsip_tls_port=-1\nuse_ipv6=0\nguess_hostname=1\ndefault_proxy=%d\n"+
		"register_only_when_network_is_up=0\nmedia_encryption=%s\nmedia_encryption_mandatory=%d\n", p.port, map[bool]int{true: 0, false: -1}[o.k != nil],
		o.encryption, map[bool]int{true: 1}[o.encryption != "none"])
	// Without RTCP on RTP's port it offers ICE a second component, and waits for it in vain when we answer with one, though
	// the smaller number counts (RFC 8445 §6.1.2.2). WebRTC has no second one (RFC 8858).
	fmt.Fprintf(&b, "[rtp]\nrtcp_mux=%d\naudio_rtp_port=23000-23999\naudio_adaptive_jitt_comp_enabled=1\n[video]\nenabled=0\ncapture=0\ndisplay=0\n"+
		"[sound]\nechocancellation=0\nremote_ring=\nlocal_ring=\n[misc]\nversion_check_url_root=\nuser_certificates_path=%s\n", map[bool]int{true: 1}[o.ice], p.dir)
	if o.ice {
		b.WriteString("[net]\nnat_policy_ref=ice\n[nat_policy_0]\nref=ice\nprotocols=ice\n")
	}
	for i, c := range []struct {
		mime           string
		rate, channels int
	}{{"opus", 48000, 2}, {"speex", 16000, 1}, {"speex", 8000, 1}, {"speex", 32000, 1}, {"PCMU", 8000, 1}, {"PCMA", 8000, 1}, {"GSM", 8000, 1}, {"G722", 8000, 1}, {"G729", 8000, 1}} {
		fmt.Fprintf(&b, "[audio_codec_%d]\nmime=%s\nrate=%d\nchannels=%d\nenabled=%d\n", i, c.mime, c.rate, c.channels, map[bool]int{true: 1}[c.mime == o.codec])
	}
	if o.k != nil {
		fmt.Fprintf(&b, "[proxy_0]\nreg_proxy=<sip:%s;transport=udp>\nreg_route=<sip:%s;transport=udp;lr>\nreg_identity=%s\nreg_expires=600\nreg_sendregister=1\npublish=0\n"+
			"[auth_info_0]\nusername=%s\npasswd=%s\nrealm=%s\n", address(o.k.UDP), address(o.k.UDP), o.k.uri(o.user), o.user, o.k.Users[o.user], o.k.Domain)
	}
	return b.String()
}

// hear measures the last 200 ms that it has decoded.
func (p *linphone) hear() heard { return hearFile(p.ear(), p.rate, 200*time.Millisecond) }

// size is how many bytes it has decoded.
func (p *linphone) size() int64 {
	about, err := os.Stat(p.ear())
	if err != nil {
		return 0
	}
	return about.Size()
}

func (p *linphone) awaitTone(frequency, level float64) {
	p.t.Helper()
	level += p.quiet()
	var last heard
	before := p.size() // what stands in the file already was heard before
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.is(frequency, level) && p.size() > before }) {
		p.t.Fatalf("linphone should hear %.0f Hz at %.1f dBFS, and hears %+v", frequency, level, last)
	}
}

// awaitSilence waits until it decodes silence, or nothing any more.
func (p *linphone) awaitSilence() {
	p.t.Helper()
	before, since := int64(-1), time.Now()
	await(p.t, "linphone hears silence", 10*time.Second, func() bool {
		if now := p.size(); now != before {
			before, since = now, time.Now()
		}
		return before > 0 && time.Since(since) > 300*time.Millisecond || p.hear().silent()
	})
}

func (p *linphone) watch(t *testing.T) { p.t = t }
func (p *linphone) music() bool        { return true } // its file, once more
func (p *linphone) deafened() bool     { return false }

func (p *linphone) tone() (float64, float64) { return linTone, linLevel - p.quiet() }

// quiet: its G.722 speaks 6 dB too quietly and hears 6 dB too loudly, in whatever it calls from; baresip's and ours agree.
func (p *linphone) quiet() float64 {
	if p.rate == 16000 {
		return 6
	}
	return 0
}

func (p *linphone) hangUp()            { p.t.Helper(); p.do("terminate") }
func (p *linphone) hold()              { p.t.Helper(); p.do("pause") }
func (p *linphone) resume()            { p.t.Helper(); p.do("resume") }
func (p *linphone) press(digit string) { p.t.Helper(); p.do(digit) }

func (p *linphone) call(uri string) {
	p.t.Helper()
	p.seen = len(p.text())
	p.do("call " + uri)
}

// awaitDigit waits until it tells of a digit of ours in this call.
func (p *linphone) awaitDigit(digit string) {
	p.t.Helper()
	await(p.t, "linphone tells of "+digit, 10*time.Second, func() bool { return strings.Contains(p.text()[p.seen:], "Receiving tone "+digit) })
}

func (p *linphone) awaitOver() {
	p.t.Helper()
	await(p.t, "linphone's call is over", 10*time.Second, func() bool {
		text := p.text()[p.seen:]
		return strings.Contains(text, " ended") || strings.Contains(text, " error")
	})
	p.seen = len(p.text())
}
