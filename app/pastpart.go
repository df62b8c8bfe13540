package app

import (
	"net/url"
	"path/filepath"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// pastPart is a past call on the stage: who, when, how long, why it failed, its recording.
type pastPart struct {
	*sheet
	who                  *whoPart
	call, video, contact *widgets.Button
	remove               *widgets.CircleButton
	title                *widgets.Text
	facts                *fyne.Container
	file                 *widgets.Text
	folder               *widgets.Button
	record               *fyne.Container
	view                 pastView
	wide                 bool
}

func newPastPart(a *App) *pastPart {
	p := &pastPart{who: newWhoPart(), facts: stack(8)}
	p.call = widgets.NewButton(widgets.ButtonState{}, func() { a.callPast(false) })
	p.video = widgets.NewButton(widgets.ButtonState{Label: tr("past.video"), Icon: "video", Spoken: tr("action.callVideo")}, func() { a.callPast(true) })
	p.contact = widgets.NewButton(widgets.ButtonState{}, a.keepPast)
	p.remove = widgets.NewCircleButton(40, widgets.CircleState{Icon: "trash", Spoken: tr("past.delete"), Tone: widgets.ToneQuiet},
		func() { a.deletePast(a.model.past.open.entry) })
	p.title = widgets.NewText(widgets.TextState{Size: widgets.SizeSection, Bold: true, Lines: 2})
	p.file = widgets.NewText(widgets.TextState{Size: widgets.SizeState, Lines: 2})
	p.folder = widgets.NewButton(widgets.ButtonState{}, a.showPastRecording)
	p.record = newRecordCard(p.file, p.folder)
	column := stack(0, p.who.box, gapOf(20), flowing(12, p.call, p.video, p.contact), gapOf(24), ruler(), gapOf(20),
		p.title, gapOf(12), p.facts, gapOf(20), p.record)
	p.sheet = newSheet(a, tr("nav.calls"), a.closeOpen, []fyne.CanvasObject{p.remove}, column)
	return p
}

// ruler is a line across the column.
func ruler() fyne.CanvasObject {
	line := widgets.NewPanel(widgets.PanelLine)
	return group(fixed(1, 1), func(s fyne.Size) { put(line, 0, 0, s.Width, 1) }, line)
}

// newRecordCard is a recording's name with the way to it.
func newRecordCard(file *widgets.Text, folder *widgets.Button) *fyne.Container {
	panel, icon := widgets.NewPanel(widgets.PanelFill), widgets.NewIcon("record", widgets.ColorText2)
	var box *fyne.Container
	words := func(width float32) float32 { return max(40, width-52-16) }
	box = group(func() fyne.Size {
		high := 17 + file.HeightFor(words(box.Size().Width)) + 16
		if folder.Visible() {
			high += 8 + 32 - 4
		}
		return fyne.NewSize(200, high)
	}, func(s fyne.Size) {
		put(panel, 0, 0, s.Width, s.Height)
		put(icon, 18, 16, 20, 20)
		h := file.HeightFor(words(s.Width))
		put(file, 52, 17, words(s.Width), h)
		put(folder, 52-12, 17+h+8, min(folder.MinSize().Width, s.Width-56), 32)
	}, panel, icon, file, folder)
	return box
}

func (p *pastPart) draw(v pastView) {
	if !v.shown {
		p.view = v
		return
	}
	p.who.draw(v.name, v.second, v.third)
	p.call.SetState(widgets.ButtonState{Label: v.call, Icon: "handset", Tone: widgets.ToneGo, Spoken: tr("past.callName", "Name", v.name)})
	p.contact.SetState(widgets.ButtonState{Label: v.contact, Icon: "person"})
	show(p.call, v.call != "")
	show(p.video, v.video)
	show(p.contact, v.contact != "")
	p.title.SetText(v.title)
	p.file.SetText(v.file)
	p.folder.SetState(widgets.ButtonState{Label: tr("past.folder"), Icon: "folder", Small: true, Tone: widgets.ToneQuiet})
	show(p.folder, v.folder)
	if v.file != "" && !v.folder {
		p.file.SetText(tr("past.noFile", "Name", v.file))
	}
	show(p.record, v.file != "")
	p.drawFacts(v.facts)
	if other := v.key != p.view.key; other || p.app.model.wide != p.wide || v.contact != p.view.contact || v.folder != p.view.folder {
		p.wide = p.app.model.wide
		p.reflow()
		if other {
			p.scroll.ScrollToTop()
		}
	}
	p.view = v
}

// drawFacts lists what is known, each with its name before it.
func (p *pastPart) drawFacts(facts [][2]string) {
	same := len(facts) == len(p.view.facts)
	for i := 0; same && i < len(facts); i++ {
		same = facts[i] == p.view.facts[i]
	}
	if same {
		return
	}
	p.facts.Objects = nil
	for _, f := range facts {
		p.facts.Add(factLine(f[0], f[1]))
	}
	p.reflow()
}

// factLine is a name and what there is to it; in a narrow column one under the other would be long, so the name takes a third.
func factLine(name, text string) fyne.CanvasObject {
	key := widgets.NewText(widgets.TextState{Text: name, Size: widgets.SizeRow, Color: widgets.ColorText2, Lines: 2}) // as the value: at the top
	value := widgets.NewText(widgets.TextState{Text: text, Size: widgets.SizeRow, Lines: 4})
	var box *fyne.Container
	split := func(width float32) float32 { return min(140, width*0.34) }
	box = group(func() fyne.Size {
		w := box.Size().Width
		return fyne.NewSize(200, max(20, value.HeightFor(max(40, w-split(w)))))
	}, func(s fyne.Size) {
		x := split(s.Width)
		put(key, 0, 0, x-8, 20)
		put(value, x, 0, s.Width-x, s.Height)
	}, key, value)
	return box
}

// callPast calls whom the stage shows.
func (a *App) callPast(video bool) {
	if e := a.model.past.open.entry; e != nil && e.Number != "" {
		a.place(phone.CallRequest{Number: e.Number, Account: a.accountFor(e), Video: video})
	}
}

// accountFor is the account of a past call, where it still is there and registered; else the usual one.
func (a *App) accountFor(e *store.Entry) phone.AccountID {
	for _, s := range a.op.Snapshot().Accounts {
		if s.Account.ID == e.Account && s.Ready() {
			return e.Account
		}
	}
	return ""
}

// showPastRecording opens the folder of the open call's recording.
func (a *App) showPastRecording() {
	if e := a.model.past.open.entry; e != nil && e.RecordFile != "" {
		a.reveal(&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Dir(e.RecordFile))})
	}
}
