package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// recordSettings is the settings' section on recording: consent, format, notice, folder.
type recordSettings struct {
	app     *App
	box     *fyne.Container
	state   *widgets.Text
	consent *widgets.Button
	formats [2]*widgets.Button
	notices [3]*widgets.Button
	folder  *widgets.FormField
	use     *widgets.Button
	shown   string // the folder that the field was last filled with
}

// recordFormats and recordNotices are the choices in the order of their buttons; they are never written to.
var (
	recordFormats = [2]phone.RecordFormat{phone.RecordOpus, phone.RecordWAV}
	recordNotices = [3]phone.RecordNotice{phone.NoticeRepeat, phone.NoticeStart, phone.NoticeOff}
)

func newRecordSettings(a *App) *recordSettings {
	r := &recordSettings{app: a,
		state:   widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorText2, Lines: 3}),
		consent: widgets.NewButton(widgets.ButtonState{}, func() {}),
		folder:  widgets.NewFormField(tr("record.folder"), a.deps.RecordFolder, false),
	}
	r.consent = widgets.NewButton(widgets.ButtonState{}, func() {
		a.setRecording(func(s *phone.RecordSettings) { s.Agreed = !s.Agreed })
	})
	r.use = widgets.NewButton(widgets.ButtonState{Label: tr("record.useFolder"), Tone: widgets.ToneOutline}, r.takeFolder)
	r.folder.OnSubmit(r.takeFolder)
	r.folder.OnShortcut(a.shortcut)
	for i, f := range recordFormats {
		r.formats[i] = widgets.NewButton(widgets.ButtonState{}, func() { a.setRecording(func(s *phone.RecordSettings) { s.Format = f }) })
	}
	for i, n := range recordNotices {
		r.notices[i] = widgets.NewButton(widgets.ButtonState{}, func() { a.setRecording(func(s *phone.RecordSettings) { s.Notice = n }) })
	}
	r.box = stack(12, r.state, alone(r.consent),
		labelled(tr("record.format"), choiceRow(r.formats[:])), labelled(tr("record.notice"), choiceRow(r.notices[:])), r.folder, alone(r.use))
	return r
}

// alone keeps a button at its own width.
func alone(b *widgets.Button) *fyne.Container {
	return group(fixed(200, 44), func(s fyne.Size) { put(b, 0, 0, min(s.Width, b.MinSize().Width), 44) }, b)
}

// choiceRow puts the buttons of one choice side by side.
func choiceRow(buttons []*widgets.Button) *fyne.Container {
	objects := make([]fyne.CanvasObject, len(buttons))
	for i, b := range buttons {
		objects[i] = b
	}
	n := float32(len(buttons))
	return group(fixed(240, 44), func(s fyne.Size) {
		w := (min(s.Width, 440) - 8*(n-1)) / n
		for i, b := range buttons {
			put(b, float32(i)*(w+8), 0, w, 44)
		}
	}, objects...)
}

func (r *recordSettings) draw(s phone.RecordSettings) {
	r.state.SetText(tr("record.off"))
	r.consent.SetState(widgets.ButtonState{Label: tr("record.agree"), Icon: "check", Tone: widgets.ToneOutline})
	if s.Agreed {
		r.state.SetText(tr("record.on"))
		r.consent.SetState(widgets.ButtonState{Label: tr("record.revoke"), Tone: widgets.ToneOutline})
	}
	labels := [3]string{tr("record.noticeRepeat"), tr("record.noticeStart"), tr("record.noticeOff")}
	for i, n := range recordNotices {
		r.notices[i].SetState(chosen(labels[i], n == s.Notice || s.Notice == "" && n == phone.NoticeRepeat))
	}
	for i, f := range recordFormats {
		label := [2]string{tr("record.opus"), tr("record.wav")}[i]
		r.formats[i].SetState(chosen(label, f == s.Format || s.Format == "" && f == phone.RecordOpus))
	}
	if s.Folder != r.shown { // what is being typed stays
		r.shown = s.Folder
		r.folder.SetState(s.Folder)
	}
}

func chosen(label string, on bool) widgets.ButtonState {
	if on {
		return widgets.ButtonState{Label: label, Tone: widgets.ToneOn}
	}
	return widgets.ButtonState{Label: label}
}

// takeFolder takes the typed folder, if it is there; the disk may take its time.
func (r *recordSettings) takeFolder() {
	folder := strings.TrimSpace(r.folder.Text())
	if folder != "" && !filepath.IsAbs(folder) {
		r.wrong(tr("record.folderWrong"))
		return
	}
	r.app.async(func(context.Context) error {
		if folder == "" {
			return nil
		}
		info, err := os.Stat(folder)
		if err == nil && !info.IsDir() {
			err = phone.ErrRecordFolder
		}
		return err
	}, func(err error) {
		if err != nil {
			r.wrong(tr("record.folderMissing"))
			return
		}
		r.wrong("")
		r.app.setRecording(func(s *phone.RecordSettings) { s.Folder = folder })
	})
}

// wrong says under the field what is wrong with it.
func (r *recordSettings) wrong(text string) {
	r.folder.SetError(text)
	r.box.Refresh()
	r.app.shell.settings.items.Refresh()
}
