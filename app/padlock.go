package app

import (
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// presentLock is the padlock of a call whose sound is agreed on. It is closed where nobody on the way can listen;
// encryption under a key that went over open signalling keeps nobody out who looks.
func presentLock(c phone.Call) widgets.ChipState {
	switch {
	case c.State != phone.StateTalking:
		return widgets.ChipState{}
	case !c.Encrypted:
		return widgets.ChipState{Icon: "unlock", Label: tr("call.notEncrypted"), Tone: widgets.ChipAmber}
	case c.KeysExposed:
		return widgets.ChipState{Icon: "unlock", Label: tr("call.keysExposed"), Tone: widgets.ChipAmber}
	}
	return widgets.ChipState{Icon: "lock", Label: tr("call.encrypted")}
}

// tellEncryption says in words what nobody asked for: a call that could have been encrypted and is not, and one that
// lost its encryption on the way.
func (a *App) tellEncryption(e phone.Event) {
	c := e.Call
	if c.State != phone.StateTalking || c.Encrypted {
		return
	}
	name := shortName(callName(c))
	if e.Name == phone.EventStatusChange && e.Old.State == phone.StateTalking {
		if e.Old.Encrypted {
			a.model.warnOpen(c.ID, tr("call.noLongerEncrypted", "Name", name))
		}
		return
	}
	if acc, ok := a.account(c.Account); ok && e.Name == phone.EventConfirmed && acc.EncryptionPolicy() == phone.EncryptionPreferred {
		a.model.warnOpen(c.ID, tr("call.cannotEncrypt", "Name", name))
	}
}

// warnOpen says that others could listen, for as long as the call lasts.
func (m *model) warnOpen(id phone.CallID, text string) {
	m.bar = widgets.BarState{Kind: widgets.BarWarning, Text: text, Close: tr("bar.close")}
	m.openCall, m.openBar = id, text
}

// dropOpen takes that sentence away with its call.
func (m *model) dropOpen(id phone.CallID) {
	if m.openCall == id && m.bar.Text == m.openBar {
		m.bar = widgets.BarState{}
	}
}
