package headless_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is an operator on fakes, whose far end answers as react says.
type stage struct {
	signalling *phonetest.Signalling
	media      *phonetest.Media
	op         *phone.Operator
}

func newStage(t *testing.T, react func(*phonetest.Line, phonetest.Record)) *stage {
	t.Helper()
	journal := phonetest.NewJournal()
	s := &stage{signalling: phonetest.NewSignalling(journal), media: phonetest.NewMedia(journal)}
	s.signalling.AutoRegister, s.signalling.AutoEnd, s.media.Auto = true, true, true
	s.signalling.React = react
	s.op = phone.New(phone.Config{Signalling: s.signalling, Media: s.media, Devices: phonetest.Devices{}})
	if err := s.op.AddAccount(phone.Account{ID: "1001", URI: "sip:1001@pbx.example", MaxCalls: 8, RecordPermissions: 2, Secret: phone.NewPassword("hunter2")}); err != nil {
		t.Fatal(err)
	}
	return s
}

// answered makes a far end that accepts every INVITE at once.
func answered(line *phonetest.Line, r phonetest.Record) {
	if invite, ok := r.Value.(phone.InviteOut); ok {
		line.Post(phone.Accepted{Dialog: invite.Dialog, SDP: []byte("answer"), At: time.Now()})
	}
}

// output collects lines; it may be written from any goroutine.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// objects are the lines written so far; every one of them must be JSON.
func (o *output) objects(t *testing.T) (list []map[string]any) {
	t.Helper()
	for line := range strings.Lines(o.String()) {
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			t.Fatalf("%q is not JSON: %v", line, err)
		}
		if _, ok := object["t"].(float64); !ok {
			t.Errorf("%q has no time", line)
		}
		list = append(list, object)
	}
	return list
}

func replies(objects []map[string]any) (list []map[string]any) {
	for _, o := range objects {
		if _, ok := o["reply"]; ok {
			list = append(list, o)
		}
	}
	return list
}

func eventNames(objects []map[string]any) string {
	var names []string
	for _, o := range objects {
		if name, ok := o["event"].(string); ok && name != "updateTimer" && name != "callReport" && name != "statusChange" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func TestOneCallFromStdinIsConfirmedHungUpAndUnregistered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		if err := headless.Run(t.Context(), s.op, strings.NewReader("call 600\n"), out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		objects := out.objects(t)
		names := eventNames(objects)
		rest := names
		for _, name := range []string{"registered", "startSession", "confirmed", "deleteSession", "isRegisteredChange"} {
			before, after, found := strings.Cut(rest, name)
			if !found {
				t.Fatalf("no %s after %q in %q", name, before, names)
			}
			rest = after
		}
		r := replies(objects)
		if len(r) != 1 || r[0]["ok"] != true || r[0]["reply"] != "call" || r[0]["call"] == "" {
			t.Errorf("replies = %v", r)
		}
		if s.signalling.Count("1001.Unregister") != 1 || !s.signalling.Line("1001").Closed() {
			t.Errorf("the line was not unregistered and closed: %q", s.signalling.Texts())
		}
	})
}

func TestEndOfStdinWaitsForACallThatRings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, func(line *phonetest.Line, r phonetest.Record) {
			if invite, ok := r.Value.(phone.InviteOut); ok {
				go func() {
					line.Post(phone.Progress{Dialog: invite.Dialog, Status: 180, At: time.Now()})
					time.Sleep(20 * time.Second)
					line.Post(phone.Refused{Dialog: invite.Dialog, Status: 486, Reason: "Busy Here", Cause: phone.CauseBusy, At: time.Now()})
				}()
			}
		}), &output{}
		start := time.Now()
		if err := headless.Run(t.Context(), s.op, strings.NewReader("call 603\n"), out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < 20*time.Second || d > 30*time.Second {
			t.Errorf("Run took %v, the call rang for 20 s", d)
		}
		if !strings.Contains(out.String(), `"cause":"Busy"`) {
			t.Errorf("no cause Busy in\n%s", out)
		}
	})
}

// direct replaces the account by one without a registrar.
func (s *stage) direct(t *testing.T) {
	t.Helper()
	if err := s.op.AddAccount(phone.Account{ID: "1001", URI: "sip:1001@192.0.2.7", Server: "udp:192.0.2.5", Direct: true}); err != nil {
		t.Fatal(err)
	}
}

