//go:build linux

package interop

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
)

// screen is a display without a screen: Xvfb, a window manager, a message bus and a sound server, all private.
type screen struct {
	t       *testing.T
	display string
	bus     string
	home    string
	// Sound has the microphones micA and micB and the speakers earA and earB.
	Sound *pulsetest.Server
}

// startScreen starts it, with that size in pixels.
func startScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	longTest(t)
	s := &screen{t: t, home: t.TempDir()}
	xvfb := exec.Command(program(t, "Xvfb"), "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-noreset", "-nolisten", "tcp")
	s.display = ":" + firstLine(t, "xvfb", xvfb, func(w *os.File) { xvfb.ExtraFiles = []*os.File{w} })
	bus := exec.Command(program(t, "dbus-daemon"), "--session", "--nofork", "--nopidfile", "--print-address=1")
	bus.Env = s.environment()
	s.bus = firstLine(t, "dbus", bus, func(w *os.File) { bus.Stdout = w })
	manager := exec.Command(program(t, "openbox"), "--sm-disable")
	manager.Env = s.environment()
	start(t, "openbox", manager)
	await(t, "a window manager", 10*time.Second, func() bool {
		out, err := s.try("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
		return err == nil && strings.Contains(out, "window id")
	})
	s.Sound = pulsetest.StartWithDevices(t)
	return s
}

// firstLine starts the command and reads the one line that it tells to the file given to it.
func firstLine(t *testing.T, name string, cmd *exec.Cmd, give func(*os.File)) string {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	give(writer)
	p := start(t, name, cmd)
	_ = writer.Close()
	defer reader.Close()
	if err := reader.SetReadDeadline(time.Now().Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 0, 200)
	for one := make([]byte, 1); ; {
		if _, err := io.ReadFull(reader, one); err != nil {
			t.Fatalf("%s does not say where it is: %v\n%s", name, err, tail(p.text(), 20))
		}
		if one[0] == '\n' {
			return string(line)
		}
		line = append(line, one[0])
	}
}

// environment is for programs that shall live on this screen and nowhere else.
func (s *screen) environment() []string {
	own := []string{"DISPLAY=" + s.display, "DBUS_SESSION_BUS_ADDRESS=" + s.bus, "HOME=" + s.home, "XDG_RUNTIME_DIR=" + s.home,
		"XDG_CONFIG_HOME=" + s.home + "/config", "XDG_DATA_HOME=" + s.home + "/data", "XDG_CACHE_HOME=" + s.home + "/cache",
		"WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "LANG=C.UTF-8"}
	if s.Sound != nil {
		own = append(own, s.Sound.Env()...)
	}
	return append(os.Environ(), own...)
}

// try runs a tool on the screen and returns what it printed.
func (s *screen) try(name string, arguments ...string) (string, error) {
	within, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(within, name, arguments...)
	cmd.Env = s.environment()
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// run is try, and ends the test on an error.
func (s *screen) run(name string, arguments ...string) string {
	s.t.Helper()
	out, err := s.try(name, arguments...)
	if err != nil {
		s.t.Fatalf("%s %v: %v: %s", name, arguments, err, out)
	}
	return out
}

// window waits for a visible window whose title holds these words, and returns its number and its place on the screen.
func (s *screen) window(title string) (id string, place image.Rectangle) {
	s.t.Helper()
	await(s.t, "a window titled "+title, 30*time.Second, func() bool {
		found, err := s.try("xdotool", "search", "--onlyvisible", "--name", title)
		ids := strings.Fields(found)
		if err != nil || len(ids) == 0 {
			return false // no such window yet; xdotool calls that a failure
		}
		id = ids[len(ids)-1]
		return true
	})
	return id, s.place(id)
}

// place is where the window's inside lies on the screen now. xdotool would count the window manager's frame twice.
func (s *screen) place(id string) image.Rectangle {
	s.t.Helper()
	value := map[string]int{}
	for line := range strings.Lines(s.run("xwininfo", "-id", id, "-stats")) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		value[name], _ = strconv.Atoi(strings.TrimSpace(text))
	}
	x, y := value["Absolute upper-left X"], value["Absolute upper-left Y"]
	return image.Rect(x, y, x+value["Width"], y+value["Height"])
}

// click moves the pointer there and presses its first button, as a hand does.
func (s *screen) click(at image.Point) {
	s.t.Helper()
	s.run("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", "1")
}

// picture keeps a screenshot in the repository's ignored folder screenshots/ and returns it.
func (s *screen) picture(name string) image.Image {
	s.t.Helper()
	dir := filepath.Join(repository(s.t), "screenshots")
	if err := os.MkdirAll(dir, 0o750); err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(dir, name+".png")
	s.run("import", "-window", "root", path)
	file, err := os.Open(path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return picture
}

// colours counts how many different ones the part of the picture has; a blank window has one.
func colours(picture image.Image, part image.Rectangle) int {
	seen := map[[3]uint32]bool{}
	part = part.Intersect(picture.Bounds())
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}
