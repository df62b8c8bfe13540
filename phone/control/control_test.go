//go:build unix

package control

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// instance is a handler that notes what it was asked.
type instance struct {
	mu       sync.Mutex
	executed []string
	shown    []string
	watching chan struct{} // one value for each client that listens to events
	events   chan []byte
}

func (i *instance) Execute(_ context.Context, line string) []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.executed = append(i.executed, line)
	if strings.HasPrefix(line, "hold") {
		return []byte(`{"t":1,"reply":"hold","ok":true}`)
	}
	return []byte(`{"t":1,"reply":"","ok":false,"code":-1}`)
}

func (i *instance) Events(ctx context.Context, write func([]byte) error) error {
	i.watching <- struct{}{}
	for {
		select {
		case line := <-i.events:
			if err := write(line); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (i *instance) ShowLink(number string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.shown = append(i.shown, number)
}

// start runs an instance for a new profile, in folders that only this test uses.
func start(t *testing.T) (profile string, i *instance) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	profile = t.TempDir()
	server, err := Listen(profile)
	if err != nil {
		t.Fatal(err)
	}
	i = &instance{watching: make(chan struct{}, 4), events: make(chan []byte)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- server.Serve(ctx, i) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return profile, i
}

func TestTwoClientsGetTheirReplies(t *testing.T) {
	profile, i := start(t)
	var clients sync.WaitGroup
	for range 2 {
		clients.Go(func() {
			reply, accepted, err := Send(t.Context(), profile, "hold abc")
			if err != nil || !accepted || !bytes.Contains(reply, []byte(`"reply":"hold"`)) {
				t.Errorf("hold: %s %t %v", reply, accepted, err)
			}
		})
	}
	clients.Wait()
	if reply, accepted, err := Send(t.Context(), profile, "dance"); err != nil || accepted {
		t.Errorf("dance: %s %t %v", reply, accepted, err)
	}
	if len(i.executed) != 3 {
		t.Errorf("executed %q", i.executed)
	}
}

func TestASecondInstanceIsToldThatOneRuns(t *testing.T) {
	profile, _ := start(t)
	if _, err := Listen(profile); !errors.Is(err, ErrRunning) {
		t.Errorf("Listen = %v, want ErrRunning", err)
	}
	other, err := Listen(t.TempDir())
	if err != nil {
		t.Fatalf("another profile: %v", err)
	}
	if err := other.Close(); err != nil {
		t.Error(err)
	}
}

func TestOnlyOneOfManyStartersWins(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	profile := t.TempDir()
	won := make(chan *Server, 20)
	var starters sync.WaitGroup
	for range 20 {
		starters.Go(func() {
			s, err := Listen(profile)
			if err == nil {
				won <- s
			} else if !errors.Is(err, ErrRunning) {
				t.Error(err)
			}
		})
	}
	starters.Wait()
	if len(won) != 1 {
		t.Fatalf("%d starters became the instance", len(won))
	}
	if err := (<-won).Close(); err != nil {
		t.Error(err)
	}
}

func TestASocketThatACrashLeftBehindIsSweptAway(t *testing.T) {
	run := t.TempDir()
	t.Setenv("XDG_RUNTIME_DIR", run)
	profile := t.TempDir()
	name, err := nameOf(profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(run, "hookswitch"), 0o700); err != nil {
		t.Fatal(err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(run, "hookswitch", name+".sock"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	if err := stale.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Send(t.Context(), profile, "hold"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Send to a dead socket = %v", err)
	}
	server, err := Listen(profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

func TestSocketAndFolderAreForThisUserOnly(t *testing.T) {
	profile, _ := start(t)
	dir := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "hookswitch")
	name, err := nameOf(profile)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, name+".sock"): 0o600, filepath.Join(dir, name+".lock"): 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
	if err := samePeer(os.Getuid(), os.Getuid()); err != nil {
		t.Errorf("this user is refused: %v", err)
	}
	for _, stranger := range []int{os.Getuid() + 1, 4711, -1} {
		if err := samePeer(stranger, os.Getuid()); !errors.Is(err, ErrPeer) {
			t.Errorf("user %d: %v, want ErrPeer", stranger, err)
		}
	}
	if os.Getuid() != 0 && samePeer(0, os.Getuid()) == nil {
		t.Error("root is let in")
	}
}

func TestAForeignFolderIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	target := t.TempDir()
	link := filepath.Join(dir, "hookswitch")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := private(link); !errors.Is(err, ErrPlace) {
		t.Errorf("a symbolic link in the folder's place: %v, want ErrPlace", err)
	}
}

func TestEventsAreStreamedUntilTheClientGoes(t *testing.T) {
	profile, i := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	done := make(chan error)
	go func() { done <- Events(ctx, profile, writer) }()
	<-i.watching
	i.events <- []byte(`{"t":1,"event":"registered"}`)
	got := make([]byte, 100)
	n, err := reader.Read(got)
	if err != nil || string(got[:n]) != `{"t":1,"event":"registered"}`+"\n" {
		t.Errorf("got %q, %v", got[:n], err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Events = %v", err)
	}
	_ = writer.Close()
}

func TestALinkIsShownAndNeverExecuted(t *testing.T) {
	profile, i := start(t)
	if reply, accepted, err := SendLink(t.Context(), profile, "tel:+49-30-1"); err != nil || !accepted {
		t.Errorf("link: %s %t %v", reply, accepted, err)
	}
	if _, _, err := SendLink(t.Context(), profile, "sip:6@p;x=y"); !errors.Is(err, ErrLink) {
		t.Errorf("bad link: %v", err)
	}
	if reply, accepted, err := Send(t.Context(), profile, "link sip:6@p?h=v"); err != nil || accepted || !bytes.Contains(reply, []byte("-209")) {
		t.Errorf("bad link past the client's check: %s %t %v", reply, accepted, err)
	}
	if len(i.shown) != 1 || i.shown[0] != "+49-30-1" || len(i.executed) != 0 {
		t.Errorf("shown %q, executed %q", i.shown, i.executed)
	}
}

func TestAClientThatSaysTooMuchIsDropped(t *testing.T) {
	profile, i := start(t)
	conn, err := dial(t.Context(), profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = conn.Write(bytes.Repeat([]byte("x"), 2*mostLine))
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("an endless line got an answer")
	}
	_ = conn.Close()
	if _, _, err := Send(t.Context(), profile, "hold\nhold"); err == nil {
		t.Error("two lines were sent as one command")
	}
	if len(i.executed) != 0 {
		t.Errorf("executed %q", i.executed)
	}
}
