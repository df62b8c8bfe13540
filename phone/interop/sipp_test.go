//go:build linux

package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/sipua"
)

// plainSDP is an offer of a desk phone's kind; these scenarios carry no sound.
const plainSDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6002 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n"

// ourCall is the Dialog of the calls that we make here.
const ourCall phone.DialogID = "our-call"

// scenario is one line of ours with SIPp as its server and far end.
type scenario struct {
	*testing.T
	line   phone.Line
	events chan phone.SignalEvent
	sipp   *process
	folder string
}

// sipp starts a scenario of testdata/sipp on a free port, and a line of ours towards it. replaced are words of the
// scenario and what stands in their place.
func sipp(t *testing.T, name string, replaced ...string) *scenario {
	t.Helper()
	longTest(t)
	command := program(t, "sipp")
	text, err := os.ReadFile("testdata/sipp/" + name + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	port := freePorts(t, 1)[0]
	s := &scenario{T: t, events: make(chan phone.SignalEvent, 100), folder: t.TempDir()}
	file := filepath.Join(s.folder, "scenario.xml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(replaced...).Replace(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-m", "1", "-nostdin", "-timeout", "30s", "-timeout_error",
		"-aa", "-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log"}
	cmd := exec.Command(command, args...)
	cmd.Dir, cmd.Env = s.folder, append(os.Environ(), "TERM=dumb")
	s.sipp = start(t, "sipp-"+name, cmd)
	await(t, "SIPp listens", 10*time.Second, func() bool { return s.sipp.ended() || listensUDP(port) })
	agent := sipua.New(sipua.Options{})
	s.line, err = agent.Open(phone.Account{ID: "sipp", URI: "sip:1001@127.0.0.1", Server: fmt.Sprintf("udp:127.0.0.1:%d", port),
		Secret: phone.NewPassword("secret")}, func(e phone.SignalEvent) { s.events <- e })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.line.Close(0) })
	return s
}

// listensUDP reads the kernel's table, because binding the port to try it would take it from SIPp.
func listensUDP(port int) bool {
	for _, file := range []string{"/proc/net/udp", "/proc/net/udp6"} {
		if table, err := os.ReadFile(file); err == nil && strings.Contains(string(table), fmt.Sprintf(":%04X ", port)) {
			return true
		}
	}
	return false
}

// wait returns the next event of type T and skips others; what SIPp complains of ends the test.
func wait[T phone.SignalEvent](s *scenario) T {
	s.Helper()
	limit := time.After(20 * time.Second)
	for {
		select {
		case e := <-s.events:
			if want, ok := e.(T); ok {
				return want
			}
		case <-limit:
			var want T
			s.Fatalf("no %T came\n%s", want, s.report())
		}
	}
}

// complete wants SIPp to have seen what its scenario demands.
func (s *scenario) complete() {
	s.Helper()
	await(s.T, "the scenario's end", 30*time.Second, s.sipp.ended)
	if s.sipp.err != nil {
		s.Errorf("SIPp: %v\n%s", s.sipp.err, s.report())
	}
}

// report is what SIPp said and saw.
func (s *scenario) report() string {
	var all strings.Builder
	for _, name := range []string{"errors.log", "messages.log"} {
		if text, err := os.ReadFile(filepath.Join(s.folder, name)); err == nil {
			all.WriteString(name + ":\n" + tail(string(text), 120) + "\n")
		}
	}
	return all.String()
}

func (s *scenario) call() {
	s.line.Invite(phone.InviteOut{Dialog: ourCall, Target: "sip:600@127.0.0.1", SDP: []byte(plainSDP)})
}

// called registers, which opens the way for their INVITE, and waits for that.
func (s *scenario) called() phone.InviteIn {
	s.Helper()
	s.line.Register(time.Hour)
	return wait[phone.InviteIn](s)
}

