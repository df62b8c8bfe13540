package phone

import (
	"image"
	"time"
)

// This file holds the ports (but for Devices, sounddevices.go): what the operator needs of the world. Every method of a port
// returns at once and never blocks on network, disk or device; what comes of it is posted
// to the sink that was given. A sink may be called from any goroutine, also from within a
// port method; it never blocks and never calls back into the port.

// ---- Signalling (implemented by phone/sipua) ----

// Signalling opens lines.
type Signalling interface {
	// Open makes a line for the account. It validates and resolves nothing on the network.
	// The error wraps ErrAccountInvalid.
	Open(account Account, sink func(SignalEvent)) (Line, error)
}

// DialogID names a dialog (in the making) on one line. For outgoing calls the operator
// chooses it and it is also the SIP Call-ID; for incoming calls the line chooses one that is
// unique in the process.
type DialogID string

// Line is one account's signalling: its transport, its REGISTER transactions, its dialogs.
type Line interface {
	// Register connects the transport if need be and sends one REGISTER (with its answer to a
	// challenge); exactly one RegisterDone follows, unless Close comes first. A call while one is
	// under way is ignored. expires is the wish; RegisterDone tells the grant. For a Direct account it only connects.
	Register(expires time.Duration)
	// Unregister sends REGISTER with Expires 0; RegisterDone with Expires 0 follows. Never for a Direct account.
	Unregister()
	// Disconnect closes the connection as soon as no dialog and no REGISTER needs it; TransportDown with CauseNone follows
	// where there was one. Whatever is sent later connects anew.
	Disconnect()
	// SetCredential replaces the user name and the secret for coming requests.
	SetCredential(user string, secret Secret)

	// Invite sends an INVITE. Then: any number of Progress, then one of Accepted or Refused.
	// Authentication, 100, retransmissions and the ACK are the line's own affair.
	Invite(InviteOut)
	// Ring answers an incoming INVITE with 180, with sdp with 183.
	Ring(id DialogID, sdp []byte)
	// Answer answers an incoming INVITE with 200 and the SDP. Acked follows, or DialogEnded with
	// CauseNoAck after 64·T1 (the line has sent BYE then). An Answer after a CANCEL is ignored.
	Answer(id DialogID, sdp []byte)
	// End ends a dialog in whichever state it is: refuses an incoming INVITE with status (0 means
	// 486), cancels an outgoing one (a crossing 200 is ACKed and ended with BYE), sends BYE in a
	// confirmed one; there a status says why in a Reason header (RFC 3326), and 0 that the user hung up.
	// DialogEnded follows, at the latest after 64·T1. Unknown ids are ignored.
	End(id DialogID, status int)
	// Reinvite sends a re-INVITE with the SDP; ReinviteDone follows, or a ReinviteIn that it yielded to. 491 and its retry
	// (RFC 3261 §14.1) are the line's own affair.
	Reinvite(id DialogID, sdp []byte)
	// AnswerReinvite answers the pending ReinviteIn: 200 with sdp, or status when sdp is nil.
	AnswerReinvite(id DialogID, sdp []byte, status int)
	// Info sends INFO with a body: DTMF where the peer offers no telephone-event. InfoDone follows, unless the dialog ends.
	Info(id DialogID, contentType string, body []byte)
	// Refer sends REFER in the dialog; ReferProgress follows, several times. With replaces the far end is to take that
	// dialog's place at its other end, and target is not looked at; an early dialog is replaced as it is.
	Refer(id DialogID, target string, replaces ReplacedDialog)
	Referee
	Availability

	// Close ends every dialog properly if it can within the grace time, closes the transport and frees everything.
	// After it returned, nothing is posted. It is the one method that may block, for at most grace.
	Close(grace time.Duration)
}

// ReplacedDialog is a dialog whose place another far end is to take, and the line of the same Signalling that has it. The zero
// value is none.
type ReplacedDialog struct {
	ID   DialogID
	Line Line
}

