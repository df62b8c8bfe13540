package app

import (
	"context"
	"errors"
	"image"
	"io"
	"io/fs"
	"sync"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/widgets"
)

// pictureTime is how often a picture is looked for: at most 15 times a second one is drawn.
const pictureTime = time.Second / 15

// preview is one's own picture in the settings. The camera is open only while the person asked for it and the page is shown.
//
//	camera's goroutine ── frame: newest, serial ──▶ ticker, 15 Hz ──▶ VideoView
type preview struct {
	app    *App
	box    *fyne.Container
	button *widgets.Button
	view   *widgets.VideoView
	note   *widgets.Text // what is wrong, and what to do
	clock  ticker

	// Of the main goroutine.
	on      bool
	id      string // of the camera that was asked for
	round   int    // tells what belongs to an earlier opening
	camera  io.Closer
	trouble string
	drawn   uint64

	mu     sync.Mutex
	newest *image.YCbCr
	serial uint64
}

func newPreview(a *App) *preview {
	p := &preview{app: a, view: widgets.NewVideoView(),
		note: widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorRed, Lines: 3})}
	p.button = widgets.NewButton(widgets.ButtonState{}, p.toggle)
	p.clock = ticker{period: pictureTime, post: a.post, tick: p.poll}
	p.view.Hide()
	p.note.Hide()
	frame := group(fixed(160, 180), func(s fyne.Size) { put(p.view, 0, 0, min(s.Width, 240), s.Height) }, p.view)
	frame.Hide()
	p.box = stack(8, alone(p.button), p.note, frame)
	return p
}

// toggle opens or closes the camera.
func (p *preview) toggle() {
	if p.on {
		p.stop()
	} else {
		p.start(p.app.op.Snapshot().Devices.Camera)
	}
	p.app.render()
}

// start opens the camera; that may take its time.
func (p *preview) start(id string) {
	p.round++
	round := p.round
	p.on, p.id, p.trouble = true, id, ""
	p.mu.Lock()
	p.newest = nil
	p.mu.Unlock()
	var camera io.Closer
	p.app.async(func(context.Context) (err error) {
		camera, err = p.app.deps.Devices.OpenCamera(id, p.frame, func(err error) { p.app.post(func() { p.lost(round, err) }) })
		return err
	}, func(err error) {
		switch {
		case round != p.round: // it was closed, or another one chosen, meanwhile
			p.shut(camera)
		case err != nil:
			p.stop()
			p.trouble = cameraSentence(err)
			p.app.log.Info("the camera did not open", "err", err)
			p.app.render()
		default:
			p.camera = camera
		}
	})
}

// stop closes the camera and takes the picture away.
func (p *preview) stop() {
	p.round++
	p.on, p.trouble = false, ""
	p.shut(p.camera)
	p.camera = nil
	p.view.ShowLarge(nil)
}

// shut closes beside the main goroutine.
func (p *preview) shut(camera io.Closer) {
	if camera != nil {
		p.app.work.Go(func() { _ = camera.Close() })
	}
}

// lost says that the camera is gone. Should it come back, its picture does, too.
func (p *preview) lost(round int, err error) {
	if round == p.round {
		p.trouble = cameraSentence(err)
		p.mu.Lock()
		p.newest = nil
		p.mu.Unlock()
		p.view.ShowLarge(nil)
		p.app.render()
	}
}

// frame keeps a copy of the picture; the camera's goroutine calls it.
func (p *preview) frame(picture *image.YCbCr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.newest == nil || p.newest.Rect != picture.Rect || p.newest.SubsampleRatio != picture.SubsampleRatio {
		p.newest = image.NewYCbCr(picture.Rect, picture.SubsampleRatio)
	}
	copyPicture(p.newest, picture)
	p.serial++
}

// copyPicture copies a picture into one of the same size.
func copyPicture(dst, src *image.YCbCr) {
	rows := func(to, from []uint8, toStride, fromStride int) {
		for len(to) > 0 && len(from) > 0 {
			copy(to[:min(toStride, len(to))], from[:min(fromStride, len(from))])
			to, from = to[min(toStride, len(to)):], from[min(fromStride, len(from)):]
		}
	}
	rows(dst.Y, src.Y, dst.YStride, src.YStride)
	rows(dst.Cb, src.Cb, dst.CStride, src.CStride)
	rows(dst.Cr, src.Cr, dst.CStride, src.CStride)
}

// poll draws the newest picture, if it is a new one.
func (p *preview) poll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.on || p.newest == nil || p.serial == p.drawn {
		return
	}
	p.drawn = p.serial
	p.view.ShowLarge(p.newest)
	if p.trouble != "" {
		p.trouble = ""
		p.app.post(p.app.render)
	}
	p.app.teller.pictures(p.drawn)
}

// follow draws the state; the camera is closed where the page is not shown, and another one is opened where it was chosen. It
// reports whether the height changed.
func (p *preview) follow(v view) bool {
	if p.on && v.page != pageSettings {
		p.stop()
	}
	if chosen := p.app.op.Snapshot().Devices.Camera; p.on && chosen != p.id {
		p.stop()
		p.start(chosen)
	}
	label := tr("preview.show")
	if p.on {
		label = tr("preview.stop")
	}
	tone := widgets.ToneOutline
	if p.on {
		tone = widgets.ToneOn
	}
	p.button.SetState(widgets.ButtonState{Label: label, Icon: "video", Tone: tone, Disabled: !p.on && len(v.camera.Choices) == 0})
	p.view.SetState(widgets.VideoState{Own: true, Note: tr("preview.opening"), Spoken: tr("preview.spoken")})
	trouble, colour := p.trouble, widgets.ColorRed
	if len(v.camera.Choices) == 0 && trouble == "" {
		trouble, colour = tr("error.noCamera"), widgets.ColorText2 // nothing has failed
	}
	p.note.SetState(widgets.TextState{Text: trouble, Size: widgets.SizeState, Color: colour, Lines: 3})
	changed := p.note.Visible() != (trouble != "") || p.view.Visible() != p.on
	show(p.note, trouble != "")
	show(p.view, p.on)
	show(p.box.Objects[2], p.on)
	p.clock.run(p.on)
	if changed {
		p.box.Refresh()
	}
	return changed
}

// cameraSentence says why there is no picture, and what to do.
func cameraSentence(err error) string {
	switch {
	case errors.Is(err, devices.ErrInUse):
		return tr("error.cameraInUse")
	case errors.Is(err, fs.ErrPermission):
		return tr("error.cameraPermission")
	case errors.Is(err, devices.ErrNoDevice), errors.Is(err, devices.ErrLost):
		return tr("error.noCamera")
	}
	return tr("error.camera")
}
