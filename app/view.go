package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// view is everything the window shows, as plain values. present makes it.
type view struct {
	page                                page
	wide                                bool
	status                              widgets.StatusState
	nav                                 widgets.NavState
	bar                                 widgets.BarState
	typed                               string
	live                                []cardView
	liveHead                            string
	conferenceHead                      string            // above the conference's group; "" for none
	list                                widgets.ListState // the past calls
	empty                               emptiness
	filter, onlyMissed                  bool // whether there is one, and how it is set
	missedLabel                         string
	searches                            bool // by a name, not by a number that is dialled
	past                                pastView
	people                              peopleView
	dialHint                            string // whose number was typed
	incoming                            []incomingView
	stage                               stageView
	transfer                            transferView
	ribbon                              ribbonView
	accounts                            []accountView
	appearance                          widgets.Appearance
	limit                               widgets.PickerState // of calls at a time
	recording                           phone.RecordSettings
	cleans                              bool // echo and noise are taken out
	canDial, videoCall                  bool // videoCall: with video, too
	microphone, speaker, ringer, camera widgets.PickerState
}

// emptiness is why nothing stands in the list of calls; "" where something does, or may do soon.
type emptiness string

const (
	emptyCalls  emptiness = "calls"
	emptyMissed emptiness = "missed"
	emptySearch emptiness = "search"
)

// cardView is one card of the list.
type cardView struct {
	id    phone.CallID
	ended bool
	card  widgets.CardState
	// member: it stands in the conference's group, in a row with the other members.
	member bool
}

// incomingView is one call that waits to be answered; with card.Asks, a transfer that waits to be agreed to.
type incomingView struct {
	id   phone.CallID
	card widgets.IncomingState
}

// stageView is the call in the foreground; shown is false where there is none.
type stageView struct {
	shown               bool
	id                  phone.CallID
	line                string
	lock                widgets.ChipState
	quality             widgets.ChipState
	held                heldView
	members             []string     // of the conference: their names; nil for one call
	other               phone.CallID // the held call that Merge would add; "" for none
	merge               widgets.CircleState
	name                string // full
	first               string // beside the meter
	second              string // company and number
	word                string
	wordIcon            string
	wordColor           string
	timer               string
	talking             bool // sound passes: meters move
	meters              bool // meters are shown
	keypad              bool
	digits              string
	keysTo              string // whom the keypad reaches, before the first key
	mute                widgets.CircleState
	pad                 widgets.CircleState
	hold                widgets.CircleState
	transfer            widgets.CircleState
	record              recordView
	video               videoView
	hangup              widgets.CircleState
	microphone, speaker widgets.PickerState
}

// ribbonView is the bar of 48 that keeps the live call in sight on other pages.
type ribbonView struct {
	shown bool
	text  string
	color fyne.ThemeColorName // of its state
	timer string
}

// accountView is an account as the settings list it.
type accountView struct {
	id     phone.AccountID
	name   string
	status widgets.StatusState
}
