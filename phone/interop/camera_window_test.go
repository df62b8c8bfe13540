//go:build linux

package interop

import (
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// One's own picture in the settings of the real window: it moves, and it ends with the page.
func TestTheOwnPictureMovesInTheSettings(t *testing.T) {
	w := startWindow(t, 1280, 800, "-demo", "-camera", "pattern")
	w.await("status", equals("Ready"))
	w.open("settings")
	w.press("camera-preview")
	w.await("preview", equals(true))
	w.await("pictures", above(0))
	first := w.picture("own-picture")
	w.await("pictures", above(15))
	if !moved(first, w.picture("own-picture"), w.place(w.id)) {
		t.Error("the two screenshots are one")
	}
	w.open("calls")
	w.open("settings")
	w.await("preview", equals(false))
	w.quit()
}

// moved reports whether a hundred dots or more of that part are other ones now.
func moved(before, after image.Image, part image.Rectangle) bool {
	other := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if before.At(x, y) != after.At(x, y) {
				other++
			}
		}
	}
	return other >= 100
}

// A video call on the real window: answered with video by a click, seen both ways, and the camera turned off and on again.
func TestAVideoCallOnTheRealWindow(t *testing.T) {
	k := startKamailio(t)
	account := filepath.Join(t.TempDir(), "account.json")
	ws := k.account("1001", k.servers("1001")["WS"])
	text := fmt.Sprintf(`{"uri":%q,"server":%q,"password":%q}`, ws.URI, ws.Server, ws.Secret.Password())
	if err := os.WriteFile(account, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWindow(t, 1280, 800, "-account", account, "-camera", "pattern")
	w.await("status", equals("Ready"))
	w.open("settings") // the clicks arrive from here on
	w.open("calls")
	far := startOursWithCamera(t, k.account("1002", k.servers("1002")["WS"]))
	time.Sleep(time.Second)
	call, err := far.Call(t.Context(), phone.CallRequest{Number: "1001", Video: true})
	far.must(err)
	w.await("incoming", equals(1.0))
	w.picture("video-rings")
	w.press("answer-video")
	far.awaitState(call.ID, phone.StateTalking)
	far.video(call.ID, true, true)
	w.await("video", equals(true))
	w.await("camera", equals(true))
	w.await("pictures", above(0))
	first := w.picture("video-call")
	w.await("pictures", above(15))
	if !moved(first, w.picture("video-call"), w.place(w.id)) {
		t.Error("the window's pictures stand still")
	}
	if !eventually(10*time.Second, func() bool { _, serial := far.Frame(call.ID, true); return serial > 5 }) {
		t.Error("they do not see the window's picture")
	}
	w.press("camera-on")
	w.await("video", equals(false))
	far.video(call.ID, false, false)
	w.press("camera-on")
	far.video(call.ID, true, false) // they see us, and show nothing
	w.await("camera", equals(true))
	w.press("hangup")
	far.awaitState(call.ID, phone.StateEnded)
	w.await("calls", equals(0.0))
	w.quit()
}
