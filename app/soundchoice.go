package app

import (
	"slices"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// soundChoice is an entry of the account form: whether calls are encrypted and by what, in one choice, so that no two
// contradict each other.
type soundChoice struct {
	id, key    string
	media      phone.MediaPolicy
	encryption phone.Encryption
}

// soundChoices are the form's entries in their order; the first is the one that nobody has to think about. The table
// is never written to.
var soundChoices = []soundChoice{
	{"usual", "sound.usual", phone.MediaDefault, phone.EncryptionDefault},
	{"webrtc", "sound.webrtc", phone.MediaWebRTC, phone.EncryptionDefault},
	{"dtls", "sound.dtls", phone.MediaDTLS, phone.EncryptionRequired},
	{"sdes", "sound.sdes", phone.MediaSDES, phone.EncryptionRequired},
	{"dtls-or-not", "sound.dtlsOrNot", phone.MediaDTLS, phone.EncryptionPreferred},
	{"sdes-or-not", "sound.sdesOrNot", phone.MediaSDES, phone.EncryptionPreferred},
	{"off", "sound.off", phone.MediaRTP, phone.EncryptionOff},
}

// soundOf is the entry that says what the account does.
func soundOf(acc phone.Account) string {
	if acc.Media == phone.MediaDefault && acc.Encryption == phone.EncryptionDefault {
		return soundChoices[0].id
	}
	for _, c := range soundChoices[1:] {
		with := phone.Account{Media: c.media, Encryption: c.encryption}
		if with.MediaPolicy() == acc.MediaPolicy() && with.EncryptionPolicy() == acc.EncryptionPolicy() {
			return c.id
		}
	}
	return soundChoices[0].id
}

// chooseSound makes the account do what the entry says; an account that does so already stays as it is.
func chooseSound(acc *phone.Account, id string) {
	i := slices.IndexFunc(soundChoices, func(c soundChoice) bool { return c.id == id })
	if i >= 0 && soundOf(*acc) != id {
		acc.Media, acc.Encryption = soundChoices[i].media, soundChoices[i].encryption
	}
}

// soundPicker is the form's picker.
func soundPicker(selected string) widgets.PickerState {
	p := widgets.PickerState{Icon: "lock", Title: tr("sound.title"), Selected: selected}
	for _, c := range soundChoices {
		p.Choices = append(p.Choices, widgets.Choice{ID: c.id, Label: tr(c.key)})
		if c.id == selected {
			p.Shown = tr("sound.title") + ": " + tr(c.key)
		}
	}
	return p
}

// pickSound takes the choice; like typed text it stays until the form is left.
func (f *firstPart) pickSound(id string) {
	f.sound = id
	f.soundLine.SetState(soundPicker(id))
}
