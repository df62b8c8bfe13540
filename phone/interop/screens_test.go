//go:build linux

package interop

import (
	"image"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The stage alone: a click by xdotool reaches a window, and a picture shows it.
func TestTheScreenTakesClicksAndPictures(t *testing.T) {
	s := startScreen(t, 640, 480)
	cmd := exec.Command(program(t, "xev"), "-geometry", "300x200+40+60", "-name", "a window")
	cmd.Env = s.environment()
	xev := start(t, "xev", cmd)
	_, place := s.window("a window")
	s.click(place.Min.Add(image.Pt(150, 100)))
	await(t, "the window tells of the click", 5*time.Second, func() bool { return strings.Contains(xev.text(), "ButtonPress event") })
	if n := colours(s.picture("stage"), place.Inset(-30)); n < 3 {
		t.Errorf("the picture around the window has %d colours", n)
	}
}
