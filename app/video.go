package app

import (
	"context"
	"image"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// videoView is the pictures of the call on the stage, and the control of our camera.
type videoView struct {
	shown  bool
	held   bool // no pictures pass
	state  widgets.VideoState
	camera widgets.CircleState // no label: that account has no video
}

// hasVideo reports whether calls on an account may have pictures.
func hasVideo(a phone.Account) bool { return a.MediaPolicy() == phone.MediaWebRTC }

// presentVideo is pure.
func presentVideo(s *phone.Snapshot, c phone.Call) (v videoView) {
	if inConference(c) || !hasVideo(accountOf(s, c.Account)) {
		return v
	}
	talking := c.State == phone.StateTalking
	v.camera = widgets.CircleState{Icon: "video", Label: tr("video.camera"), Spoken: tr("video.turnOn"), Disabled: !talking || c.VideoPending}
	if c.Camera {
		v.camera.Label, v.camera.Spoken, v.camera.Tone = tr("video.cameraOn"), tr("video.turnOff"), widgets.ToneOn
	}
	v.shown = talking && c.Video
	name := firstName(callName(c))
	v.state = widgets.VideoState{Note: tr("video.waiting", "Name", name), Spoken: tr("video.spoken", "Name", name)}
	if v.held = c.HeldByUs || c.HeldByThem; v.held {
		v.state.Note = tr("video.held")
	}
	return v
}

// presentVideoCall says whether a number can be called with video: by the account that would be taken.
func presentVideoCall(s *phone.Snapshot) bool {
	for _, a := range s.Accounts {
		if a.Ready() {
			return hasVideo(a.Account)
		}
	}
	return false
}

// toggleCamera adds video to the call, or drops it.
func (a *App) toggleCamera() {
	c, ok := a.current()
	if !ok || a.shell.view.stage.video.camera.Label == "" || a.shell.view.stage.video.camera.Disabled {
		return
	}
	a.async(func(ctx context.Context) error { return a.op.SetVideo(ctx, c.ID, !c.Camera) }, func(err error) {
		a.refuse(err)
		a.render()
	})
}

// answerVideo answers with our picture where they offer theirs, and by voice elsewhere.
func (a *App) answerVideo(id phone.CallID) {
	c, _ := a.op.Snapshot().CallByID(id)
	a.answerWith(id, phone.AnswerOptions{Video: c.Video})
}

// callTypedVideo dials with video.
func (a *App) callTypedVideo() {
	a.place(phone.CallRequest{Number: a.model.typed, Video: true})
}

// phoneFrame is what Operator.Frame gives.
type phoneFrame struct {
	picture *image.YCbCr
	serial  uint64
}

// stageVideo draws the pictures of the call on the stage.
//
//	ticker, 15 Hz ── Operator.Frame(theirs, ours) ── another serial? ──▶ VideoView
type stageVideo struct {
	app   *App
	view  *widgets.VideoView
	clock ticker

	of    phone.CallID
	drawn [2]uint64 // serials of theirs and ours, 0: none is drawn
}

func newStageVideo(a *App) *stageVideo {
	v := &stageVideo{app: a, view: widgets.NewVideoView()}
	v.clock = ticker{period: pictureTime, post: a.post, tick: v.poll}
	v.view.Hide()
	return v
}

// follow looks for pictures as long as they are to be seen.
func (v *stageVideo) follow(id phone.CallID, on bool) {
	if !on || id != v.of {
		v.show(0, phoneFrame{})
		v.show(1, phoneFrame{})
		v.of = id
	}
	v.clock.run(on)
}

// poll draws what is new.
func (v *stageVideo) poll() {
	if !v.view.Visible() {
		return
	}
	for i, far := range [2]bool{true, false} {
		picture, serial := v.app.op.Frame(v.of, far)
		v.show(i, phoneFrame{picture, serial})
	}
	v.app.teller.pictures(v.drawn[0])
}

// show draws a picture that is not drawn yet.
func (v *stageVideo) show(i int, f phoneFrame) {
	if f.picture == nil {
		f.serial = 0
	}
	if f.serial == v.drawn[i] {
		return
	}
	v.drawn[i] = f.serial
	if i == 0 {
		v.view.ShowLarge(f.picture)
	} else {
		v.view.ShowSmall(f.picture)
	}
}

// placeVideo puts the pictures where the avatar stands without them, in all the room there is, and who and how long in two lines
// under them.
func (s *stagePart) placeVideo(size fyne.Size, top, bottom float32) {
	for _, o := range []fyne.CanvasObject{s.avatar, s.second, s.near, s.far, s.nearLabel, s.farLabel, s.keys, s.digits} {
		show(o, false)
	}
	for _, face := range s.faces {
		show(face, false)
	}
	const row, least = 24, 96
	foot := float32(row + 8)
	named := bottom-top-foot-34 >= least
	if named {
		foot += 34
	}
	marked := s.view.record.mark.Label != "" && bottom-top-foot-36 >= least
	if marked {
		foot += 36
	}
	edge := float32(12)
	if s.app.model.wide {
		edge = 24
	}
	put(s.video.view, edge, top, size.Width-2*edge, bottom-top-foot)
	y := bottom - foot + 8
	show(s.name, named)
	if named {
		put(s.name, 16, y, size.Width-32, 34)
		y += 34
	}
	half := size.Width / 2
	put(s.word, 16, y, half-16-6, row)
	put(s.timer, half+6, y, half-16-6, row)
	s.placeRecord(size, y+row, marked)
}
