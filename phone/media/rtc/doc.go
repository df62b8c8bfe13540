// Package rtc carries a leg's media over ICE (RFC 8445) and DTLS-SRTP (RFC 5763, RFC 5764), on pion/webrtc.
// It speaks the SDP of browsers, of gateways and of PBXs.
//
// A PeerConnection wants to own the session description; SIP has other customs: descriptions without
// mid and ssrc, hold by re-INVITE, provisional answers, sources that change in mid-stream, m-lines that
// are refused. So the two are kept apart. The description on the wire is read and written here; the
// PeerConnection sees one plain audio line once, made of what matters to it (ICE, DTLS, one codec), and
// again only when ICE restarts. A far end with another certificate gets another PeerConnection.
//
//	wire SDP ──► parseDescription ──► agree (codec, direction) ──► Negotiated ──► sink
//	                   │
//	                   └─► plainSDP ──► PeerConnection ──► candidates, ICE and DTLS parameters
//	                                        │  ▲                        │
//	wire SDP ◄── writeDescription ◄─────────┼──┼────────────────────────┘
//	                                        │  │
//	sink.RTP ◄── any source, any type ◄─────┘  └── outTrack ◄── WriteRTP (the caller's payload types)
//
// STUN and TURN servers are asked by pion, but over connections of ours where they are TCP or TLS (servers.go): these
// end with the transport, trust the account's own certificate authority, and what a relay refuses is told. An offer
// waits half a second for them at most; what comes later is in the next one, which the operator asks for when no way is
// found (Down).
//
// Video is a second line on the wire, over the same transport (BUNDLE, RFC 9143), of which pion's session never hears: ours is a
// sender of its own on the same DTLS transport, theirs is told from sound by its payload type. So it comes and goes in mid-call
// without any negotiation of pion's. A line that is dropped stays with port 0 and is used again under another mid; there are never
// more than two. Video outside of the group, or of another codec than VP8, is refused with port 0, and the sound goes on.
//
//	sink.Video ◄── types of the video ◄── any source ◄──┐
//	sink.RTP   ◄── all other types ◄────────────────────┴── PeerConnection's SRTP ◄── videoOut ◄── WriteVideo
//	                                                        PLI, FIR, NACK ──► videoOut ──► sink.PictureAsked, repeated packets
//
// RTCP goes on the port of the RTP (RFC 5761, which RFC 8834 §4.5 asks of everybody here). Who does not take it there looks for it on
// a second ICE component, which pion does not have: that call goes on with sound and without our reports (rtcp.go); what
// comes is read. Our offers do not say a=rtcp-mux-only (RFC 8858), though there is no second port: it would make such a far end
// refuse the line, and a call without reports is the better one. An answer says a=rtcp-mux where the offer did.
//
// The reports by RTCP (RFC 3550 §6.4) are ours, not pion's interceptors': these would count pictures by the sound's clock, as
// pion hears of sound only. Each source of theirs is counted by the clock of each packet's type; one compound packet a second
// tells of all of them.
//
//	their packets ──► source (tally.Received) ──► blocks ─┐
//	their SR ─────────┘                                    ├──► peer.report ──► SR, RR, SDES, PLI
//	WriteRTP, WriteVideo ──► carrier.Sent ─────────────────┘
//	their blocks ────────────┘    └──► Stats
//
// # Goroutines
//
// Each Transport has a queue: its methods put a step there and return. One goroutine works through the
// queue while there is something in it; pion's callbacks, which may come out of order, only put "look
// again" there, and that step reads the true state. Received packets go from pion's reader straight to
// the sink. A gate stands before the sink: when Close has returned, it is shut.
package rtc
