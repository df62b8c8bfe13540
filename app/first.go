package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/widgets"
)

// formState is what the account form shows beside the typed text.
type formState struct {
	waiting                        bool
	serverError, userError, secret string // secret: what is wrong with the password
	trouble                        string // what belongs to no field
	editing                        string // the id of the account that is edited, "" for a new one
	advanced                       advancedErrors
}

// wrong reports whether a field says what is wrong with it.
func (s formState) wrong() bool {
	return s.serverError != "" || s.userError != "" || s.secret != "" || s.advanced != advancedErrors{}
}

// firstPart is the account form: the first page of a new phone, and where accounts are added and edited.
type firstPart struct {
	app                    *App
	box                    *fyne.Container
	side                   *fyne.Container
	ground                 *widgets.Panel
	scroll                 *container.Scroll
	items                  *fyne.Container
	server, user, password *widgets.FormField
	sound                  string // the choice of soundChoices
	soundLine              *widgets.DevicePicker
	advanced               *advancedPart
	connect, demo, cancel  *widgets.Button
	paste                  *widgets.Button
	trouble                *widgets.Text
	troubleLine            *fyne.Container // with the room under it
	note                   *widgets.Text
	heading                *widgets.Text
	drawn                  formState
	buttons, cancelLine    *fyne.Container
}

func newFirstPart(a *App) *firstPart {
	f := &firstPart{app: a}
	f.heading = widgets.NewText(widgets.TextState{Text: tr("first.title"), Size: widgets.SizeName, Bold: true, Lines: 2})
	f.server = widgets.NewFormField(tr("first.server"), "pbx.example.com", false)
	f.user = widgets.NewFormField(tr("first.user"), "204", false)
	f.password = widgets.NewFormField(tr("first.password"), "", true)
	f.advanced = newAdvancedPart(f.reflow)
	for _, field := range f.fields() {
		field.OnSubmit(a.connectAccount)
	}
	f.soundLine = widgets.NewDevicePicker(widgets.PickerState{}, f.pickSound)
	f.pickSound(soundChoices[0].id)
	f.connect = widgets.NewButton(widgets.ButtonState{Label: tr("first.connect"), Tone: widgets.TonePrimary}, a.connectAccount)
	f.demo = widgets.NewButton(widgets.ButtonState{Label: tr("first.demo"), Icon: "play", Tone: widgets.ToneOutline}, a.startDemo)
	f.paste = widgets.NewButton(widgets.ButtonState{Label: tr("first.paste"), Icon: "paste", Tone: widgets.ToneOutline}, a.pasteAccount)
	f.cancel = widgets.NewButton(widgets.ButtonState{Label: tr("action.back"), Tone: widgets.ToneOutline}, a.leaveForm)
	f.trouble = widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorRed, Lines: 3})
	f.cancelLine = inset(f.cancel, 0, 12, 0, 0)
	f.troubleLine = inset(f.trouble, 0, 0, 0, 12)
	f.note = widgets.NewText(widgets.TextState{Text: tr("first.demoNote"), Size: widgets.SizeSecond, Color: widgets.ColorText2, Lines: 2})
	if a.deps.StartDemo == nil {
		f.demo.Hide()
		f.note.Hide()
	}
	f.buttons = group(fixed(240, 44), f.placeButtons, f.paste, f.demo)
	f.items = stack(0, newLogo(), gapOf(18), f.heading, gapOf(4),
		widgets.NewText(widgets.TextState{Text: tr("first.about"), Size: widgets.SizeCard, Color: widgets.ColorText2, Lines: 2}),
		gapOf(16), f.server, gapOf(16), f.user, gapOf(16), f.password, gapOf(8), f.soundLine, f.advanced.box, gapOf(16), f.troubleLine,
		f.connect, gapOf(12), f.buttons, f.cancelLine, gapOf(14), f.note)
	f.scroll = container.NewVScroll(inset(f.items, 4, 4, 4, 4))
	f.scroll.OnScrolled = func(fyne.Position) { a.teller.look() }
	f.ground = widgets.NewPanel(widgets.PanelFill)
	f.side = newDemoCard()
	f.box = group(fixed(320, 400), f.place, f.ground, f.side, f.scroll)
	f.box.Hide()
	return f
}

// fields are the form's fields in reading order.
func (f *firstPart) fields() []*widgets.FormField {
	return append([]*widgets.FormField{f.server, f.user, f.password}, f.advanced.fields()...)
}

// showWrong brings the first field that is wrong into sight, and the keyboard to it.
func (f *firstPart) showWrong() {
	for _, field := range f.fields() {
		if field.Wrong() != "" {
			f.app.window.Canvas().Focus(field.Focusable())
			return
		}
	}
}

