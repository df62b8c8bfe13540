package phone

import "time"

// Referee is the part of a Line that follows the far end's transfers (RFC 3515): being sent to somebody else.
type Referee interface {
	// ReferTell tells the far end how the call that a ReferIn asked for is getting on: 100 … 699, as the answers to our
	// INVITE were. A final status ends the matter; later ones, and unknown ids, are ignored.
	ReferTell(id DialogID, status int)
}

// Availability is the part of a Line that answers others for the phone.
type Availability interface {
	// SetBusy says whether another call would be refused as busy now: OPTIONS is answered like that call (RFC 3261 §11.2).
	SetBusy(busy bool)
}

type (
	// ReferIn: the far end of a call asks us to call Target (REFER, RFC 3515); the line has said 202. ReferTell must follow.
	ReferIn struct {
		Dialog DialogID
		Target string // a SIP URI or tel: number, without headers
		Name   string // the target's, as the far end gives it
		// Replaces and ReferredBy go into the INVITE as they are (RFC 3891, RFC 3892); "" for none.
		Replaces, ReferredBy string
		At                   time.Time
	}
	// PartyIn: who the far end is changed, without any change of the media (UPDATE without SDP, RFC 3311; RFC 4916; an
	// answer of theirs that says so).
	PartyIn struct {
		Dialog DialogID
		Party  Party
		At     time.Time
	}
)

func (ReferIn) signal() {}
func (PartyIn) signal() {}

// TransferRequest is the far end's wish that we call somebody else in its place, until the user has decided. It outlives its
// call where the far end ends that: many phones hang up as soon as they have asked. A user who hangs up has declined.
type TransferRequest struct {
	Call    CallID // the call that it came in
	Account AccountID
	Target  string // whom we are asked to call, as shown; with its host where that is not the account's
	Name    string // the target's name as the far end gives it, "" for none
	By      Party  // who asks
	// Attended: the target has been asked and waits for us.
	Attended bool
	At       time.Time
}
