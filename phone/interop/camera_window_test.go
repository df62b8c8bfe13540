//go:build linux

package interop

import (
	"image"
	"testing"
	"time"
)

// One's own picture in the settings of the real window: it moves, and it ends with the page.
func TestTheOwnPictureMovesInTheSettings(t *testing.T) {
	w := startWindow(t, 1280, 800, "-demo", "-camera", "pattern")
	w.await("status", equals("Ready"))
	// The window manager may still be making the window fit when the first click falls.
	opened := func() bool { return w.told().Values["page"] == "settings" }
	await(t, "the settings open", 20*time.Second, func() bool {
		w.press("nav-settings")
		return eventually(time.Second, opened)
	})
	w.press("camera-preview")
	w.await("preview", equals(true))
	w.await("pictures", above(0))
	first := w.picture("own-picture")
	w.await("pictures", above(15))
	if !moved(first, w.picture("own-picture"), w.place(w.id)) {
		t.Error("the two screenshots are one")
	}
	w.press("nav-calls")
	w.await("page", equals("calls"))
	w.press("nav-settings")
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
