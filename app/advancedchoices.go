package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// newAccount is what the account form begins with: all is left to the phone, and its user may record.
func newAccount() phone.Account { return phone.Account{RecordPermissions: 2} }

// formChoice is a choice of the account form between a few words; like typed text it stays until the form is left.
type formChoice struct {
	labels  []string
	buttons []*widgets.Button
	at      int
}

func newFormChoice(labels ...string) *formChoice {
	c := &formChoice{labels: labels}
	for i := range labels {
		c.buttons = append(c.buttons, widgets.NewButton(widgets.ButtonState{}, func() { c.set(i) }))
	}
	c.set(0)
	return c
}

// set draws another choice.
func (c *formChoice) set(at int) {
	c.at = at
	for i, button := range c.buttons {
		button.SetState(chosen(c.labels[i], i == at))
	}
}

// setOn and on are for a choice of two.
func (c *formChoice) setOn(on bool) {
	c.set(0)
	if on {
		c.set(1)
	}
}

func (c *formChoice) on() bool { return c.at == 1 }

// labelled is the choice under what is chosen, with a sentence on what that does.
func (c *formChoice) labelled(label, note string) *fyne.Container {
	return stack(8, labelled(label, choiceRow(c.buttons)), plain(note))
}

func (c *formChoice) name(m map[string]fyne.CanvasObject, names ...string) {
	for i, name := range names {
		m[name] = c.buttons[i]
	}
}

// callChoice is the entry of an account's limit of calls, "" where the settings decide.
func callChoice(limit int) string {
	if limit == 0 {
		return ""
	}
	return itoa(limit)
}

// pickCalls takes how many calls the account may have at a time. One is without call waiting.
func (p *advancedPart) pickCalls(choice string) {
	p.most = choice
	s := widgets.PickerState{Icon: "phone", Title: tr("settings.limit"), Field: true, Selected: choice}
	s.Choices = append([]widgets.Choice{{ID: "", Label: tr("advanced.callsUsual")}}, limitChoices()...)
	p.calls.SetState(s)
}
