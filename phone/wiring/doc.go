// Package wiring builds an operator with its real ports. It is the only place that knows all rooms;
// the program, the doctor and the tests against real peers share it.
//
//	Flags ─▶ New ─▶ devices.Registry (native, virtual) ─┐
//	                rtc.Factory ────────────────────────┴▶ media.Engine ─┐
//	                sipua.Agent ─────────────────────────────────────────┴▶ phone.Operator
//	                demopbx.PBX (only when asked for) ─▶ an account on it
//
// Close undoes it in the other order: operator (which ends calls, registrations and sound), demo PBX, devices.
package wiring
