package app

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// cardPart is the form of a contact.
type cardPart struct {
	*sheet
	heading       *widgets.Text
	name, company *widgets.FormField
	rows          []*numberRow
	shown         int // rows
	list          *fyne.Container
	more          *widgets.Button
	trouble       *widgets.Text
	save, cancel  *widgets.Button
	drawn         cardFormView
	wide          bool
}

// numberRow is a number of the form: which one it is, the number, and a way to leave it out.
type numberRow struct {
	box    *fyne.Container
	label  string
	kind   *widgets.DevicePicker
	field  *widgets.FormField
	remove *widgets.CircleButton
}

// mostRows is how many numbers the form offers; a contact that has more keeps them.
const mostRows = store.MostContactNumbers

func newCardPart(a *App) *cardPart {
	p := &cardPart{list: stack(12)}
	p.heading = widgets.NewText(widgets.TextState{Size: widgets.SizeTitle, Bold: true})
	p.name = widgets.NewFormField(tr("card.name"), "", false)
	p.company = widgets.NewFormField(tr("card.company"), "", false)
	p.more = widgets.NewButton(widgets.ButtonState{Label: tr("card.addNumber"), Icon: "plus", Tone: widgets.ToneQuiet}, p.addRow)
	p.trouble = widgets.NewText(widgets.TextState{Size: widgets.SizeState, Color: widgets.ColorRed, Lines: 3})
	p.save = widgets.NewButton(widgets.ButtonState{}, a.saveCard)
	p.cancel = widgets.NewButton(widgets.ButtonState{Label: tr("action.cancel"), Tone: widgets.ToneOutline}, a.leaveCard)
	for _, f := range []*widgets.FormField{p.name, p.company} {
		f.OnSubmit(a.saveCard)
		f.OnShortcut(a.shortcut)
	}
	column := stack(0, p.heading, gapOf(16), p.name, gapOf(16), p.company, gapOf(20), p.list, gapOf(8), alone(p.more), gapOf(16), p.trouble,
		gapOf(8), flowing(12, p.save, p.cancel))
	p.sheet = newSheet(a, tr("action.back"), a.leaveCard, nil, inset(column, 4, 0, 4, 0))
	p.column.Layout = arrange{func() fyne.Size { return column.MinSize().AddWidthHeight(8, 0) }, func(s fyne.Size) {
		put(column, 4, 0, min(520, s.Width-8), s.Height)
	}}
	return p
}

func (p *cardPart) newRow(i int) *numberRow {
	r := &numberRow{}
	r.kind = widgets.NewDevicePicker(widgets.PickerState{}, func(label string) { p.setLabel(r, label) })
	r.field = widgets.NewFormField(tr("card.number", "Count", itoa(i+1)), "", false)
	r.field.OnSubmit(p.app.saveCard)
	r.field.OnShortcut(p.app.shortcut)
	r.remove = widgets.NewCircleButton(40, widgets.CircleState{Icon: "cross", Tone: widgets.ToneQuiet, Spoken: tr("card.removeNumber", "Count", itoa(i+1))},
		func() { p.dropRow(r) })
	r.box = group(func() fyne.Size { return r.field.MinSize() }, func(s fyne.Size) {
		kind := min(140, s.Width*0.32)
		put(r.kind, 0, 25, kind, 44)
		put(r.field, kind+8, 0, s.Width-kind-8-44, s.Height)
		put(r.remove, s.Width-44, 25, 44, 44)
	}, r.kind, r.field, r.remove)
	return r
}

// setLabel says which number it is; one of the person's own words stays on offer.
func (p *cardPart) setLabel(r *numberRow, label string) {
	r.label = label
	var choices []widgets.Choice
	for _, l := range numberLabels {
		choices = append(choices, widgets.Choice{ID: l, Label: labelText(l)})
	}
	if _, known := labelKeys[strings.ToLower(label)]; known {
		label = strings.ToLower(label)
	} else {
		choices = append(choices, widgets.Choice{ID: label, Label: firstOf(labelText(label), tr("label.none"))})
	}
	r.kind.SetState(widgets.PickerState{Title: tr("card.label"), Choices: choices, Selected: label, Field: true})
}

