package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/widgets"
)

// transferPart is the transfer's panels on the stage: choosing whom, and the pair that is to be joined.
type transferPart struct {
	app               *App
	box               *fyne.Container
	panel, flat, rule *widgets.Panel
	avatar            *widgets.Avatar
	title, note       *widgets.Text
	hold              *widgets.Icon
	state             *widgets.Text
	shut              *widgets.CircleButton
	field             *widgets.NumberField
	head, more        *widgets.Text
	rows              []*widgets.HistoryRow
	list              *fyne.Container
	between           *fyne.Container // the head between the two kinds of rows
	scroll            *container.Scroll
	ask, now          *widgets.Button
	cancel, do        *widgets.Button
	pair              [2]*partyPart
	arrow             *widgets.Icon
	mute, merge, end  *widgets.CircleButton
	view              transferView
	shown, calls      int // rows, and how many of them are on the line
}

// partyPart is one of the two: picture, name, state, timer.
type partyPart struct {
	avatar      *widgets.Avatar
	name, timer *widgets.Text
	icon        *widgets.Icon
	word        *widgets.Text
}

func newPartyPart() *partyPart {
	center := func(size float32, bold bool, c fyne.ThemeColorName) *widgets.Text {
		return widgets.NewText(widgets.TextState{Size: size, Bold: bold, Color: c, Align: fyne.TextAlignCenter})
	}
	return &partyPart{
		avatar: widgets.NewAvatar(96), name: center(widgets.SizeSection, true, widgets.ColorText),
		timer: center(widgets.SizeCard, false, widgets.ColorText2),
		icon:  widgets.NewIcon("", widgets.ColorText2), word: widgets.NewText(widgets.TextState{}),
	}
}

func (p *partyPart) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.avatar, p.name, p.icon, p.word, p.timer}
}

func (p *partyPart) draw(v partyView) {
	p.avatar.SetState(widgets.AvatarState{Name: v.name})
	p.name.SetText(v.name)
	p.timer.SetText(v.timer)
	p.icon.SetState(v.icon, fyne.ThemeColorName(v.color))
	p.word.SetState(widgets.TextState{Text: v.word, Size: widgets.SizeState, Bold: true, Color: fyne.ThemeColorName(v.color)})
}

// place centres the party in its column.
func (p *partyPart) place(x, y, w, picture float32) {
	put(p.avatar, x+(w-picture)/2, y, picture, picture)
	y += picture + 12
	put(p.name, x, y, w, 26)
	word := min(p.word.Natural().Width, w-18)
	left := x + (w-word-18)/2
	put(p.icon, left, y+30+3, 14, 14)
	put(p.word, left+18, y+30, word+2, 20)
	put(p.timer, x, y+54, w, 22)
}

func newTransferPart(a *App) *transferPart {
	t := &transferPart{app: a, avatar: widgets.NewAvatar(44), list: stack(0)}
	t.panel, t.flat, t.rule = widgets.NewPanel(widgets.PanelStage), widgets.NewPanel(widgets.PanelFlat), widgets.NewPanel(widgets.PanelLine)
	t.title = widgets.NewText(widgets.TextState{Size: widgets.SizeSection, Bold: true})
	t.hold = widgets.NewIcon("pause", widgets.ColorAmber)
	t.state = widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Color: widgets.ColorAmber})
	t.note = widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorText2, Lines: 2})
	t.head = widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Bold: true, Color: widgets.ColorText2})
	t.more = widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Bold: true, Color: widgets.ColorText2})
	t.between = inset(t.more, 8, 8, 8, 4)
	t.shut = widgets.NewCircleButton(40, widgets.CircleState{Icon: "cross", Tone: widgets.ToneQuiet, Spoken: tr("action.cancel")}, a.cancelTransfer)
	t.field = widgets.NewNumberField(tr("transfer.field"))
	t.field.OnDial = func(string) { a.doTransfer() }
	t.field.OnEdit = a.editTransfer
	t.field.OnMove = a.markTransfer
	t.field.OnShortcut = a.shortcut
	t.scroll = container.NewVScroll(t.list)
	t.ask = widgets.NewButton(widgets.ButtonState{}, func() { a.setSendNow(false) })
	t.now = widgets.NewButton(widgets.ButtonState{}, func() { a.setSendNow(true) })
	t.cancel = widgets.NewButton(widgets.ButtonState{Tone: widgets.ToneOutline}, t.pressCancel)
	t.do = widgets.NewButton(widgets.ButtonState{}, t.pressDo)
	t.pair = [2]*partyPart{newPartyPart(), newPartyPart()}
	t.arrow = widgets.NewIcon("transfer", widgets.ColorText2)
	t.mute = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleMute)
	t.merge = widgets.NewCircleButton(56, widgets.CircleState{}, a.mergeOrSplit)
	t.end = widgets.NewCircleButton(56, widgets.CircleState{Tone: widgets.ToneDanger}, t.pressEnd)
	objects := []fyne.CanvasObject{t.flat, t.panel, t.rule, t.avatar, t.title, t.hold, t.state, t.shut, t.field, t.head, t.scroll}
	objects = append(objects, t.pair[0].objects()...)
	objects = append(objects, t.arrow)
	objects = append(objects, t.pair[1].objects()...)
	objects = append(objects, t.mute, t.merge, t.end, t.ask, t.now, t.note, t.cancel, t.do)
	t.box = group(fixed(320, 400), t.place, objects...)
	t.box.Hide()
	return t
}

