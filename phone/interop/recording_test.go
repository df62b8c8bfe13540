//go:build linux

package interop

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hraban/opus"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
)

// The program records a call in which it says 440 Hz and hears 880 Hz, and is killed in the middle of it.
func TestARecordingOfTheProgramSurvivesSIGKILLWithEachToneOnItsOwnSide(t *testing.T) {
	for _, format := range []string{"opus", "wav"} {
		t.Run(format, func(t *testing.T) {
			pbx := startDemo(t)
			ours := startOurs(t, demoAccount(pbx))
			ours.must(ours.SetDevices(phone.DeviceIDs{Microphone: "tone:880:-14", Speaker: ours.Snapshot().Devices.Speaker}))
			ours.awaitRegistered()
			program, say := startHeadless(t, pbx.Account(1), "-microphone", "tone:440:-14", "-speaker", "null", "-quiet")
			say("record agree", "record notice off", "record format "+format, "call "+pbx.Account(0).User)
			ours.must(ours.Answer(context.Background(), ours.awaitRinging(), phone.AnswerOptions{}))
			ours.awaitTone(440, -14)
			say("record start")
			var begun map[string]any
			await(t, "the recording begins", 10*time.Second, func() bool {
				begun = program.find("recordStatus", "recording")
				return begun != nil
			})
			time.Sleep(3500 * time.Millisecond)
			killed := time.Now()
			if err := program.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-program.done
			reported(t, program.find("event", "callReport"), "1002")
			path := fmt.Sprint(begun["recordFile"])
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o600 || !strings.HasSuffix(path, " "+pbx.Account(0).User+"."+format) {
				t.Fatalf("%s: %v, %v", path, info, err)
			}
			left, right := recordedSides(t, path)
			span := time.Duration((float64(killed.UnixMicro())/1e6 - begun["t"].(float64)) * float64(time.Second))
			length := time.Duration(len(left)) * time.Second / pulsetest.Rate
			t.Logf("%v of %v are there", length, span)
			if missing := span - length; missing > time.Second || len(left) != len(right) {
				t.Errorf("%v are missing", missing)
			}
			for side, c := range map[string]struct {
				pcm  []int16
				tone float64
			}{"left": {left, 440}, "right": {right, 880}} {
				// A busy machine tears the sound at a device now and then; most of the time it is one tone and nothing else.
				const window = 300 * pulsetest.Rate / 1000
				pure, all := 0, 0
				for at := window; at+window <= len(c.pcm); at += window {
					m := pulsetest.Measure(c.pcm[at : at+window])
					if all++; (heard{Level: m.Level, Frequency: m.Frequency, Purity: m.Purity}).is(c.tone, -14) && m.Purity > 0.95 {
						pure++
					} else {
						t.Logf("on the %s is %v", side, m)
					}
				}
				if 2*pure < all || all < 6 {
					t.Errorf("on the %s is %.0f Hz only in %d of %d windows", side, c.tone, pure, all)
				}
			}
		})
	}
}

// reported checks a call report of a call that went well, the contract's fields in it.
func reported(t *testing.T, report map[string]any, extension string) {
	t.Helper()
	audio, ok := report["audio"].(map[string]any)
	number := func(name string) float64 {
		v, _ := audio[name].(float64)
		return v
	}
	mos, _ := report["mosEstimate"].(float64)
	if !ok || report["extension"] != extension || report["iceResult"] != "local" || report["network"] == "" || report["deviceType"] != "desktop" ||
		audio["codec"] != "opus" || number("packetsReceived") < 50 || number("packetsSent") < 50 || number("lossReceived") > 0.1 ||
		number("jitterReceivedMax") < number("jitterReceivedAverage") || number("bitrateSent") < 5000 || number("bitrateReceived") < 5000 || mos < 2 || mos > 4.5 {
		t.Errorf("the report is %v", report)
	}
	t.Logf("reported: %v", report)
}

// windowless is the program without a window, as a process.
type windowless struct {
	*process
	out string
}

// startHeadless starts it with an extension of the demo; say writes commands to it.
func startHeadless(t *testing.T, a demopbx.Account, arguments ...string) (h windowless, say func(...string)) {
	t.Helper()
	home := t.TempDir()
	account, err := json.Marshal(map[string]string{"uri": a.URI, "server": a.WS, "ca": a.CAFile, "password": a.Password})
	if err != nil {
		t.Fatal(err)
	}
	h.out = filepath.Join(home, "out")
	out, err := os.Create(h.out)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(hookswitch(t), append([]string{"-headless", "-account", "-", "-profile", filepath.Join(home, "profile")}, arguments...)...)
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "DISPLAY=", "PULSE_SERVER=unix:"+home+"/none")
	cmd.Stdout = out
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.process = start(t, "hookswitch", cmd)
	say = func(lines ...string) {
		t.Helper()
		if _, err := io.WriteString(in, strings.Join(lines, "\n")+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	say(string(account))
	return h, say
}

// find gives the first line of its output in which the field has that value.
func (h windowless) find(field string, value any) map[string]any {
	text, err := os.ReadFile(h.out)
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(text) {
		var object map[string]any
		if json.Unmarshal(line, &object) == nil && object[field] == value {
			return object
		}
	}
	return nil
}

// recordedSides reads a recording, which may have been cut off.
func recordedSides(t *testing.T, path string) (left, right []int16) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pcm []int16
	if filepath.Ext(path) == ".wav" {
		at := bytes.Index(data, []byte("data")) + 8
		size := int(binary.LittleEndian.Uint32(data[at-4:]))
		pcm = make([]int16, size/2)
		if _, err := binary.Decode(data[at:at+size], binary.LittleEndian, pcm); err != nil {
			t.Fatal(err)
		}
	} else {
		pcm = oggSound(t, data)
	}
	for i := 0; i+1 < len(pcm); i += 2 {
		left, right = append(left, pcm[i]), append(right, pcm[i+1])
	}
	return left, right
}

// oggSound decodes the packets of Ogg pages (RFC 3533), both headers left out.
func oggSound(t *testing.T, data []byte) (pcm []int16) {
	t.Helper()
	decoder, err := opus.NewDecoder(pulsetest.Rate, 2)
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]int16, 2*5760)
	for packets := 0; len(data) > 27 && string(data[:4]) == "OggS"; {
		lacing := data[27 : 27+int(data[26])]
		data = data[27+len(lacing):]
		size := 0
		for _, n := range lacing {
			if size += int(n); n == 255 {
				continue
			}
			if packets++; packets > 2 {
				n, err := decoder.Decode(data[:size], buffer)
				if err != nil {
					t.Fatal(err)
				}
				pcm = append(pcm, buffer[:2*n]...)
			}
			data, size = data[size:], 0
		}
	}
	return pcm
}
