package app

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// present makes the view of the operator's snapshot and the window's own model. It is pure.
func present(s *phone.Snapshot, m *model, now time.Time) view {
	v := view{page: m.page, wide: m.wide, typed: m.typed, bar: m.bar}
	if v.page == "" || (v.page == pageDial && m.wide) {
		v.page = pageCalls
	}
	v.status = presentStatus(s, m)
	v.videoCall = presentVideoCall(s)
	v.canDial = strings.TrimSpace(m.typed) != ""
	v.stage = presentStage(s, m, now)
	if !m.wide && !m.callOpen {
		v.stage.shown = false
	}
	if v.stage.shown {
		presentConference(s, m, now, &v.stage)
	}
	if v.stage.shown && !m.wide {
		v.stage.held = presentHeld(s, now)
	}
	if v.page == pageCalls && v.stage.shown {
		v.transfer = presentTransfer(s, m, now)
	}
	if v.page == pageCalls {
		v.past = presentPast(s, m, now)
	}
	v.people = presentPeople(s, m)
	details := v.past.shown || v.people.person.shown || v.people.card.shown
	if v.page != pageCalls || (details && !m.wide) {
		v.ribbon = presentRibbon(s, now)
	}
	if v.page != pageCalls || details {
		v.stage.shown, v.transfer = false, transferView{}
	}
	v.live = presentCards(s, m, v, now)
	v.incoming = append(presentRequests(s), presentIncoming(s, m)...)
	presentList(m, &v)
	if n := len(s.Conference()); n > 0 {
		v.conferenceHead = tr("conference.head", "Count", itoa(n))
	}
	if n := len(v.live) - len(m.ended); n > 0 {
		v.liveHead = tr("calls.live", "Count", itoa(n))
	}
	v.nav = presentNav(m, v.page)
	v.accounts = presentAccounts(s, m)
	v.limit = presentLimit(s)
	v.recording = s.Recording
	v.cleans = s.VoiceProcessing
	v.bar = presentBar(s, m)
	return v
}

// presentList is the list of past calls, and what is said where it is empty.
func presentList(m *model, v *view) {
	p := &m.past
	v.list = p.state()
	v.searches = p.text != "" && !dialable(p.text)
	v.onlyMissed, v.missedLabel = p.onlyMissed, tr("filter.missed")
	if p.unseen > 0 {
		v.missedLabel = tr("filter.missedCount", "Count", itoa(p.unseen))
	}
	v.filter = p.answered && (len(p.entries) > 0 || p.onlyMissed)
	switch {
	case !p.answered || p.rows() > 0:
	case p.text != "":
		v.empty = emptySearch
	case len(v.live) > 0:
	case p.only:
		v.empty = emptyMissed
	default:
		v.empty = emptyCalls
	}
	for _, c := range p.people {
		if v.dialHint == "" && slices.ContainsFunc(c.Numbers, func(n store.ContactNumber) bool { return store.SameNumber(n.Number, m.searched()) }) {
			v.dialHint = joinDots(oneLine(c.Title()), oneLine(c.Company))
		}
	}
}

func presentNav(m *model, p page) widgets.NavState {
	calls := widgets.NavItem{Key: string(pageCalls), Icon: "phone", Label: tr("nav.calls"), Badge: m.past.unseen}
	if calls.Badge > 0 {
		calls.Spoken = tr("nav.callsMissed", "Count", itoa(calls.Badge))
	}
	items := []widgets.NavItem{calls}
	if !m.wide {
		items = append(items, widgets.NavItem{Key: string(pageDial), Icon: "keypad", Label: tr("nav.dial")})
	}
	items = append(items, widgets.NavItem{Key: string(pageContacts), Icon: "contacts", Label: tr("nav.contacts")}, widgets.NavItem{Key: string(pageSettings), Icon: "settings", Label: tr("nav.settings")})
	return widgets.NavState{Items: items, Selected: string(p)}
}

// presentBar is the one bar on top: a link that waits, then what was said last.
func presentBar(s *phone.Snapshot, m *model) widgets.BarState {
	switch {
	case m.asksQuit:
		return widgets.BarState{Kind: widgets.BarWarning, Text: tr("quit.ask"), Action: tr("quit.do"), Close: tr("bar.close")}
	case m.asksRecord != "":
		return widgets.BarState{Kind: widgets.BarWarning, Text: tr("record.ask"), Action: tr("record.agreeAndStart"), Close: tr("bar.close")}
	case m.mayNotRecord != "":
		return barredBar()
	case m.link != "":
		return widgets.BarState{Kind: widgets.BarInfo, Text: tr("link.ask", "Number", oneLine(m.link)), Action: tr("action.call"), Close: tr("bar.close")}
	case len(m.removals) > 0:
		r := m.removals[len(m.removals)-1]
		return widgets.BarState{Kind: widgets.BarInfo, Text: tr("account.removed", "Name", accountName(r.account.Account)), Action: tr("action.undo")}
	case m.undo != nil:
		return widgets.BarState{Kind: widgets.BarInfo, Text: m.undo.text, Action: tr("action.undo")}
	case m.bar.Text != "":
		return m.bar
	case m.recorded != "":
		return recordedBar(m.recorded)
	case m.unread:
		return widgets.BarState{Kind: widgets.BarError, Text: tr("kept.readFailed"), Action: tr("action.retry")}
	}
	for _, a := range s.Accounts {
		if sentence := lineSentence(a); sentence != "" && !a.Ready() && !m.removing(a.Account.ID) {
			return widgets.BarState{Kind: widgets.BarError, Text: sentence, Action: tr("action.retry")}
		}
	}
	return widgets.BarState{}
}