// The three buttons mean what the step says.

func (t *transferPart) pressCancel() {
	switch t.view.step {
	case transferAsking:
		t.app.swapTransfer()
	case transferUnsure:
		t.app.resumeTransfer()
	default:
		t.app.cancelTransfer()
	}
}

func (t *transferPart) pressDo() {
	switch t.view.step {
	case transferAsking:
		t.app.completeTransfer()
	case transferUnsure:
		t.app.hangupTransfer()
	default:
		t.app.doTransfer()
	}
}

func (t *transferPart) pressEnd() {
	if t.view.step == transferSending {
		t.app.hangup(t.view.of)
		return
	}
	t.app.endConsult()
}

func (t *transferPart) draw(v transferView) {
	t.view = v
	if v.step == transferNone {
		return
	}
	t.title.SetText(v.title)
	t.note.SetText(v.note)
	if v.step == transferChoose {
		t.drawChoose(v)
	} else {
		t.drawPair(v)
	}
	t.place(t.box.Size())
}

func (t *transferPart) drawChoose(v transferView) {
	t.avatar.SetState(widgets.AvatarState{Name: v.from.name})
	color := fyne.ThemeColorName(v.from.color) // "Talking" until they agreed to be held
	t.hold.SetState(v.from.icon, color)
	t.state.SetState(widgets.TextState{Text: v.from.word + " · " + v.from.timer, Size: widgets.SizeSecond, Color: color})
	t.field.SetState(v.typed)
	t.head.SetText(v.head)
	t.drawWay(v)
	t.more.SetText(v.more)
	for len(t.rows) < len(v.matches) {
		i := len(t.rows)
		t.rows = append(t.rows, widgets.NewHistoryRow(func() { t.app.pickTransfer(i) }))
	}
	for i, row := range t.rows {
		show(row, i < len(v.matches))
		if i < len(v.matches) {
			row.SetState(v.matches[i].row)
		}
	}
	show(t.between, v.more != "")
	if t.shown != len(v.matches) || t.calls != v.calls {
		t.shown, t.calls = len(v.matches), v.calls
		t.list.Objects = t.listed()
		t.list.Refresh()
		t.scroll.Refresh()
	}
}

// listed are the rows, with the head between those that are on the line and the others.
func (t *transferPart) listed() (list []fyne.CanvasObject) {
	for i, row := range t.rows {
		if i == t.calls {
			list = append(list, t.between)
		}
		list = append(list, row)
	}
	return list
}

// drawWay draws what is to be done with whom was chosen. Who is on the line already is not asked anew.
func (t *transferPart) drawWay(v transferView) {
	tones := [2]widgets.Tone{widgets.ToneOn, widgets.ToneNeutral}
	if v.sendNow {
		tones = [2]widgets.Tone{widgets.ToneNeutral, widgets.ToneOn}
	}
	t.ask.SetState(widgets.ButtonState{Label: tr("transfer.askFirst"), Tone: tones[0]})
	t.now.SetState(widgets.ButtonState{Label: tr("transfer.sendNow"), Tone: tones[1]})
	t.cancel.SetState(widgets.ButtonState{Label: tr("action.cancel"), Tone: widgets.ToneOutline})
	do := widgets.ButtonState{Label: v.do, Icon: "handset", Tone: widgets.ToneGo, Disabled: !v.ready() || v.waiting}
	if v.sendNow || v.call != "" {
		do.Icon, do.Tone = "transfer", widgets.TonePrimary
	}
	t.do.SetState(do)
}

func (t *transferPart) drawPair(v transferView) {
	t.pair[0].draw(v.from)
	t.pair[1].draw(v.to)
	t.mute.SetState(v.mute)
	t.merge.SetState(v.merge)
	end := v.end
	if v.step == transferSending {
		end = widgets.CircleState{Icon: "hangup", Label: tr("action.hangup"), Spoken: tr("action.hangupOn", "Name", v.from.name), Tone: widgets.ToneDanger}
	}
	t.end.SetState(end)
	t.cancel.SetState(widgets.ButtonState{Label: v.swap, Tone: widgets.ToneOutline, Disabled: !v.canSwap})
	do := widgets.ButtonState{Label: v.do, Icon: "transfer", Tone: widgets.TonePrimary, Disabled: !v.can}
	if v.step == transferUnsure {
		do.Icon, do.Tone = "hangup", widgets.ToneDanger
	}
	t.do.SetState(do)
}
