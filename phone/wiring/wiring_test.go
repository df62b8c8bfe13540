package wiring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

func TestMain(m *testing.M) {
	keyring.MockInit()
	goleak.VerifyTestMain(m)
}

// flagsOf parses a command line in a profile and a session of the test's own.
func flagsOf(t *testing.T, args ...string) *wiring.Flags {
	t.Helper()
	f := wiring.NewFlags()
	rest, err := f.ParseFlags(append([]string{"-profile", t.TempDir()}, args...), io.Discard)
	if err != nil || len(rest) > 0 {
		t.Fatalf("%q: %q left, %v", args, rest, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	return f
}

func TestFlagsMayStandOnBothSidesOfAVerb(t *testing.T) {
	f := wiring.NewFlags()
	rest, err := f.ParseFlags([]string{"-demo", "doctor", "-json"}, io.Discard)
	if err != nil || len(rest) != 2 || rest[0] != "doctor" {
		t.Fatalf("rest = %q, %v", rest, err)
	}
	if rest, err = f.ParseFlags(rest[1:], io.Discard); err != nil || len(rest) != 0 || !f.Demo || !f.JSON || f.LogLevel != slog.LevelWarn {
		t.Errorf("flags = %+v, rest %q, %v", f, rest, err)
	}
	var usage bytes.Buffer
	if _, err := f.ParseFlags([]string{"-help"}, &usage); !errors.Is(err, flag.ErrHelp) || !strings.Contains(usage.String(), "hookswitch ctl events") {
		t.Errorf("-help: %v\n%s", err, usage.String())
	}
}

func TestTheAccountOnStdinIsOneLineAndTheRestAreCommands(t *testing.T) {
	f := flagsOf(t, "-account", "-")
	in := strings.NewReader(`{"uri":"sip:1001@pbx.example","password":"hunter2"}` + "\ncall 600\n")
	o, closing, err := f.Options(in, nil)
	defer closing()
	if err != nil || len(o.Accounts) != 1 || o.Accounts[0].Secret.Password() != "hunter2" || !o.Accounts[0].Temporary {
		t.Fatalf("accounts = %+v, %v", o.Accounts, err)
	}
	if rest, err := io.ReadAll(in); err != nil || string(rest) != "call 600\n" {
		t.Errorf("rest = %q, %v", rest, err)
	}
}

func TestABadAccountOrFaultIsRefusedBeforeAnythingStarts(t *testing.T) {
	for name, args := range map[string][]string{
		"no file":           {"-account", filepath.Join(t.TempDir(), "none.json")},
		"endless":           {"-account", "/dev/zero"},
		"fault without PBX": {"-fault", "silent"},
		"unknown fault":     {"-demo", "-fault", "lazy"},
	} {
		err := flagsOf(t, args...).Faceless(t.Context(), nil, strings.NewReader(""), io.Discard, io.Discard)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestAScriptCallsTheDemoAndEndsByItself(t *testing.T) {
	f := flagsOf(t, "-demo", "-microphone", "tone:440", "-speaker", "null", "-trace", filepath.Join(t.TempDir(), "trace"))
	var out, problems bytes.Buffer
	if err := f.Faceless(t.Context(), nil, strings.NewReader("call 600\n"), &out, &problems); err != nil {
		t.Fatal(err)
	}
	rest := out.String()
	for _, name := range []string{"registered", "startSession", "confirmed", "deleteSession"} {
		_, after, found := strings.Cut(rest, `"event":"`+name+`"`)
		if !found {
			t.Fatalf("no %s in its place in\n%s%s", name, out.String(), problems.String())
		}
		rest = after
	}
	if trace, err := os.ReadFile(f.Trace); err != nil || !bytes.Contains(trace, []byte("INVITE sip:600@")) {
		t.Errorf("the trace holds %d bytes without the INVITE, %v", len(trace), err)
	}
}

func TestTheDoctorTellsEachFaultOfTheDemoApart(t *testing.T) {
	for fault, want := range map[string]headless.Reason{"": headless.ReasonNone, "silent": headless.ReasonEchoSilent,
		"deaf": headless.ReasonNoMedia, "wrong-password": headless.ReasonAuthentication} {
		var out bytes.Buffer
		well, err := flagsOf(t, "-demo", "-json", "-fault", fault).Doctor(t.Context(), strings.NewReader(""), &out, io.Discard)
		var report headless.Report
		if err := errors.Join(err, json.Unmarshal(out.Bytes(), &report)); err != nil {
			t.Fatal(err)
		}
		if report.Reason != want || well != (want == headless.ReasonNone) || report.OK != well {
			t.Errorf("fault %q: %s", fault, out.String())
		}
	}
}

// screen is a window that notes what it was asked.
type screen struct {
	mu    sync.Mutex
	asked []string
	quit  chan struct{}
}

func (s *screen) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, what)
}
func (s *screen) ShowLink(number string) { s.note("link " + number) }
func (s *screen) Raise()                 { s.note("raise") }
func (s *screen) Quit()                  { close(s.quit) }

func TestASecondStartRaisesTheWindowOrHandsItsLinkOver(t *testing.T) {
	f := flagsOf(t, "-microphone", "tone:440", "-speaker", "null")
	place, handed, err := f.TakePlace(t.Context(), nil, io.Discard)
	if err != nil || handed {
		t.Fatalf("the first start: %t, %v", handed, err)
	}
	w, err := f.Window(t.Context(), strings.NewReader(""), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s := &screen{quit: make(chan struct{})}
	defer w.Serve(t.Context(), place, s)()
	for _, links := range [][]string{nil, {"tel:+49-30-1"}} {
		if _, handed, err := f.TakePlace(t.Context(), links, io.Discard); !handed || err != nil {
			t.Errorf("%q: %t, %v", links, handed, err)
		}
	}
	for _, links := range [][]string{{"tel:1", "tel:2"}, {"sip:1@p;x=y"}} {
		if _, _, err := f.TakePlace(t.Context(), links, io.Discard); err == nil {
			t.Errorf("%q is accepted", links)
		}
	}
	if len(s.asked) != 2 || s.asked[0] != "raise" || s.asked[1] != "link +49-30-1" {
		t.Errorf("the window was asked %q", s.asked)
	}
	if _, accepted, err := control.Send(t.Context(), f.Profile, "quit"); err != nil || !accepted {
		t.Errorf("quit: %t, %v", accepted, err)
	}
	select {
	case <-s.quit:
	case <-time.After(5 * time.Second):
		t.Error("the window was not told to quit")
	}
}

func TestAStartBesideAHeadlessPhoneSaysWhyNoWindowComes(t *testing.T) {
	f := flagsOf(t, "-demo", "-microphone", "tone:440", "-speaker", "null")
	in, end := io.Pipe()
	events, out := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- f.Faceless(t.Context(), nil, in, out, io.Discard); _ = out.Close() }()
	if _, err := events.Read(make([]byte, 1)); err != nil { // it tells events, so its place is taken
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, events) }()
	var said bytes.Buffer
	if _, handed, err := f.TakePlace(t.Context(), nil, &said); !handed || err == nil || !strings.Contains(err.Error(), "-headless") || said.Len() > 0 {
		t.Errorf("handed %t, %v, %q", handed, err, &said)
	}
	_ = end.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestVoiceProcessingIsLeftOutForTheRunThatSaysSo(t *testing.T) {
	for _, flags := range [][]string{{"-demo"}, {"-demo", "-no-voice-processing"}} {
		p, _, closing, err := flagsOf(t, flags...).Build(t.Context(), strings.NewReader(""), io.Discard, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.Operator.Snapshot().VoiceProcessing, len(flags) == 1; got != want {
			t.Errorf("%v: voice processing %t", flags, got)
		}
		p.Close()
		closing()
	}
}

func TestStoredAccountsAreTheWindows(t *testing.T) {
	f := flagsOf(t, "-microphone", "tone:440", "-speaker", "null")
	for range 2 { // the second start finds what the first one saved
		w, err := f.Window(context.Background(), strings.NewReader(""), io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Book.Save(phone.Account{ID: "a", URI: "sip:1001@127.0.0.1", Server: "udp:127.0.0.1:9", Secret: phone.NewPassword("p")}); err != nil {
			t.Error(err)
		}
		n := len(w.Operator.Snapshot().Accounts)
		w.Close()
		if n == 1 {
			return
		}
	}
	t.Error("the saved account was not there at the second start")
}
