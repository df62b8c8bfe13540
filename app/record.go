package app

import (
	"errors"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// recordView is the recording of the call on the stage: the control, and the strip under the timer while it runs.
type recordView struct {
	control widgets.CircleState // barred: the account may not record
	mark    widgets.ChipState   // no label: nothing is recorded
	pause   widgets.ButtonState
}

// presentRecord is pure. A recording by the exchange tells us nothing, so that the words are those of a wish.
func presentRecord(s *phone.Snapshot, c phone.Call) (v recordView) {
	account := accountOf(s, c.Account)
	byCode := account.RecordCode != ""
	talking := c.State == phone.StateTalking
	runs, paused := c.Record == phone.Recording, c.Record == phone.RecordPause
	v.control = widgets.CircleState{Icon: "record", Label: tr("action.record"), Disabled: !talking}
	switch {
	case account.RecordPermissions == 0, account.RecordPermissions == 1 && !byCode: // a press says where to change that
		v.control.Spoken, v.control.Barred, v.control.Disabled = tr("action.recordNot"), true, false
		return v
	case account.RecordPermissions == 1 && paused:
		v.control = widgets.CircleState{Icon: "record", Label: tr("record.goOn"), Spoken: tr("action.recordGoOn"), Tone: widgets.ToneOn, Disabled: !talking}
	case account.RecordPermissions == 1:
		v.control = widgets.CircleState{Icon: "record", Label: tr("record.pause"), Spoken: tr("action.recordPause"), Disabled: !talking}
	case paused:
		v.control = widgets.CircleState{Icon: "record", Label: tr("record.paused"), Spoken: tr("action.recordStop"), Tone: widgets.ToneOn, Disabled: !talking}
	case runs:
		v.control = widgets.CircleState{Icon: "record", Label: tr("record.runs"), Spoken: tr("action.recordStop"), Tone: widgets.ToneOn, Disabled: !talking}
	}
	switch {
	case runs && byCode:
		v.mark = widgets.ChipState{Icon: "record", Label: tr("record.asked"), Bold: true, Tone: widgets.ChipOn}
	case runs:
		v.mark = widgets.ChipState{Icon: "record", Label: tr("record.runs"), Bold: true, Tone: widgets.ChipOn}
	case paused:
		v.mark = widgets.ChipState{Icon: "pause", Label: tr("record.pausedMark"), Bold: true}
	}
	if v.mark.Label != "" && account.RecordPermissions == 2 {
		v.pause = widgets.ButtonState{Label: tr("record.pauseShort"), Spoken: tr("action.recordPause"), Small: true, Disabled: !talking}
		if paused {
			v.pause = widgets.ButtonState{Label: tr("action.resume"), Spoken: tr("action.recordGoOn"), Small: true, Disabled: !talking}
		}
	}
	return v
}

// cardRecord is the mark on a call's card.
func cardRecord(s *phone.Snapshot, c phone.Call) string {
	switch {
	case c.Record == phone.RecordPause:
		return tr("call.recPaused")
	case c.Record == phone.Recording && accountOf(s, c.Account).RecordCode != "":
		return tr("call.recAsked")
	case c.Record == phone.Recording:
		return tr("call.rec")
	}
	return ""
}

func accountOf(s *phone.Snapshot, id phone.AccountID) phone.Account {
	for _, a := range s.Accounts {
		if a.Account.ID == id {
			return a.Account
		}
	}
	return phone.Account{}
}

// onTape is the call whose recording the stage shows: the current one, or the member of its conference that is recorded, since
// that one's recording holds the voices of all.
func onTape(s *phone.Snapshot, c phone.Call) phone.Call {
	runs := func(c phone.Call) bool { return c.Record == phone.Recording || c.Record == phone.RecordPause }
	if runs(c) || !inConference(c) {
		return c
	}
	members := s.Conference()
	if i := slices.IndexFunc(members, runs); i >= 0 {
		return members[i]
	}
	return c
}

// toggleRecord is the control: start and stop, or with the lesser permission pause and go on.
func (a *App) toggleRecord() {
	c, ok := a.current()
	if !ok {
		return
	}
	c = onTape(a.op.Snapshot(), c)
	if a.shell.view.stage.record.control.Barred {
		a.model.mayNotRecord = c.Account
		a.render()
		return
	}
	lesser := accountOf(a.op.Snapshot(), c.Account).RecordPermissions == 1
	switch {
	case lesser && c.Record != phone.RecordPause:
		a.refuse(a.op.PauseRecord(c.ID))
	case lesser || c.Record == phone.RecordStop:
		a.startRecord(c.ID)
	default:
		a.refuse(a.op.StopRecord(c.ID))
	}
}

// openBarred opens the form of the account that may not record, at the choice that changes that.
func (a *App) openBarred() {
	id := a.model.mayNotRecord
	a.model.mayNotRecord = ""
	a.editAccount(id)
	p := a.shell.first.advanced
	p.setOpen(true)
	a.window.Canvas().Focus(p.recording.buttons[p.recording.at])
}

// barredBar says that an account may not record, and where to change that.
func barredBar() widgets.BarState {
	return widgets.BarState{Kind: widgets.BarInfo, Text: tr("record.notAllowed"), Action: tr("record.openAccount"), Close: tr("bar.close")}
}

// toggleRecordPause is the strip's button.
func (a *App) toggleRecordPause() {
	c, ok := a.current()
	if !ok {
		return
	}
	if c = onTape(a.op.Snapshot(), c); c.Record == phone.RecordPause {
		a.startRecord(c.ID)
		return
	}
	a.refuse(a.op.PauseRecord(c.ID))
}

// startRecord asks for the consent first where it was not given yet.
func (a *App) startRecord(id phone.CallID) {
	err := a.op.StartRecord(id)
	if errors.Is(err, phone.ErrRecordConsent) {
		a.model.asksRecord = id
		a.render()
		return
	}
	a.refuse(err)
}

// agreeToRecord keeps the consent, and records the call that it was asked for if that is still there.
func (a *App) agreeToRecord() {
	id := a.model.asksRecord
	a.model.asksRecord = ""
	if !a.setRecording(func(r *phone.RecordSettings) { r.Agreed = true }) {
		return
	}
	if _, live := a.op.Snapshot().CallByID(id); live {
		a.startRecord(id)
	}
	a.render()
}

// setRecording changes the choices about recording and reports whether they were taken.
func (a *App) setRecording(change func(*phone.RecordSettings)) bool {
	r := a.op.Snapshot().Recording
	change(&r)
	if a.refuse(a.op.SetRecording(r)) {
		return false
	}
	a.render()
	return true
}

// noteRecording remembers the file of a recording that has ended, to be shown.
func (a *App) noteRecording(e phone.Event) {
	if e.Old.Record != e.Call.Record && e.Call.Record == phone.RecordStop && e.Call.RecordFile != "" {
		a.model.recorded = e.Call.RecordFile
	}
}

// recordedBar says where the last recording is.
func recordedBar(path string) widgets.BarState {
	return widgets.BarState{Kind: widgets.BarInfo, Text: tr("record.saved", "Name", oneLine(filepath.Base(path))), Action: tr("record.show"), Close: tr("bar.close")}
}

// openFolder asks the desktop, which may take its time.
func (a *App) openFolder(folder *url.URL) {
	a.work.Go(func() {
		if err := a.fyne.OpenURL(folder); err != nil {
			a.log.Warn("the folder cannot be shown", "err", err)
		}
	})
}

// showRecording opens the folder of the last recording in the desktop's file manager.
func (a *App) showRecording() {
	folder := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Dir(a.model.recorded))}
	a.model.recorded = ""
	a.reveal(&folder)
	a.render()
}
