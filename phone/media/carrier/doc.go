// Package carrier holds what every media.Transport is made of, whichever way its packets take: the queue of its
// steps, the gate before its sink, the reading of what the far end reports by RTCP.
//
//	Offer, Answer, Remote … ──► Queue ──► the transport's own steps ──► Gate ──► media.TransportSink
//	received packets ─────────────────────────────────────────────────────┘
//	received RTCP ──► Reports ──► Stats
package carrier
