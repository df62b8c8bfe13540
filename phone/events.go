package phone

import (
	"slices"
	"time"
)

// EventName is the contract's name of an event.
type EventName string

// The operator's events.
const (
	EventConnected               EventName = "connected"
	EventDisconnected            EventName = "disconnected"
	EventRegistered              EventName = "registered"
	EventRegistrationFailed      EventName = "registrationFailed"
	EventIsRegisteredChange      EventName = "isRegisteredChange"
	EventNewRTCSession           EventName = "newRTCSession"
	EventIncoming                EventName = "incoming"
	EventStartSession            EventName = "startSession"
	EventRecordPermissionsChange EventName = "recordPermissionsChange"
	EventDeleteSession           EventName = "deleteSession"
	// EventCurrentChange, EventAccountsChange and EventDevicesChange are beyond the seed.
	EventCurrentChange  EventName = "currentSessionChange"
	EventAccountsChange EventName = "accountsChange"
	EventDevicesChange  EventName = "deviceIdsChange"
	// EventRecordSettingsChange (beyond the seed): Snapshot.Recording has changed.
	EventRecordSettingsChange EventName = "recordSettingsChange"
)

// A call's own events.
const (
	EventAccepted    EventName = "accepted"
	EventConfirmed   EventName = "confirmed"
	EventEnded       EventName = "ended"
	EventFailed      EventName = "failed"
	EventClientError EventName = "clientError"
	// EventReinvite: the far side changed the session: its media, a hold, or who it is; Event.Call is how it stands now.
	EventReinvite           EventName = "reinvite"
	EventStreamAdded        EventName = "streamAdded"
	EventStatusChange       EventName = "statusChange"
	EventStaticStatusChange EventName = "staticStatusChange"
	EventCallReport         EventName = "callReport"
	EventUpdateTimer        EventName = "updateTimer"
	// The transfer's events, beyond the seed: what NOTIFY told, and how it ended. After EventTransferUnconfirmed (no final
	// word for 60 s) the user decides: hang up, or resume.
	EventTransferProgress    EventName = "transferProgress"
	EventTransferred         EventName = "transferred"
	EventTransferFailed      EventName = "transferFailed"
	EventTransferUnconfirmed EventName = "transferUnconfirmed"
	// The far end wants to transfer us (beyond the seed): Event.Request tells to whom. It ended when the user decided (Cause
	// CauseNone: accepted, CauseRejected), or nobody did in time (CauseNoAnswer).
	EventTransferRequest      EventName = "transferRequest"
	EventTransferRequestEnded EventName = "transferRequestEnded"
	// EventAutoAnswered (beyond the seed): a call was answered by itself; the microphone is open.
	EventAutoAnswered EventName = "autoAnswered"
	// EventDTMF (a digit from the far end) is beyond the seed.
	EventDTMF EventName = "dtmf"
	// EventFirstSound (beyond the seed): the far end's first sound was played.
	EventFirstSound EventName = "firstSound"
	// EventMissed (beyond the seed): an incoming call that was refused without ringing, because the phone was full or the
	// call's offer could not be answered; Cause and Status say which.
	EventMissed EventName = "missedCall"
)

// Event is what a subscriber gets: a value, complete in itself.
type Event struct {
	Name    EventName
	At      time.Time // of the cause, not of the delivery
	Account AccountID
	Call    Call // after the change; zero where the event is about no call
	Old     Call // before the change, for statusChange and staticStatusChange
	Cause   Cause
	Status  int             // SIP status, 0: none
	Reason  string          // the SIP reason phrase, untrusted text
	Err     error           // for clientError and failed: wraps one of the Err… values
	Digit   rune            // for dtmf
	Stats   MediaStats      // for callReport
	Report  Report          // for callReport
	Timers  Timers          // for updateTimer
	Video   bool            // for streamAdded: it is pictures, not sound
	On      bool            // the new value, for isRegisteredChange
	Value   int             // the new value, for recordPermissionsChange
	Request TransferRequest // for transferRequest and transferRequestEnded
}

// AccountState is the registration side of one account.
type AccountState struct {
	Account     Account // without its secret and its relays' passwords
	Connected   bool
	Registered  bool
	Registering bool
	Cause       Cause  // why not registered
	Status      int    // SIP status of the last failure
	Reason      string // its reason phrase, untrusted
	NextTry     time.Time
	Expires     time.Time
}

// Ready reports whether calls can be placed: the account is registered, or is Direct and has its transport.
func (s AccountState) Ready() bool { return s.Registered || s.Account.Direct && s.Connected }

// Snapshot is the operator's whole state at one moment, a value: it never changes, and shares nothing with the operator.
type Snapshot struct {
	Accounts  []AccountState
	Calls     []Call // live calls, in the order they began
	Current   CallID // "" for none
	Incoming  []CallID
	IsMaxCall bool
	// CallLimit is how many calls may be there at a time, where their account says nothing else; without CallWaiting one.
	CallLimit   int
	CallWaiting bool
	Devices     DeviceIDs
	// VoiceProcessing: echo and noise are taken out of what we send.
	VoiceProcessing   bool
	RecordPermissions int
	Recording         RecordSettings
	// TransferRequests wait for the user's decision, the oldest first.
	TransferRequests []TransferRequest
}

func (s *Snapshot) clone() *Snapshot {
	c := *s
	c.Accounts = slices.Clone(s.Accounts)
	for i := range c.Accounts {
		c.Accounts[i].Account = c.Accounts[i].Account.clone()
	}
	c.Calls, c.Incoming, c.TransferRequests = slices.Clone(s.Calls), slices.Clone(s.Incoming), slices.Clone(s.TransferRequests)
	return &c
}

// CallByID finds a live call.
func (s *Snapshot) CallByID(id CallID) (Call, bool) {
	for _, c := range s.Calls {
		if c.ID == id {
			return c, true
		}
	}
	return Call{}, false
}

// CurrentCall returns the foreground call.
func (s *Snapshot) CurrentCall() (Call, bool) { return s.CallByID(s.Current) }

// Conference returns the calls that are in the local conference now.
func (s *Snapshot) Conference() (members []Call) {
	for _, c := range s.Calls {
		if c.Conference && c.State == StateTalking {
			members = append(members, c)
		}
	}
	return members
}

// Ready reports whether any account is, see AccountState.Ready.
func (s *Snapshot) Ready() bool { return slices.ContainsFunc(s.Accounts, AccountState.Ready) }

// Registered reports whether any account is registered (the contract's isRegistered).
func (s *Snapshot) Registered() bool {
	for _, a := range s.Accounts {
		if a.Registered {
			return true
		}
	}
	return false
}
