// Package demopbx is a tiny PBX inside the program: for people who have no account yet, for
// `hookswitch doctor -demo`, and as a fixture of tests. It listens on loopback only, on ports the
// system chooses, and makes up new credentials at every start.
//
//	dial  what happens
//	600   echo: what you say comes back, and with video (by ICE) what you show
//	601   music
//	602   a second party: rings for a second, answers, speaks and pauses
//	603   busy (486)
//	604   rings and never answers
//	605   declines (603)
//	606   beeps, hangs up and calls you back 3 s later
//	607   early media: a ringing tone in a 183, answered after 2 s
//	10xx  another extension, if it is registered
//
// Calls with 600 … 607 understand hold, re-INVITE and UPDATE, an INVITE without an offer, REFER (the party
// follows) and Replaces (RFC 3891). Between extensions the PBX is a stateful proxy, and all of that
// passes end to end. Nobody may call or send anything without having proved who he is; nothing is
// relayed but to registered contacts. Opus is sent as recorded; for G.711 and G.722 the recordings are converted once.
//
// # Data flow
//
//	UDP ─┐                 ┌─ registrar (bindings, digest)
//	TCP ─┤                 │
//	TLS ─┼─ flow ─► loop ──┼─ proxy: extension to extension, stateful, record-routing
//	WS  ─┤   ▲      │      │
//	WSS ─┘   │      │      └─ legs: 600 … 607, CallUser ──► media.Transport (with or without ICE)
//	         └──────┘                    ▲                      │
//	                                     └── echo or player ◄───┘
//
// One goroutine, the loop, owns all state of signalling: bindings, nonces, transactions, legs.
// Sockets' readers, timers and the media transports post functions to it and never touch that
// state. Sound does not pass through the loop: the echo answers in the transport's own
// goroutine, a player has a goroutine while it plays.
//
// Messages are parsed and built with sipgo's package sip (RFC 3261 grammar); the sockets and the
// transactions (RFC 3261 §17, RFC 6026) are ours, because the fixture has to send WebSocket PINGs,
// drop connections on purpose, and leave neither goroutine nor socket when it is closed.
//
// The package does not use package phone, but for the option values that media.Transport's
// methods take (values.go).
package demopbx
