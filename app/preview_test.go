package app

import (
	"errors"
	"fmt"
	"image"
	"io/fs"
	"testing"

	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/devices"
)

// withCamera is a bench with a camera, on the settings' page.
func withCamera(t *testing.T) *bench {
	t.Helper()
	b := newBench(t, 1280, 800)
	b.dev.set(append(b.dev.list, devices.Device{ID: "c1", Name: "Webcam", Kind: devices.Camera, Default: true},
		devices.Device{ID: "c2", Name: "Other", Kind: devices.Camera})...)
	b.app.open(string(pageSettings))
	b.drain()
	return b
}

// pressPreview is a click on the preview's button, with what comes of it.
func (b *bench) pressPreview() {
	test.Tap(b.app.shell.settings.preview.button)
	b.wait()
}

// sends lets the camera show a picture, which the preview then looks for.
func (b *bench) sends(c *fakeCamera) {
	p := image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	c.frame(p)
	b.app.shell.settings.preview.poll()
	b.drain()
}

func TestThePreviewOpensTheCameraOnlyOnAClickAndClosesItWithThePage(t *testing.T) {
	b := withCamera(t)
	p := b.app.shell.settings.preview
	if b.dev.opened() != nil || p.view.Visible() {
		t.Fatal("the camera is open before anybody asked")
	}
	b.pressPreview()
	c := b.dev.opened()
	if c == nil || !p.view.Visible() {
		t.Fatal("the camera is not open after a click")
	}
	b.sends(c)
	if p.drawn != 1 {
		t.Errorf("%d pictures are drawn, want 1", p.drawn)
	}
	b.app.shell.settings.preview.poll()
	if p.drawn != 1 {
		t.Error("the same picture is drawn again")
	}
	b.app.open(string(pageCalls))
	b.wait()
	if b.dev.opened() != nil || p.on {
		t.Error("the camera is open on another page")
	}
	b.app.open(string(pageSettings))
	b.wait()
	if b.dev.opened() != nil {
		t.Error("the camera opens by itself when the page is opened again")
	}
}

func TestThePreviewFollowsTheChoiceOfCamera(t *testing.T) {
	b := withCamera(t)
	b.pressPreview()
	b.app.pickCamera("c2")
	b.wait()
	b.wait()
	if c := b.dev.opened(); c == nil || c.id != "c2" {
		t.Errorf("open is %+v", c)
	}
	b.pressPreview()
	if b.dev.opened() != nil {
		t.Error("the second click does not close it")
	}
}

func TestWhyThereIsNoPictureIsSaidWithWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("camera: %w", devices.ErrInUse), "Another program uses the camera. Close it there."},
		{fmt.Errorf("camera: %w", fs.ErrPermission), "The camera is not allowed. Allow it in the system."},
		{devices.ErrNoDevice, "There is no camera. Plug one in."},
		{errors.New("strange"), "The camera did not start. Unplug it and plug it in again."},
	} {
		b := withCamera(t)
		b.dev.refuses = c.err
		b.pressPreview()
		p := b.app.shell.settings.preview
		if p.trouble != c.want || !p.note.Visible() || p.view.Visible() || p.on {
			t.Errorf("%v: it says %q", c.err, p.trouble)
		}
		b.dev.refuses = nil
		b.pressPreview()
		if b.dev.opened() == nil || p.note.Visible() {
			t.Errorf("%v: the second try shows %q", c.err, p.trouble)
		}
	}
}

func TestACameraThatIsPulledOutDuringThePreviewIsTold(t *testing.T) {
	b := withCamera(t)
	b.pressPreview()
	p, c := b.app.shell.settings.preview, b.dev.opened()
	b.sends(c)
	c.lost(devices.ErrLost)
	b.drain()
	if p.trouble != "There is no camera. Plug one in." || !p.on {
		t.Errorf("it says %q", p.trouble)
	}
	b.sends(c) // it is back
	if p.trouble != "" || p.note.Visible() {
		t.Errorf("back, it still says %q", p.trouble)
	}
}

func TestWithoutACameraTheSettingsSayWhatToDo(t *testing.T) {
	b := newBench(t, 360, 640)
	b.app.open(string(pageSettings))
	b.drain()
	p := b.app.shell.settings.preview
	if !p.note.Visible() || b.app.shell.view.camera.Empty != "No camera found" {
		t.Error("nothing is said")
	}
	b.pressPreview()
	if p.on || b.dev.opened() != nil {
		t.Error("the button does something")
	}
}
