package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// The window's measures.
const (
	wideFrom   float32 = 760  // from here: rail, list, stage
	roomyFrom  float32 = 1080 // from here the list is 360 wide
	railWidth  float32 = 88
	barHeight  float32 = 64
	ribbonHigh float32 = 48
)

// shell is the window's content: one tree for wide and compact; arrange places its parts by the width.
type shell struct {
	app      *App
	root     *fyne.Container
	rail     *widgets.Nav
	bottom   *widgets.Nav
	list     *listPart
	stage    *stagePart
	transfer *transferPart
	dial     *dialPart
	past     *pastPart
	people   *peoplePart
	person   *personPart
	card     *cardPart
	settings *settingsPart
	first    *firstPart
	notice   *widgets.ErrorBar
	ribbon   *ribbonPart
	help     *helpPart
	calls    map[phone.CallID]*widgets.IncomingCard
	layer    *fyne.Container // the incoming cards
	view     view
}

func newShell(a *App) *shell {
	s := &shell{app: a, calls: map[phone.CallID]*widgets.IncomingCard{}}
	s.rail = widgets.NewNavRail(a.open)
	s.bottom = widgets.NewBottomBar(a.open)
	s.list = newListPart(a)
	s.stage = newStagePart(a)
	s.transfer = newTransferPart(a)
	s.dial = newDialPart(a)
	s.past = newPastPart(a)
	s.people = newPeoplePart(a)
	s.person = newPersonPart(a)
	s.card = newCardPart(a)
	s.settings = newSettingsPart(a)
	s.first = newFirstPart(a)
	s.notice = widgets.NewErrorBar(a.noticeAction, a.noticeClose)
	s.ribbon = newRibbonPart(a)
	s.help = newHelpPart(a)
	s.layer = group(fixed(0, 0), s.placeIncoming)
	s.root = group(fixed(leastWidth, leastHeight), s.place,
		s.rail, s.list.box, s.people.box, s.dial.box, s.stage.box, s.transfer.box, s.past.box, s.person.box, s.card.box, s.people.hint,
		s.settings.box, s.first.box, s.ribbon.box, s.notice, s.bottom, s.layer, s.help.box)
	return s
}

// draw hands the view's parts to the widgets.
func (s *shell) draw(v view) {
	s.view = v
	s.rail.SetState(v.nav)
	s.bottom.SetState(v.nav)
	s.list.draw(v)
	s.stage.draw(v)
	s.transfer.draw(v.transfer)
	s.dial.draw(v)
	s.past.draw(v.past)
	s.people.draw(v.people)
	s.person.draw(v.people.person)
	s.card.draw(v.people.card)
	s.settings.draw(v)
	s.first.draw(v)
	s.notice.SetState(v.bar)
	s.ribbon.draw(v.ribbon)
	show(s.help.box, s.app.model.helps)
	s.drawIncoming(v.incoming)
	s.place(s.root.Size())
}

// drawIncoming keeps one card for each ringing call.
func (s *shell) drawIncoming(list []incomingView) {
	alive := map[phone.CallID]bool{}
	for _, in := range list {
		alive[in.id] = true
		card := s.calls[in.id]
		if card == nil {
			card = widgets.NewIncomingCard(
				func() { s.app.declineCard(in) },
				func() { s.app.acceptCard(in) },
				func() { s.app.silence(in.id) })
			card.OnVideo = func() { s.app.answerVideo(in.id) }
			s.calls[in.id] = card
			s.layer.Add(card)
		}
		card.SetState(in.card)
	}
	for id, card := range s.calls {
		if !alive[id] {
			s.layer.Remove(card)
			delete(s.calls, id)
		}
	}
}

// place lays everything out for the window's size.
func (s *shell) place(size fyne.Size) {
	if size.Width <= 0 {
		return
	}
	wide := size.Width >= wideFrom
	if wide != s.app.model.wide {
		s.app.model.wide = wide
		s.app.post(s.app.render)
	}
	s.choose(wide)
	if wide {
		s.placeWide(size)
	} else {
		s.placeCompact(size)
	}
	put(s.layer, 0, 0, size.Width, size.Height)
	s.placeIncoming(size)
	s.placeNotice(size)
	s.placeIncoming(size) // under the bar, whose height is known only now
	put(s.help.box, 0, 0, size.Width, size.Height)
	s.app.teller.look()
}

// choose shows what the view holds: a list, and what stands on the stage or, in a compact window, covers the list.
func (s *shell) choose(wide bool) {
	v := s.view
	onFirst := v.page == pageFirst
	call := v.stage.shown && v.transfer.step == transferNone
	sheets := v.past.shown || v.people.person.shown || v.people.card.shown
	full := !wide && v.stage.shown // compact: the call covers everything
	covered := !wide && (v.stage.shown || sheets)
	show(s.rail, wide && !onFirst)
	show(s.bottom, !wide && !onFirst && !full)
	show(s.first.box, onFirst)
	show(s.settings.box, v.page == pageSettings)
	show(s.list.box, v.page == pageCalls && !covered)
	show(s.people.box, v.page == pageContacts && !covered)
	show(s.stage.box, call)
	show(s.transfer.box, v.transfer.step != transferNone)
	show(s.past.box, v.past.shown)
	show(s.person.box, v.people.person.shown)
	show(s.card.box, v.people.card.shown)
	show(s.people.hint, v.people.hint)
	show(s.dial.box, (wide && v.page == pageCalls && !v.stage.shown && !sheets) || v.page == pageDial)
}