// newLogo is the mark with the name beside it.
func newLogo() *fyne.Container {
	mark := widgets.NewLogo()
	name := widgets.NewText(widgets.TextState{Text: "Hookswitch", Size: widgets.SizeTitle, Bold: true})
	return group(fixed(200, 36), func(s fyne.Size) {
		put(mark, 0, 0, 36, 36)
		put(name, 48, 0, s.Width-48, 36)
	}, mark, name)
}

// newDemoCard says what the demo offers.
func newDemoCard() *fyne.Container {
	panel := widgets.NewPanel(widgets.PanelCard)
	list := stack(0, widgets.NewText(widgets.TextState{Text: tr("demo.title"), Size: widgets.SizeSection, Bold: true}), gapOf(14))
	for _, line := range [][2]string{
		{"600", tr("demo.600")}, {"601", tr("demo.601")}, {"602", tr("demo.602")}, {"603", tr("demo.603")},
		{"604", tr("demo.604")}, {"605", tr("demo.605")}, {"606", tr("demo.606")},
	} {
		number := widgets.NewChip(widgets.ChipState{Label: line[0], Bold: true})
		what := widgets.NewText(widgets.TextState{Text: line[1], Size: widgets.SizeRow})
		list.Add(group(fixed(240, 40), func(s fyne.Size) {
			put(number, 0, 8, 48, 24)
			put(what, 62, 0, s.Width-62, s.Height)
		}, number, what))
	}
	body := inset(list, 24, 24, 24, 16)
	return group(func() fyne.Size { return body.MinSize() }, func(s fyne.Size) {
		put(panel, 0, 0, s.Width, s.Height)
		put(body, 0, 0, s.Width, s.Height)
	}, panel, body)
}

func (f *firstPart) place(s fyne.Size) {
	if s.Width <= 0 {
		return
	}
	side := s.Width >= roomyFrom && f.demo.Visible()
	show(f.side, side)
	show(f.ground, side)
	left := s.Width
	if side {
		left = s.Width * 0.58
		put(f.ground, left, -20, s.Width-left+20, s.Height+40)
		w, h := min(460, s.Width-left-80), f.side.MinSize().Height
		put(f.side, left+(s.Width-left-w)/2, (s.Height-h)/2, w, h)
	}
	w := min(440, left-32)
	h := min(s.Height-24, f.items.MinSize().Height+8)
	put(f.scroll, (left-w)/2, (s.Height-h)/2, w, h)
}

func (f *firstPart) placeButtons(s fyne.Size) {
	if f.paste.Visible() && f.demo.Visible() {
		w := (s.Width - 12) / 2
		put(f.paste, 0, 0, w, 44)
		put(f.demo, w+12, 0, w, 44)
		return
	}
	put(f.paste, 0, 0, s.Width, 44)
	put(f.demo, 0, 0, s.Width, 44)
}

func (f *firstPart) draw(v view) {
	form := f.app.model.form
	some := len(f.app.op.Snapshot().Accounts) > 0
	demo := f.app.deps.StartDemo != nil && !f.app.model.demo && form.editing == ""
	changed := form != f.drawn || some != f.cancel.Visible() || demo != f.demo.Visible()
	show(f.cancel, some)
	show(f.cancelLine, some)
	show(f.demo, demo)
	show(f.note, demo)
	show(f.paste, form.editing == "")
	show(f.buttons, form.editing == "")
	if !changed && f.drawn == form {
		return
	}
	f.drawn = form
	f.server.SetError(form.serverError)
	f.user.SetError(form.userError)
	f.password.SetError(form.secret)
	f.advanced.draw(form.advanced)
	f.trouble.SetText(form.trouble)
	show(f.troubleLine, form.trouble != "")
	heading := tr("first.title")
	if form.editing != "" {
		heading = tr("first.editTitle")
	}
	f.heading.SetText(heading)
	label := tr("first.connect")
	if form.waiting {
		label = tr("first.connecting")
	}
	f.connect.SetState(widgets.ButtonState{Label: label, Tone: widgets.TonePrimary, Disabled: form.waiting})
	f.paste.SetState(widgets.ButtonState{Label: tr("first.paste"), Icon: "paste", Tone: widgets.ToneOutline, Disabled: form.waiting})
	f.demo.SetState(widgets.ButtonState{Label: tr("first.demo"), Icon: "play", Tone: widgets.ToneOutline, Disabled: form.waiting})
	f.buttons.Refresh()
	f.reflow()
}

// reflow gives every part its place again: something came, went or grew.
func (f *firstPart) reflow() {
	f.app.teller.look()
	f.items.Refresh()
	f.placeButtons(f.buttons.Size())
	f.place(f.box.Size())
}
