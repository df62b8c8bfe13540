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
package headless
