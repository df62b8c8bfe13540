// Package sipua is the phone's signalling: it implements [phone.Signalling] and [phone.Line] with SIP
// (RFC 3261) over UDP, TCP, TLS, WS and WSS (RFC 7118).
//
//	operator's loop                                      the account's server
//	     |  ^                                                  ^   |
//	Line's  sink                                           socket  socket
//	methods |                                                  |   v
//	     v  |                                            conn: writer, reader
//	  mailbox ---> the line's owner (one goroutine) ---send--->   |
//	                |        |         |      ^                   |
//	              calls  registration  |      +----- onData <-----+
//	                |        |         |                 |
//	             dialogs   client and server transactions
//
// Everything that a line knows belongs to its owner, the goroutine of line.run: transactions, dialogs,
// nonces, timers. Port methods, timers, dialling and the readers post functions or bytes to it; it posts
// events to the sink and queues bytes to the writer. No owner waits on the network, and there is no lock
// but the mailbox's own and the one of way, which dialling shares with the owner.
//
// What is whose:
//   - server.go, way.go: where the account's messages go, found by package locate (RFC 3263).
//   - failover.go: leaving a server that fails for the domain's next one, with registration and calls, and the way back.
//   - watch.go: noticing that a server fell silent, that the network changed, that the machine slept.
//   - conn.go, stream.go, websocket.go: a connection with its reader, writer and keep-alive; the framings.
//   - message.go, nameaddr.go, compose.go: reading and writing messages. Header values stay as they came,
//     because responses must give them back unchanged; that, a 400 for what is broken, and control frames on
//     WebSocket are why sipgo's parser, transport and transactions are not used here. Its URI parser is.
//   - transaction.go: RFC 3261 §17 with the corrections of RFC 6026.
//   - requests.go: where a request goes. Only the account's own connection is listened to, so what anybody
//     else sends is never seen. What asks for something that a phone does not do is refused as its RFC says; only a
//     mailbox's NOTIFY (RFC 3842) is taken with 200 though nobody subscribed, for PBXs send it so.
//   - call.go, outgoing.go, incoming.go, change.go, dialog.go: calls and their dialogs (§12–15).
//   - refer.go, referee.go, replaces.go: sending somebody on, being sent on, and calls that take another one's place
//     (RFC 3515, RFC 3891, RFC 3892, RFC 4488).
//   - sessiontimer.go: who shows that a call is still alive, and what happens when nobody does (RFC 4028).
//   - reliable.go: provisional responses that are acknowledged (RFC 3262).
//   - reason.go: why a call ends, as Reason and Warning headers tell it (RFC 3326).
//   - oversize.go: UDP's large requests, which go by TCP where the server takes that.
//   - agent.go: lines are made there; an account without a registrar (phone.Account.Direct) only connects, from a
//     port that its server was told of (Listen).
//   - register.go, digest.go, credentials.go: REGISTER and authentication (RFC 7616, RFC 8760).
//   - identity.go: who calls, fit to be shown. trace.go: the wire's record without its secrets.
//
// A call from INVITE to its end, with the events that it posts:
//
//	out: calling --1xx: Progress--> calling --2xx: Accepted--> confirmed --BYE: DialogEnded--> over
//	        |--3xx…6xx, nothing: Refused--> over      |--End: CANCEL--> over: DialogEnded
//	in:  ringing --Answer: 200--> answered --ACK: Acked--> confirmed
//	        |--CANCEL, End: DialogEnded--> over  |--no ACK in 32 s: BYE, DialogEnded--> over
package sipua
