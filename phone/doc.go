// Package phone is the phone operator: the object that holds the calls, the current call, the
// incoming list, the registration, the devices and the recording permission, and offers call,
// answer, reject, hang up, hold, DTMF and mute, all with events. It knows nothing of SIP,
// sockets, codecs or windows; those are rooms of their own behind the ports of ports.go.
//
// # The owner
//
//	commands (window, command line) ──┐
//	SignalEvent (sipua) ──────────────┤                    ┌─ Snapshot (atomic, immutable)
//	MediaEvent (media) ───────────────┼─▶ mailbox ─▶ loop ─┤
//	Directory's answers (contacts) ───┤                    │
//	timers ───────────────────────────┘                    └─ Event ─▶ one goroutine a subscriber ─▶ its queue
//
// One goroutine, the loop, owns every session and account. Causes are posted to it as functions;
// it changes the state through one guarded transition, publishes a snapshot and then sends the
// events by value. It never waits and never runs foreign code.
//
// # A call's states
//
//	outgoing:  gathering ──▶ calling ──▶ ringing ──┐
//	                            └──────────────────┴─▶ accepted ──▶ talking
//	incoming:  ringing ──▶ answering ──────────────────▶ accepted ──▶ talking
//	both:      any of them ──▶ ending ──▶ ended,   any of them ──▶ ended
//
// "accepted" is a 200 sent or seen without its ACK (incoming) or without its SDP applied
// (outgoing). Hold by us, hold by them, mute, recording and early media are fields beside
// the state. What is wanted (hold, video) is kept here; one reconciler offers it when no other offer/answer exchange
// is under way, so that a second wish just replaces the first.
//
// Encryption is the account's wish (Account.Encryption), what came of it the call's (Call.Encrypted, Call.KeysExposed).
// An INVITE that merely prefers it and is refused with 488 goes out once more, in a dialog and on a leg of its own, with
// encryption that may not be missing; for the user it stays one call.
//
// # How calls end
//
// A call ends with a Cause, the SIP status that came, its phrase, and what else the far end told. Call keeps all of it, as the
// window's card and the command line's events show it (redirect.go, reason.go):
//
//	status ──▶ CauseOfStatus ──▶ Why (a Reason header) makes vague ones clear: 503 with Q.850's 17 is Busy
//	CANCEL with "Call completed elsewhere" ──▶ Answered Elsewhere, which Call.Missed does not count
//	300, 301, 302 ──▶ Call.Redirect, a number for the user to call; a call to it carries Diversion on, and no
//	                  circle and no more than five redirections in a row are offered
//	an offer that Media.Examine refuses ──▶ 488 or 400 at once; it never rings, and EventMissed tells
//
// # Who it is
//
// Each source fills in what those before it leave open (Call.Party), and statusChange tells it with staticStatusChange:
//
//	SetStaticStatus in manual mode ─▶ P-Asserted-Identity ─▶ Remote-Party-ID ─▶ From ─▶ Directory (contacts), by the number
//
// A new number forgets all that was known of the last one and is looked up anew (directory.go).
//
// # How calls are joined
//
// Any two calls can be joined, whichever of them came in and whoever is held (transfer.go). Only how their parent is known differs:
//
//	placed with TransferOf ──▶ its parent is named; it ends with it ─┐
//	rang in, or was called ──▶ the one other call that may be sent ──┼─▶ parent is held ──▶ REFER with Replaces ─┬─▶ 2xx: both end
//	TransferToCall ──────────▶ both are named ───────────────────────┘                                           └─▶ else: both as before
//
// # The seed's names
//
// Each of these rows is driven through the ports by a test (contract_test.go). Attributes:
//
//	currentSessionID         Snapshot.Current
//	currentSession           Snapshot.CurrentCall
//	reRegistryPhoneTimes     Account.RegisterTries
//	deviceIds                Snapshot.Devices, Operator.SetDevices (beyond the seed: VoiceProcessing, SetVoiceProcessing)
//	cameraId, microphoneId   DeviceIDs.Camera, Microphone
//	sessions                 Snapshot.Calls, Snapshot.CallByID
//	isRegistered             Snapshot.Registered, AccountState.Registered (never where Account.Direct; see AccountState.Ready)
//	recordPermissions        Snapshot.RecordPermissions
//	incomingList             Snapshot.Incoming
//	isMaxCall                Snapshot.IsMaxCall, CallLimit, CallWaiting; Operator.SetCallLimit
//
// Methods:
//
//	on                       Operator.Subscribe
//	start                    Operator.Start
//	reRegister               Operator.ReRegister
//	call                     Operator.Call
//	option                   CallRequest, AnswerOptions; their Video is the seed's
//	offerToReceiveVideo      CallRequest.WatchVideo
//	extraHeaders, transferId CallRequest.Headers, TransferOf
//	answer, reject           Operator.Answer, Reject
//	hangup, terminate        Operator.Hangup, Terminate
//	hold, unhold             Operator.Hold, Unhold
//	mute, unmute             Operator.Mute, Unmute
//	dtmf                     Operator.DTMF
//	blindTransfer            Operator.BlindTransfer
//	attendedTransfer         Operator.AttendedTransfer (beyond the seed: TransferToCall; AcceptTransfer, DeclineTransfer of theirs)
//	startRecord, pauseRecord Operator.StartRecord, PauseRecord (beyond the seed: StopRecord, SetRecording)
//	renegotiate              Operator.Renegotiate
//	audioToVideo, videoToAudio Operator.SetVideo
//	getSession               Snapshot.CallByID, Snapshot.Calls
//	setCurrentSession        Operator.SetCurrent
//	getCurrentSession        Snapshot.CurrentCall
//	setSessionStaticStatus   Operator.SetStaticStatus
//	startManualModel         its last argument
//	disconnect, destroy      Operator.Disconnect, Destroy
//
// Events keep the seed's names (events.go):
//
//	connected, disconnected                       EventConnected, EventDisconnected
//	registered, registrationFailed                EventRegistered, EventRegistrationFailed
//	isRegisteredChange, recordPermissionsChange   EventIsRegisteredChange, EventRecordPermissionsChange
//	newRTCSession, incoming                       EventNewRTCSession, EventIncoming
//	startSession, deleteSession                   EventStartSession, EventDeleteSession
//	accepted, confirmed, ended, failed            EventAccepted, EventConfirmed, EventEnded, EventFailed
//	clientError, reinvite                         EventClientError, EventReinvite
//	streamAdded                                   EventStreamAdded (Event.Video: pictures)
//	localStream, remoteStream                     Operator.Frame
//	statusChange, staticStatusChange              EventStatusChange, EventStaticStatusChange
//	callReport, updateTimer                       EventCallReport, EventUpdateTimer
//
// A call's status:
//
//	number, callId           Call.Number, Call.ID
//	communicationType        Call.Direction
//	isVideo                  Call.Video (beyond the seed: Call.Camera, Call.VideoPending)
//	isRing                   Call.RingsHere
//	isHold                   Call.HeldByUs, Call.HeldByThem, Call.HoldPending
//	isMute                   Call.Muted
//	callStatus               Call.Status; finer: Call.State
//	callStartTime            Call.StartedAt; Call.AnsweredAt
//	recordStatus             Call.Record (beyond the seed: Call.RecordFile)
//	isTransfer               Call.IsTransfer
//	transferParent           Call.TransferParent
//	isConference             Call.Conference, Snapshot.Conference, Operator.Merge, Split, HoldConference, UnholdConference, HangupConference
//	name, avatar, company    Call.Party (beyond the seed: Call.CalledFor, ReferredBy, Ring, AutoAnswered)
//
// Its timers and its report:
//
//	ringDuration             Timers.Ring
//	callingDuration          Timers.Calling
//	callDuration             Timers.Call
//	holdDuration             Timers.Hold
//	iceResult                Report.ICEResult
//	extension                Report.Extension
//	timestamp, date          Report.At
//	network, deviceType      Report.Network, Report.DeviceType
//	duration                 Report.Duration
//	audio, video             Report.Audio, Report.Video; beyond the seed: Report.RoundTrip, Concealed and MOS, the bitrates
//
// Result codes (errors.go), read by CodeOf:
//
//	-1, -200                 an error that is not ours; ErrUnknown and what wraps it
//	-201, -204               ErrRegistryFailed, ErrRegistryMaxTries
//	-202, -203, -206         ErrNoPermission, ErrLocalStream, ErrLocalMediaInfo
//	-205, -208, -209, -210   ErrMaxCalls, ErrCallTooSoon, ErrInvalidNumber, ErrCurrentCallNotConnected
//	-207, -211               ErrAttendedParentNotFound, ErrCallNotFound
//	-290, -291               ErrNoMicrophone, ErrNoCamera
//
// # Rooms
//
// Which package may import which is held by a test in this folder; the README's section on
// contributing shows the table.
package phone
