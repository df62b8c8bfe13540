//go:build linux

package interop

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a peer that runs beside the test, in a process group of its own.
type process struct {
	name string
	cmd  *exec.Cmd
	log  string
	done chan struct{} // closed when it has ended
	err  error         // how; to be read after done
}

// start runs the command with its output in a log file; the test's end ends it and all its children. On a failed
// test the log's tail is shown.
func start(t *testing.T, name string, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{name: name, cmd: cmd, log: filepath.Join(t.TempDir(), name+".log"), done: make(chan struct{})}
	out, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if cmd.Stdout == nil {
		cmd.Stdout = out
	}
	cmd.Stderr = out
	// Should this process be killed, its peers go with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the last lines of %s:\n%s", name, tail(p.text(), 60))
		}
	})
	return p
}

// stop asks the group to end, and makes it after three seconds.
func (p *process) stop() {
	group := -p.cmd.Process.Pid
	if p.ended() {
		_ = syscall.Kill(group, syscall.SIGKILL) // children that outlived it
		return
	}
	_ = syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(3 * time.Second):
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	<-p.done
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// text is what it has written so far.
func (p *process) text() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func tail(text string, lines int) string {
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// await waits until the condition holds; what names it in the failure's sentence.
func await(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	if !eventually(limit, holds) {
		t.Fatalf("waited %v in vain: %s", limit, what)
	}
}

func eventually(limit time.Duration, holds func() bool) bool {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		if holds() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// given are the ports that tests of this process have had. They run side by side, and a port is free again until the peer
// that it is for takes it; what listens there then would be another test's peer.
var given sync.Map

// freePorts asks the kernel for ports on loopback that are free for TCP and UDP alike. Another process may take one
// before the peer does, so the peer's fixture tries again then.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for tries := 0; len(ports) < n; tries++ {
		if tries > 100 {
			t.Fatal("no free ports on 127.0.0.1")
		}
		tcp, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer tcp.Close() // all are kept until the end, so that no port comes twice
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer udp.Close()
		if _, taken := given.LoadOrStore(port, true); !taken {
			ports = append(ports, port)
		}
	}
	return ports
}

// repository is the top folder of the checkout.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// peerFile is the path of a file below .cache, which .ci/peers fills.
func peerFile(t *testing.T, parts ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{repository(t), ".cache"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		missing(t, "%v. `make test` fetches it", err)
	}
	return path
}

// libraries is the LD_LIBRARY_PATH of a peer whose packages are unpacked below .cache.
func libraries(t *testing.T, peer string) string {
	t.Helper()
	return libraryPath(peerFile(t, peer))
}

// libraryPath is where unpacked packages keep their shared libraries, whatever the architecture.
func libraryPath(top string) string {
	var dirs []string
	for _, pattern := range []string{"lib/*", "usr/lib/*", "usr/lib/*/" + filepath.Base(top)} {
		found, _ := filepath.Glob(filepath.Join(top, pattern)) // its only error is a bad pattern
		dirs = append(dirs, found...)
	}
	return strings.Join(dirs, ":")
}

// program finds an installed program.
func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "none of %v is installed. `make test` installs it", names)
	return ""
}

// missing skips the test, or fails it where the peers are promised.
func missing(t *testing.T, format string, arguments ...any) {
	t.Helper()
	if os.Getenv("HOOKSWITCH_PEERS") == "required" || os.Getenv("CI") != "" {
		t.Fatalf(format, arguments...)
	}
	t.Skipf(format, arguments...)
}

// longTest leaves the test out of `go test -short`.
func longTest(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a real peer")
	}
}

func TestNoTwoTestsGetTheSamePort(t *testing.T) {
	seen := map[int]bool{}
	for range 300 { // among 28000, two would meet in four of five runs
		port := freePorts(t, 1)[0]
		if seen[port] {
			t.Fatalf("port %d comes twice", port)
		}
		seen[port] = true
	}
}