// InviteOut is an outgoing INVITE.
type InviteOut struct {
	Dialog DialogID
	// Target is a SIP URI, "sip:600@pbx.example", made by TargetURI.
	Target string
	SDP    []byte
	// Headers are extra headers, already checked by CheckHeader.
	Headers []Header
	// Replaces and ReferredBy are those of the ReferIn that this call follows (RFC 3891, RFC 3892).
	Replaces, ReferredBy string
}

// Header is one SIP header field.
type Header struct{ Name, Value string }

// SignalEvent is what a line posts. The concrete types are below.
type SignalEvent interface{ signal() }

type (
	// TransportUp: the connection to the server stands (for UDP: the first answer came).
	// Encrypted: it is TLS or WSS, so nobody on the way to the server reads what is said there.
	TransportUp struct{ Encrypted bool }
	// TransportDown: it was lost or could not be made. Err says why, for logs; Cause for people.
	TransportDown struct {
		Err   error
		Cause Cause
	}
	// RegisterDone is the outcome of Register or Unregister. Cause is CauseNone on success.
	RegisterDone struct {
		Expires    time.Duration // granted; 0: no binding
		Status     int           // SIP status, 0: none came
		Reason     string
		Cause      Cause
		RetryAfter time.Duration
		Err        error
	}
	// InviteIn is a new incoming call. The line has sent 100.
	InviteIn struct {
		Dialog    DialogID
		SIPCallID string
		From      Party  // already by the contract's order of trust (PAI, RPID, From)
		To        string // the number called
		SDP       []byte // nil: an offerless INVITE
		// WantsOffer: so offerless that Ring must bring our offer (RFC 3262 §5: everything is to be acknowledged); Acked
		// with their answer follows while it still rings.
		WantsOffer bool
		At         time.Time
		Headers    []Header // those the operator may care for: Alert-Info, Call-Info, Answer-Mode, Priv-Answer-Mode
		// For is whom the caller wanted, where somebody sent the call on (RFC 5806, RFC 7044); By who did it by a transfer
		// (RFC 3892).
		For, By Party
		// Replaces is the dialog of ours whose place this call takes (RFC 3891 §3), already matched; "" for none.
		Replaces DialogID
	}
	// Progress is a 1xx beyond 100 to our INVITE.
	Progress struct {
		Dialog DialogID
		Status int
		SDP    []byte
		Fork   string // the to-tag; tells forks apart
		Party  Party  // zero where the response does not tell
		At     time.Time
	}
	// Accepted is a 2xx to our INVITE; the line has sent the ACK. SDP is the answer.
	Accepted struct {
		Dialog DialogID
		SDP    []byte
		Fork   string
		Party  Party
		At     time.Time
	}
	// Refused is a final answer ≥ 300 to our INVITE, or none at all (Status 0, Cause set).
	Refused struct {
		Dialog DialogID
		Status int
		Reason string
		Cause  Cause
		At     time.Time
		Why    Why
		// Redirect is where a 300, 301 or 302 points: a SIP or tel URI; "" where there is none. Diversion is what such an
		// answer says of the way so far (RFC 5806).
		Redirect  string
		Diversion []Header
		// RetryAfter is how long the far end asks to be left alone; 0: it does not say.
		RetryAfter time.Duration
	}
	// Acked: the ACK for our 200 arrived. SDP is set when the ACK carried the answer.
	Acked struct {
		Dialog DialogID
		SDP    []byte
		At     time.Time
	}
	// DialogEnded: the dialog is over: BYE or CANCEL from them, our End done, or a failure.
	DialogEnded struct {
		Dialog DialogID
		Cause  Cause
		Status int
		ByThem bool
		Why    Why // what their CANCEL or BYE tells
		At     time.Time
	}
	// ReinviteIn: the far end offers a change (re-INVITE or UPDATE). AnswerReinvite must follow.
	// SDP nil means: they want our offer.
	ReinviteIn struct {
		Dialog DialogID
		SDP    []byte
		Fork   string // their tag; it matters before our call is answered, when an UPDATE may come from any fork
		Party  Party
		// Yielded: a change of ours, which waited to be tried again, was put back for theirs (RFC 3261 §14.1); no ReinviteDone follows.
		Yielded bool
		At      time.Time
	}
	// ReinviteDone is the outcome of our Reinvite: the answer, or Status ≥ 300 (0: none came).
	ReinviteDone struct {
		Dialog DialogID
		SDP    []byte
		Status int
		Cause  Cause
		At     time.Time
	}
	// InfoDone is the outcome of our Info; Status 0: no answer came.
	InfoDone struct {
		Dialog DialogID
		Status int
	}
	// InfoIn is an INFO from the far end, already answered with 200.
	InfoIn struct {
		Dialog      DialogID
		ContentType string
		Body        []byte
	}
	// ReferProgress is what NOTIFY or the REFER's own answer told; Final marks the last one.
	ReferProgress struct {
		Dialog DialogID
		Status int
		Final  bool
		Cause  Cause
	}
)

