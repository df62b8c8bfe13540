package phone

import "time"

// CallID names a call: the SIP Call-ID of its dialog, or an id of ours where that collides or
// is no token of at most 128 characters (contract, "Rules of the mapping").
type CallID string

// Direction is the contract's communicationType.
type Direction string

// The two directions.
const (
	Inbound  Direction = "inbound"
	Outbound Direction = "outbound"
)

// State is where a call stands. doc.go draws the machine.
type State string

// The states of a call. Hold, mute, recording and early media are fields beside the state.
const (
	StateGathering State = "gathering" // outgoing: the offer is being made
	StateCalling   State = "calling"   // outgoing: INVITE sent
	StateRinging   State = "ringing"   // outgoing: 180 or 183 seen; incoming: rings here
	StateAnswering State = "answering" // incoming: answered here, the local description is being made
	StateAccepted  State = "accepted"  // 200 sent or seen, no ACK yet
	StateTalking   State = "talking"   // confirmed
	StateEnding    State = "ending"    // CANCEL or BYE sent, final word outstanding
	StateEnded     State = "ended"     // gone from the sessions
)

// RecordStatus is the contract's recordStatus.
type RecordStatus string

// The three recording states.
const (
	RecordStop  RecordStatus = "stop"
	Recording   RecordStatus = "recording"
	RecordPause RecordStatus = "pause"
)

// Party is who is at the other end, as far as known.
type Party struct {
	Number  string `json:"number,omitempty"`
	Name    string `json:"name,omitempty"`
	Company string `json:"company,omitempty"`
	Avatar  string `json:"avatar,omitempty"`
	// Withheld: they want their number not to be known (RFC 3323); Number and Name are empty then.
	Withheld bool `json:"withheld,omitempty"`
}

// TransferParent is the call that a consultation call will be joined with.
type TransferParent struct {
	CallID       CallID
	Name         string
	Number       string
	Avatar       string
	CallDuration time.Duration
	HoldDuration time.Duration
}

// Call is an immutable snapshot of one call.
type Call struct {
	ID        CallID
	Account   AccountID
	Direction Direction
	State     State
	Party     Party
	// Number is what was dialled, or who calls.
	Number string
	// Video: there is a video stream, in whichever direction; of an incoming call that rings, they offer one (contract, isVideo).
	// Camera: and ours is in it, so that they see us unless somebody holds. VideoPending: a change was asked for and is not answered yet.
	Video, Camera, VideoPending bool

	Muted       bool
	HeldByUs    bool // negotiated: the far end agreed
	HeldByThem  bool
	HoldPending bool // a hold or resume was asked for and is not answered yet
	Record      RecordStatus
	RecordAsked bool   // Record is what we asked of the PBX by its code, which tells nothing of what it does
	RecordFile  string // where the call's last local recording is
	EarlyMedia  bool   // sound from the far end before the answer
	Encrypted   bool   // the media is SRTP
	KeysExposed bool   // but its keys went over signalling that is not encrypted itself (SDES without TLS)
	NoSound     bool   // for some seconds nothing has been heard of them, though nobody holds
	MediaUp     bool   // media flows or could flow: transport connected
	Conference  bool   // a member of the local conference, until it ended or was split off

	IsTransfer     bool
	TransferParent TransferParent

	// Ring is how an incoming call rings: ToneRing, or what its server asked for. AutoAnswered: it was answered by itself, at
	// its server's wish and with the account's leave.
	Ring         Tone
	AutoAnswered bool

	CalledFor  Party // incoming: whom the caller wanted before the call was sent on; zero where it was not
	ReferredBy Party // by whose transfer this call came about; zero where by none's

	Transferring   bool   // our REFER is under way
	TransferTarget string // whom the far end is being sent to, as shown

	StartedAt  time.Time // the call object was made
	RingingAt  time.Time // first 180/183, or the incoming INVITE
	AcceptedAt time.Time // somebody picked up: the user here, or they, as their 200 tells
	AnsweredAt time.Time // talking since; zero before
	HeldAt     time.Time // held since (either side); zero when not held
	EndedAt    time.Time
	Cause      Cause  // why it ended
	SIPStatus  int    // the final SIP status that ended it, 0 if none
	Reason     string // its reason phrase, or the text of a Reason header; untrusted
	Q850       int    // the cause of ITU-T Q.850 that a gateway told (RFC 3326), 0 if none
	EndedByUs  bool   // we hung up, cancelled or declined
	// Redirect is the number that a 300, 301 or 302 names. It is called when the user calls it, never by itself.
	Redirect string
	// RetryAfter is how long the far end asks not to be called; 0: it does not say.
	RetryAfter  time.Duration
	Codec       string // "opus", "PCMU", "PCMA"; empty until negotiated
	NetworkType string // "host", "srflx", "relay"; empty until connected
}

