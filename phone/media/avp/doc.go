// Package avp carries a leg's media without ICE, as desk phones and their PBXs do: plain RTP (RFC 3551), SRTP with
// keys in the description (SDES, RFC 4568), or DTLS-SRTP (RFC 5763, RFC 5764). Which of them is the account's policy;
// there is no falling back from one to another: what does not fit is refused with phone.ErrMediaIncompatible.
//
//	wire SDP ──► sdp.Read ──► agreement, keys or fingerprint ──► Negotiated ──► sink
//	                               │
//	                               ▼
//	WriteRTP ──► outgoing (SRTP) ──► RTP socket, even port ──► incoming (latch, SRTP) ──► sink.RTP
//	reporter ──► SR, RR, BYE ──────► RTCP socket, port + 1 ──► reports ──► Stats
//	                                 (or the same, RFC 5761)
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
//     confirmed and the old source has been silent for some seconds.
//   - An SDP with another address forgets the latch.
//
// # Goroutines
//
// The methods put steps into a queue; see package carrier. Beside it, each transport has one reader for each of its
// two sockets, one reporter (RTCP every 5 s, and what keeps a NAT open), and for the time of a DTLS handshake one more.
// Close ends them all.
package avp
