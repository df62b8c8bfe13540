package app

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// inConference reports whether the call is a member of the conference now.
func inConference(c phone.Call) bool { return c.Conference && c.State == phone.StateTalking }

// together is the live calls with the conference's members in a row, where the first of them stands.
func together(s *phone.Snapshot) (list []phone.Call) {
	members := s.Conference()
	for _, c := range s.Calls {
		switch {
		case !inConference(c):
			list = append(list, c)
		case c.ID == members[0].ID:
			list = append(list, members...)
		}
	}
	return list
}

// memberCard is one member in the conference's group. Its actions stay in sight, because the stage's are for all members.
func memberCard(s *phone.Snapshot, c phone.Call, st standing) cardView {
	card := cardOf(s, c, st)
	card.Selected = c.ID == s.Current
	card.End = tr("action.hangupOn", "Name", card.Name)
	if st.held {
		card.Resume = tr("action.resumeOn", "Name", card.Name)
	} else {
		card.Aside = tr("action.aside", "Name", card.Name)
	}
	return cardView{id: c.ID, card: card, member: true}
}

// conferenceStanding is how all members stand: they talk as long as one of them does.
func conferenceStanding(members []phone.Call, now time.Time) standing {
	began := now
	talks := false
	for _, c := range members {
		talks = talks || !c.HeldByUs && !c.HoldPending
		if c.AnsweredAt.Before(began) {
			began = c.AnsweredAt
		}
	}
	if !talks {
		return standingOf(members[0], now)
	}
	return standing{word: tr("state.talking"), icon: "merge", color: widgets.ColorGreen, timer: since(now, began)}
}

// presentConference makes the stage that of the whole conference where the current call is a member, and offers to merge with
// the call that waits, or else to split.
func presentConference(s *phone.Snapshot, m *model, now time.Time, v *stageView) {
	c, _ := s.CurrentCall()
	if waits, ok := heldBeside(s); ok && c.State == phone.StateTalking {
		name := callName(waits)
		if inConference(waits) {
			name = tr("conference.name")
		}
		v.other = waits.ID
		v.merge = widgets.CircleState{Icon: "merge", Label: tr("action.merge"), Spoken: tr("action.mergeWith", "Name", name),
			Disabled: c.Transferring || c.HoldPending}
	}
	if !inConference(c) {
		return
	}
	members := s.Conference()
	st := conferenceStanding(members, now)
	for _, member := range members {
		v.members = append(v.members, callName(member))
	}
	v.name, v.first, v.second = tr("conference.name"), tr("conference.all"), joinDots(v.members...)
	v.word, v.wordIcon, v.wordColor, v.timer = st.word, st.icon, string(st.color), st.timer
	v.talking = v.talking || st.icon == "merge"
	v.quality = widgets.ChipState{} // it is one member's
	if v.keypad && v.digits == "" {
		v.keysTo = tr("conference.keys", "Name", callName(c))
	}
	v.hold = widgets.CircleState{Icon: "pause", Label: tr("action.hold"), Disabled: anyPending(members)}
	if allHeld(members) {
		v.hold = widgets.CircleState{Icon: "play", Label: tr("action.resume"), Tone: widgets.ToneOn, Disabled: anyPending(members)}
	}
	v.transfer.Disabled = true // one of them is to be taken aside first
	v.hangup.Label, v.hangup.Spoken = tr("action.hangupAll"), ""
	if v.other == "" {
		v.merge = widgets.CircleState{Icon: "split", Label: tr("action.split"), Spoken: tr("action.splitAll")}
	}
}

func anyPending(members []phone.Call) bool {
	for _, c := range members {
		if c.HoldPending {
			return true
		}
	}
	return false
}

func allHeld(members []phone.Call) bool {
	for _, c := range members {
		if !c.HeldByUs {
			return false
		}
	}
	return true
}

// toggleConference holds all members, or resumes them.
func (a *App) toggleConference() {
	if allHeld(a.op.Snapshot().Conference()) {
		a.refuse(a.op.UnholdConference())
		return
	}
	a.refuse(a.op.HoldConference())
}

// mergeOrSplit joins the call on the stage with the one that waits; where none does, it takes the conference apart.
func (a *App) mergeOrSplit() {
	s := a.op.Snapshot()
	c, ok := a.current()
	if !ok || c.State != phone.StateTalking {
		return
	}
	if waits, there := heldBeside(s); there {
		a.refuse(a.op.Merge(c.ID, waits.ID))
	} else if inConference(c) {
		a.refuse(a.op.Split(""))
	}
	a.render()
}

// takeAside speaks with one member alone.
func (a *App) takeAside(id phone.CallID) {
	if !a.refuse(a.op.Split(id)) {
		a.showCall()
	}
}

// resume speaks with a call again; with a member of a conference that is held as a whole, with all of it.
func (a *App) resume(id phone.CallID) {
	s := a.op.Snapshot()
	if c, ok := s.CallByID(id); ok && inConference(c) && allHeld(s.Conference()) {
		a.refuse(a.op.UnholdConference())
		return
	}
	a.refuse(a.op.Unhold(id))
}

// loudest is our level and theirs; of a conference, that of its loudest member.
func (a *App) loudest(id phone.CallID) (near, far float64) {
	near, far = a.op.Levels(id)
	s := a.op.Snapshot()
	if c, ok := s.CallByID(id); !ok || !inConference(c) {
		return near, far
	}
	for _, c := range s.Conference() {
		ours, theirs := a.op.Levels(c.ID)
		near, far = max(near, ours), max(far, theirs)
	}
	return near, far
}
