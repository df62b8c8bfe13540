//go:build linux

package interop

import (
	"testing"
	"time"
)

// A call is in the history after the program has ended and begun again. From there it is called, and becomes a contact, whose name
// then stands on the call and finds it.
func TestAPastCallIsKeptCalledAgainAndBecomesAContactInTheWindow(t *testing.T) {
	w := startWindow(t, 1280, 800, "-demo")
	w.await("status", equals("Ready"))
	w.open("contacts")
	w.open("calls")
	w.pressNumber("600")
	w.press("call")
	w.await("state", equals("Talking"))
	w.press("hangup")
	w.await("rows", equals(1.0))
	w.quit()

	w.launch("-demo")
	w.await("status", equals("Ready"))
	w.await("rows", equals(1.0))
	w.open("contacts")
	w.open("calls")
	w.press("row-0")
	w.press("past-contact")
	w.await("page", equals("contacts"))
	w.press("card-name")
	w.run("xdotool", "key", "ctrl+a")
	w.run("xdotool", "type", "--delay", "30", "Ada Lovelace")
	w.press("card-save")
	w.await("page", equals("calls"))
	w.press("past-call")
	w.await("state", equals("Talking"))
	w.await("name", equals("Ada Lovelace"))
	w.press("hangup")
	w.await("rows", equals(2.0))
	time.Sleep(time.Second) // between two calls of a user's

	w.press("number")
	w.run("xdotool", "type", "--delay", "30", "lovel")
	w.await("found", equals("Ada Lovelace"))
	w.picture("history-search")
	w.run("xdotool", "key", "Return")
	w.await("state", equals("Talking"))
	w.await("number", equals(""))
	w.await("search", equals("")) // what was found is not listed any more
	w.press("hangup")
	w.await("rows", equals(3.0))

	w.press("row-0")
	w.press("past-delete")
	w.await("rows", equals(2.0))
	w.press("notice-action")
	w.await("rows", equals(3.0))
	w.quit()
}
