package wiring_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/control"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// stepLimit is how long a reply or an event may take before the test gives up.
const stepLimit = 8 * time.Second

// automat is a phone on a demo PBX with another extension, driven by lines, and what it said.
type automat struct {
	*testing.T
	// give hands one line over; its reply is among the output then.
	give  func(line string)
	far   *phone.Operator // the other extension; it answers every call
	names map[string]string

	mu      sync.Mutex
	rest    []byte
	replies []map[string]any
	events  []map[string]any
	read    int // events before this one were awaited
	changed chan struct{}
}

// Write takes the output apart.
func (a *automat) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rest = append(a.rest, p...)
	for {
		line, rest, whole := bytes.Cut(a.rest, []byte("\n"))
		if !whole {
			break
		}
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			a.Errorf("%q is no JSON", line)
		}
		object["line"] = string(line)
		if _, ok := object["reply"]; ok {
			a.replies = append(a.replies, object)
		} else if name := object["event"]; name != "updateTimer" && name != "callReport" {
			a.events = append(a.events, object)
		}
		a.rest = rest
	}
	close(a.changed)
	a.changed = make(chan struct{})
	return len(p), nil
}

// until waits for found, which looks at the output so far.
func (a *automat) until(what string, found func() bool) {
	a.Helper()
	limit := time.After(stepLimit)
	for {
		a.mu.Lock()
		ok, changed := found(), a.changed
		a.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-limit:
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, e := range a.events[max(0, len(a.events)-12):] {
				a.Log(e["line"])
			}
			a.Fatalf("%s does not come", what)
		}
	}
}

// event waits for the next event that holds all of the words, in any order of fields.
func (a *automat) event(words string) (found map[string]any) {
	a.Helper()
	a.until("an event with "+words, func() bool {
		for ; a.read < len(a.events); a.read++ {
			line, all := a.events[a.read]["line"].(string), true
			for word := range strings.FieldsSeq(words) {
				all = all && strings.Contains(line, word)
			}
			if all {
				found = a.events[a.read]
				a.read++
				return true
			}
		}
		return false
	})
	return found
}

// say gives a line and returns the reply to it, which is the next one.
func (a *automat) say(line string) map[string]any {
	a.Helper()
	a.mu.Lock()
	n := len(a.replies)
	a.mu.Unlock()
	before := time.Now()
	a.give(line)
	a.until("the reply to "+line, func() bool { return len(a.replies) > n })
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.replies) != n+1 {
		a.Fatalf("%q got %d replies", line, len(a.replies)-n)
	}
	reply := a.replies[n]
	at, _ := reply["t"].(float64)
	if cause := time.UnixMicro(int64(at * 1e6)); cause.Before(before.Add(-time.Millisecond)) || cause.After(time.Now()) {
		a.Errorf("%q: t is %v, said after %v", line, cause, before)
	}
	return reply
}

// do carries out one row of the table.
func (a *automat) do(s step) {
	a.Helper()
	time.Sleep(s.after)
	if s.far != nil {
		s.far(a)
	}
	if s.say != "" {
		line := s.say
		for name, id := range a.names {
			line = strings.ReplaceAll(line, "$"+name, id)
		}
		verb, _, _ := strings.Cut(s.say, " ")
		if !slices.Contains(headless.Verbs(), verb) {
			verb = ""
		}
		reply := a.say(line)
		code, _ := reply["code"].(float64)
		name, _ := reply["error"].(string)
		if reply["reply"] != verb || reply["ok"] != (s.code == 0) || int(code) != s.code || name != s.error || !strings.Contains(reply["line"].(string), s.has) {
			a.Errorf("%q: %s, want %d %s %s", line, reply["line"], s.code, s.error, s.has)
		}
		if id, ok := reply["call"].(string); ok && s.as != "" {
			a.names[s.as] = id
		}
	}
	for _, words := range s.then {
		for name, id := range a.names {
			words = strings.ReplaceAll(words, "$"+name, id)
		}
		e := a.event(words)
		if id, ok := e["call"].(string); ok && s.say == "" && s.as != "" {
			a.names[s.as] = id
		}
	}
}

