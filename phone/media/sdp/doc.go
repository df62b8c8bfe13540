// Package sdp reads and writes what all media transports of this program share of the session description
// (RFC 8866) and of offer and answer (RFC 3264): media lines, codecs, directions, certificates. What only one
// kind of transport needs, such as ICE or the keys of SDES, that transport's own package reads with Attribute.
//
//	their SDP ──► Read ──► Description ──► Codecs.Agree ──► Agreement ──► Codecs.Negotiated ──► engine
//	                            │               ▲
//	                            │               └── Codecs: what we can do, in our order
//	                            └── Lines: every media line, so that an answer refuses those that are not used
//
// What a peer wrote may be anything: Read answers with an error or with values that are safe to write again.
package sdp