func TestCommandsOfAnAccountWithoutARegistrarWaitForItsConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		s.direct(t)
		start := time.Now()
		if err := headless.Run(t.Context(), s.op, strings.NewReader("status\ncall 600\n"), out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		if r := replies(out.objects(t)); len(r) != 2 || r[1]["ok"] != true || r[0]["registered"] != false || !strings.Contains(out.String(), `"direct":true`) {
			t.Errorf("%s", out.String())
		}
		if time.Since(start) > 10*time.Second {
			t.Errorf("it waited %v", time.Since(start))
		}
	})
}

func TestCommandsWaitForTheFirstRegistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		s.signalling.AutoRegister = false
		go func() {
			time.Sleep(3 * time.Second)
			s.signalling.Line("1001").Post(phone.RegisterDone{Expires: time.Hour, Status: 200})
		}()
		if err := headless.Run(t.Context(), s.op, strings.NewReader("call 600\n"), out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		if r := replies(out.objects(t)); len(r) != 1 || r[0]["ok"] != true {
			t.Errorf("replies = %v", r)
		}
	})
}

func TestAFailedRegistrationLetsTheCommandsAnswerTheirError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, func(line *phonetest.Line, r phonetest.Record) {
			if strings.HasPrefix(r.Text, "Register") {
				line.Post(phone.RegisterDone{Status: 403, Reason: "Forbidden", Cause: phone.CauseAuthentication})
			}
		}), &output{}
		s.signalling.AutoRegister = false
		if err := headless.Run(t.Context(), s.op, strings.NewReader("call 600\nstatus\n"), out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		r := replies(out.objects(t))
		if len(r) != 2 || r[0]["ok"] != false || r[0]["code"] != -201.0 || r[0]["error"] != "REGISTRY_FAILED" || r[1]["registered"] != false {
			t.Errorf("replies = %v", r)
		}
		if !strings.Contains(out.String(), `"code":-201,"error":"REGISTRY_FAILED"}`) || !strings.Contains(out.String(), `"event":"registrationFailed"`) || !strings.Contains(out.String(), `"cause":"Authentication Error"`) {
			t.Errorf("no registrationFailed with its cause in\n%s", out)
		}
	})
}

func TestEveryVerbRepliesInOrderWithItsCode(t *testing.T) {
	steps := []struct {
		line, reply string
		code        float64
		contains    string
	}{
		{line: "hold", reply: "hold", code: -211},
		{line: "status", reply: "status", contains: `"registered":true`},
		{line: "call sip:;x", reply: "call", code: -209},
		{line: `call 600 header "Via: evil"`, reply: "call", code: -200},
		{line: `call 600 header "X-Customer: 12 34"`, reply: "call"},
		{line: "call 601", reply: "call", code: -208},
		{line: "calls", reply: "calls", contains: `"number":"600","direction":"outbound","state":"talking"`},
		{line: "mute", reply: "mute"},
		{line: "unmute", reply: "unmute"},
		{line: "dtmf 12*#", reply: "dtmf"},
		{line: "dtmf hello", reply: "dtmf", code: -209},
		{line: "dtmf nosuchcall 1", reply: "dtmf", code: -211},
		{line: "stats", reply: "stats", contains: `"packetsSent":50`},
		{line: "hold", reply: "hold"},
		{line: "unhold", reply: "unhold"},
		{line: "current", reply: "current"},
		{line: "answer", reply: "answer", code: -211},
		{line: "reject", reply: "reject", code: -211},
		{line: "attended", reply: "attended", code: -207},
		{line: "transfer sip:;x", reply: "transfer", code: -209},
		{line: "transfer 602", reply: "transfer"},
		{line: "transfer 603", reply: "transfer", code: -200},           // one at a time
		{line: "accept-transfer", reply: "accept-transfer", code: -211}, // nobody asks
		{line: "decline-transfer nosuchcall", reply: "decline-transfer", code: -211},
		{line: "record start", reply: "record", code: -200},
		{line: "record", reply: "record", code: -1},
		{line: "video on", reply: "video", code: -200},
		{line: "merge", reply: "merge", code: -200},
		{line: "microphone tone:440", reply: "microphone"},
		{line: "devices", reply: "devices", contains: `"microphoneId":"tone:440"`},
		{line: "consult nosuchcall 602", reply: "consult", code: -211},
		{line: "register nosuch", reply: "register", code: -200},
		{line: "register", reply: "register"},
		{line: "hangup", reply: "hangup"},
		{line: "dance 600", reply: "", code: -1},
		{line: "", reply: "", code: -1},
		{line: "call", reply: "call", code: -1},
		{line: "call 600 601", reply: "call", code: -1},
		{line: "unregister", reply: "unregister"},
		{line: "quit", reply: "quit"},
	}
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		s.signalling.AutoEnd = false
		in, writer := io.Pipe()
		done := make(chan error)
		go func() { done <- headless.Run(t.Context(), s.op, in, out, headless.Options{}) }()
		for i, step := range steps {
			_, _ = io.WriteString(writer, step.line+"\n")
			synctest.Wait()
			r := replies(out.objects(t))
			if len(r) != i+1 {
				t.Fatalf("%q: %d replies for %d commands", step.line, len(r), i+1)
			}
			last := r[i]
			code, _ := last["code"].(float64)
			if last["reply"] != step.reply || code != step.code || last["ok"] != (step.code == 0) {
				t.Errorf("%q: reply %v", step.line, last)
			}
			if !strings.Contains(out.String(), step.contains) {
				t.Errorf("%q: no %s in %v", step.line, step.contains, last)
			}
			if calls := s.op.Snapshot().Calls; len(calls) == 1 && step.reply == "call" && step.code == 0 {
				s.media.SetStats(calls[0].ID, phone.MediaStats{StreamStats: phone.StreamStats{PacketsSent: 50}})
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := writer.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(out.String(), "hunter2") || strings.Contains(out.String(), "12*#") {
			t.Errorf("a secret or DTMF digits stand in\n%s", out)
		}
	})
}