// scenarios are what the test does while SIPp plays its part of the same name.
var scenarios = map[string]func(s *scenario){
	"reliable-answer": func(s *scenario) {
		s.call()
		if e := wait[phone.Progress](s); e.SDP == nil {
			s.Errorf("%+v", e)
		}
		if e := wait[phone.ReinviteIn](s); e.SDP == nil || e.Fork != "theirs" {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(ourCall, []byte(plainSDP), 0)
		if e := wait[phone.Accepted](s); e.SDP == nil {
			s.Errorf("the 183's answer is forgotten: %+v", e)
		}
		if e := wait[phone.ReinviteIn](s); e.SDP == nil {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(ourCall, []byte(plainSDP), 0)
		wait[phone.DialogEnded](s)
	},
	"ring-reliably": func(s *scenario) {
		in := s.called()
		s.line.Ring(in.Dialog, nil)
		wait[phone.InfoIn](s)
		s.line.Answer(in.Dialog, []byte(plainSDP))
		wait[phone.Acked](s)
		wait[phone.DialogEnded](s)
	},
	"offerless": func(s *scenario) {
		in := s.called()
		if in.SDP != nil {
			s.Errorf("%+v", in)
		}
		s.line.Answer(in.Dialog, []byte(plainSDP))
		if e := wait[phone.Acked](s); e.SDP == nil {
			s.Errorf("%+v", e)
		}
		if e := wait[phone.ReinviteIn](s); e.SDP != nil {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(in.Dialog, []byte(plainSDP), 0)
		if e := wait[phone.Acked](s); e.SDP == nil {
			s.Errorf("%+v", e)
		}
		wait[phone.DialogEnded](s)
	},
	"brief-session": func(s *scenario) {
		in := s.called()
		s.line.Answer(in.Dialog, []byte(plainSDP))
		wait[phone.Acked](s)
		wait[phone.DialogEnded](s)
	},
	"session-timer": func(s *scenario) {
		s.call()
		wait[phone.Accepted](s)
		if e := wait[phone.DialogEnded](s); !e.ByThem || e.Cause != phone.CauseTerminated {
			s.Errorf("%+v", e)
		}
	},
	"session-refresh-invite": func(s *scenario) {
		s.call()
		wait[phone.Accepted](s)
		wait[phone.DialogEnded](s)
	},
	"session-expires": func(s *scenario) {
		s.call()
		wait[phone.Accepted](s)
		if e := wait[phone.DialogEnded](s); e.ByThem || e.Cause != phone.CauseRequestTimeout {
			s.Errorf("%+v", e)
		}
	},
	"glare": func(s *scenario) {
		s.call()
		wait[phone.Accepted](s)
		s.line.Reinvite(ourCall, []byte(plainSDP))
		if e := wait[phone.ReinviteIn](s); !e.Yielded {
			s.Errorf("%+v", e)
		}
		s.line.AnswerReinvite(ourCall, []byte(plainSDP), 0)
		s.line.Reinvite(ourCall, []byte(plainSDP)) // as the operator does where the answer could not say what it wants
		if e := wait[phone.ReinviteDone](s); e.Status != 200 || e.SDP == nil {
			s.Errorf("%+v", e)
		}
		wait[phone.DialogEnded](s)
	},
	"forks": func(s *scenario) {
		s.call()
		if first, second := wait[phone.Progress](s), wait[phone.Progress](s); first.Fork != "first" || second.Fork != "second" {
			s.Errorf("%+v, %+v", first, second)
		}
		if e := wait[phone.Accepted](s); e.Fork != "first" {
			s.Errorf("%+v", e)
		}
		if e := wait[phone.DialogEnded](s); !e.ByThem {
			s.Errorf("%+v", e)
		}
	},
	"proxy-chain": func(s *scenario) {
		s.call()
		wait[phone.Accepted](s)
		s.line.End(ourCall, 0)
		wait[phone.DialogEnded](s)
	},
}

// scenarioRows are the rows of the table of interoperability that the scenarios stand for.
var scenarioRows = map[string]string{
	"reliable-answer": "100rel and PRACK", "ring-reliably": "100rel and PRACK", "session-timer": "session timers",
	"brief-session": "session timers", "session-refresh-invite": "session timers", "session-expires": "session timers",
	"forks": "forks", "proxy-chain": "proxy chains",
}

// TestSIPp: the dialog layer and the world's answers against SIPp. These tests wait much and work little, and no sound is measured,
// so they run side by side.
func TestSIPp(t *testing.T) {
	for name, group := range map[string]func(*testing.T){"line": testLine, "phone": testLadders, "holds": testHolds, "challenges": testChallenges,
		"redirections": testRedirections, "refusals": testRefusals, "registration": testRegistrationLater,
		"sending on": testSendingOn, "being sent": testBeingSent, "joining": testJoining} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group(t)
		})
	}
}

// testLine: a line of ours alone.
func testLine(t *testing.T) {
	for name, script := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row, named := scenarioRows[name]; named {
				proves(t, "SIPp", row)
			}
			s := sipp(t, name)
			script(s)
			s.complete()
		})
	}
}