// fill puts a contact into the form, with one empty number at least.
func (p *cardPart) fill(c store.Contact) {
	p.name.SetState(c.Name)
	p.company.SetState(c.Company)
	numbers := c.Numbers
	if len(numbers) == 0 {
		numbers = []store.ContactNumber{{Label: numberLabels[0]}}
	}
	p.setRows(numbers)
	p.scroll.ScrollToTop()
}

func (p *cardPart) setRows(numbers []store.ContactNumber) {
	for len(p.rows) < len(numbers) {
		r := p.newRow(len(p.rows))
		p.rows = append(p.rows, r)
		p.list.Add(r.box)
	}
	for i, r := range p.rows {
		show(r.box, i < len(numbers))
		text := ""
		if i < len(numbers) {
			p.setLabel(r, numbers[i].Label)
			text = numbers[i].Number
		}
		r.field.SetState(text)
		r.field.SetError("")
	}
	p.shown = len(numbers)
	show(p.more, p.shown < mostRows)
	p.reflow()
}

// numbers are the rows as they are, the empty ones too.
func (p *cardPart) numbers() []store.ContactNumber {
	var list []store.ContactNumber
	for _, r := range p.rows[:p.shown] {
		list = append(list, store.ContactNumber{Label: r.label, Number: strings.TrimSpace(r.field.Text())})
	}
	return list
}

// contact is what the form says.
func (p *cardPart) contact() store.Contact {
	return store.Contact{Name: strings.TrimSpace(p.name.Text()), Company: strings.TrimSpace(p.company.Text()),
		Numbers: slices.DeleteFunc(p.numbers(), func(n store.ContactNumber) bool { return n.Number == "" })}
}

// addRow offers another number, under the first label that is not there yet.
func (p *cardPart) addRow() {
	numbers := p.numbers()
	label := numberLabels[len(numberLabels)-1]
	for _, l := range numberLabels {
		if !slices.ContainsFunc(numbers, func(n store.ContactNumber) bool { return strings.EqualFold(n.Label, l) }) {
			label = l
			break
		}
	}
	p.app.model.card.wrong = nil
	p.setRows(append(numbers, store.ContactNumber{Label: label}))
	p.app.render()
	p.app.window.Canvas().Focus(p.rows[p.shown-1].field.Focusable())
}

// dropRow leaves a number out.
func (p *cardPart) dropRow(r *numberRow) {
	i := slices.Index(p.rows, r)
	numbers := p.numbers()
	if i < 0 || i >= len(numbers) {
		return
	}
	if numbers = slices.Delete(numbers, i, i+1); len(numbers) == 0 {
		numbers = []store.ContactNumber{{Label: numberLabels[0]}}
	}
	p.app.model.card.wrong = nil
	p.setRows(numbers)
	p.app.render()
}

func (p *cardPart) draw(v cardFormView) {
	if !v.shown {
		p.drawn = v
		return
	}
	p.heading.SetText(v.title)
	p.sheet.title.SetText(v.title)
	p.name.SetError(v.state.wrongName)
	wrong := 0
	for _, r := range p.rows[:p.shown] {
		text := ""
		if strings.TrimSpace(r.field.Text()) != "" { // empty ones are not counted
			if wrong < len(v.state.wrong) {
				text = v.state.wrong[wrong]
			}
			wrong++
		}
		r.field.SetError(text)
	}
	p.trouble.SetText(v.state.trouble)
	p.save.SetState(widgets.ButtonState{Label: tr("card.save"), Tone: widgets.TonePrimary, Disabled: v.state.waiting})
	old := p.drawn.state
	if v.shown != p.drawn.shown || p.wide != p.app.model.wide || v.state.wrongName != old.wrongName || v.state.trouble != old.trouble || !slices.Equal(v.state.wrong, old.wrong) {
		p.wide = p.app.model.wide
		show(p.trouble, v.state.trouble != "")
		show(p.heading, p.app.model.wide)
		p.reflow()
	}
	p.drawn = v
}

// showWrong brings the first field that is wrong into sight, and the keyboard to it.
func (p *cardPart) showWrong() {
	fields := []*widgets.FormField{p.name}
	for _, r := range p.rows[:p.shown] {
		fields = append(fields, r.field)
	}
	for _, f := range fields {
		if f.Wrong() != "" {
			p.app.window.Canvas().Focus(f.Focusable())
			return
		}
	}
}
