package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// listPart is the first column of the calls page: state of the line, number field, filter, live calls, past calls.
type listPart struct {
	app         *App
	box         *fyne.Container
	status      *widgets.StatusLine
	search      *searchField
	field       *widgets.NumberField // of the search
	call        *widgets.CircleButton
	all, missed *widgets.Button
	live        *widgets.Text
	cards       map[phone.CallID]*widgets.CallCard
	empty       *widgets.EmptyState
	noMissed    *widgets.EmptyState
	nobody      *widgets.EmptyState
	items       *fyne.Container // the head of the list
	liveLine    *fyne.Container
	rows        *widgets.RowList
	conference  *conferenceGroup
	order       []fyne.CanvasObject
	itemsHigh   float32
	notice      float32 // the room that a bar takes above the list
	filterHigh  float32 // and the filter
}

func newListPart(a *App) *listPart {
	l := &listPart{app: a, cards: map[phone.CallID]*widgets.CallCard{}}
	l.status = widgets.NewStatusLine()
	l.search = newSearchField(tr("field.number"), func() { a.edit("") })
	l.field = l.search.field
	l.field.OnDial = func(string) { a.enter() }
	l.field.OnEdit = a.edit
	l.field.OnMove = a.movePast
	l.call = widgets.NewCircleButton(44, widgets.CircleState{Icon: "handset", Tone: widgets.ToneGo, Spoken: tr("action.call")}, a.enter)
	l.all = widgets.NewButton(widgets.ButtonState{}, func() { a.filterMissed(false) })
	l.missed = widgets.NewButton(widgets.ButtonState{}, func() { a.filterMissed(true) })
	l.live = widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Bold: true, Color: widgets.ColorText2})
	l.liveLine = inset(l.live, 8, 0, 8, 0)
	l.empty = widgets.NewEmptyState("phone", tr("calls.empty"), "", nil)
	l.noMissed = widgets.NewEmptyState("check", tr("calls.noMissed"), "", nil)
	l.nobody = widgets.NewEmptyState("search", tr("search.nobody"), "", nil)
	if a.model.demo {
		l.offerEcho()
	}
	l.items, l.conference = stack(8), newConferenceGroup()
	l.rows = widgets.NewRowList(l.items)
	l.rows.Row, l.rows.OnPick = a.pastRow, a.pickPast
	l.rows.OnFocus = func() { a.markFirst(&a.model.past.roll) }
	l.rows.OnSeen = func(first, last int) {
		a.pastSeen(first, last)
		a.teller.look()
	}
	l.box = group(fixed(300, 300), l.place, l.status, l.search.box, l.call, l.all, l.missed, l.rows)
	return l
}

// offerEcho makes the empty list offer the demo's echo test.
func (l *listPart) offerEcho() {
	l.empty = widgets.NewEmptyState("phone", tr("calls.emptyDemo"), tr("calls.echo"), func() { l.app.call(demoEcho) })
}

// demoEcho is the embedded exchange's echo test.
const demoEcho = "600"

func (l *listPart) place(s fyne.Size) {
	// The scroll bar has its own room beside the cards.
	edge, beside := float32(0), float32(8)
	if !l.app.model.wide {
		edge, beside = 12, 4
	}
	put(l.status, edge+2, 9, s.Width-2*edge-8, 24)
	put(l.search.box, edge+4, 42, s.Width-2*edge-8-52, 44)
	put(l.call, s.Width-edge-4-44, 42, 44, 44)
	top := 92 + l.notice
	w := l.all.MinSize().Width
	put(l.all, edge+4, top+2, w, 32)
	put(l.missed, edge+4+w+8, top+2, min(l.missed.MinSize().Width, s.Width-2*edge-w-16), 32)
	top += l.filterHigh
	l.rows.SetBeside(beside)
	put(l.rows, edge, top, s.Width-2*edge+beside-4, s.Height-top)
}

// setNotice leaves room for a bar under the number field.
func (l *listPart) setNotice(height float32) {
	if height != l.notice {
		l.notice = height
		l.place(l.box.Size())
	}
}

func (l *listPart) draw(v view) {
	l.status.SetState(v.status)
	l.search.draw(v.typed)
	l.call.SetState(widgets.CircleState{Icon: "handset", Tone: widgets.ToneGo, Spoken: tr("action.call"), Disabled: !v.canDial})
	l.drawFilter(v)
	l.live.SetText(v.liveHead)
	var items []fyne.CanvasObject
	if len(v.live) > 0 {
		if v.liveHead != "" {
			items = append(items, l.liveLine)
		}
		items = append(items, l.drawCards(v)...)
	} else {
		clear(l.cards)
	}
	if none := map[emptiness]*widgets.EmptyState{emptyCalls: l.empty, emptyMissed: l.noMissed, emptySearch: l.nobody}[v.empty]; none != nil {
		items = append(items, gapOf(40), none)
	}
	same := sameObjects(items, l.order)
	if !same {
		l.order, l.items.Objects = items, items
	}
	if high := l.items.MinSize().Height; !same || high != l.itemsHigh { // a sentence may have grown
		l.itemsHigh = high
		l.items.Refresh()
		l.rows.HeadChanged()
	}
	l.rows.SetState(v.list)
}

// drawFilter shows which calls are listed.
func (l *listPart) drawFilter(v view) {
	choice := func(label string, on bool) widgets.ButtonState {
		s := widgets.ButtonState{Label: label, Small: true, Round: true}
		if on {
			s.Tone = widgets.TonePrimary
		}
		return s
	}
	l.all.SetState(choice(tr("filter.all"), !v.onlyMissed))
	l.missed.SetState(choice(v.missedLabel, v.onlyMissed))
	show(l.all, v.filter)
	show(l.missed, v.filter)
	high := float32(0)
	if v.filter {
		high = 40
	}
	if l.filterHigh != high || l.missed.Size().Width != l.missed.MinSize().Width {
		l.filterHigh = high
		l.place(l.box.Size())
	}
}

func (l *listPart) drawCards(v view) []fyne.CanvasObject {
	next := map[phone.CallID]*widgets.CallCard{}
	var objects, members []fyne.CanvasObject
	for _, c := range v.live {
		card := l.cards[c.id]
		if card == nil {
			card = widgets.NewCallCard(func() { l.app.choose(c.id) })
			card.OnEnd = func() { l.app.hangup(c.id) }
			card.OnResume = func() { l.app.resume(c.id) }
			card.OnAside = func() { l.app.takeAside(c.id) }
			card.OnAgain = func() { l.app.callAgain(c.id) }
			card.OnFollow = func() { l.app.callMoved(c.id) }
			card.OnClose = func() { l.app.closeEnded(c.id) }
		}
		card.SetState(c.card)
		next[c.id] = card
		switch {
		case !c.member:
			objects = append(objects, card)
		case members == nil:
			objects = append(objects, l.conference.box)
			fallthrough
		default:
			members = append(members, card)
		}
	}
	if l.conference.draw(v.conferenceHead, members) {
		l.order = nil // the column has grown or shrunk
	}
	l.cards = next
	return objects
}

func sameObjects(a, b []fyne.CanvasObject) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
