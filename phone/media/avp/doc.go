// Package avp carries a leg's media without ICE, as desk phones and their PBXs do: plain RTP (RFC 3551), SRTP with
// keys in the description (SDES, RFC 4568), or DTLS-SRTP (RFC 5763, RFC 5764). Which of them is the account's policy.
//
//	wire SDP ──► sdp.Read ──► agreement, keys or fingerprint ──► Negotiated ──► sink
//	                               │
//	                               ▼
//	WriteRTP ──► outgoing (SRTP) ──► RTP socket, even port ──► incoming (latch, SRTP) ──► sink.RTP
//	reporter ──► SR, RR, BYE ──────► RTCP socket, port + 1 ──► reports ──► Stats
//	                                 (or the same, RFC 5761)
//
// # What is agreed on
//
// Where encryption is required, offers say so by their profile, and what does not encrypt in the account's manner is
// refused with phone.ErrMediaIncompatible. Where it is preferred, offers are of plain RTP with keys or a fingerprint
// beside it (RFC 8643), and theirs are taken encrypted where they can be, in the clear where not; what was agreed on is
// told in media.Negotiated. Where it is off, keys beside plain RTP are passed over.
//
//	ours \ theirs   RTP/AVP   RTP/AVP + a=crypto   RTP/SAVP + a=crypto   RTP/AVP + a=fingerprint   UDP/TLS/RTP/SAVP
//	off             clear     clear                488                   clear                     488
//	SDES required   488       SDES                 SDES                  488                       488
//	SDES preferred  clear     SDES                 SDES                  clear                     488
//	DTLS required   488       488                  488                   DTLS                      DTLS
//	DTLS preferred  clear     clear                488                   DTLS                      DTLS
//
// An answer that promises encryption with keys that are none of ours is refused under every policy. In a running call
// the same table holds for each new offer; keys that were taken off never come back.
//
// A far end may send as soon as it has our offer (RFC 3264 §5.1): what comes before its answer, or before the keys, is
// kept for a moment and heard with it.
//
// # Whose packets are theirs
//
// A far end behind a NAT names an address in its SDP that no packet ever comes from, so we send to where its packets
// come from (symmetric RTP, RFC 4961). What is not authenticated must not let a stranger take the stream:
//
//   - Before any packet: the first one with a negotiated payload type latches its source.
//   - A packet from the address of the SDP always counts; from then on that source is confirmed.
//   - A packet that SRTP authenticates always counts, and moves the source with it.
//   - Otherwise only the latched source counts. It moves to another port of the same host when the SSRC stays the
//     same (a NAT's new binding), and to another host only when the SSRC stays the same, the SDP's address was never
//     confirmed and the old source has been silent for some seconds. After such a silence another SSRC may come from the
//     same host too: a telephone that resumes a call begins anew, and its NAT has forgotten the old binding.
//   - An SDP with another address forgets the latch.
//
// # Goroutines
//
// The methods put steps into a queue; see package carrier. Beside it, each transport has one reader for each of its
// two sockets, one reporter (RTCP every 5 s, and what keeps a NAT open), and for the time of a DTLS handshake one more: two
// where RTCP has a port, and so an association, of its own (RFC 5764 §3). Close ends them all.
package avp
