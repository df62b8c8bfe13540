package app

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// listPart is the first column of the calls page: state of the line, number field, live calls, calls of today.
type listPart struct {
	app                 *App
	box                 *fyne.Container
	status              *widgets.StatusLine
	field               *widgets.NumberField
	call                *widgets.CircleButton
	live                *widgets.Text
	today               *widgets.Text
	cards               map[phone.CallID]*widgets.CallCard
	rows                []*widgets.HistoryRow
	empty               *widgets.EmptyState
	items               *fyne.Container
	past                *fyne.Container // the rows
	liveLine, todayLine *fyne.Container
	scroll              *container.Scroll
	conference          *conferenceGroup
	order               []fyne.CanvasObject
	drawnRows           int
	notice              float32 // the room that a bar takes above the scroll
}

func newListPart(a *App) *listPart {
	l := &listPart{app: a, cards: map[phone.CallID]*widgets.CallCard{}}
	l.status = widgets.NewStatusLine()
	l.field = widgets.NewNumberField(tr("field.number"))
	l.field.OnDial = a.call
	l.field.OnEdit = a.edit
	l.call = widgets.NewCircleButton(44, widgets.CircleState{Icon: "handset", Tone: widgets.ToneGo, Spoken: tr("action.call")}, a.callTyped)
	head := widgets.TextState{Size: widgets.SizeSecond, Bold: true, Color: widgets.ColorText2}
	l.live, l.today = widgets.NewText(head), widgets.NewText(head)
	l.liveLine, l.todayLine = inset(l.live, 8, 0, 8, 0), inset(l.today, 8, 4, 8, 0)
	l.empty = widgets.NewEmptyState("phone", tr("calls.empty"), "", nil)
	if a.model.demo {
		l.offerEcho()
	}
	l.items, l.past, l.conference = stack(8), stack(0), newConferenceGroup()
	l.scroll = container.NewVScroll(group(func() fyne.Size { return l.items.MinSize().AddWidthHeight(20, 16) }, func(s fyne.Size) {
		beside := float32(8)
		if !a.model.wide {
			beside = 16
		}
		put(l.items, 4, 4, s.Width-4-beside, s.Height-16)
	}, l.items))
	l.box = group(fixed(300, 300), l.place, l.status, l.field, l.call, l.scroll)
	return l
}

// offerEcho makes the empty list offer the demo's echo test.
func (l *listPart) offerEcho() {
	l.empty = widgets.NewEmptyState("phone", tr("calls.emptyDemo"), tr("calls.echo"), func() { l.app.call(demoEcho) })
}

// demoEcho is the embedded exchange's echo test.
const demoEcho = "600"

func (l *listPart) place(s fyne.Size) {
	edge := float32(0)
	if !l.app.model.wide {
		edge = 12
	}
	put(l.status, edge+2, 9, s.Width-2*edge-8, 24)
	put(l.field, edge+4, 42, s.Width-2*edge-8-52, 44)
	put(l.call, s.Width-edge-4-44, 42, 44, 44)
	top := 92 + l.notice
	// The scroll bar has its own room beside the cards.
	beside := float32(4)
	if !l.app.model.wide {
		beside = edge
	}
	put(l.scroll, edge, top, s.Width-2*edge+beside, s.Height-top)
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
	l.field.SetState(v.typed)
	l.call.SetState(widgets.CircleState{Icon: "handset", Tone: widgets.ToneGo, Spoken: tr("action.call"), Disabled: !v.canDial})
	l.live.SetText(v.liveHead)
	l.today.SetText(v.todayHead)
	var items []fyne.CanvasObject
	if len(v.live) > 0 {
		if v.liveHead != "" {
			items = append(items, l.liveLine)
		}
		items = append(items, l.drawCards(v)...)
	} else {
		clear(l.cards)
	}
	if len(v.rows) > 0 {
		items = append(items, l.todayLine, l.past)
		l.drawRows(v.rows)
	} else if len(v.live) == 0 {
		items = append(items, gapOf(40), l.empty)
	}
	if !sameObjects(items, l.order) {
		l.order = items
		l.items.Objects = items
		l.items.Refresh()
		l.scroll.Content.Refresh()
		l.scroll.Refresh()
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

func (l *listPart) drawRows(list []widgets.RowState) {
	for len(l.rows) < len(list) {
		i := len(l.rows)
		row := widgets.NewHistoryRow(func() { l.app.pickRecent(i) })
		l.rows = append(l.rows, row)
		l.past.Add(row)
	}
	for i, s := range list {
		l.rows[i].SetState(s)
	}
	if len(list) != l.drawnRows {
		l.drawnRows = len(list)
		l.order = nil // the column has grown
	}
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