// accountName is what a person calls an account.
func accountName(a phone.Account) string {
	if a.DisplayName != "" {
		return oneLine(a.DisplayName)
	}
	user := strings.TrimPrefix(strings.TrimPrefix(a.URI, "sips:"), "sip:")
	if name, _, ok := strings.Cut(user, "@"); ok && name != "" {
		return oneLine(name)
	}
	return oneLine(user)
}

// presentStatus says how the lines stand, by the best of them.
func presentStatus(s *phone.Snapshot, m *model) widgets.StatusState {
	if len(s.Accounts) == 0 {
		return widgets.StatusState{Shape: widgets.DotOff, Line: tr("status.noAccount"), Color: widgets.ColorText2}
	}
	best := s.Accounts[0]
	for _, a := range s.Accounts {
		if a.Ready() {
			best = a
			break
		}
	}
	return lineStatus(best)
}

// lineStatus is one account's state in a shape and a word.
func lineStatus(a phone.AccountState) widgets.StatusState {
	st := widgets.StatusState{Line: accountName(a.Account), Color: widgets.ColorText2}
	switch {
	case a.Ready() && a.Connected:
		st.Shape, st.Word = widgets.DotReady, tr("status.ready")
	case a.Registered:
		st.Shape, st.Word, st.Color = widgets.DotBusy, tr("status.reconnecting"), widgets.ColorAmber
	case a.Registering || a.Cause == phone.CauseNone:
		st.Shape, st.Word = widgets.DotBusy, tr("status.connecting")
	default:
		st.Shape, st.Word, st.Color = widgets.DotOff, tr("status.offline"), widgets.ColorRed
	}
	return st
}

func presentAccounts(s *phone.Snapshot, m *model) []accountView {
	var list []accountView
	for _, a := range s.Accounts {
		if !m.removing(a.Account.ID) {
			list = append(list, accountView{id: a.Account.ID, name: accountName(a.Account), status: lineStatus(a)})
		}
	}
	return list
}

// callName is who is at the other end, in one line.
func callName(c phone.Call) string {
	if name := partyName(c.Party); name != "" { // after a transfer it is another one than was dialled
		return name
	}
	if number := oneLine(c.Number); number != "" {
		return number
	}
	return tr("call.unknown")
}

// partyName is somebody in one line; "" where nothing is known.
func partyName(p phone.Party) string {
	for _, name := range []string{p.Name, p.Number} {
		if clean := oneLine(name); clean != "" {
			return clean
		}
	}
	if p.Withheld {
		return tr("call.withheld")
	}
	return ""
}

// callFor tells for whom a call is and by whose transfer it came, "" for neither.
func callFor(c phone.Call) string {
	var f, by string
	if name := partyName(c.CalledFor); name != "" {
		f = tr("call.for", "Name", name)
	}
	if name := partyName(c.ReferredBy); name != "" {
		by = tr("call.by", "Name", name)
	}
	return joinDots(f, by)
}

// callNumber is the number, where the name is not it already.
func callNumber(c phone.Call) string {
	number := oneLine(c.Party.Number)
	if number == "" {
		number = oneLine(c.Number)
	}
	if number == callName(c) {
		return ""
	}
	return number
}

// lineOf names a call's account.
func lineOf(s *phone.Snapshot, id phone.AccountID) string {
	for _, a := range s.Accounts {
		if a.Account.ID == id {
			return accountName(a.Account)
		}
	}
	return ""
}

// clockText is a duration as 07:42 or 1:07:42.
func clockText(d time.Duration) string {
	seconds := max(0, int(d/time.Second))
	if seconds >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}

func since(now, then time.Time) string {
	if then.IsZero() {
		return ""
	}
	return clockText(now.Sub(then))
}

// presentIncoming is the calls that ring here, as their cards.
func presentIncoming(s *phone.Snapshot, m *model) []incomingView {
	var list []incomingView
	for _, c := range s.Calls {
		if !c.RingsHere() {
			continue
		}
		card := widgets.IncomingState{
			Title: tr("incoming.title"), Name: callName(c), Number: callNumber(c), Company: joinDots(callFor(c), oneLine(c.Party.Company)),
			Decline: tr("action.decline"), Answer: tr("action.answer"), Silence: tr("action.silence"),
			Silenced: m.silenced[c.ID],
		}
		if c.Video {
			card.Title, card.Video = tr("incoming.videoTitle"), tr("action.answerVideo")
		}
		if len(s.Accounts) > 1 {
			card.Line = tr("incoming.line", "Line", lineOf(s, c.Account))
		}
		if card.Silenced {
			card.Silence = tr("incoming.silenced")
		}
		if i := slices.IndexFunc(s.Calls, talksOrHoldsNot); i >= 0 {
			card.Note = tr("incoming.holds", "Name", shortName(callName(s.Calls[i])))
			if s.Calls[i].Conference {
				card.Note = tr("incoming.holdsConference")
			}
		}
		list = append(list, incomingView{id: c.ID, card: card})
	}
	return list
}

// talksOrHoldsNot finds the call that answering another one would put on hold.
func talksOrHoldsNot(c phone.Call) bool { return c.State == phone.StateTalking && !c.HeldByUs }