func TestAnIncomingCallIsAnsweredByItselfAfterABeep(t *testing.T) {
	for _, beep := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s, out := newStage(t, nil), &output{}
			in, writer := io.Pipe()
			done := make(chan error)
			go func() {
				done <- headless.Run(t.Context(), s.op, in, out, headless.Options{AutoAnswer: true, Beep: beep})
			}()
			synctest.Wait()
			s.signalling.Line("1001").Post(phone.InviteIn{Dialog: "in-1", SIPCallID: "in-1", From: phone.Party{Number: "602"}, SDP: []byte("offer"), At: time.Now()})
			if _, err := s.signalling.WaitFor("1001.Answer in-1", 5*time.Second); err != nil {
				t.Error(err)
			}
			if here, both := s.media.Count("Media.KeyFeedback") == 1, s.media.Count("Media.Beep in-1") == 1; here != beep || both != beep {
				t.Errorf("beep = %t here and %t on both sides, want %t", here, both, beep)
			}
			s.signalling.Line("1001").Post(phone.Acked{Dialog: "in-1", At: time.Now()})
			if err := writer.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
			if names := eventNames(out.objects(t)); !strings.Contains(names, "incoming") || !strings.Contains(names, "confirmed") {
				t.Errorf("events: %s", names)
			}
		})
	}
}

func TestALineLongerThanACommandIsRefusedAndTheNextOneWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, nil), &output{}
		in := strings.NewReader("call " + strings.Repeat("6", 100_000) + "\r\nstatus\r\ncall 6\x006\nstatus")
		if err := headless.Run(t.Context(), s.op, in, out, headless.Options{}); err != nil {
			t.Fatal(err)
		}
		var got []any
		for _, r := range replies(out.objects(t)) {
			got = append(got, r["ok"])
		}
		if len(got) != 4 || got[0] != false || got[1] != true || got[2] != false || got[3] != true {
			t.Errorf("replies ok = %v", got)
		}
		if s.signalling.Count("1001.Invite") != 0 {
			t.Error("a call was placed")
		}
	})
}

func TestASignalEndsTheRunWithUnregistration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		ctx, cancel := context.WithCancel(t.Context())
		in, writer := io.Pipe()
		done := make(chan error)
		go func() { done <- headless.Run(ctx, s.op, in, out, headless.Options{}) }()
		_, _ = io.WriteString(writer, "call 600\n")
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := writer.Close(); err != nil {
			t.Error(err)
		}
		if s.signalling.Count("1001.End") != 1 || s.signalling.Count("1001.Unregister") != 1 {
			t.Errorf("calls of the line: %q", s.signalling.Texts())
		}
	})
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAReaderThatWentAwayEndsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, answered)
		in, writer := io.Pipe()
		if err := headless.Run(t.Context(), s.op, in, brokenPipe{}, headless.Options{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Run = %v", err)
		}
		if err := writer.Close(); err != nil {
			t.Error(err)
		}
	})
}
