//go:build linux

package interop

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

// What baresip says, of this frequency and level (dBFS, RMS).
const (
	deskTone  = 1000.0
	deskLevel = -16.0
)

// deskPhone is a running baresip: a desk phone without ICE, whose microphone is a file with a tone and whose
// decoded sound goes into another file.
type deskPhone struct {
	*process
	t       *testing.T
	dir     string
	rate    int // of its codec, in Hz
	port    int // where it listens for SIP
	control net.Conn
	done    chan struct{}

	mu     sync.Mutex
	events []string
}

// deskOptions say how a deskPhone differs.
type deskOptions struct {
	codec      string      // its one codec: "opus", "g722", "PCMU", "PCMA"
	encryption string      // mediaenc: "", "srtp", "srtp-mand", "dtls_srtp"
	manual     bool        // it rings until it is told to accept
	ptime      int         // milliseconds in a packet; 0: its 20
	also       []*kamailio // where it registers too; it calls through the last one
	alone      bool        // it registers nowhere
	ice        bool
}

// startDesk starts baresip, which registers as user at that Kamailio over UDP and answers each call at once.
func startDesk(t *testing.T, k *kamailio, user string, o deskOptions) *deskPhone {
	t.Helper()
	// A port may be taken between our look and baresip's; then it does not listen, and we draw again.
	for range 3 {
		if p := tryDesk(t, k, user, o); p != nil {
			return p
		}
	}
	t.Fatal("baresip takes no commands")
	return nil
}

func tryDesk(t *testing.T, k *kamailio, user string, o deskOptions) *deskPhone {
	t.Helper()
	p := &deskPhone{t: t, dir: t.TempDir(), rate: 8000, done: make(chan struct{})}
	module := "g711"
	switch o.codec {
	case "g722":
		p.rate, module = 16000, "g722"
	case "opus":
		p.rate, module = 48000, "opus"
	}
	ports := freePorts(t, 2)
	p.write("config", deskConfig(p, ports, module, o.ice))
	p.port = ports[0]
	accounts, registered := fmt.Sprintf("<sip:%s@%s>;regint=0", user, address(p.port))+o.settings(), func() {}
	if !o.alone {
		accounts, registered = o.account(k, user), k.awaitDesk(t, user)
	}
	for _, other := range o.also {
		accounts = o.account(other, user) + accounts // the first one is the one that calls
	}
	p.write("accounts", accounts)
	p.write("contacts", "")
	p.write("tone.wav", soundFile(p.rate, deskTone, deskLevel))
	for _, other := range o.also {
		first, next := registered, other.awaitDesk(t, user)
		registered = func() { first(); next() }
	}
	cmd := exec.Command(program(t, "baresip"), "-f", p.dir)
	cmd.Env = append(os.Environ(), "HOME="+p.dir)
	p.process = start(t, "baresip", cmd)
	ready := eventually(5*time.Second, func() bool {
		var err error
		p.control, err = net.DialTimeout("tcp4", address(ports[1]), time.Second)
		return err == nil
	})
	if !ready {
		return nil
	}
	go p.listen()
	t.Cleanup(func() {
		_ = p.control.Close()
		<-p.done
	})
	registered()
	return p
}

// account is a line of its file.
func (o deskOptions) account(k *kamailio, user string) string {
	return fmt.Sprintf("<%s>;outbound=\"sip:%s;transport=udp\";regint=60;auth_user=%s;auth_pass=%s",
		k.uri(user), address(k.UDP), user, k.Users[user]) + o.settings()
}

// settings are the end of such a line.
func (o deskOptions) settings() string {
	text := ";answermode=auto"
	if o.manual {
		text = ";answermode=manual"
	}
	text += ";audio_codecs=" + deskCodec(o.codec)
	if o.encryption != "" {
		text += ";mediaenc=" + o.encryption
	}
	if o.ice {
		text += ";medianat=ice"
	}
	if o.ptime != 0 {
		text += fmt.Sprintf(";ptime=%d", o.ptime)
	}
	return text + "\n"
}

// awaitDesk returns a function that waits for baresip's registration from now on.
func (k *kamailio) awaitDesk(t *testing.T, user string) func() {
	mark := "REGISTERED " + user + " by udp"
	before := strings.Count(k.text(), mark)
	return func() {
		t.Helper()
		await(t, "baresip registers", 10*time.Second, func() bool { return strings.Count(k.text(), mark) > before })
	}
}

func deskCodec(name string) string {
	switch name {
	case "opus":
		return "opus/48000/1" // as it calls mono; the SDP says 2 all the same (RFC 7587)
	case "g722":
		return "G722/16000/1"
	}
	return name + "/8000/1"
}

