package app

import (
	"fmt"
	"image"
	"io/fs"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// onVideo is a bench whose account's calls may have pictures.
func onVideo(t *testing.T, width, height float32) *bench {
	t.Helper()
	b := newBench(t, width, height)
	b.set(func(s *phone.Snapshot) { s.Accounts[0].Account.Media = phone.MediaWebRTC })
	b.app.render()
	return b
}

// seen is a call with video both ways.
func seen() phone.Call {
	c := talking()
	c.Video, c.Camera = true, true
	return c
}

// pictures puts pictures of both sides behind the operator.
func (b *bench) pictures(serials ...uint64) {
	b.op.mu.Lock()
	b.op.theirs = image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	b.op.ours = image.NewYCbCr(image.Rect(0, 0, 64, 48), image.YCbCrSubsampleRatio420)
	b.op.serials = [2]uint64{serials[0], serials[1]}
	b.op.mu.Unlock()
}

func TestTheCameraIsTurnedOnAndOffDuringACall(t *testing.T) {
	b := onVideo(t, 1280, 800)
	b.set(with(talking()), started(talking()))
	camera := b.app.shell.stage.camera
	if v := b.app.shell.view.stage.video; v.shown || v.camera.Label != "Camera" || !camera.Visible() {
		t.Fatalf("before, the stage shows %+v", v)
	}
	test.Tap(camera)
	b.wait()
	b.did("video c true")
	asked := talking()
	asked.VideoPending = true
	b.set(with(asked), phone.Event{Name: phone.EventStatusChange, Call: asked})
	b.shortcut(fyne.KeyV)
	b.did() // it is under way
	b.set(with(seen()), phone.Event{Name: phone.EventStatusChange, Call: seen()})
	v := b.app.shell.view.stage.video
	if !v.shown || v.camera.Tone != widgets.ToneOn || v.camera.Label != "Camera on" || !b.app.shell.stage.video.view.Visible() || b.app.shell.stage.avatar.Visible() {
		t.Errorf("with video, the stage shows %+v", v)
	}
	b.shortcut(fyne.KeyV)
	b.did("video c false")
}

func TestAPictureIsDrawnOnceAndOnlyWhileItIsSeen(t *testing.T) {
	b := onVideo(t, 1280, 800)
	b.set(with(seen()), started(seen()))
	v := b.app.shell.stage.video
	b.pictures(7, 3)
	v.poll()
	if v.drawn != [2]uint64{7, 3} {
		t.Fatalf("drawn are %v", v.drawn)
	}
	b.op.mu.Lock()
	b.op.ours, b.op.serials[0] = nil, 8 // our camera is off, theirs goes on
	b.op.mu.Unlock()
	v.poll()
	if v.drawn != [2]uint64{8, 0} {
		t.Errorf("drawn are %v", v.drawn)
	}
	b.app.toggleKeypad()
	if b.app.shell.stage.video.view.Visible() || v.drawn != [2]uint64{} {
		t.Error("the pictures stay under the keypad")
	}
	b.pictures(9, 9)
	v.poll()
	if v.drawn != [2]uint64{} {
		t.Error("pictures are drawn that nobody sees")
	}
	b.app.toggleKeypad()
	v.poll()
	if v.drawn != [2]uint64{9, 9} {
		t.Errorf("after the keypad drawn are %v", v.drawn)
	}
	held := seen()
	held.HeldByUs = true
	b.set(with(held), phone.Event{Name: phone.EventStatusChange, Call: held})
	if v.drawn != [2]uint64{} || !v.view.Visible() || b.app.shell.view.stage.video.state.Note != "No pictures while the call is held" {
		t.Error("a picture of before stands while the call is held")
	}
	b.set(with(seen()), phone.Event{Name: phone.EventStatusChange, Call: seen()})
	v.poll()
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: seen()})
	if v.drawn != [2]uint64{} || b.app.shell.stage.video.clock.timer != nil {
		t.Error("the call is over and its picture stays")
	}
}

