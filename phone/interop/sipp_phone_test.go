//go:build linux

package interop

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	jsonlines "github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/phonetest"
	"github.com/hookswitch/hookswitch/phone/sipua"
)

// rung is our operator with its real signalling, whose far end is SIPp on a ladder. There is no sound in it.
type rung struct {
	*testing.T
	*phone.Operator
	events *phonetest.Recorder
	media  *phonetest.Media
	board  *switchboard
	sipp   *process
	folder string
	number string // SIPp's, where there is another one; "": it is whoever is called
}

// newRung starts the operator; it registers at the switchboard.
func newRung(t *testing.T) *rung {
	t.Helper()
	longTest(t)
	r := &rung{T: t, events: phonetest.NewRecorder(), media: phonetest.NewMedia(nil), board: startSwitchboard(t)}
	r.media.Auto, r.media.SDP = true, []byte(plainSDP)
	r.Operator = phone.New(phone.Config{Signalling: sipua.New(sipua.Options{}), Media: r.media, Devices: phonetest.Devices{}})
	r.Subscribe(r.events.Queue, r.events.Add)
	t.Cleanup(func() {
		within, done := context.WithTimeout(context.Background(), 5*time.Second)
		defer done()
		if err := r.Destroy(within); err != nil {
			t.Errorf("the operator does not end properly: %v", err)
		}
	})
	return r
}

func (r *rung) register() {
	r.Helper()
	r.must(r.AddAccount(phone.Account{ID: "1001", URI: "sip:1001@127.0.0.1", Server: r.board.server(), Secret: phone.NewPassword("secret"), Media: phone.MediaRTP}))
	r.must(r.Start())
}

func (r *rung) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// climb starts SIPp on the ladder of that name. replaced are words of it and what stands in their place.
func (r *rung) climb(name string, replaced ...string) {
	r.Helper()
	text, err := os.ReadFile("testdata/sipp/" + name + ".ladder")
	r.must(err)
	scenario, err := ladderXML(name, strings.NewReplacer(replaced...).Replace(string(text)))
	r.must(err)
	r.folder = r.TempDir()
	file := filepath.Join(r.folder, "scenario.xml")
	r.must(os.WriteFile(file, []byte(scenario), 0o600))
	for tries := 0; ; tries++ { // somebody else may be quicker to take the port
		port := freePorts(r.T, 1)[0]
		cmd := exec.Command(program(r.T, "sipp"), "-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-m", "1", "-nostdin", "-timeout", "80s",
			"-timeout_error", "-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log")
		cmd.Dir, cmd.Env = r.folder, append(os.Environ(), "TERM=dumb")
		if strings.Contains(scenario, "\n<send>") && strings.Index(scenario, "<send>") < strings.Index(scenario, "<recv") {
			cmd.Args = append(cmd.Args, r.board.far.LocalAddr().String())
		} else {
			r.board.connect(r.number, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port)))
		}
		r.sipp = start(r.T, "sipp-"+name, cmd)
		await(r.T, "SIPp listens", 20*time.Second, func() bool { return r.sipp.ended() || listensUDP(port) })
		if !r.sipp.ended() || tries == 5 || !strings.Contains(r.report(), "bind") {
			return
		}
	}
}

// complete wants SIPp to have seen what its ladder demands; SIPp may hang up.
func (r *rung) complete() {
	r.Helper()
	r.board.part()
	if !eventually(90*time.Second, r.sipp.ended) || r.sipp.err != nil {
		r.Errorf("SIPp: %v\n%s\nour events: %s", r.sipp.err, r.report(), r.events)
	}
}

func (r *rung) report() string {
	var all strings.Builder
	for _, name := range []string{"errors.log", "messages.log"} {
		if text, err := os.ReadFile(filepath.Join(r.folder, name)); err == nil {
			all.WriteString(name + ":\n" + tail(string(text), 150) + "\n")
		}
	}
	return all.String()
}

// dial calls a number.
func (r *rung) dial(number string) phone.CallID {
	r.Helper()
	r.await(phone.EventRegistered)
	return r.dialAgain(number)
}

func (r *rung) dialAgain(number string) phone.CallID {
	r.Helper()
	c, err := r.Call(context.Background(), phone.CallRequest{Number: number})
	r.must(err)
	return c.ID
}

// await waits for the next event of that name; SIPp's complaint is told beside what is missing. Who waits for the end lets
// SIPp hang up.
func (r *rung) await(name phone.EventName) phone.Event {
	r.Helper()
	if name == phone.EventEnded {
		r.board.part()
	}
	e, err := r.events.WaitFor(name, 60*time.Second)
	if err != nil {
		r.Fatalf("%v\n%s", err, r.report())
	}
	return e
}

// answer takes the call that rings.
func (r *rung) answer() phone.CallID {
	r.Helper()
	id := r.await(phone.EventIncoming).Call.ID
	r.must(r.Answer(context.Background(), id, phone.AnswerOptions{}))
	return id
}

// holds waits until an event has shown the call so.
func (r *rung) holds(what string, id phone.CallID, is func(phone.Call) bool) {
	r.Helper()
	_, err := r.events.Wait(what, 20*time.Second, func(events []phone.Event) (phone.Event, bool) {
		for _, e := range events {
			if e.Call.ID == id && is(e.Call) {
				return e, true
			}
		}
		return phone.Event{}, false
	})
	if err != nil {
		r.Fatalf("%v\n%s", err, r.report())
	}
}

// told wants the event's JSON line to hold these fields: what a script is told. nil: the field is not there.
func (r *rung) told(e phone.Event, want map[string]any) {
	r.Helper()
	var line map[string]any
	r.must(json.Unmarshal(jsonlines.EventLine(e), &line))
	for name, value := range want {
		if line[name] != value {
			r.Errorf("%s is %v, want %v, in %v", name, line[name], value, line)
		}
	}
}
