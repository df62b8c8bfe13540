//go:build linux

package interop

import (
	"testing"
	"time"
)

// dial types a number into the field, wherever the keyboard was, and sends it off.
func (w *window) dial(digits string) {
	w.t.Helper()
	w.run("xdotool", "key", "ctrl+f")
	w.run("xdotool", "type", "--delay", "40", digits)
	w.await("number", equals(digits))
	w.run("xdotool", "key", "Return")
}

// Two calls become a conference by a click, one of them is taken aside, both come back by the keys, and one click ends it.
func TestCallsAreMergedAndSplitInTheWindow(t *testing.T) {
	w := startWindow(t, 1280, 800, "-demo")
	w.await("status", equals("Ready"))
	w.dial("601")
	w.await("state", equals("Talking"))
	time.Sleep(time.Second) // between two calls (the contract's CALL_TOO_MANY_TIMES)
	w.dial("600")
	w.await("calls", equals(2.0))
	w.await("state", equals("Talking"))
	w.await("card-0", equals("Held by you"))
	w.press("merge")
	w.await("name", equals("Conference"))
	w.await("card-0", equals("Talking"))
	w.await("level-far", above(0.2)) // the music
	w.picture("conference")
	w.press("card-0-aside")
	w.await("card-1", equals("Held by you"))
	w.await("name", func(v any) bool { return v != "Conference" })
	w.run("xdotool", "key", "ctrl+shift+j")
	w.await("name", equals("Conference"))
	w.await("card-1", equals("Talking"))
	w.press("hangup")
	w.await("calls", equals(0.0))
	w.quit()
}
