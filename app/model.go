package app

import (
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// page is where the person is.
type page string

const (
	pageCalls    page = "calls"
	pageContacts page = "contacts"
	pageDial     page = "dial" // compact windows only; wide ones show the dial pad on the stage
	pageSettings page = "settings"
	pageFirst    page = "first" // the account form
)

// model is what the window knows beside the operator's snapshot. The main goroutine owns it.
type model struct {
	page       page
	wide       bool
	callOpen   bool // compact: the call covers the list
	keypad     bool // the keypad panel of the stage
	digits     string
	digitsOf   phone.CallID
	typed      string
	link       string // a number from a link that waits for a click
	bar        widgets.BarState
	asksQuit   bool
	asksRecord phone.CallID // the call that is to be recorded once the person agrees
	// mayNotRecord is the account of a call that was to be recorded and may not be, until that is changed or put away.
	mayNotRecord phone.AccountID
	recorded     string // the file of the last recording, until it is shown or closed
	helps        bool   // the list of keys is shown
	demo         bool
	silenceSeen  bool // the person has closed the bar about missing devices
	silenced     map[phone.CallID]bool
	ended        []endedCall
	past         pastState
	people       peopleState
	card         cardState // the form of a contact
	undo         *undo
	unread       bool // calls or contacts could not be read
	removals     []*removal
	form         formState
	trying       phone.Account // the form's account, until it is registered
	quality      quality
	deviceBar    string       // what the bar says of a device that failed; it goes when the devices change
	autoBar      string       // what the bar says of a call that was answered by itself
	openCall     phone.CallID // the call that others could listen to, and what was said of it
	openBar      string
	transfer     *transfer               // the open transfer panel
	targets      map[phone.CallID]string // whom calls are being sent to
	moved        map[phone.CallID]string // calls that were sent on, and to whom
	unsure       map[phone.CallID]bool   // no word came about the transfer; false: the person took the call back
}

// endedCall is the card of a call that is gone: for 6 s, or until it is closed where it failed.
type endedCall struct {
	call  phone.Call
	timer *time.Timer // nil where it stays

	movedTo string // whom it was sent on to
}

// removal is an account that is about to be deleted; for 6 s it can be undone.
type removal struct {
	account phone.AccountState
	timer   *time.Timer
}

// lingering is how long an ended card and an undo stay.
const lingering = 6 * time.Second

func (m *model) stopTimers() {
	for _, e := range m.ended {
		if e.timer != nil {
			e.timer.Stop()
		}
	}
	for _, r := range m.removals {
		r.timer.Stop()
	}
	m.dropUndo()
	if m.past.sight != nil {
		m.past.sight.Stop()
	}
}

// dropEnded takes an ended card away.
func (m *model) dropEnded(id phone.CallID) {
	m.ended = slices.DeleteFunc(m.ended, func(e endedCall) bool {
		if e.call.ID == id && e.timer != nil {
			e.timer.Stop()
		}
		return e.call.ID == id
	})
}

// removing reports whether the account waits for its deletion.
func (m *model) removing(id phone.AccountID) bool {
	return slices.ContainsFunc(m.removals, func(r *removal) bool { return r.account.Account.ID == id })
}