func (TransportUp) signal()   {}
func (TransportDown) signal() {}
func (RegisterDone) signal()  {}
func (InviteIn) signal()      {}
func (Progress) signal()      {}
func (Accepted) signal()      {}
func (Refused) signal()       {}
func (Acked) signal()         {}
func (DialogEnded) signal()   {}
func (ReinviteIn) signal()    {}
func (ReinviteDone) signal()  {}
func (InfoDone) signal()      {}
func (InfoIn) signal()        {}
func (ReferProgress) signal() {}

// ---- Media (implemented by phone/media, with its transports in phone/media/rtc and /avp) ----

// Media is the engine of sound and pictures as the operator sees it. A leg is named by its call's id.
type Media interface {
	// Examine reports whether that offer could be answered by a leg with these options. It only reads, at once. The error
	// wraps ErrMediaIncompatible or ErrMediaMalformed.
	Examine(o LegOptions, offer []byte) error
	// OffersVideo reports whether that offer has video that a leg with these options could take. It only reads, at once.
	OffersVideo(o LegOptions, offer []byte) bool
	// Open makes a leg. Nothing is sent yet, no device is opened yet.
	Open(leg CallID, o LegOptions, sink func(MediaEvent))
	// Offer asks for a local offer; LocalDescription or MediaFailed follows. On a running leg it is a
	// new offer of the same session with the direction in wish.
	Offer(leg CallID, wish MediaWish)
	// Answer asks for the local answer to their offer; LocalDescription or MediaFailed follows.
	Answer(leg CallID, offer []byte, wish MediaWish)
	// Remote applies their answer to our offer. provisional: early media (183), may be followed by another.
	// RemoteApplied or MediaFailed follows.
	Remote(leg CallID, answer []byte, provisional bool)
	// Rollback forgets our unanswered offer (it was refused); the session runs on as before.
	Rollback(leg CallID)
	// Start opens the microphone and lets sound pass both ways (before it: only their early media is heard).
	Start(leg CallID)
	// Close ends the leg. Nothing is posted for it afterwards. Unknown legs are ignored, in every method.
	Close(leg CallID)

	// Mute replaces our sound on this leg by silence; the stream keeps running.
	Mute(leg CallID, on bool)
	// Hold takes the leg out of the ear and sends silence, whatever was negotiated.
	Hold(leg CallID, on bool)
	// Mix makes the leg a member of the local conference, or takes it out: each member hears our microphone and all other
	// members but not itself, without clipping. Mute silences our microphone alone; a held member neither hears nor is
	// heard; one that holds us (music on hold) is heard by us alone. Tones of our own ear are never sent.
	Mix(leg CallID, on bool)
	// DTMF sends digits (0-9 * # A-D) as RFC 4733 events in the audio stream, 100 ms each with 100 ms gaps.
	// It reports false when telephone-event was not negotiated.
	DTMF(leg CallID, digits string) bool

	// Record begins to record the leg: what it sends on the left, what we hear of it on the right, on one clock. RecordStarted
	// follows, or RecordEnded with an error. A leg that is being recorded already goes on as it is.
	Record(leg CallID, o RecordOptions)
	// PauseRecord leaves out what is said from now on, until it is called with false.
	PauseRecord(leg CallID, on bool)
	// StopRecord ends the recording; RecordEnded follows. Close does the same, without RecordEnded.
	StopRecord(leg CallID)

	Beeper
	// Play plays a tone until another one, or ToneNone, replaces it.
	Play(Tone)
	// KeyFeedback plays one key's short tone to our own ear.
	KeyFeedback(digit rune)
	// SetDevices chooses the devices, for running calls too. An empty id means the system's default.
	SetDevices(DeviceIDs)
	// SetVoiceProcessing says whether echo and noise are taken out of what a real microphone hears, and its level is evened, in
	// running calls too. It is on at first.
	SetVoiceProcessing(on bool)

	// Levels are the current sound levels of a leg, 0…1 (RMS, -60…0 dBFS mapped linearly): near is our
	// microphone as sent, far is what we hear. May be polled from any goroutine.
	Levels(leg CallID) (near, far float64)
	// Frame is the newest picture of a leg's video: theirs as decoded (far), else ours as sent; nil where there is none. The picture
	// is nobody's to change; serial tells one from the next. May be polled from any goroutine.
	Frame(leg CallID, far bool) (picture *image.YCbCr, serial uint64)
	// Stats are the leg's counters so far. May be polled from any goroutine.
	Stats(leg CallID) (MediaStats, bool)
	// Shutdown closes all legs and devices and returns when every goroutine has ended.
	Shutdown()
}