// Status is the contract's callStatus: calling → ringing → talking for outgoing calls,
// connecting → talking for incoming ones.
func (c Call) Status() string {
	switch {
	case c.State == StateTalking || (c.State == StateEnding && !c.AnsweredAt.IsZero()):
		return "talking"
	case c.State == StateEnded:
		return "ended"
	case c.Direction == Inbound:
		return "connecting"
	case c.State == StateRinging:
		return "ringing"
	}
	return "calling"
}

// Live reports whether the call still occupies the phone.
func (c Call) Live() bool { return c.State != StateEnded && c.State != "" }

// RingsHere reports whether this is an incoming call that waits for the user.
func (c Call) RingsHere() bool { return c.Direction == Inbound && c.State == StateRinging }

// Missed reports whether this is a call that the user did not get to answer, though nobody did in his place.
func (c Call) Missed() bool {
	if c.Direction != Inbound || c.State != StateEnded || !c.AnsweredAt.IsZero() {
		return false
	}
	switch c.Cause {
	case CauseElsewhere, CauseDeclinedElsewhere:
		return false
	case CauseNoAnswer:
		return true
	}
	return !c.EndedByUs
}

// Cause says why a call or a registration ended. The names are those that users of JsSIP and of the seed know.
type Cause string

// The causes.
const (
	CauseNone            Cause = ""
	CauseTerminated      Cause = "Terminated"            // a normal hang up, by either side
	CauseCanceled        Cause = "Canceled"              // CANCEL, by either side
	CauseBusy            Cause = "Busy"                  // 486, 600
	CauseRejected        Cause = "Rejected"              // 403, 603
	CauseRedirected      Cause = "Redirected"            // 3xx
	CauseUnavailable     Cause = "Unavailable"           // 410, 430, 480, 408
	CauseNotFound        Cause = "Not Found"             // 404, 604
	CauseAddress         Cause = "Address Incomplete"    // 424, 484
	CauseIncompatibleSDP Cause = "Incompatible SDP"      // 488, 606
	CauseAuthentication  Cause = "Authentication Error"  // 401, 407
	CauseRequestTimeout  Cause = "Request Timeout"       // no answer to a request
	CauseConnection      Cause = "Connection Error"      // transport lost or unreachable
	CauseCertificate     Cause = "Certificate Error"     // the server's certificate was refused: nobody trusted vouches for it
	CauseNoAnswer        Cause = "No Answer"             // nobody answered in time
	CauseExpires         Cause = "Expires"               // the caller gave an incoming call so long and no longer
	CauseNoAck           Cause = "No ACK"                // our 200 was never acknowledged
	CauseDialog          Cause = "Dialog Error"          // 481 or a broken dialog
	CauseBadMedia        Cause = "Bad Media Description" // their SDP cannot be used
	CauseMedia           Cause = "Media Failure"         // ICE, DTLS or device failed
	CauseRecording       Cause = "Recording Failure"     // a recording could not begin or go on; the call does
	CauseServer          Cause = "Server Error"          // 5xx
	CauseLoop            Cause = "Loop Detected"         // 482, 483, or a redirection that leads back
	CauseSIP             Cause = "SIP Failure Code"      // any other status

	CauseCertificateExpired Cause = "Certificate Expired" // it is not valid now
	CauseCertificateName    Cause = "Certificate Name"    // it is for another name than the account's server or domain

	CauseElsewhere         Cause = "Answered Elsewhere" // an incoming call was answered on another phone
	CauseDeclinedElsewhere Cause = "Declined Elsewhere" // an incoming call was declined on another phone, for all
)

// CauseOfStatus maps a final SIP status (300–699) to its cause.
func CauseOfStatus(status int) Cause {
	switch status {
	case 486, 600:
		return CauseBusy
	case 403, 603, 607, 608:
		return CauseRejected
	case 404, 604:
		return CauseNotFound
	case 408, 410, 430, 480:
		return CauseUnavailable
	case 424, 484:
		return CauseAddress
	case 488, 606:
		return CauseIncompatibleSDP
	case 401, 407:
		return CauseAuthentication
	case 481:
		return CauseDialog
	case 482, 483:
		return CauseLoop
	case 487:
		return CauseCanceled
	}
	switch status / 100 {
	case 3:
		return CauseRedirected
	case 5:
		return CauseServer
	}
	return CauseSIP
}
