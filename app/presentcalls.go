package app

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// standing is a call's state as look.md's table has it: word, icon, colour, timer.
type standing struct {
	word  string
	icon  string
	color fyne.ThemeColorName
	timer string
	held  bool // by us: it can be resumed
}

func standingOf(c phone.Call, now time.Time) standing {
	switch {
	case c.State == phone.StateEnded:
		st := standing{word: callSentence(c), icon: "hangup", color: widgets.ColorText2}
		if callFailed(c) {
			st.color = widgets.ColorRed
		}
		return st
	case c.State == phone.StateEnding:
		return standing{word: tr("state.ending"), icon: "hangup", color: widgets.ColorText2, timer: since(now, c.AnsweredAt)}
	case c.State == phone.StateTalking:
		return talkingStanding(c, now)
	case c.Direction == phone.Inbound && c.State == phone.StateRinging:
		return standing{word: tr("state.incoming"), icon: "bell", color: widgets.ColorAccent, timer: since(now, c.StartedAt)}
	case c.Direction == phone.Inbound, c.State == phone.StateAccepted:
		return standing{word: tr("state.connecting"), icon: "spinner", color: widgets.ColorAccent, timer: since(now, c.StartedAt)}
	case c.State == phone.StateRinging:
		return standing{word: tr("state.ringing"), icon: "bell", color: widgets.ColorAccent, timer: since(now, c.StartedAt)}
	}
	return standing{word: tr("state.calling"), icon: "arrow-out", color: widgets.ColorAccent, timer: since(now, c.StartedAt)}
}

func talkingStanding(c phone.Call, now time.Time) standing {
	st := standing{icon: "pause", color: widgets.ColorAmber, timer: since(now, c.HeldAt), held: c.HeldByUs}
	switch {
	case c.Transferring && (c.HeldByUs || c.HoldPending):
		return standing{word: tr("transfer.sending"), icon: "transfer", color: widgets.ColorAccent, timer: since(now, c.AnsweredAt), held: c.HeldByUs}
	case c.HoldPending && c.HeldByUs:
		st.word, st.held = tr("state.resuming"), false
	case c.HoldPending:
		st.word, st.timer = tr("state.holding"), since(now, c.AnsweredAt)
	case c.HeldByUs && c.HeldByThem:
		st.word = tr("state.heldByBoth")
	case c.HeldByUs:
		st.word = tr("state.heldByUs")
	case c.HeldByThem:
		st.word = tr("state.heldByThem")
	case !c.MediaUp && c.NetworkType != "":
		return standing{word: tr("state.reconnecting"), icon: "spinner", color: widgets.ColorAmber, timer: since(now, c.AnsweredAt)}
	case !c.MediaUp:
		return standing{word: tr("state.connecting"), icon: "spinner", color: widgets.ColorAccent, timer: since(now, c.AnsweredAt)}
	case c.NoSound:
		return standing{word: tr("state.noSound"), icon: "speaker-off", color: widgets.ColorAmber, timer: since(now, c.AnsweredAt)}
	default:
		return standing{word: tr("state.talking"), icon: "handset", color: widgets.ColorGreen, timer: since(now, c.AnsweredAt)}
	}
	return st
}

// presentCards is the live calls, the ringing ones left out (they have cards of their own), and
// those that just ended.
func presentCards(s *phone.Snapshot, m *model, v view, now time.Time) []cardView {
	var list []cardView
	for _, c := range together(s) {
		if c.RingsHere() {
			continue
		}
		st := standingOf(c, now)
		if inConference(c) {
			list = append(list, memberCard(s, c, st))
			continue
		}
		card := cardOf(s, c, st)
		card.Selected = c.ID == s.Current
		if !card.Selected || !v.stage.shown {
			card.End = tr("action.hangupOn", "Name", card.Name)
			if st.held {
				card.Resume = tr("action.resumeOn", "Name", card.Name)
			}
		}
		list = append(list, cardView{id: c.ID, card: card})
	}
	for _, e := range m.ended {
		st := standingOf(e.call, now)
		if e.movedTo != "" {
			st = standing{word: tr("transfer.done", "Target", shortName(e.movedTo)), icon: "transfer", color: widgets.ColorText2}
		}
		card := cardOf(s, e.call, st)
		if e.call.Redirect != "" {
			card.Follow = tr("action.callMoved", "Number", shownNumber(e.call.Redirect))
		} else {
			card.Again = tr("action.callAgain", "Name", card.Name)
		}
		card.Close = tr("action.closeCard", "Name", card.Name)
		list = append(list, cardView{id: e.call.ID, ended: true, card: card})
	}
	return list
}

