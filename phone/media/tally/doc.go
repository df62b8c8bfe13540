// Package tally counts what a far end's RTP packets show of the way that they took: how many came, how many are lost,
// and how unevenly they came (RFC 3550 §6.4.1, appendices A.1, A.3 and A.8). The engine counts with it what people are
// told of a call, the transports what the far end is told by RTCP.
//
//	                           ┌──► Totals ──► a call's report: all sources of a medium, duplicates counted once
//	packets ──► Received.Count ┤
//	their SR ─► SenderReport ──┴──► Block ───► our SR or RR: the source that is heard now, as the RFC counts
package tally