func TestTheVideoStandsInTheLeastWindowWithItsStateAndItsControls(t *testing.T) {
	for _, size := range [][2]float32{{360, 560}, {360, 640}, {1280, 800}, {760, 560}} {
		b := onVideo(t, size[0], size[1])
		b.set(with(seen()), started(seen()))
		s := b.app.shell.stage
		view := s.video.view
		if view.Size().Height < 96 || view.Size().Width < 160 {
			t.Errorf("%v: the video is %v", size, view.Size())
		}
		for name, o := range map[string]fyne.CanvasObject{"camera": s.camera, "word": s.word, "mute": s.mute} {
			if !o.Visible() || o.Position().Y < view.Position().Y+view.Size().Height {
				t.Errorf("%v: %s lies over the video", size, name)
			}
		}
		if w := s.camera.Size().Width; w < 56 {
			t.Errorf("%v: the camera's control is %g wide", size, w)
		}
	}
}

func TestAVideoCallIsAnsweredWithOrWithoutVideo(t *testing.T) {
	b := onVideo(t, 1280, 800)
	r := ringing()
	r.Video = true
	b.set(with(r), phone.Event{Name: phone.EventIncoming, Call: r})
	card := b.app.shell.calls["r"]
	if card == nil || !card.Button("video").Visible() || b.app.shell.view.incoming[0].card.Title != "Incoming video call" {
		t.Fatal("the card does not offer video")
	}
	test.Tap(card.Button("video"))
	b.wait()
	test.Tap(card.Button("answer"))
	b.wait()
	b.shortcut(fyne.KeyV)
	b.did("answer with video r", "answer r", "answer with video r")
	b.set(with(ringing()), phone.Event{Name: phone.EventStatusChange, Call: ringing()})
	if card.Button("video").Visible() {
		t.Error("a voice call can be answered with video")
	}
	b.shortcut(fyne.KeyV)
	b.did("answer r")
}

func TestACameraThatFailsInACallIsTold(t *testing.T) {
	for want, err := range map[string]error{
		"Another program uses the camera. Close it there.":             fmt.Errorf("%w: media: camera: %w", phone.ErrNoCamera, devices.ErrInUse),
		"There is no camera. Plug one in.":                             fmt.Errorf("%w: media: camera: %w", phone.ErrNoCamera, devices.ErrLost),
		"Microphone or camera is not allowed. Allow it in the system.": fmt.Errorf("%w: media: camera: %w", phone.ErrNoPermission, fs.ErrPermission),
	} {
		b := onVideo(t, 1280, 800)
		b.set(with(seen()), started(seen()), phone.Event{Name: phone.EventClientError, Call: seen(), Err: err})
		if got := b.app.shell.notice.State().Text; got != want {
			t.Errorf("%v is told as %q", err, got)
		}
	}
}

func TestANumberIsCalledWithVideoWhereTheAccountHasIt(t *testing.T) {
	b := onVideo(t, 1280, 800)
	video := b.app.shell.dial.video
	if !video.Visible() {
		t.Fatal("there is no button")
	}
	test.Tap(video)
	b.did() // no number
	b.op.fail["call with video"] = phone.ErrNoCamera
	b.app.edit("600")
	test.Tap(video)
	b.wait()
	b.did("call with video 600")
	if got := b.app.shell.notice.State().Text; got != "There is no camera. Plug one in." || b.app.model.typed != "600" {
		t.Errorf("the bar says %q", got)
	}
	b.set(func(s *phone.Snapshot) { s.Accounts[0].Account.Media = phone.MediaRTP })
	b.app.render()
	if video.Visible() {
		t.Error("an account without video has the button")
	}
	b.set(with(talking()), started(talking()))
	if b.app.shell.stage.camera.Visible() {
		t.Error("an account without video has the camera's control")
	}
}
