//go:build linux

package interop

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
	"github.com/hookswitch/hookswitch/phone"
)

// remotePhone is the program without a window in a place of a network. It speaks in a tone; what it hears goes into
// a file.
type remotePhone struct {
	*process
	t       *testing.T
	control io.WriteCloser
	heard   string
}

// startRemote starts one as that user, with these servers for ICE, and waits until it is registered.
func startRemote(t *testing.T, n *network, k *kamailio, side int, user, microphone string, servers []phone.ICEServer, more ...string) *remotePhone {
	t.Helper()
	binary, dir := hookswitch(t), t.TempDir()
	account, err := json.Marshal(map[string]any{"uri": k.uri(user), "password": k.Users[user], "media": "webrtc", "ca": k.CA,
		"server": fmt.Sprintf("tcp:%s:%d", serverIP, k.TCP), "iceServers": servers})
	if err != nil {
		t.Fatal(err)
	}
	p := &remotePhone{t: t, heard: filepath.Join(dir, "heard.wav")}
	words := append([]string{binary, "-headless", "-account", "-", "-profile", filepath.Join(dir, "profile"), "-quiet", "-no-voice-processing",
		"-log-level", "info", "-microphone", microphone, "-speaker", "file:" + p.heard}, more...)
	cmd := n.command(phonePlace(side), words...)
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_RUNTIME_DIR="+dir, "XDG_CONFIG_HOME="+dir+"/config", "XDG_DATA_HOME="+dir+"/data",
		"XDG_CACHE_HOME="+dir+"/cache", "DISPLAY=", "WAYLAND_DISPLAY=", "PULSE_SERVER=unix:"+dir+"/none", "DBUS_SESSION_BUS_ADDRESS=unix:path="+dir+"/none")
	if p.control, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.process = start(t, "phone-"+user, cmd)
	p.say(string(account))
	p.awaitEvent("registered", nil)
	return p
}

// say gives it a line.
func (p *remotePhone) say(line string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.control, line); err != nil {
		p.t.Fatalf("%s: %v", p.name, err)
	}
}

// lines are the JSON lines that it has written so far.
func (p *remotePhone) lines() (lines []map[string]any) {
	for text := range strings.Lines(p.text()) {
		var line map[string]any
		if strings.HasPrefix(text, "{") && json.Unmarshal([]byte(text), &line) == nil {
			lines = append(lines, line)
		}
	}
	return lines
}

// awaitEvent waits for an event that has these fields.
func (p *remotePhone) awaitEvent(name string, fields map[string]any) map[string]any {
	p.t.Helper()
	var found map[string]any
	await(p.t, fmt.Sprintf("%s tells %s %v", p.name, name, fields), 20*time.Second, func() bool {
		for _, line := range p.lines() {
			if line["event"] == name && matches(line, fields) {
				found = line
			}
		}
		return found != nil
	})
	return found
}

func matches(line, fields map[string]any) bool {
	for name, value := range fields {
		if line[name] != value {
			return false
		}
	}
	return true
}

// stats asks for the call's counters.
func (p *remotePhone) stats() map[string]any {
	p.t.Helper()
	replies := func() (found []map[string]any) {
		for _, line := range p.lines() {
			if line["reply"] == "stats" {
				found = append(found, line)
			}
		}
		return found
	}
	before := len(replies())
	p.say("stats")
	await(p.t, p.name+" tells its counters", 5*time.Second, func() bool { return len(replies()) > before })
	counters, _ := replies()[before]["stats"].(map[string]any)
	return counters
}

// hear measures the last 300 ms that it has written to its file, which it does once a second.
func (p *remotePhone) hear() heard { return hearFile(p.heard, pulsetest.Rate, 300*time.Millisecond) }

// hearFile measures the end of a WAV file, in mono and 16 bits, that is being written.
func hearFile(path string, rate int, window time.Duration) heard {
	raw, err := os.ReadFile(path)
	last := 2 * (rate * int(window.Milliseconds()) / 1000) // in bytes
	if err != nil || len(raw) < 44+last {
		return heard{Level: -120}
	}
	raw = raw[len(raw)&^1-last:]
	pcm := make([]int16, len(raw)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
	}
	tone := pulsetest.Measure(pcm)
	return heard{Level: tone.Level, Frequency: tone.Frequency * float64(rate) / pulsetest.Rate, Purity: tone.Purity}
}

func (p *remotePhone) awaitTone(frequency, level float64) {
	p.t.Helper()
	var last heard
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.is(frequency, level) }) {
		p.t.Fatalf("%s should hear %.0f Hz at %.1f dBFS, and hears %+v", p.name, frequency, level, last)
	}
}
