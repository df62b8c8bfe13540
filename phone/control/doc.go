// Package control makes Hookswitch one instance per user and profile, reachable by the command line
// and by links (tel:, sip:) that the desktop hands over.
//
//	hookswitch ctl hold ──┐                                     ┌── Handler.Execute ──▶ headless.Executor
//	hookswitch ctl events ┼─▶ socket or pipe ─▶ peer is me? ─▶ ─┼── Handler.Events
//	hookswitch tel:+49… ──┘   (0600 in 0700)                    └── Handler.ShowLink ─▶ shown, dialled only by a click
//
// The lock beside the socket decides who is the one instance; whoever holds it may sweep away the socket that a
// crashed instance left behind. On Windows the named pipe's first instance is the lock.
// The package carries lines; what they mean is the business of its [Handler].
//
// The protocol: a client writes one command line and reads one JSON line; after "events" it reads lines until either
// side closes. "link NUMBER" hands over what ParseLink made of a link.
package control
