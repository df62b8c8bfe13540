package app

import (
	"context"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// say puts a sentence on the page.
func (a *App) say(kind widgets.BarKind, text string) {
	a.model.bar = widgets.BarState{Kind: kind, Text: text, Close: tr("bar.close")}
	a.render()
}

// refuse says what the operator refused and reports whether it did.
func (a *App) refuse(err error) bool {
	if err == nil {
		return false
	}
	a.log.Info("refused", "code", phone.CodeOf(err), "err", err)
	a.say(widgets.BarError, errorSentence(err))
	return true
}

// call dials; on success the field is emptied, on failure the typed text stays.
func (a *App) call(number string) { a.callOn("", number) }

// callOn dials on that account; "" is the first that is registered.
func (a *App) callOn(account phone.AccountID, number string) {
	a.place(phone.CallRequest{Number: number, Account: account})
}

// place places a call.
func (a *App) place(r phone.CallRequest) {
	number := widgets.CleanNumber(r.Number)
	if number == "" {
		return
	}
	r.Number = number
	a.model.bar, a.model.link = widgets.BarState{}, ""
	a.async(func(ctx context.Context) error {
		_, err := a.op.Call(ctx, r)
		return err
	}, func(err error) {
		if a.refuse(err) {
			return
		}
		if typed := widgets.CleanNumber(a.model.typed); typed == number || !dialable(typed) { // a name was looked for, and found
			a.model.typed = ""
		}
		a.window.Canvas().Unfocus()
		a.showCall()
	})
	a.render()
}

func (a *App) callTyped() { a.call(a.model.typed) }

// callAgain dials the number of an ended card once more.
func (a *App) callAgain(id phone.CallID) {
	for _, e := range a.model.ended {
		if e.call.ID == id {
			a.model.dropEnded(id)
			a.call(e.call.Number)
			return
		}
	}
}

// callMoved dials where an ended card's call was redirected, on the same account.
func (a *App) callMoved(id phone.CallID) {
	for _, e := range a.model.ended {
		if e.call.ID == id && e.call.Redirect != "" {
			a.model.dropEnded(id)
			a.callOn(e.call.Account, e.call.Redirect)
			return
		}
	}
}

func (a *App) closeEnded(id phone.CallID) {
	a.model.dropEnded(id)
	a.render()
}

func (a *App) answer(id phone.CallID) { a.answerWith(id, phone.AnswerOptions{}) }

func (a *App) answerWith(id phone.CallID, o phone.AnswerOptions) {
	a.async(func(ctx context.Context) error {
		return a.op.Answer(ctx, id, o)
	}, func(err error) {
		if !a.refuse(err) {
			a.showCall()
		}
	})
}

func (a *App) reject(id phone.CallID)   { a.refuse(a.op.Reject(id)) }
func (a *App) hangup(id phone.CallID)   { a.refuse(a.op.Hangup(id)) }
func (a *App) closeCall()               { a.model.callOpen = false; a.render() }
func (a *App) toggleKeypad()            { a.model.keypad = !a.model.keypad; a.render() }
func (a *App) edit(text string)         { a.model.typed = text; a.render() }
func (a *App) pickMicrophone(id string) { a.pick(func(d *phone.DeviceIDs) { d.Microphone = id }) }
func (a *App) pickSpeaker(id string)    { a.pick(func(d *phone.DeviceIDs) { d.Speaker = id }) }
func (a *App) pickRinger(id string)     { a.pick(func(d *phone.DeviceIDs) { d.Ringer = id }) }
func (a *App) pickCamera(id string)     { a.pick(func(d *phone.DeviceIDs) { d.Camera = id }) }

// showCall brings the call to the stage, from wherever the person is.
func (a *App) showCall() {
	a.model.page, a.model.callOpen, a.model.past.open = pageCalls, true, line{}
	a.render()
}

func (a *App) silence(id phone.CallID) {
	if !a.refuse(a.op.Silence(id)) {
		if a.model.silenced == nil {
			a.model.silenced = map[phone.CallID]bool{}
		}
		a.model.silenced[id] = true
		a.render()
	}
}

// choose brings a call to the foreground.
func (a *App) choose(id phone.CallID) {
	if _, live := a.op.Snapshot().CallByID(id); live && !a.refuse(a.op.SetCurrent(id)) {
		a.showCall()
	}
}

// current is the call on the stage.
func (a *App) current() (phone.Call, bool) {
	c, ok := a.op.Snapshot().CurrentCall()
	return c, ok && c.Live() && !c.RingsHere()
}

func (a *App) hangupCurrent() {
	switch c, ok := a.current(); {
	case !ok:
	case inConference(c):
		a.refuse(a.op.HangupConference())
	default:
		a.hangup(c.ID)
	}
}

func (a *App) toggleMute() {
	c, ok := a.current()
	switch {
	case !ok:
	case c.Muted:
		a.refuse(a.op.Unmute(c.ID))
	default:
		a.refuse(a.op.Mute(c.ID))
	}
	a.render()
}

func (a *App) toggleHold() {
	c, ok := a.current()
	switch {
	case !ok:
	case inConference(c):
		a.toggleConference()
	case c.HeldByUs:
		a.refuse(a.op.Unhold(c.ID))
	default:
		a.refuse(a.op.Hold(c.ID))
	}
	a.render()
}

// digit is a key of a dial pad or of the keyboard: DTMF on the stage, a number elsewhere.
func (a *App) digit(r rune) {
	if c, ok := a.current(); ok && c.State == phone.StateTalking && a.shell.view.stage.shown && r != '+' {
		a.op.KeyFeedback(r)
		if a.refuse(a.op.DTMF(c.ID, string(r))) {
			return
		}
		if a.model.digitsOf != c.ID {
			a.model.digitsOf, a.model.digits = c.ID, ""
		}
		a.model.digits += string(r)
		a.render()
		return
	}
	if r != '+' {
		a.op.KeyFeedback(r)
	}
	a.edit(a.model.typed + string(r))
}

func (a *App) backspace() {
	if runes := []rune(a.model.typed); len(runes) > 0 {
		a.edit(string(runes[:len(runes)-1]))
	}
}

// pick changes the chosen devices, for running calls too, and remembers them.
func (a *App) pick(change func(*phone.DeviceIDs)) {
	ids := a.op.Snapshot().Devices
	change(&ids)
	if !a.refuse(a.op.SetDevices(ids)) {
		a.prefs.Devices = ids
		a.render()
	}
}

// noticeAction is the button of the bar: what it does depends on what the bar says.
func (a *App) noticeAction() {
	m := &a.model
	switch {
	case m.asksQuit:
		a.quit()
	case m.asksRecord != "":
		a.agreeToRecord()
	case m.mayNotRecord != "":
		a.openBarred()
	case m.link != "":
		a.call(m.link)
	case len(m.removals) > 0:
		a.undoRemoval()
	case m.undo != nil:
		a.takeBack()
	case m.bar.Text == "" && m.recorded != "":
		a.showRecording()
	case m.bar.Text == "" && m.unread:
		a.past.ask()
		a.people.ask()
	default:
		for _, s := range a.op.Snapshot().Accounts {
			if !s.Ready() {
				a.refuse(a.op.Register(s.Account.ID))
			}
		}
		a.render()
	}
}

// noticeClose takes the bar away.
func (a *App) noticeClose() {
	m := &a.model
	switch {
	case m.asksQuit:
		m.asksQuit = false
	case m.asksRecord != "":
		m.asksRecord = ""
	case m.mayNotRecord != "":
		m.mayNotRecord = ""
	case m.link != "":
		if strings.TrimSpace(m.typed) == m.link {
			m.typed = ""
		}
		m.link = ""
	case m.bar.Text == "" && m.recorded != "":
		m.recorded = ""
	case m.bar.Text == "":
		m.silenceSeen = true
	default:
		m.bar = widgets.BarState{}
	}
	a.render()
}

// open goes to a page.
func (a *App) open(key string) {
	if a.shell.view.page == pageCalls && key != string(pageCalls) && a.model.past.text == "" {
		a.markSeen() // the list was in sight
	}
	if key == string(pageContacts) && a.shell.view.page == pageContacts {
		a.model.card = cardState{} // back to the list; a form that a call has interrupted stays as it was
	}
	a.model.page = page(key)
	a.model.callOpen = false
	if !a.model.wide { // the page begins with its list
		a.model.past.open, a.model.people.open = line{}, line{}
	}
	a.window.Canvas().Unfocus()
	a.render()
}
