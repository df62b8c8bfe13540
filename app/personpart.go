package app

import (
	"slices"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// personPart is somebody on the stage: who, and each number, which a press calls.
type personPart struct {
	*sheet
	who          *whoPart
	star, remove *widgets.CircleButton
	edit, video  *widgets.Button
	numbers      []*widgets.NumberButton
	list         *fyne.Container
	note         *widgets.Text
	view         personView
	wide         bool
}

func newPersonPart(a *App) *personPart {
	p := &personPart{who: newWhoPart(), list: stack(8)}
	p.star = widgets.NewCircleButton(40, widgets.CircleState{Tone: widgets.ToneQuiet}, a.toggleFavourite)
	p.remove = widgets.NewCircleButton(40, widgets.CircleState{Icon: "trash", Tone: widgets.ToneQuiet, Spoken: tr("people.delete")},
		func() { a.deletePerson(a.model.openPerson()) })
	p.edit = widgets.NewButton(widgets.ButtonState{Label: tr("action.edit"), Icon: "edit", Spoken: tr("people.edit")}, a.editPerson)
	p.video = widgets.NewButton(widgets.ButtonState{Label: tr("past.video"), Icon: "video", Spoken: tr("action.callVideo")}, func() { a.callNumber(0, true) })
	p.note = widgets.NewText(widgets.TextState{Size: widgets.SizeRow, Color: widgets.ColorText2, Lines: 2})
	head := widgets.NewText(widgets.TextState{Text: tr("people.numbers"), Size: widgets.SizeSection, Bold: true})
	column := stack(0, p.who.box, gapOf(20), flowing(12, p.edit, p.video), gapOf(24), ruler(), gapOf(20), head, gapOf(12), p.list, p.note)
	p.sheet = newSheet(a, tr("action.back"), a.closePerson, []fyne.CanvasObject{p.star, p.remove}, column)
	return p
}

func (p *personPart) draw(v personView) {
	if !v.shown {
		p.view = v
		return
	}
	p.who.draw(v.name, v.second, "")
	if p.app.model.page == pageContacts {
		p.title.SetText(tr("nav.contacts"))
	} else {
		p.title.SetText(tr("nav.calls"))
	}
	star := widgets.CircleState{Icon: "star", Tone: widgets.ToneQuiet, Spoken: tr("people.mark")}
	if v.favourite {
		star.Icon, star.Spoken = "star-on", tr("people.unmark")
	}
	p.star.SetState(star)
	show(p.video, v.video && len(v.numbers) > 0)
	p.note.SetText(v.note)
	show(p.note, v.note != "")
	for len(p.numbers) < len(v.numbers) {
		i := len(p.numbers)
		b := widgets.NewNumberButton(func() { p.app.callNumber(i, false) })
		p.numbers = append(p.numbers, b)
		p.list.Add(b)
	}
	for i, b := range p.numbers {
		show(b, i < len(v.numbers))
		if i < len(v.numbers) {
			n := v.numbers[i]
			b.SetState(widgets.NumberState{Number: n.number, Label: n.label, Spoken: tr("people.callNumber", "Name", v.name, "Number", n.number)})
		}
	}
	other := v.key != p.view.key
	if other || p.app.model.wide != p.wide || v.name != p.view.name || v.second != p.view.second || !slices.Equal(v.numbers, p.view.numbers) {
		p.wide = p.app.model.wide
		p.reflow()
		if other {
			p.scroll.ScrollToTop()
		}
	}
	p.view = v
}

// callNumber calls a number of whom the stage shows.
func (a *App) callNumber(i int, video bool) {
	if c := a.model.openPerson(); c != nil && i < len(c.Numbers) {
		a.place(phone.CallRequest{Number: c.Numbers[i].Number, Video: video})
	}
}
