// Package carrier holds what every media.Transport is made of, whichever way its packets take: its front, which
// queues the steps of an exchange and knows where that stands, the gate before its sink, the reading of what the far
// end reports by RTCP, the mark that tells routers what their packets are.
//
//	Offer, Answer, Remote ──► Front ──► Queue ──► the transport's own Steps ──► Gate ──► media.TransportSink
//	received packets ──────────────────────────────────────────────────────────────┘
//	received RTCP ──► Reports ──► Stats
package carrier