// newPhone is an extension of the PBX with sound that is not there.
func newPhone(t *testing.T, pbx *demopbx.PBX, extension int, change ...func(*wiring.Options)) *wiring.Phone {
	t.Helper()
	o := wiring.Options{
		Accounts: []phone.Account{wiring.DemoAccount(pbx, extension)}, NoHardware: true, Loopback: true, Quiet: true,
		DeviceIDs: phone.DeviceIDs{Microphone: "tone:440", Speaker: "null"}, RecordFolder: t.TempDir()}
	for _, f := range change {
		f(&o)
	}
	p, err := wiring.New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cards is a file with one card of use.
func cards(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.vcf")
	if err := os.WriteFile(path, []byte("BEGIN:VCARD\nFN:Mara Lindqvist\nTEL;CELL:0170 5550142\nEND:VCARD\nBEGIN:VCARD\nFN:Nobody\nEND:VCARD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// automated runs test with a phone that is driven by stdin, or by ctl through the control socket.
func automated(t *testing.T, byCtl bool, test func(a *automat)) {
	pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	far := newPhone(t, pbx, 1)
	defer far.Close()
	far.Operator.Subscribe(func(f func()) { f() }, func(e phone.Event) {
		if e.Name == phone.EventIncoming {
			go func() { _ = far.Operator.Answer(context.Background(), e.Call.ID, phone.AnswerOptions{}) }()
		}
	})
	if err := far.Operator.Start(); err != nil {
		t.Fatal(err)
	}
	p := newPhone(t, pbx, 0)
	defer p.Close()
	a := &automat{T: t, far: far.Operator, names: map[string]string{"vcf": cards(t)}, changed: make(chan struct{})}
	book, err := store.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	defer book.Record(p.Operator, slog.New(slog.DiscardHandler)).Close()
	executor := headless.NewExecutor(p.Operator, p.Devices).WithBook(wiring.Book{Store: book})
	defer executor.Close()
	in, lines := io.Pipe()
	options := headless.Options{Executor: executor}
	printed := io.Writer(a)
	if byCtl {
		defer a.serveCtl(executor)()
		printed = io.Discard
	} else {
		a.give = func(line string) { _, _ = io.WriteString(lines, line+"\n") }
	}
	ran := make(chan error, 1)
	go func() { ran <- headless.Run(context.Background(), p.Operator, in, printed, options) }()
	defer func() { // also after a Fatal
		p.Close()
		_ = lines.Close()
		if err := <-ran; err != nil {
			t.Error(err)
		}
	}()
	test(a)
}

// serveCtl lets ctl reach the executor: its replies and its events are the output.
func (a *automat) serveCtl(executor *headless.Executor) (stop func()) {
	f := wiring.NewFlags()
	f.Profile = a.TempDir()
	server, err := control.Listen(f.Profile)
	if err != nil {
		a.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	handler := wiring.Handler{Executor: executor, Show: func(string) {}}
	running.Go(func() { _ = server.Serve(ctx, handler) })
	running.Go(func() { _ = f.Ctl(ctx, []string{"events"}, a) })
	a.give = func(line string) {
		var words []string
		for i, part := range strings.Split(line, `"`) {
			if i%2 == 1 {
				words = append(words, part)
			} else {
				words = append(words, strings.Fields(part)...)
			}
		}
		var said bytes.Buffer
		err := f.Ctl(ctx, words, &said)
		_, _ = a.Write(said.Bytes())
		if accepted := bytes.Contains(said.Bytes(), []byte(`"ok":true`)); accepted != (err == nil) || err != nil && !errors.Is(err, wiring.ErrRefused) {
			a.Errorf("%q: ctl ends with %v after %s", line, err, said.String())
		}
	}
	return func() { cancel(); running.Wait() }
}
