// Package headless is the operator's face without a window: commands in, JSON lines out, as the
// command line, scripts, CTI systems, tests and measurements use it; and the doctor, which checks
// a machine with one echo call.
//
//	stdin ─ lines ─▶ Run ─┐                        ┌─▶ operator ─ events ─▶ Run ─ JSON lines ─▶ stdout
//	                      ├─▶ Executor ─ commands ─┤
//	ctl ─ socket ─▶ control.Server ─┘ (Handler)    └─▶ replies, in the order of the commands
//
// An [Executor] understands one line at a time; it serves stdin and the control socket alike, so
// the language is the same everywhere. It never quotes what it did not understand: a line pasted
// into the wrong terminal may hold a password. DTMF digits are in no event and no reply.
//
// The doctor's report is bad where a call would not work: a missing device that is needed, a server that is not reached or
// refuses us, a call without an echo. A STUN or TURN server that fails is a warning, since this call found its way without;
// where no packet came and no relay of a WebRTC account works, the relays' trouble is the reason that is told.
package headless
