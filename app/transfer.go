package app

import (
	"context"
	"slices"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// transfer is the flow of sending a call on, as the window knows it: choosing, then, where the
// person asks first, speaking with both in turn. What has been sent is in the operator's snapshot.
//
//	Transfer ──▶ choose ──Ask first──▶ asking ──Complete──▶ sending ──▶ gone, "Transferred to …"
//	               │                     │ End, or no answer   │ failed: held, with the reason
//	               ├──Send now───────────┼────────────────────▶┤ no word for 60 s: the person is asked
//	               ├──to another call────┼────────────────────▶┤
//	               Cancel: resumed       ▼                     ▼
//	                                  held call             held call
type transfer struct {
	of      phone.CallID // the call that is to be sent on
	typed   string
	sendNow bool
	mark    int          // the marked match; -1: none, what was typed counts
	to      phone.CallID // the call whose row was picked
	ours    bool         // we put it on hold for this; Cancel resumes it
	waiting bool         // the consultation call is being placed
}

// beginTransfer opens the panel for the call on the stage and puts it on hold meanwhile.
func (a *App) beginTransfer() {
	c, ok := a.current()
	m := &a.model
	if !ok || c.State != phone.StateTalking || c.Transferring || c.IsTransfer || m.choosing(a.op.Snapshot()) != nil {
		return
	}
	if _, busy := consultOf(a.op.Snapshot(), c.ID); busy {
		return
	}
	m.transfer = &transfer{of: c.ID, mark: -1}
	m.keypad, m.page, m.callOpen = false, pageCalls, true
	if !c.HeldByUs && !c.HoldPending {
		m.transfer.ours = !a.refuse(a.op.Hold(c.ID))
	}
	a.render()
	a.window.Canvas().Focus(a.shell.transfer.field)
}

// cancelTransfer closes the panel; the call is as it was before.
func (a *App) cancelTransfer() {
	t := a.model.transfer
	if t == nil {
		return
	}
	a.model.transfer = nil
	a.window.Canvas().Unfocus()
	if t.ours {
		a.refuse(a.op.Unhold(t.of))
	}
	a.render()
}

func (a *App) editTransfer(text string) {
	if t := a.model.transfer; t != nil {
		t.typed, t.mark, t.to = text, -1, ""
		if text != "" && !dialable(text) {
			t.mark = 0 // a name stands for the first who bears it
		}
		a.render()
	}
}

// markTransfer moves the mark through the matches.
func (a *App) markTransfer(by int) {
	if t := a.model.transfer; t != nil {
		t.mark, t.to = max(-1, min(t.mark+by, len(a.shell.view.transfer.matches)-1)), ""
		a.render()
	}
}

// pickTransfer takes the nth match into the field; one that is on the line already just needs the button.
func (a *App) pickTransfer(n int) {
	t := a.model.transfer
	if t == nil || n >= len(a.shell.view.transfer.matches) {
		return
	}
	match := a.shell.view.transfer.matches[n]
	t.to, t.mark = match.call, -1
	if match.call == "" {
		t.typed = match.number
	}
	a.render()
}

func (a *App) setSendNow(on bool) {
	if t := a.model.transfer; t != nil {
		t.sendNow = on
		a.render()
	}
}

// doTransfer is the one button: it calls whom the person asks first, or sends the call on, to a number or to another call.
func (a *App) doTransfer() {
	t := a.model.transfer
	number, to := a.shell.view.transfer.number, a.shell.view.transfer.call
	if t == nil || t.waiting || !a.shell.view.transfer.ready() {
		return
	}
	t.waiting = true
	a.model.bar = widgets.BarState{}
	a.async(func(ctx context.Context) error {
		switch {
		case to != "":
			return a.op.TransferToCall(ctx, t.of, to)
		case t.sendNow:
			return a.op.BlindTransfer(ctx, t.of, number)
		}
		_, err := a.op.Call(ctx, phone.CallRequest{Number: number, TransferOf: t.of})
		return err
	}, func(err error) {
		t.waiting = false
		if !a.refuse(err) && a.model.transfer == t {
			a.model.transfer = nil
			a.window.Canvas().Unfocus()
		}
		a.render()
	})
	a.render()
}

// completeTransfer joins the two that the person spoke with.
func (a *App) completeTransfer() {
	v := a.shell.view.transfer
	if v.step != transferAsking {
		return
	}
	a.async(func(ctx context.Context) error {
		return a.op.AttendedTransfer(ctx, v.consult, v.number)
	}, func(err error) { a.refuse(err) })
}

// swapTransfer speaks with the other of the two.
func (a *App) swapTransfer() {
	v := a.shell.view.transfer
	if v.step == transferAsking && !a.refuse(a.op.SetCurrent(v.other)) {
		a.refuse(a.op.Unhold(v.other))
	}
}

// endConsult gives up asking; the call that was to be sent on stays held.
func (a *App) endConsult() {
	if v := a.shell.view.transfer; v.step == transferAsking {
		a.hangup(v.consult)
	}
}

// resumeTransfer and hangupTransfer are the answers where no word came about the transfer.
func (a *App) resumeTransfer() {
	if v := a.shell.view.transfer; v.step == transferUnsure {
		a.model.unsure[v.of] = false
		a.refuse(a.op.Unhold(v.of))
		a.render()
	}
}

func (a *App) hangupTransfer() {
	if v := a.shell.view.transfer; v.step == transferUnsure {
		a.hangup(v.of)
	}
}

// onTransfer takes what the far end told about a transfer.
func (a *App) onTransfer(e phone.Event) {
	m := &a.model
	id := e.Call.ID
	switch e.Name {
	case phone.EventTransferUnconfirmed:
		if m.unsure == nil {
			m.unsure = map[phone.CallID]bool{}
		}
		m.unsure[id] = true
	case phone.EventTransferred:
		if m.moved == nil {
			m.moved = map[phone.CallID]string{}
		}
		m.moved[id] = firstOf(m.targets[id], oneLine(e.Call.TransferTarget))
	case phone.EventTransferFailed:
		delete(m.unsure, id)
		a.sayTransferFailed(e.Call, firstOf(m.targets[id], oneLine(e.Call.TransferTarget)), e.Cause, e.Status)
	}
}

// sayTransferFailed says whom the call could not be sent to, and why.
func (a *App) sayTransferFailed(c phone.Call, target string, cause phone.Cause, status int) {
	reason := callSentence(phone.Call{Direction: phone.Outbound, Cause: cause, SIPStatus: status})
	a.model.bar = widgets.BarState{Kind: widgets.BarError, Close: tr("bar.close"),
		Text: tr("transfer.failed", "Name", shortName(callName(c)), "Target", shortName(target), "Reason", reason)}
}

// followTransfer notes what the snapshot forgets when a call is gone, and drops what no call stands for.
func (m *model) followTransfer(s *phone.Snapshot) {
	for _, c := range s.Calls {
		if c.Transferring {
			if m.targets == nil {
				m.targets = map[phone.CallID]string{}
			}
			m.targets[c.ID] = m.knownAs(s, c.TransferTarget)
		}
	}
	if m.transfer != nil && m.choosing(s) == nil {
		m.transfer = nil // they hung up, or it is being sent on from elsewhere
	}
}

// choosing is the open panel, if its call is still there to be sent on.
func (m *model) choosing(s *phone.Snapshot) *transfer {
	if m.transfer == nil {
		return nil
	}
	if c, ok := s.CallByID(m.transfer.of); !ok || c.State != phone.StateTalking || c.Transferring {
		return nil
	}
	return m.transfer
}

// transferEnded keeps an ended consultation's card from the list where the transfer itself says
// how it went, and says why there was nobody to ask. It reports whether the card is to be left out.
func (a *App) transferEnded(c phone.Call) bool {
	m := &a.model
	delete(m.unsure, c.ID)
	delete(m.targets, c.ID)
	if !c.IsTransfer {
		return false
	}
	if _, sent := m.moved[c.TransferParent.CallID]; sent {
		return true
	}
	parent, ok := a.op.Snapshot().CallByID(c.TransferParent.CallID)
	if !ok || !callFailed(c) {
		return false
	}
	a.sayTransferFailed(parent, callName(c), c.Cause, c.SIPStatus)
	return true
}

// consultOf is the live consultation call of a call.
func consultOf(s *phone.Snapshot, parent phone.CallID) (phone.Call, bool) {
	i := slices.IndexFunc(s.Calls, func(c phone.Call) bool {
		return c.IsTransfer && c.TransferParent.CallID == parent && c.Live()
	})
	if i < 0 {
		return phone.Call{}, false
	}
	return s.Calls[i], true
}

// shortName is a name that leaves room for the rest of a sentence.
func shortName(name string) string {
	if runes := []rune(name); len(runes) > 24 {
		return strings.TrimSpace(string(runes[:23])) + "…"
	}
	return name
}
