// Package carrier holds what every media.Transport is made of, whichever way its packets take: its front, which
// queues the steps of an exchange and knows where that stands, the gate before its sink, its own streams as sender
// reports and the far end's RTCP tell of them, the mark that tells routers what their packets are.
//
//	Offer, Answer, Remote ──► Front ──► Queue ──► the transport's own Steps ──► Gate ──► media.TransportSink
//	received packets ──────────────────────────────────────────────────────────────┘
//	packets that went out ─┬► Sent ─┬► SR, RR
//	received RTCP ─────────┘        └► media.TransportStats
package carrier