func deskConfig(p *deskPhone, ports []int, module string, ice bool) string {
	modules := "/usr/lib/baresip/modules"
	if found, _ := filepath.Glob("/usr/lib/*/baresip/modules"); len(found) > 0 {
		modules = found[0]
	}
	lines := []string{"poll_method epoll", "net_interface 127.0.0.1", "sip_listen " + address(ports[0]), "call_local_timeout 60", "call_max_calls 4",
		"audio_source aufile," + filepath.Join(p.dir, "tone.wav"), "audio_level no", "audio_buffer 20-160", "audio_path /nonexistent",
		"opus_stereo no", "opus_sprop_stereo no", "snd_path " + p.dir, "jitter_buffer_delay 1-5",
		"ctrl_tcp_listen " + address(ports[1]), "module_path " + modules}
	wanted := []string{module, "aufile", "sndfile", "srtp", "dtls_srtp"}
	if ice {
		wanted = append(wanted, "stun", "ice")
		lines = append(lines, "rtcp_mux yes")
	} else {
		lines = append(lines, "rtcp_mux no")
	}
	for _, m := range wanted {
		lines = append(lines, "module "+m+".so")
	}
	lines = append(lines, "module_tmp uuid.so", "module_tmp account.so", "module_app menu.so", "module_app ctrl_tcp.so")
	for _, tone := range []string{"ring", "ringback", "callwaiting", "busy", "error", "notfound"} {
		lines = append(lines, tone+"_aufile none")
	}
	return strings.Join(lines, "\n") + "\n"
}

// soundFile is a minute of a tone as a WAV file, of that level (dBFS, RMS).
func soundFile(rate int, frequency, level float64) string {
	const seconds = 60
	n := seconds * rate
	out := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	out = binary.LittleEndian.AppendUint32(out, 16)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint16(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(rate))
	out = binary.LittleEndian.AppendUint32(out, uint32(2*rate))
	out = binary.LittleEndian.AppendUint16(out, 2)
	out = binary.LittleEndian.AppendUint16(out, 16)
	out = append(out, "data"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(2*n))
	peak := math.Sqrt2 * math.Pow(10, level/20) * 32767
	for i := range n {
		v := int16(peak * math.Sin(2*math.Pi*frequency*float64(i)/float64(rate)))
		out = binary.LittleEndian.AppendUint16(out, uint16(v))
	}
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	return string(out)
}

func (p *deskPhone) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// do gives a command, as a netstring of JSON.
func (p *deskPhone) do(command, parameters string) {
	p.t.Helper()
	text, err := json.Marshal(map[string]string{"command": command, "params": parameters, "token": command})
	if err == nil {
		_, err = fmt.Fprintf(p.control, "%d:%s,", len(text), text)
	}
	if err != nil {
		p.t.Fatalf("baresip: %s: %v", command, err)
	}
}

// listen keeps the events that it tells.
func (p *deskPhone) listen() {
	defer close(p.done)
	for {
		var length int
		if _, err := fmt.Fscanf(p.control, "%d:", &length); err != nil || length < 0 || length > 1<<20 {
			return
		}
		text := make([]byte, length+1)
		if _, err := io.ReadFull(p.control, text); err != nil {
			return
		}
		var event struct{ Type, Param string }
		if json.Unmarshal(text[:length], &event) == nil && event.Type != "" {
			p.mu.Lock()
			p.events = append(p.events, event.Type+" "+event.Param)
			p.mu.Unlock()
		}
	}
}

// await waits until it has told that often of an event that begins so.
func (p *deskPhone) await(event string, times int) {
	p.t.Helper()
	await(p.t, "baresip tells "+event, 15*time.Second, func() bool { return p.count(event) >= times })
}

func (p *deskPhone) count(event string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.events {
		if strings.HasPrefix(e, event) {
			n++
		}
	}
	return n
}

// forget removes what it has decoded so far.
func (p *deskPhone) forget() {
	p.t.Helper()
	for _, file := range p.decoded() {
		if err := os.Remove(file); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *deskPhone) decoded() []string {
	files, _ := filepath.Glob(filepath.Join(p.dir, "dump-*-dec.wav")) // the pattern is good
	return files
}

// size is how many bytes it has decoded.
func (p *deskPhone) size() (n int64) {
	for _, file := range p.decoded() {
		if about, err := os.Stat(file); err == nil {
			n += about.Size()
		}
	}
	return n
}

// recent is the last 200 ms that it has decoded; nil where there is less.
func (p *deskPhone) recent() []int16 {
	files := p.decoded()
	if len(files) == 0 {
		return nil
	}
	raw, err := os.ReadFile(files[len(files)-1]) // their names are times
	window := 2 * p.rate / 5                     // in bytes
	if err != nil || len(raw) < 44+window {
		return nil
	}
	raw = raw[len(raw)&^1-window:]
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	return pcm
}

// hear measures that.
func (p *deskPhone) hear() heard {
	pcm := p.recent()
	if pcm == nil {
		return heard{Level: -120}
	}
	tone := pulsetest.Measure(pcm)
	return heard{Level: tone.Level, Frequency: tone.Frequency * float64(p.rate) / pulsetest.Rate, Purity: tone.Purity}
}

func (p *deskPhone) awaitTone(frequency, level float64) {
	p.t.Helper()
	var last heard
	before := p.size() // what stands in the file already was heard before; from a hold on baresip 1.0 writes no more into it
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.is(frequency, level) && p.size() > before }) {
		p.t.Fatalf("baresip should hear %.0f Hz at %.1f dBFS, and hears %+v", frequency, level, last)
	}
}

// awaitSilence waits until it decodes silence, or nothing any more, as it does when it is held.
func (p *deskPhone) awaitSilence() {
	p.t.Helper()
	before, since := int64(-1), time.Now()
	await(p.t, "baresip hears silence", 10*time.Second, func() bool {
		if now := p.size(); now != before {
			before, since = now, time.Now()
		}
		return before > 0 && time.Since(since) > 300*time.Millisecond || p.hear().silent()
	})
}
