package app

import (
	"strconv"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// mostCalls is the highest limit that the settings offer (contract, isMaxCall).
const mostCalls = 8

// presentLimit is the picker of how many calls may be there at a time. One is without call waiting: further callers hear busy.
func presentLimit(s *phone.Snapshot) widgets.PickerState {
	p := widgets.PickerState{Icon: "phone", Title: tr("settings.limit"), Field: true, Selected: itoa(s.CallLimit)}
	if !s.CallWaiting {
		p.Selected = "1"
	}
	p.Choices = limitChoices()
	return p
}

func limitChoices() []widgets.Choice {
	list := []widgets.Choice{{ID: "1", Label: tr("settings.limitOne")}}
	for n := 2; n <= mostCalls; n++ {
		list = append(list, widgets.Choice{ID: itoa(n), Label: tr("settings.limitMany", "Count", itoa(n))})
	}
	return list
}

// pickLimit changes it, and remembers it.
func (a *App) pickLimit(choice string) {
	n, err := strconv.Atoi(choice)
	if err != nil || a.setLimit(n) {
		return
	}
	a.prefs.Calls = n
	a.prefs.save(a.deps.Profile, a.log)
	a.render()
}

// setLimit tells the operator and reports whether it refused.
func (a *App) setLimit(n int) bool { return a.refuse(a.op.SetCallLimit(max(2, n), n > 1)) }
