//go:build linux

package interop

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCtlTellsByItsExitStatusWhetherACommandWasAccepted: 0 for accepted, 1 for refused and for no instance.
func TestCtlTellsByItsExitStatusWhetherACommandWasAccepted(t *testing.T) {
	binary, home := hookswitch(t), t.TempDir()
	within, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	program := func(arguments ...string) *exec.Cmd {
		cmd := exec.CommandContext(within, binary, arguments...)
		cmd.Env, cmd.WaitDelay = awayFromTheUser(home), 2*time.Second
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		return cmd
	}
	phone := program("-headless", "-demo", "-microphone", "tone:440", "-speaker", "null")
	_, err := phone.StdinPipe() // it stays open
	out, err2 := phone.StdoutPipe()
	if err := errors.Join(err, err2, phone.Start()); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	watching := program("ctl", "events")
	if err := watching.Start(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words  string
		status int
		says   string
	}{{"status", 0, `"registered":true`}, {"hold", 1, `"code":-211`}, {"dance", 1, `"code":-1`}, {"call 600", 0, `"ok":true`}} {
		said, err := program(append([]string{"ctl"}, strings.Fields(c.words)...)...).Output()
		if status := exitOf(err); status != c.status || !strings.Contains(string(said), c.says) {
			t.Errorf("ctl %s ends with %d and %s", c.words, status, said)
		}
	}
	if err := errors.Join(watching.Process.Signal(os.Interrupt), watching.Wait()); err != nil {
		t.Errorf("ctl events, interrupted: %v", err)
	}
	if err := errors.Join(program("ctl", "quit").Run(), phone.Wait()); err != nil {
		t.Errorf("quit: %v", err)
	}
	if status := exitOf(program("ctl", "status").Run()); status != 1 {
		t.Errorf("without an instance ctl ends with %d", status)
	}
}

// exitOf is the exit status that an error of a run tells; -1 where it never ran.
func exitOf(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
