//go:build linux

package interop

import (
	"testing"
	"time"
)

// Two calls that were placed one after the other are joined by the mouse, and by the keys alone on a small window.
func TestTwoCallsAreJoinedInTheWindow(t *testing.T) {
	w := startWindow(t, 1280, 800, "-demo")
	w.await("status", equals("Ready"))
	w.callBoth(w.dial)
	w.run("xdotool", "key", "ctrl+shift+t")
	w.await("transfer", equals("choose"))
	w.picture("join-offered")
	w.press("transfer-0")
	w.await("transfer-note", equals("Both will be connected. Your call ends."))
	w.picture("join-chosen")
	w.press("transfer-do")
	w.await("calls", equals(0.0))
	w.picture("joined")
	w.quit()
}

func TestTwoCallsAreJoinedByTheKeysInTheSizeOfAPhone(t *testing.T) {
	w := startWindow(t, 360, 640, "-demo")
	w.await("status", equals("Ready"))
	w.callBoth(func(digits string) {
		w.press("nav-dial")
		w.pressNumber(digits)
		w.press("call")
	})
	w.run("xdotool", "key", "ctrl+shift+t")
	w.await("transfer", equals("choose"))
	w.picture("compact-join-offered")
	w.run("xdotool", "key", "Down")
	w.await("transfer-note", equals("Both will be connected. Your call ends."))
	w.picture("compact-join-chosen")
	w.run("xdotool", "key", "Return")
	w.await("calls", equals(0.0))
	w.quit()
}

// callBoth calls the demo's second party, then its music, so that the former is held.
func (w *window) callBoth(dial func(digits string)) {
	w.t.Helper()
	dial("602")
	w.await("state", equals("Talking"))
	time.Sleep(time.Second) // between two calls (the contract's CALL_TOO_MANY_TIMES)
	if _, compact := w.told().Rects["back"]; compact {
		w.press("back")
	}
	dial("601")
	w.await("calls", equals(2.0))
	w.await("state", equals("Talking"))
}
