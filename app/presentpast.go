package app

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/store"
	"github.com/hookswitch/hookswitch/widgets"
)

// pastView is one past call on the stage.
type pastView struct {
	shown         bool
	key           string
	name          string
	second, third string // company and number
	title         string // when it was
	facts         [][2]string
	call          string // the label of the button; "" where there is no number
	video         bool
	contact       string // the label of the button that keeps or changes the contact
	file          string // the recording's name
	folder        bool   // and it is there
}

// callOf is the entry as the call that it was, for the sentences about calls.
func callOf(e *store.Entry) phone.Call {
	return phone.Call{Account: e.Account, Direction: e.Direction, State: phone.StateEnded, Number: e.Number, Video: e.Video,
		Party:     phone.Party{Number: e.Number, Name: e.Name, Company: e.Company, Withheld: e.Number == "" && e.Name == ""},
		CalledFor: phone.Party{Name: e.CalledFor}, StartedAt: e.StartedAt, AnsweredAt: e.AnsweredAt, EndedAt: e.EndedAt,
		Cause: e.Cause, SIPStatus: e.Status, EndedByUs: e.EndedByUs, RecordFile: e.RecordFile}
}

// entryName is who was at the other end, in one line.
func entryName(e *store.Entry) string { return callName(callOf(e)) }

// whatBecame says in few words how the call went.
func whatBecame(e *store.Entry) string {
	switch c := callOf(e); {
	case !e.AnsweredAt.IsZero():
		return lengthText(e.Duration())
	case e.Missed:
		return missedText(c)
	default:
		return strings.TrimSuffix(callSentence(c), ".")
	}
}

// directionIcon is the entry's arrow.
func directionIcon(e *store.Entry) string {
	switch {
	case e.Missed:
		return "missed"
	case e.Direction == phone.Inbound:
		return "arrow-in"
	}
	return "arrow-out"
}

// entryRow is the entry as a row: under the heading of its day, or among what was found.
func entryRow(e *store.Entry, found bool, now time.Time) widgets.RowState {
	row := widgets.RowState{Name: entryName(e), Icon: directionIcon(e), Time: clockTime(e.StartedAt), Missed: e.Missed && !e.Seen}
	if found {
		row.Time = shortTime(e.StartedAt, now)
	}
	who := firstOf(oneLine(e.Company), callNumber(callOf(e)))
	row.Second = joinDots(who, whatBecame(e))
	if e.Missed {
		row.Second = joinDots(whatBecame(e), who) // why it was missed is what counts
	}
	if e.RecordFile != "" {
		row.Mark, row.Marked = "record", tr("past.recorded")
	}
	return row
}

// personRow is somebody as a row.
func personRow(c *store.Contact) widgets.RowState {
	row := widgets.RowState{Name: oneLine(c.Title())}
	number := ""
	if len(c.Numbers) > 0 {
		number = oneLine(c.Numbers[0].Number)
	}
	company := oneLine(c.Company)
	if company == row.Name {
		company = ""
	}
	if row.Second = joinDots(company, number); number == "" {
		row.Second = joinDots(company, tr("people.noNumber"))
	}
	if c.Favourite {
		row.Mark, row.Marked = "star-on", tr("people.favourite")
	}
	return row
}

// pastRow is what stands in a line of the list of calls.
func (a *App) pastRow(i int) widgets.RowState {
	p := &a.model.past
	if i >= len(p.lines) {
		return widgets.RowState{}
	}
	l := p.lines[i]
	switch {
	case l.entry != nil:
		return entryRow(l.entry, p.text != "", a.now())
	case l.person != nil:
		row := personRow(l.person)
		row.Icon = "handset"
		return row
	}
	return widgets.RowState{}
}

// presentPast is the open call with all that is known of it.
func presentPast(s *phone.Snapshot, m *model, now time.Time) pastView {
	e := m.past.open.entry
	if e == nil {
		return pastView{}
	}
	c := callOf(e)
	v := pastView{shown: true, key: m.past.open.key(), name: callName(c), second: oneLine(e.Company), third: callNumber(c), title: fullTime(e.StartedAt, now)}
	direction := tr("past.outgoing")
	if e.Direction == phone.Inbound {
		direction = tr("past.incoming")
	}
	if e.Video {
		direction = tr("past.withVideo", "Direction", direction)
	}
	fact := func(name, text string) {
		if text != "" {
			v.facts = append(v.facts, [2]string{name, text})
		}
	}
	fact(tr("past.direction"), direction)
	fact(tr("past.for"), oneLine(e.CalledFor))
	fact(tr("past.line"), lineOf(s, e.Account))
	if e.AnsweredAt.IsZero() {
		fact(tr("past.rang"), lengthText(e.EndedAt.Sub(e.StartedAt)))
	} else {
		fact(tr("past.length"), lengthText(e.Duration()))
	}
	fact(tr("past.ended"), callSentence(c))
	if e.Number != "" {
		v.call, v.video = tr("past.callBack"), presentVideoCall(s)
		if e.Direction == phone.Outbound {
			v.call = tr("past.callAgain")
		}
		v.contact = tr("people.add")
		if m.past.known.person != nil {
			v.contact = tr("people.edit")
		}
	}
	if e.RecordFile != "" {
		v.file, v.folder = oneLine(filepath.Base(e.RecordFile)), m.past.file
	}
	return v
}

// exists reports whether a file is there; it may wait for the disk.
func exists(path string) bool {
	if path == "" {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}

// homeOf is the domain of an account, "" where it is gone.
func (a *App) homeOf(id phone.AccountID) string {
	acc, ok := a.account(id)
	if !ok {
		return ""
	}
	return acc.Host()
}