// MediaEvent is what a leg posts.
type MediaEvent interface{ media() }

type (
	// LocalDescription is the SDP that Offer or Answer asked for.
	LocalDescription struct {
		Leg  CallID
		SDP  []byte
		Info MediaInfo // of the exchange so far; complete for an answer
	}
	// RemoteApplied: Remote is done.
	RemoteApplied struct {
		Leg  CallID
		Info MediaInfo
	}
	// MediaUp: ICE and DTLS stand, media may flow. Posted again after a reconnect.
	MediaUp struct {
		Leg         CallID
		NetworkType string // "host", "srflx", "relay"
		At          time.Time
	}
	// MediaDown: connectivity was lost; the transport still tries, and an offer with MediaWish.Restart may find another way.
	MediaDown struct{ Leg CallID }
	// MediaFailed: this leg cannot work. Err wraps one of ErrLocalStream, ErrLocalMediaInfo,
	// ErrMediaIncompatible (no codec or profile in common), ErrMediaMalformed (SDP cannot be read), ErrMediaElsewhere
	// (a new offer is needed).
	MediaFailed struct {
		Leg CallID
		Err error
	}
	// MediaTrouble: something that the user should know of and can mend, though the leg may go on without it. Err
	// wraps ErrRelayRefused or ErrRelayCertificate.
	MediaTrouble struct {
		Leg CallID
		Err error
	}
	// DeviceFailed: a device could not be opened or vanished and no other one replaces it; the leg runs on with silence.
	// Err wraps fs.ErrPermission where the system does not let us use it.
	DeviceFailed struct {
		Leg  CallID
		Kind string // "microphone", "speaker", "camera"
		Err  error
	}
	// RemoteDigit: the far end sent a DTMF digit by RFC 4733.
	RemoteDigit struct {
		Leg   CallID
		Digit rune
	}
	// SoundMissing: for some seconds nothing has come of a far end that should be heard (On), or something comes again.
	SoundMissing struct {
		Leg CallID
		On  bool
	}
	// FirstPicture: the first picture of the far end's video can be seen. Posted again when it ended and came back.
	FirstPicture struct {
		Leg CallID
		At  time.Time
	}
	// FirstSound: the first audio packet of the far end was played.
	FirstSound struct {
		Leg CallID
		At  time.Time
	}
)

func (LocalDescription) media() {}
func (RemoteApplied) media()    {}
func (MediaUp) media()          {}
func (MediaDown) media()        {}
func (MediaFailed) media()      {}
func (MediaTrouble) media()     {}
func (DeviceFailed) media()     {}
func (RemoteDigit) media()      {}
func (SoundMissing) media()     {}
func (FirstPicture) media()     {}
func (FirstSound) media()       {}
