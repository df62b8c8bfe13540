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
	calls   int          // how many of the matches, the first ones, are on the line already
	head    string       // above the matches
	more    string       // above those that are not on the line
	number  string       // whom the button calls
	call    phone.CallID // or whose call it joins with this one; without either it is disabled
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

// ready reports whether it is said to whom the call goes.
func (v transferView) ready() bool { return v.number != "" || v.call != "" }

// matchView is somebody whom the call may be sent to.
type matchView struct {
	name, number string
	call         phone.CallID // theirs, where they are on the line already
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
		return presentSending(s, m, c, now)
	}
	if t := m.choosing(s); t != nil && t.of == c.ID {
		return presentChoose(s, m, t, c, now)
	}
	return transferView{}
}

func partyOf(c phone.Call, now time.Time) partyView {
	st := standingOf(c, now)
	return partyView{name: callName(c), word: st.word, icon: st.icon, color: string(st.color), timer: st.timer}
}

func presentChoose(s *phone.Snapshot, m *model, t *transfer, c phone.Call, now time.Time) transferView {
	v := transferView{step: transferChoose, of: c.ID, from: partyOf(c, now), typed: t.typed, sendNow: t.sendNow, waiting: t.waiting}
	v.title = tr("transfer.title", "Name", v.from.name)
	if c.HeldByUs {
		v.from.word = tr("transfer.onHold")
	}
	v.matches = callMatches(s, t.typed, c.ID)
	v.calls = len(v.matches)
	v.matches = append(v.matches, matchesOf(m, t.typed, c.Number, v.matches)...)
	name := v.choose(t)
	v.headMatches()
	they := shortName(firstOf(givenName(v.from.name), v.from.name))
	switch {
	case v.call != "":
		v.do, v.note = tr("transfer.joinWith", "Name", name), tr("transfer.joins")
	case v.number == "":
		v.do, v.note = tr("action.transfer"), tr("transfer.chooseNote")
	case t.sendNow:
		v.do, v.note = tr("transfer.sendTo", "Name", name), tr("transfer.sendNote", "Name", they, "Target", name)
	default:
		v.do, v.note = tr("transfer.callTo", "Name", name), tr("transfer.askNote", "Name", they, "Target", name)
	}
	return v
}

// choose says to whom the button sends the call, and marks their row: the one under the mark, the call that was picked, or who
// has the number that was typed.
func (v *transferView) choose(t *transfer) (name string) {
	v.number = widgets.CleanNumber(t.typed)
	target := v.number
	for i := range v.matches {
		match := &v.matches[i]
		picked := match.call == t.to
		if t.to == "" { // by what was typed; who withholds the number has none
			picked = v.number != "" && match.number == v.number
		}
		if i == t.mark || t.mark < 0 && picked {
			match.row.Selected = true
			v.number, v.call, target = match.number, match.call, match.name
			break
		}
	}
	v.number = onlyDialable(v.number)
	return shortName(target)
}

// headMatches writes above the matches what they are.
func (v *transferView) headMatches() {
	n := len(v.matches)
	switch {
	case n == 0 && dialable(v.typed):
	case n == 0:
		v.head = tr("transfer.type")
	case v.typed != "" && n == 1:
		v.head = tr("transfer.oneMatch")
	case v.typed != "":
		v.head = tr("transfer.matches", "Count", itoa(n))
	case v.calls > 0:
		v.head = tr("transfer.onLine")
		if n > v.calls {
			v.more = tr("transfer.recent")
		}
	default:
		v.head = tr("transfer.recent")
	}
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

// nameHolds reports whether a name or a number holds what was typed.
func nameHolds(typed, name, number string) bool {
	typed = strings.ToLower(strings.TrimSpace(typed))
	number = strings.ToLower(strings.ReplaceAll(number, " ", ""))
	return strings.Contains(strings.ToLower(name), typed) || strings.Contains(number, strings.ReplaceAll(typed, " ", ""))
}

// callMatches are the other calls that this one could be joined with.
func callMatches(s *phone.Snapshot, typed string, but phone.CallID) (list []matchView) {
	for _, c := range s.Calls {
		name := callName(c)
		if c.ID == but || c.State != phone.StateTalking || c.Transferring || c.Conference || !nameHolds(typed, name, c.Number) {
			continue
		}
		row := widgets.RowState{Name: name, Second: tr("state.talking"), Icon: "phone"}
		if c.HeldByUs {
			row.Second, row.Icon = tr("transfer.held"), "pause"
		}
		if number := callNumber(c); number != "" {
			row.Second = number + " · " + row.Second
		}
		list = append(list, matchView{name: name, number: c.Number, call: c.ID, row: row})
	}
	return list
}

// matchesOf are the people whose name or number holds what was typed, without those who are on the line.
func matchesOf(m *model, typed, but string, calls []matchView) []matchView {
	seen := map[string]bool{but: true, "": true}
	for _, on := range calls {
		seen[on.number] = true
	}
	var list []matchView
	for _, t := range m.sendable(typed) {
		if seen[t.number] || len(list) == mostMatches {
			continue
		}
		seen[t.number] = true
		list = append(list, matchView{name: t.name, number: t.number, row: widgets.RowState{Name: t.name, Second: t.second, Icon: "phone"}})
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
func presentSending(s *phone.Snapshot, m *model, c phone.Call, now time.Time) transferView {
	asked, known := m.unsure[c.ID]
	if known && !asked {
		return transferView{} // the person took the call back
	}
	v := transferView{step: transferSending, of: c.ID, from: partyOf(c, now)}
	v.to = partyView{name: m.knownAs(s, c.TransferTarget), word: tr("transfer.sending"), icon: "transfer", color: string(widgets.ColorAccent)}
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
