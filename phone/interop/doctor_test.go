//go:build linux

package interop

import (
	"encoding/json"
	"testing"
	"time"
)

// diagnosis is what doctor -json tells.
type diagnosis struct {
	OK             bool
	Reason         string
	Text           string
	RegistrationMs float64
	SetUpMs        float64
	EchoHeard      bool
	EchoDelayMs    float64
	Encrypted      bool
	Checks         []struct {
		Name   string
		OK     bool
		Reason string
	}
}

func examine(t *testing.T, arguments ...string) (outcome, diagnosis) {
	t.Helper()
	run := runProgram(t, 45*time.Second, "", append([]string{"doctor", "-demo", "-json"}, arguments...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(run.Stdout), &d); err != nil {
		t.Fatalf("not one JSON object: %v", err)
	}
	return run, d
}

func TestTheDoctorFindsTheDemoWell(t *testing.T) {
	run, d := examine(t)
	if run.Status != 0 || !d.OK {
		t.Errorf("status %d, ok %v: %s", run.Status, d.OK, d.Text)
	}
	if d.RegistrationMs <= 0 || d.SetUpMs <= 0 {
		t.Errorf("registered within %v ms, set up within %v ms", d.RegistrationMs, d.SetUpMs)
	}
	// Two packets of 20 ms, two jitter buffers and loopback: less than 20 ms cannot be an echo, a second is none to use.
	if !d.EchoHeard || d.EchoDelayMs < 20 || d.EchoDelayMs > 1000 {
		t.Errorf("the echo: heard %v, after %v ms", d.EchoHeard, d.EchoDelayMs)
	}
	if !d.Encrypted {
		t.Error("the call was not encrypted")
	}
}

func TestTheDoctorNamesWhatIsWrong(t *testing.T) {
	for fault, reason := range map[string]string{"silent": "echo-silent", "deaf": "no-media", "wrong-password": "authentication"} {
		t.Run(fault, func(t *testing.T) {
			run, d := examine(t, "-fault", fault)
			if run.Status == 0 || d.OK {
				t.Errorf("status %d, ok %v", run.Status, d.OK)
			}
			if d.Reason != reason {
				t.Errorf("the reason is %q, not %q", d.Reason, reason)
			}
			if d.EchoHeard {
				t.Error("it heard an echo all the same")
			}
		})
	}
}
