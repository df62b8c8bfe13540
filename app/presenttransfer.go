package app

import (
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// transferStep is which of the flow's panels stands on the stage; "" is none.
type transferStep string

const (
	transferNone    transferStep = ""
	transferChoose  transferStep = "choose"
	transferAsking  transferStep = "asking"
	transferSending transferStep = "sending"
	transferUnsure  transferStep = "unsure"
)

// mostMatches bounds the list under the field.
const mostMatches = 20

// transferView is the flow's panel.
type transferView struct {
	step    transferStep
	of      phone.CallID
	consult phone.CallID
	other   phone.CallID // whom a swap speaks with
	title   string
	from    partyView // who is sent on
	to      partyView // to whom
	note    string    // one sentence on what happens
	// choose
	typed   string
	matches []matchView
	head    string // above the matches
	number  string // whom the button calls; "" disables it
	sendNow bool
	waiting bool
	do      string
	// asking
	swap    string
	canSwap bool
	can     bool
	mute    widgets.CircleState
	merge   widgets.CircleState
	end     widgets.CircleState
}

// partyView is one of the two that are to be joined.
type partyView struct{ name, word, icon, color, timer string }

// matchView is somebody whom the call may be sent to.
type matchView struct {
	name, number string
	row          widgets.RowState
}

// presentTransfer makes the panel for the call on the stage.
func presentTransfer(s *phone.Snapshot, m *model, now time.Time) transferView {
	c, ok := s.CurrentCall()
	if !ok {
		return transferView{}
	}
	if c.IsTransfer {
		if parent, there := s.CallByID(c.TransferParent.CallID); there {
			return presentAsking(s, parent, c, now)
		}
		return transferView{}
	}
	if consult, there := consultOf(s, c.ID); there {
		return presentAsking(s, c, consult, now)
	}
	if c.Transferring {
		return presentSending(m, c, now)
	}
	if t := m.choosing(s); t != nil && t.of == c.ID {
		return presentChoose(m, t, c, now)
	}
	return transferView{}
}

func partyOf(c phone.Call, now time.Time) partyView {
	st := standingOf(c, now)
	return partyView{name: callName(c), word: st.word, icon: st.icon, color: string(st.color), timer: st.timer}
}

func presentChoose(m *model, t *transfer, c phone.Call, now time.Time) transferView {
	v := transferView{step: transferChoose, of: c.ID, from: partyOf(c, now), typed: t.typed, sendNow: t.sendNow, waiting: t.waiting}
	v.title = tr("transfer.title", "Name", v.from.name)
	if c.HeldByUs {
		v.from.word = tr("transfer.onHold")
	}
	v.matches = matchesOf(m, t.typed, c.Number)
	v.number = widgets.CleanNumber(t.typed)
	target := v.number
	for i := range v.matches {
		switch match := &v.matches[i]; {
		case i == t.mark:
			match.row.Selected = true
			v.number, target = match.number, match.name
		case t.mark < 0 && match.number == v.number:
			match.row.Selected = true
			target = match.name
		}
	}
	v.head = tr("transfer.recent")
	switch n := len(v.matches); {
	case n == 0 && dialable(t.typed):
		v.head = ""
	case n == 0:
		v.head = tr("transfer.type")
	case t.typed != "" && n == 1:
		v.head = tr("transfer.oneMatch")
	case t.typed != "":
		v.head = tr("transfer.matches", "Count", itoa(n))
	}
	v.number = onlyDialable(v.number)
	name, they := shortName(target), shortName(firstOf(givenName(v.from.name), v.from.name))
	switch {
	case v.number == "":
		v.do, v.note = tr("action.transfer"), tr("transfer.chooseNote")
	case t.sendNow:
		v.do, v.note = tr("transfer.sendTo", "Name", name), tr("transfer.sendNote", "Name", they, "Target", name)
	default:
		v.do, v.note = tr("transfer.callTo", "Name", name), tr("transfer.askNote", "Name", they, "Target", name)
	}
	return v
}

// givenName is the first word of a person's name; "" for a number.
func givenName(name string) string {
	if widgets.Initials(name) == "" {
		return ""
	}
	first, _, _ := strings.Cut(name, " ")
	return first
}

// dialable reports whether what was typed is a number or an address by itself.
func dialable(typed string) bool {
	typed = widgets.CleanNumber(typed)
	return typed != "" && (strings.Contains(typed, "@") || strings.Trim(typed, "0123456789*#+ ()-./") == "")
}

// onlyDialable is the number, or "" where it is a name that nobody matches.
func onlyDialable(number string) string {
	if dialable(number) || strings.HasPrefix(number, "sip") {
		return number
	}
	return ""
}

// matchesOf are the people of recent calls whose name or number holds what was typed, the latest first.
func matchesOf(m *model, typed, but string) []matchView {
	typed = strings.ToLower(strings.TrimSpace(typed))
	squeezed := strings.ReplaceAll(typed, " ", "")
	seen := map[string]bool{but: true, "": true}
	var list []matchView
	for _, c := range m.recents {
		name := callName(c)
		if seen[c.Number] || len(list) == mostMatches {
			continue
		}
		number := strings.ToLower(strings.ReplaceAll(c.Number, " ", ""))
		if typed != "" && !strings.Contains(strings.ToLower(name), typed) && !strings.Contains(number, squeezed) {
			continue
		}
		seen[c.Number] = true
		list = append(list, matchView{name: name, number: c.Number,
			row: widgets.RowState{Name: name, Second: firstOf(callNumber(c), tr("transfer.recently")), Icon: "phone"}})
	}
	return list
}

func presentAsking(s *phone.Snapshot, parent, consult phone.Call, now time.Time) transferView {
	v := transferView{step: transferAsking, of: parent.ID, consult: consult.ID, number: consult.Number,
		from: partyOf(parent, now), to: partyOf(consult, now)}
	from, to := shortName(firstOf(givenName(v.from.name), v.from.name)), shortName(firstOf(givenName(v.to.name), v.to.name))
	v.title = tr("transfer.pair", "Name", from, "Target", to)
	v.do, v.note = tr("transfer.complete"), tr("transfer.joins")
	if consult.State != phone.StateTalking {
		v.note = tr("transfer.early", "Target", to)
	}
	current := consult
	v.other, v.swap = parent.ID, tr("transfer.back", "Name", from)
	if consult.HeldByUs && !parent.HeldByUs {
		current = parent
		v.other, v.swap = consult.ID, tr("transfer.back", "Name", to)
	}
	v.canSwap = consult.State == phone.StateTalking && parent.State == phone.StateTalking && !parent.Transferring
	v.can = parent.State == phone.StateTalking && !parent.Transferring && consult.State != phone.StateEnding
	if parent.Transferring {
		v.note = tr("transfer.sendingNote")
	}
	v.mute = muteState(current)
	if s.Current != current.ID {
		v.mute.Disabled = true
	}
	v.merge = widgets.CircleState{Icon: "merge", Label: tr("action.merge"), Spoken: tr("action.mergeWith", "Name", from), Disabled: !v.canSwap}
	v.end = widgets.CircleState{Icon: "hangup", Label: tr("transfer.end", "Name", to), Tone: widgets.ToneDanger, Disabled: consult.State == phone.StateEnding}
	return v
}

// presentSending is the call whose transfer is under way.
func presentSending(m *model, c phone.Call, now time.Time) transferView {
	asked, known := m.unsure[c.ID]
	if known && !asked {
		return transferView{} // the person took the call back
	}
	v := transferView{step: transferSending, of: c.ID, from: partyOf(c, now)}
	target := oneLine(c.TransferTarget)
	v.to = partyView{name: firstOf(m.nameOf(c.TransferTarget), target), word: tr("transfer.sending"), icon: "transfer", color: string(widgets.ColorAccent)}
	from := shortName(firstOf(givenName(v.from.name), v.from.name))
	v.title = tr("transfer.pair", "Name", from, "Target", shortName(v.to.name))
	v.note = tr("transfer.sendingNote")
	if asked {
		v.step, v.note = transferUnsure, tr("transfer.unsure", "Target", shortName(v.to.name))
		v.to.word, v.to.icon, v.to.color = tr("transfer.noWord"), "warning", string(widgets.ColorAmber)
		v.swap, v.do = tr("transfer.resume", "Name", from), tr("action.hangup")
		v.canSwap, v.can = true, true
	}
	return v
}

// nameOf is whom the recent calls know under a number.
func (m *model) nameOf(number string) string {
	for _, c := range m.recents {
		if c.Number == number {
			return callName(c)
		}
	}
	return ""
}
