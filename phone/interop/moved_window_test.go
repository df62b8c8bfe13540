//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// TestTheWindowOffersWhereANumberHasMoved: from SIPp's 302 to the button, and from a click on that to SIPp's phone.
func TestTheWindowOffersWhereANumberHasMoved(t *testing.T) {
	longTest(t)
	proves(t, "SIPp", "redirects")
	r := &rung{T: t, board: startSwitchboard(t), events: phonetest.NewRecorder()}
	account := filepath.Join(t.TempDir(), "account.json")
	text := fmt.Sprintf(`{"uri":"sip:1001@127.0.0.1","server":%q,"password":"secret","media":"rtp"}`, r.board.server())
	if err := os.WriteFile(account, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWindow(t, 360, 640, "-account", account)
	w.await("status", equals("Ready"))
	w.open("dial")
	r.climb("moved", "STATUS", "302 Moved Temporarily", "MOVED", "<sip:5550199@127.0.0.1>")
	w.pressNumber("600")
	w.press("call")
	w.await("card-0", equals("Moved to 5550199 (302)."))
	r.complete()
	w.picture("compact-moved")
	time.Sleep(time.Second) // between two calls of a user's
	r.climb("moved-to")
	w.press("card-0-follow")
	r.complete()
	w.await("card-0", func(v any) bool { word, _ := v.(string); return strings.Contains(word, "hung up") })
	w.quit()
}

// open goes to a page; a click that comes while the window is still being placed goes nowhere.
func (w *window) open(page string) {
	w.t.Helper()
	if !eventually(15*time.Second, func() bool {
		w.press("nav-" + page)
		return eventually(2*time.Second, func() bool { return w.told().Values["page"] == page })
	}) {
		w.t.Fatalf("there is no way to %s; the window tells %+v", page, w.told())
	}
}
