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
			a.model.bar = widgets.BarState{Kind: widgets.BarWarning, Text: tr("call.noLongerEncrypted", "Name", name), Close: tr("bar.close")}
		}
		return
	}
	if acc, ok := a.account(c.Account); ok && e.Name == phone.EventConfirmed && acc.EncryptionPolicy() == phone.EncryptionPreferred {
		a.model.bar = widgets.BarState{Kind: widgets.BarWarning, Text: tr("call.cannotEncrypt", "Name", name), Close: tr("bar.close")}
	}
}
