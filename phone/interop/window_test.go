//go:build linux

package interop

import (
	"encoding/json"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// window is the real program with its real window on a private screen. It tells where its controls are, so that a
// hand can be aimed.
type window struct {
	*screen
	program *process
	id      string
	tell    string // the file it tells to
}

// told is the program's last word about its window.
type told struct {
	Rects  map[string][4]int // x, y, width, height in the window's pixels
	Values map[string]any
}

// startWindow builds and starts the program and waits for its window.
func startWindow(t *testing.T, width, height int, arguments ...string) *window {
	t.Helper()
	longTest(t)
	hookswitch(t)
	w := &window{screen: startScreen(t, width, height)}
	w.launch(arguments...)
	return w
}

// launch starts the program and waits for its window; with the profile of the program that ran here before, if one did.
func (w *window) launch(arguments ...string) {
	w.t.Helper()
	w.tell = filepath.Join(w.t.TempDir(), "told")
	cmd := exec.Command(hookswitch(w.t), append(arguments, "-profile", filepath.Join(w.home, "profile"), "-tell", w.tell)...)
	cmd.Env = w.environment()
	w.program = start(w.t, "hookswitch", cmd)
	w.id, _ = w.screen.window("Hookswitch")
	await(w.t, "the window tells of itself", 20*time.Second, func() bool { return len(w.told().Rects) > 0 })
}

// told reads the last whole line.
func (w *window) told() (last told) {
	text, err := os.ReadFile(w.tell)
	if err != nil {
		return told{}
	}
	end := strings.LastIndexByte(string(text), '\n')
	if end < 0 {
		return told{}
	}
	lines := strings.Split(string(text[:end]), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		w.t.Fatalf("the program tells %q: %v", lines[len(lines)-1], err)
	}
	return last
}

// press clicks on the middle of a control, once it is there and has come to rest.
func (w *window) press(name string) {
	w.t.Helper()
	var rect [4]int
	if !eventually(15*time.Second, func() bool { var there bool; rect, there = w.told().Rects[name]; return there }) {
		w.t.Fatalf("there is no %q; the window tells %+v", name, w.told())
	}
	w.click(w.place(w.id).Min.Add(image.Pt(rect[0]+rect[2]/2, rect[1]+rect[3]/2)))
}

// await waits until a value is as wished.
func (w *window) await(name string, holds func(value any) bool) {
	w.t.Helper()
	if !eventually(20*time.Second, func() bool { return holds(w.told().Values[name]) }) {
		w.t.Fatalf("waited in vain for %q; the window tells %+v", name, w.told().Values)
	}
}

func equals(wanted any) func(any) bool { return func(v any) bool { return v == wanted } }

func above(limit float64) func(any) bool {
	return func(v any) bool { level, ok := v.(float64); return ok && level > limit }
}

// pressNumber dials by the pad's keys.
func (w *window) pressNumber(digits string) {
	w.t.Helper()
	for i, digit := range digits {
		w.press("key-" + string(digit))
		w.await("number", equals(digits[:i+1]))
	}
}

// quit closes the window by the window manager's key, and waits for the program's end.
func (w *window) quit() {
	w.t.Helper()
	w.run("xdotool", "key", "alt+F4")
	await(w.t, "the program ends when its window is closed", 15*time.Second, w.program.ended)
	if w.program.err != nil {
		w.t.Errorf("the program ended with %v", w.program.err)
	}
}

// The newcomer's way: no account, the demo, the echo test – by clicks on the real window, heard on the real speaker.
func TestANewcomerHearsItWork(t *testing.T) {
	// The tone that is spoken here is just what the suppressor of noise takes out.
	w := startWindow(t, 1280, 800, "-no-voice-processing")
	w.picture("first-run")
	w.press("try-demo")
	w.await("page", equals("calls"))
	w.await("status", equals("Ready"))
	w.picture("ready")

	ear := w.Sound.Record("earA")
	defer ear.Stop()
	w.pressNumber("600")
	w.press("call")
	w.await("state", equals("Talking"))

	hush := w.Sound.Feed("micA", 500, -20)
	w.await("level-near", above(0.2))
	w.await("level-far", above(0.2))
	w.picture("talking")
	if tone, heard := ear.WaitTone(500, 10*time.Second); !heard {
		t.Errorf("the echo is not on the speaker, but %v", tone)
	}
	hush()
	w.await("level-near", func(v any) bool { return !above(0.1)(v) })
	w.await("level-far", func(v any) bool { return !above(0.1)(v) })

	w.press("hangup")
	w.await("calls", equals(0.0))
	if n := colours(w.picture("hung-up"), w.place(w.id)); n < 20 {
		t.Errorf("the window shows %d colours", n)
	}
	w.quit()
}

func TestTheWindowInTheSizeOfAPhone(t *testing.T) {
	w := startWindow(t, 360, 640, "-demo")
	w.await("status", equals("Ready"))
	w.press("nav-dial")
	w.pressNumber("602")
	w.picture("compact-dial-pad")
	w.press("call")
	w.await("state", equals("Talking"))
	w.await("level-far", above(0.1))
	w.press("mute")
	w.await("muted", equals(true))
	w.picture("compact-talking")
	w.press("hangup")
	w.await("calls", equals(0.0))
	w.quit()
}
