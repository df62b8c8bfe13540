//go:build linux

package interop

import (
	"slices"
	"testing"
	"time"
)

func TestACallFromAScript(t *testing.T) {
	run := runProgram(t, 30*time.Second, "call 600\n", "-headless", "-demo")
	if run.Status != 0 {
		t.Errorf("its status is %d", run.Status)
	}
	var events []string
	calls := map[any]bool{}
	for _, line := range run.lines(t) {
		if name, ok := line["event"].(string); ok {
			events = append(events, name)
			if name == "confirmed" || name == "deleteSession" {
				calls[line["call"]] = true
			}
		}
		if line["reply"] != nil && line["ok"] != true {
			t.Errorf("a command was refused: %v", line)
		}
		if at, ok := line["t"].(float64); !ok || at < 1.7e9 {
			t.Errorf("a line without its time: %v", line)
		}
	}
	position := -1
	for _, wanted := range []string{"registered", "startSession", "confirmed", "deleteSession"} {
		found := slices.Index(events, wanted)
		if found <= position {
			t.Errorf("%s is missing or out of order in %v", wanted, events)
		}
		position = found
	}
	if len(calls) != 1 {
		t.Errorf("events of %d calls", len(calls))
	}
}

func TestALineThatIsNoCommandChangesNothing(t *testing.T) {
	run := runProgram(t, 30*time.Second, "cal 600\ncall\nhangup nothing\nstatus\n", "-headless", "-demo", "-microphone", "null", "-speaker", "null")
	var accepted []bool
	for _, line := range run.lines(t) {
		if _, ok := line["ok"]; ok {
			accepted = append(accepted, line["ok"] == true)
		}
		if line["event"] == "startSession" {
			t.Errorf("a call began: %v", line)
		}
	}
	if !slices.Equal(accepted, []bool{false, false, false, true}) {
		t.Errorf("the replies were %v", accepted)
	}
	if run.Status != 0 {
		t.Errorf("its status is %d", run.Status)
	}
}
