//go:build unix

package native

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

// listOnlyVariable makes the test binary print its list of devices and end.
const listOnlyVariable = "HOOKSWITCH_TEST_LIST_ONLY"

func printList() {
	b := New()
	defer b.Close()
	<-b.Listed()
	for _, d := range b.List() {
		fmt.Printf("%+v\n", d)
	}
}

// listOfAnotherProcess runs printList in a process of its own.
func listOfAnotherProcess(t *testing.T, env ...string) (out, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, os.Args[0])
	c.Env = append(slices.Clone(os.Environ()), append(env, listOnlyVariable+"=1")...)
	var stdout, errors bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &errors
	if err := c.Run(); err != nil {
		t.Fatalf("%v: %s", err, errors.String())
	}
	return stdout.String(), errors.String()
}

func TestTwoProcessesSeeTheSameIDs(t *testing.T) {
	s := pulsetest.StartWithDevices(t)
	first, _ := listOfAnotherProcess(t, s.Env()...)
	second, _ := listOfAnotherProcess(t, s.Env()...)
	if first == "" || first != second {
		t.Errorf("one process lists\n%s\nanother one\n%s", first, second)
	}
}

func TestAMachineWithoutSoundStaysQuiet(t *testing.T) {
	out, stderr := listOfAnotherProcess(t, "PULSE_SERVER=unix:"+t.TempDir()+"/nothing")
	if stderr != "" {
		t.Errorf("it writes to stderr: %q", stderr)
	}
	if bytes.Contains([]byte(out), []byte(devices.Microphone)) {
		t.Skip("this machine has sound cards")
	}
}
