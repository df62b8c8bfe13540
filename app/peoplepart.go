package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// peoplePart is the first column of the contacts' page: search, a new one, the list.
type peoplePart struct {
	app          *App
	box          *fyne.Container
	title        *widgets.Text
	search       *searchField
	add          *widgets.CircleButton
	none, nobody *widgets.EmptyState
	head         *fyne.Container
	rows         *widgets.RowList
	hint         *fyne.Container // the idle stage
	notice       float32
}

func newPeoplePart(a *App) *peoplePart {
	p := &peoplePart{app: a}
	p.title = widgets.NewText(widgets.TextState{Text: tr("nav.contacts"), Size: widgets.SizeCard, Bold: true})
	p.search = newSearchField(tr("people.search"), func() { a.editPeople("") })
	f := p.search.field
	f.OnEdit = a.editPeople
	f.OnDial = func(string) { a.enter() }
	f.OnMove = a.movePeople
	f.OnShortcut = a.shortcut
	p.add = widgets.NewCircleButton(44, widgets.CircleState{Icon: "plus", Spoken: tr("people.add")}, a.addPerson)
	p.none = widgets.NewEmptyState("contacts", tr("people.empty"), tr("people.add"), a.addPerson)
	p.nobody = widgets.NewEmptyState("search", tr("people.nobody"), tr("people.add"), a.addPerson)
	p.head = stack(0, gapOf(40), p.none, p.nobody)
	p.rows = widgets.NewRowList(p.head)
	p.rows.Row, p.rows.OnPick = a.peopleRow, a.pickPerson
	p.rows.OnSeen = func(int, int) { a.teller.look() }
	p.rows.OnFocus = func() { a.markFirst(&a.model.people.roll) }
	p.hint = newHint(tr("people.hint"))
	p.box = group(fixed(300, 300), p.place, p.title, p.search.box, p.add, p.rows)
	p.box.Hide()
	return p
}

// newHint is a stage that says what could stand there.
func newHint(text string) *fyne.Container {
	panel := widgets.NewPanel(widgets.PanelStage)
	empty := widgets.NewEmptyState("contacts", text, "", nil)
	box := group(fixed(200, 200), func(s fyne.Size) {
		put(panel, 0, 0, s.Width, s.Height)
		put(empty, 24, 0, s.Width-48, s.Height)
	}, panel, empty)
	box.Hide()
	return box
}

func (p *peoplePart) place(s fyne.Size) {
	edge, beside := float32(0), float32(8)
	if !p.app.model.wide {
		edge, beside = 12, 4
	}
	put(p.title, edge+8, 9, s.Width-2*edge-16, 24)
	put(p.search.box, edge+4, 42, s.Width-2*edge-8-52, 44)
	put(p.add, s.Width-edge-4-44, 42, 44, 44)
	top := 92 + p.notice
	p.rows.SetBeside(beside)
	put(p.rows, edge, top, s.Width-edge-edge+beside-4, s.Height-top)
}

// setNotice leaves room for a bar under the field.
func (p *peoplePart) setNotice(height float32) {
	if height != p.notice {
		p.notice = height
		p.place(p.box.Size())
	}
}

func (p *peoplePart) draw(v peopleView) {
	p.search.draw(v.typed)
	changed := v.none != p.none.Visible() || v.nobody != p.nobody.Visible()
	show(p.none, v.none)
	show(p.nobody, v.nobody)
	show(p.head, v.none || v.nobody)
	if changed {
		p.head.Refresh()
		p.rows.HeadChanged()
	}
	p.rows.SetState(v.list)
}
