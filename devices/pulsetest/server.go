//go:build unix

package pulsetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLimit bounds how long the server may take until it answers.
const startLimit = 15 * time.Second

// commandLimit bounds one pactl command.
const commandLimit = 10 * time.Second

// Server is a private PulseAudio server. Its methods may be called from the test's goroutine only.
type Server struct {
	t      testing.TB
	dir    string
	env    []string // of every client
	daemon *exec.Cmd
	exited chan struct{}
}

// Start starts a server without any device. It is stopped when the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	requireTools(t, "pulseaudio", "pactl", "pacat", "parec")
	s := &Server{t: t, dir: t.TempDir(), exited: make(chan struct{})}
	s.env = s.clientEnv(os.Environ())
	s.daemon = s.command(context.Background(), "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1",
		"--disallow-exit", "--disable-shm=yes", "--realtime=no", "--high-priority=no",
		"-L", "module-native-protocol-unix auth-anonymous=1 socket="+s.socket())
	output, err := os.Create(filepath.Join(s.dir, "server.log"))
	if err != nil {
		t.Fatalf("pulsetest: %v", err)
	}
	s.daemon.Stdout, s.daemon.Stderr = output, output
	if err := s.daemon.Start(); err != nil {
		t.Fatalf("pulsetest: start PulseAudio: %v", err)
	}
	go func() {
		_ = s.daemon.Wait() // its exit status says nothing: we end it ourselves
		_ = output.Close()
		close(s.exited)
	}()
	t.Cleanup(s.Stop)
	s.waitUntilItAnswers()
	return s
}

// StartWithDevices starts a server with the microphones micA and micB (fed through the sinks micA_sink
// and micB_sink, see Feed) and the speakers earA and earB. micA and earA are the defaults. A stream is kept
// open on each of them, for an idle null sink stalls up to 2 s when it is first opened.
func StartWithDevices(t testing.TB) *Server {
	t.Helper()
	s := Start(t)
	s.AddSpeaker("earA", "Ear A")
	s.AddSpeaker("earB", "Ear B")
	s.AddMicrophone("micA", "Mic A")
	s.AddMicrophone("micB", "Mic B")
	s.SetDefaultSpeaker("earA")
	s.SetDefaultMicrophone("micA")
	for _, sink := range []string{"earA", "earB", "micA_sink", "micB_sink"} {
		s.KeepAwake(sink)
	}
	return s
}

// requireTools skips the test, or fails it on a CI machine, when a program is missing.
func requireTools(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		message := name + " is not installed (apt install pulseaudio pulseaudio-utils)"
		if os.Getenv("CI") != "" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
}

func (s *Server) socket() string { return filepath.Join(s.dir, "pa.sock") }

// clientEnv is base with everything that names another server or device replaced.
func (s *Server) clientEnv(base []string) []string {
	var env []string
	for _, entry := range base {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "PULSE_") || strings.HasPrefix(name, "XDG_") || name == "HOME" || name == "LC_ALL" {
			continue
		}
		env = append(env, entry)
	}
	return append(env, "PULSE_SERVER=unix:"+s.socket(), "PULSE_RUNTIME_PATH="+s.dir, "XDG_RUNTIME_DIR="+s.dir,
		"HOME="+s.dir, "LC_ALL=C")
}

// Env are the variables that let a subprocess reach this server and no other; add them to its environment.
func (s *Server) Env() []string {
	return []string{"PULSE_SERVER=unix:" + s.socket(), "PULSE_RUNTIME_PATH=" + s.dir, "PULSE_COOKIE=" + s.dir + "/cookie"}
}

// Use points the test's own process to this server until the test ends. The test must not be parallel.
func (s *Server) Use() {
	s.t.Helper()
	for _, entry := range s.Env() {
		name, value, _ := strings.Cut(entry, "=")
		s.t.Setenv(name, value)
	}
}

// PID is the server's process id.
func (s *Server) PID() int { return s.daemon.Process.Pid }

// Stop ends the server, as when it crashes. The end of the test does so by itself.
func (s *Server) Stop() {
	_ = s.daemon.Process.Signal(syscall.SIGCONT) // it may be frozen
	_ = s.daemon.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
		return
	case <-time.After(3 * time.Second):
	}
	_ = s.daemon.Process.Kill()
	<-s.exited
}

// Freeze stops the server's process without closing anything, and Thaw lets it go on: a sound system that hangs.
func (s *Server) Freeze() { _ = s.daemon.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() { _ = s.daemon.Process.Signal(syscall.SIGCONT) }

// command prepares a client of this server (or the server).
func (s *Server) command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, arguments...) // #nosec G204 -- tests only
	c.Env = s.env
	c.WaitDelay = time.Second
	return c
}

func (s *Server) waitUntilItAnswers() {
	s.t.Helper()
	deadline := time.Now().Add(startLimit)
	for {
		_, err := s.try("info")
		if err == nil {
			return
		}
		select {
		case <-s.exited:
		case <-time.After(20 * time.Millisecond):
			if time.Now().Before(deadline) {
				continue
			}
		}
		text, _ := os.ReadFile(filepath.Join(s.dir, "server.log"))
		s.t.Fatalf("pulsetest: PulseAudio does not answer: %v\n%s", err, text)
	}
}

// try runs pactl and returns what it printed.
func (s *Server) try(arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	c := s.command(ctx, "pactl", arguments...)
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("pactl %s: %w: %s", strings.Join(arguments, " "), err, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// Pactl runs pactl with the arguments and returns what it printed; an error ends the test.
func (s *Server) Pactl(arguments ...string) string {
	s.t.Helper()
	out, err := s.try(arguments...)
	if err != nil {
		s.t.Fatalf("pulsetest: %v", err)
	}
	return out
}
