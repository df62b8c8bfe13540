package native

import (
	"net"
	"os"
	"path/filepath"
	"testing"
)

// homeless is an environment in which no sound server can be found by accident.
func homeless(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{"PULSE_SERVER", "PULSE_RUNTIME_PATH", "XDG_RUNTIME_DIR"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", dir)
	return dir
}

func TestASoundServerIsLookedForWhereLibpulseLooks(t *testing.T) {
	dir := homeless(t)
	if pulseAnswers() {
		t.Skip("this machine has a server for all users")
	}
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if err := os.Mkdir(filepath.Join(dir, "pulse"), 0o700); err != nil {
		t.Fatal(err)
	}
	server, err := net.Listen("unix", filepath.Join(dir, "pulse/native"))
	if err != nil {
		t.Fatal(err)
	}
	if !pulseAnswers() {
		t.Error("the server was not found")
	}
	_ = server.Close()
	if pulseAnswers() {
		t.Error("a server that is gone was found")
	}
	t.Setenv("PULSE_SERVER", "tcp:192.0.2.1")
	if !pulseAnswers() {
		t.Error("a server elsewhere must be tried")
	}
	t.Setenv("PULSE_SERVER", "unix:"+filepath.Join(dir, "nobody"))
	if pulseAnswers() {
		t.Error("nobody answers there")
	}
}

func TestAMachineWithoutSoundLeaksNothingHoweverOftenItIsAsked(t *testing.T) {
	homeless(t)
	if pulseAnswers() {
		t.Skip("this machine has a server for all users")
	}
	_, _ = connect() // what the libraries open once stays
	before := openFiles(t)
	for range 10 {
		if s, err := connect(); err == nil {
			s.free()
		}
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files open, %d before", after, before)
	}
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(entries)
}
