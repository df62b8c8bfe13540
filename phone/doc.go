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
// the state. What is wanted (hold) is kept here; one reconciler offers it when no other offer/answer exchange
// is under way, so that a second wish just replaces the first.
//
// # The seed's names
//
//	currentSessionID, currentSession   Snapshot.Current, Snapshot.CurrentCall
//	reRegistryPhoneTimes               Account.RegisterTries
//	deviceIds                          Snapshot.Devices, Operator.SetDevices
//	sessions                           Snapshot.Calls, Snapshot.CallByID
//	isRegistered                       Snapshot.Registered, AccountState.Registered
//	recordPermissions                  Snapshot.RecordPermissions
//	incomingList                       Snapshot.Incoming
//	isMaxCall                          Snapshot.IsMaxCall
//	on                                 Operator.Subscribe
//	start, disconnect, destroy         Operator.Start, Disconnect, Destroy
//	reRegister                         Operator.ReRegister
//	call, answer, reject               Operator.Call, Answer, Reject
//	hangup, terminate                  Operator.Hangup, Terminate
//	hold, unhold, mute, unmute, dtmf   Operator.Hold, Unhold, Mute, Unmute, DTMF
//	setCurrentSession                  Operator.SetCurrent
//	setSessionStaticStatus             Operator.SetStaticStatus
//	startRecord, pauseRecord           Operator.StartRecord, PauseRecord (beyond the seed: StopRecord, SetRecording)
//	isConference                       Call.Conference, Snapshot.Conference, Operator.Merge, Split,
//	                                   HoldConference, UnholdConference, HangupConference
//	blindTransfer, attendedTransfer    Operator.BlindTransfer, AttendedTransfer
//
// Events keep the seed's names (events.go), result codes its numbers (errors.go).
//
// # Rooms
//
// Which package may import which is held by a test in this folder; the README's section on
// contributing shows the table.
package phone
