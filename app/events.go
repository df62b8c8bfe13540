package app

import (
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// onEvent takes the operator's events on the main goroutine. The truth is in the snapshot; an event
// says only that there is something to look at, and what the snapshot does not keep.
func (a *App) onEvent(e phone.Event) {
	a.tellEncryption(e)
	switch e.Name {
	case phone.EventCallReport, phone.EventUpdateTimer, phone.EventDTMF:
		return // nothing of these is drawn; the timers are the clock's
	case phone.EventStartSession:
		a.model.page, a.model.callOpen = pageCalls, true
		a.model.past.open, a.model.past.mark = line{}, "" // the call takes the stage
		if len(a.op.Snapshot().Calls) <= 1 {
			a.model.moved, a.model.recorded = nil, "" // of calls that are long gone
		}
		if a.model.bar.Kind == widgets.BarError {
			a.model.bar = widgets.BarState{}
		}
	case phone.EventStatusChange:
		a.noteRecording(e)
	case phone.EventDeleteSession:
		a.callEnded(e.Call)
	case phone.EventClientError:
		a.model.bar = widgets.BarState{Kind: widgets.BarWarning, Text: errorSentence(e.Err), Close: tr("bar.close")}
		switch phone.CodeOf(e.Err) {
		case phone.ErrNoMicrophone.Code, phone.ErrNoCamera.Code:
			a.model.deviceBar = a.model.bar.Text
		}
	case phone.EventRegistered, phone.EventConnected, phone.EventRegistrationFailed, phone.EventDisconnected:
		a.accountChanged(e)
	case phone.EventTransferred, phone.EventTransferFailed, phone.EventTransferUnconfirmed:
		a.onTransfer(e)
	case phone.EventAutoAnswered:
		a.tellAutoAnswered(e.Call)
	case phone.EventTransferRequest:
		if a.notify != nil && !a.inFront.Load() {
			a.notify(requestTitle(e.Request), requestName(e.Request))
		}
	case phone.EventIncoming:
		a.notifyIncoming(e.Call)
	}
	a.render()
}

// callEnded keeps the ended call's card for a while, or until it is closed where it failed.
func (a *App) callEnded(c phone.Call) {
	m := &a.model
	delete(m.silenced, c.ID)
	m.dropOpen(c.ID)
	if m.digitsOf == c.ID {
		m.digits, m.digitsOf = "", ""
	}
	if c.AutoAnswered && m.bar.Text == m.autoBar {
		m.bar = widgets.BarState{}
	}
	movedTo := m.moved[c.ID]
	if !a.transferEnded(c) && (c.Direction == phone.Outbound || !c.AnsweredAt.IsZero()) {
		m.dropEnded(c.ID)
		e := endedCall{call: c, movedTo: movedTo}
		if movedTo != "" || !callFailed(c) {
			e.timer = time.AfterFunc(lingering, func() {
				a.post(func() {
					m.dropEnded(c.ID)
					a.render()
				})
			})
		}
		m.ended = append(m.ended, e)
	}
	if len(a.op.Snapshot().Calls) == 0 {
		m.keypad, m.callOpen, m.asksQuit = false, false, false
	}
}

// tellAutoAnswered shows that the microphone was opened by no hand here, until the call ends or the person closes it.
func (a *App) tellAutoAnswered(c phone.Call) {
	a.model.autoBar = tr("call.autoAnswered", "Name", shortName(callName(c)))
	a.model.bar = widgets.BarState{Kind: widgets.BarWarning, Text: a.model.autoBar, Close: tr("bar.close")}
	a.model.page, a.model.callOpen = pageCalls, true
	if a.notify != nil && !a.inFront.Load() {
		a.notify(tr("incoming.title"), a.model.autoBar)
	}
}

// notifyIncoming tells of a call while the window is not in front.
func (a *App) notifyIncoming(c phone.Call) {
	if a.notify != nil && !a.inFront.Load() {
		a.notify(tr("incoming.title"), callName(c))
	}
}

// sendNotification shows a desktop notification; the desktop's bus may take its time.
func (a *App) sendNotification(title, text string) {
	a.work.Go(func() { a.fyne.SendNotification(fyne.NewNotification(title, text)) })
}

// render draws the snapshot and the model, and runs the clocks that the picture needs.
func (a *App) render() {
	s := a.op.Snapshot()
	a.dropStale(s)
	a.model.followTransfer(s)
	a.followSearch()
	a.model.past.arrange(a.now(), a.past.slow)
	a.model.people.arrange(a.people.slow)
	a.showFound(s)
	a.model.unread = a.past.failed || a.people.failed
	v := present(s, &a.model, a.now())
	v.appearance = a.prefs.Appearance
	a.presentDevices(s, &v)
	a.presentSilence(&v)
	a.shell.draw(v)
	a.watchSeen(v)
	a.clock.run(len(s.Calls) > 0)
	a.meters.run(v.stage.talking && !v.stage.video.shown && v.transfer.step == transferNone)
	pictures := v.stage.video.shown && !v.stage.video.held
	a.shell.stage.video.follow(v.stage.id, v.stage.shown && pictures && !v.stage.keypad && v.transfer.step == transferNone)
}

// dropStale forgets ended cards that came back to life and the answer to a question that is settled.
func (a *App) dropStale(s *phone.Snapshot) {
	if len(s.Calls) == 0 {
		a.model.asksQuit, a.model.asksRecord, a.model.mayNotRecord = false, "", ""
	}
}

// pollLevels draws the levels of the foreground call; a meter redraws itself only when a segment changes.
func (a *App) pollLevels() {
	v := a.shell.view.stage
	if !v.talking {
		return
	}
	near, far := a.loudest(v.id)
	a.shell.stage.levels(near, far)
	a.teller.level(near, far)
}