// onStage are the parts of which at most one stands on the stage.
func (s *shell) onStage() []fyne.CanvasObject {
	return []fyne.CanvasObject{s.stage.box, s.transfer.box, s.past.box, s.person.box, s.card.box, s.people.hint}
}

// listWidth is how wide the list beside the stage is; what a search finds gets more room.
func (s *shell) listWidth(width float32) float32 {
	searches := (s.view.page == pageCalls && s.view.searches) || (s.view.page == pageContacts && s.view.people.typed != "")
	switch {
	case width < roomyFrom:
		return 320
	case searches:
		return 400
	}
	return 360
}

func (s *shell) placeWide(size fyne.Size) {
	put(s.rail, 0, 0, railWidth, size.Height)
	left := railWidth
	if s.view.page == pageFirst {
		left = 0
	}
	top := s.placeRibbon(left, 0, size.Width-left)
	list := s.listWidth(size.Width)
	put(s.list.box, railWidth, top, list, size.Height-top)
	put(s.people.box, railWidth, top, list, size.Height-top)
	x := railWidth + list + 5
	for _, o := range append(s.onStage(), s.dial.box) {
		put(o, x, top+9, size.Width-x-9, size.Height-top-18)
	}
	put(s.settings.box, railWidth, top, size.Width-railWidth, size.Height-top)
	put(s.first.box, 0, top, size.Width, size.Height-top)
}

func (s *shell) placeCompact(size fyne.Size) {
	bottom := size.Height - barHeight
	put(s.bottom, 0, bottom, size.Width, barHeight)
	top := s.placeRibbon(0, 0, size.Width)
	put(s.list.box, 0, top, size.Width, bottom-top)
	put(s.people.box, 0, top, size.Width, bottom-top)
	for _, o := range s.onStage() {
		put(o, 0, top, size.Width, bottom-top)
	}
	put(s.dial.box, 0, top, size.Width, bottom-top)
	put(s.settings.box, 0, top, size.Width, bottom-top)
	put(s.first.box, 0, top, size.Width, size.Height-top)
	put(s.stage.box, 0, 0, size.Width, size.Height)
	put(s.transfer.box, 0, 0, size.Width, size.Height)
}

func (s *shell) placeRibbon(x, y, w float32) float32 {
	show(s.ribbon.box, s.view.ribbon.shown)
	if !s.ribbon.box.Visible() {
		return y
	}
	put(s.ribbon.box, x, y, w, ribbonHigh)
	return y + ribbonHigh
}

// placeNotice puts the bar under the number field, or on top of the page, and moves what is
// there down; over a compact call it lies under the head.
func (s *shell) placeNotice(size fyne.Size) {
	v := s.view
	on := v.bar.Text != "" && v.page != pageFirst
	show(s.notice, on)
	wide := s.app.model.wide
	reserve := float32(0)
	defer func() {
		s.list.setNotice(reserve + s.incomingHigh())
		s.people.setNotice(reserve)
	}()
	switch {
	case !on:
	case v.stage.shown && !wide:
		put(s.notice, 12, 52, size.Width-24, s.notice.HeightFor(size.Width-24))
	case v.page == pageCalls, v.page == pageContacts:
		list := s.list.box // both lists lie there
		x, w := list.Position().X+4, list.Size().Width-8
		if !wide {
			x, w = 16, size.Width-32
		}
		h := s.notice.HeightFor(w)
		y := list.Position().Y + 96
		if !wide && !s.list.box.Visible() && !s.people.box.Visible() { // somebody's details cover them: at their foot
			y = size.Height - barHeight - h - 8
		}
		put(s.notice, x, y, w, h)
		reserve = h + 8
	default:
		page := s.settings.box
		if v.page == pageDial {
			page = s.dial.box
		}
		at, room := page.Position(), page.Size()
		w := min(560, room.Width-24)
		h := s.notice.HeightFor(w)
		put(s.notice, at.X+12, at.Y+8, w, h)
		put(page, at.X, at.Y+h+8, room.Width, room.Height-h-8)
	}
}

// inList reports whether the incoming cards stand on top of the list, where they cover nothing.
func (s *shell) inList() bool { return s.app.model.wide && s.view.page == pageCalls }

// incomingHigh is the room that the incoming cards take in the list.
func (s *shell) incomingHigh() float32 {
	if !s.inList() {
		return 0
	}
	h := float32(0)
	for _, in := range s.view.incoming {
		if card := s.calls[in.id]; card != nil {
			h += card.Size().Height + 8
		}
	}
	return h
}

// placeIncoming stacks the cards: on top of the list, or over the page.
func (s *shell) placeIncoming(size fyne.Size) {
	w := min(376, size.Width-16)
	x, y := (size.Width-w)/2, float32(8)
	switch {
	case s.inList():
		x, y, w = s.list.box.Position().X+4, 96, s.list.box.Size().Width-8
		if s.notice.Visible() {
			y += s.notice.Size().Height + 8
		}
	case s.app.model.wide:
		x, y = size.Width-w-24, 24
	}
	for _, in := range s.view.incoming {
		if card := s.calls[in.id]; card != nil {
			card.Resize(fyne.NewSize(w, card.Size().Height))
			put(card, x, y, w, card.MinSize().Height)
			y += card.Size().Height + 8
		}
	}
}
