//go:build linux

package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hookswitch builds the program as a user has it and returns its path. Unchanged, that is a look into Go's cache.
func hookswitch(t *testing.T) string {
	t.Helper()
	longTest(t)
	binary := filepath.Join(repository(t), ".cache", "interop", "hookswitch")
	within, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	build := exec.CommandContext(within, "go", "build", "-o", binary, ".")
	build.Dir = repository(t)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the program does not build: %v\n%s", err, out)
	}
	return binary
}

// outcome is how a run of the program went.
type outcome struct {
	Stdout string
	Stderr string
	Status int
	Took   time.Duration
}

// awayFromTheUser is an environment without the user's own files, display and sound.
func awayFromTheUser(home string) []string {
	return append(os.Environ(), "HOME="+home, "XDG_RUNTIME_DIR="+home, "XDG_CONFIG_HOME="+home+"/config", "XDG_DATA_HOME="+home+"/data",
		"XDG_CACHE_HOME="+home+"/cache", "DISPLAY=", "WAYLAND_DISPLAY=", "PULSE_SERVER=unix:"+home+"/none", "DBUS_SESSION_BUS_ADDRESS=unix:path="+home+"/none")
}

// runProgram runs it to its end, away from the user's own files, display and sound.
func runProgram(t *testing.T, limit time.Duration, stdin string, arguments ...string) outcome {
	t.Helper()
	binary, home := hookswitch(t), t.TempDir()
	within, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(within, binary, arguments...)
	cmd.Env = awayFromTheUser(home)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = 2 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err := cmd.Run()
	o := outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), time.Since(began)}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s %v, status %d after %v\nstdout:\n%s\nstderr:\n%s", binary, arguments, o.Status, o.Took, tail(o.Stdout, 60), tail(o.Stderr, 60))
		}
	})
	if within.Err() != nil {
		t.Fatalf("it did not end within %v", limit)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return o
}

// lines reads standard output as JSON lines; anything else there is a failure.
func (o outcome) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for text := range strings.Lines(o.Stdout) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("not a JSON line: %q", text)
		}
		lines = append(lines, line)
	}
	return lines
}