func cardOf(s *phone.Snapshot, c phone.Call, st standing) widgets.CardState {
	card := widgets.CardState{Name: callName(c), Icon: st.icon, Word: st.word, Color: st.color, Timer: st.timer}
	if lock := presentLock(c); lock.Tone == widgets.ChipAmber {
		card.Open = lock.Label
	}
	card.Recording = cardRecord(s, c)
	return card
}

// presentStage is the foreground call with its controls.
func presentStage(s *phone.Snapshot, m *model, now time.Time) stageView {
	c, ok := s.CurrentCall()
	if !ok || !c.Live() || c.RingsHere() {
		return stageView{}
	}
	st := standingOf(c, now)
	name := callName(c)
	v := stageView{
		shown: true, id: c.ID, line: lineOf(s, c.Account), name: name, first: firstName(name),
		word: st.word, wordIcon: st.icon, wordColor: string(st.color), timer: st.timer,
		second: joinDots(oneLine(c.Party.Company), callNumber(c), callFor(c)),
	}
	v.lock = presentLock(c)
	talking := c.State == phone.StateTalking
	v.meters = talking
	if talking && m.quality.of == c.ID {
		v.quality = m.quality.chip()
	}
	v.talking = talking && !c.HeldByUs && !c.HeldByThem
	v.keypad = m.keypad && talking
	if m.digitsOf == c.ID {
		v.digits = m.digits
	}
	v.mute = muteState(c)
	v.pad = widgets.CircleState{Icon: "keypad", Label: tr("action.keypad"), Disabled: !talking}
	if v.keypad {
		v.pad.Tone = widgets.ToneOn
	}
	v.hold = widgets.CircleState{Icon: "pause", Label: tr("action.hold"), Disabled: !talking || c.HoldPending}
	if c.HeldByUs {
		v.hold = widgets.CircleState{Icon: "play", Label: tr("action.resume"), Tone: widgets.ToneOn, Disabled: !talking || c.HoldPending}
	}
	v.transfer = widgets.CircleState{Icon: "transfer", Label: tr("action.transfer"), Disabled: !talking || c.Transferring}
	v.record = presentRecord(s, onTape(s, c))
	v.video = presentVideo(s, c)
	v.hangup = widgets.CircleState{Icon: "hangup", Label: tr("action.hangup"), Spoken: tr("action.hangupOn", "Name", name),
		Tone: widgets.ToneDanger, Disabled: c.State == phone.StateEnding}
	if !talking && c.State != phone.StateEnding {
		v.hangup.Label = tr("action.cancel")
	}
	return v
}

// muteState is the mute button for a call.
func muteState(c phone.Call) widgets.CircleState {
	talking := c.State == phone.StateTalking
	if c.Muted {
		return widgets.CircleState{Icon: "mute", Label: tr("call.muted"), Spoken: tr("action.unmute"), Tone: widgets.ToneOn, Disabled: !talking}
	}
	return widgets.CircleState{Icon: "mic", Label: tr("action.mute"), Disabled: !talking}
}

func presentRibbon(s *phone.Snapshot, now time.Time) ribbonView {
	if c, ok := s.CurrentCall(); ok && !c.RingsHere() {
		st, name := standingOf(c, now), callName(c)
		if inConference(c) {
			st, name = conferenceStanding(s.Conference(), now), tr("conference.name")
		}
		return ribbonView{shown: true, text: tr("ribbon.call", "Name", name, "State", st.word), color: st.color, timer: st.timer}
	}
	return ribbonView{}
}

// firstName is the first word of a name; a number stays whole.
func firstName(name string) string {
	if widgets.Initials(name) == "" {
		return tr("call.them")
	}
	first, _, _ := strings.Cut(name, " ")
	return first
}

func joinDots(parts ...string) string {
	var all []string
	for _, p := range parts {
		if p != "" {
			all = append(all, p)
		}
	}
	return strings.Join(all, "  ·  ")
}

// missedText says how long a missed call rang, or why it could not ring.
func missedText(c phone.Call) string {
	switch c.Cause {
	case phone.CauseCanceled, phone.CauseExpires, phone.CauseNoAnswer, phone.CauseBusy:
		return tr("row.missed", "Length", lengthText(c.EndedAt.Sub(c.StartedAt)))
	}
	return tr("row.missedWhy", "Why", strings.TrimSuffix(callSentence(c), "."))
}

// lengthText is a length in words: 42 s, 3 min 08 s.
func lengthText(d time.Duration) string {
	seconds := max(0, int(d.Round(time.Second)/time.Second))
	if seconds < 60 {
		return tr("length.seconds", "Seconds", itoa(seconds))
	}
	return tr("length.minutes", "Minutes", itoa(seconds/60), "Seconds", twoDigits(seconds%60))
}
