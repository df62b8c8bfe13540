package demopbx

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// mostSeen bounds the journal.
const mostSeen = 2000

// Seen is one SIP message that passed the PBX, without its body and credentials.
type Seen struct {
	At        time.Time
	In        bool   // to the PBX
	Transport string // "UDP", "TCP", "TLS", "WS", "WSS"
	Remote    string // the peer's address
	Method    string // of the request, or of the request that the response answers
	Status    int    // 0: a request
	CallID    string
	CSeq      uint32
	// Algorithm is that of the digest in the request, "" for none.
	Algorithm string
	// Direction is the SDP's media direction, "" without SDP.
	Direction string
}

// journal keeps the last messages; it belongs to the loop.
type journal struct {
	seen []Seen
}

func (j *journal) note(in bool, f *flow, req *sip.Request, status int) {
	entry := Seen{
		At: time.Now(), In: in, Transport: f.transport, Remote: f.remote, Method: string(req.Method), Status: status,
		CallID: req.CallID().Value(), CSeq: req.CSeq().SeqNo,
	}
	if in && status == 0 {
		entry.Algorithm = digestAlgorithm(req)
		entry.Direction = direction(req.Body())
	}
	j.add(entry)
}

func (j *journal) add(entry Seen) {
	const longest = 200 // of what a peer chose, so that the journal stays small
	entry.CallID = entry.CallID[:min(len(entry.CallID), longest)]
	entry.Method = entry.Method[:min(len(entry.Method), longest)]
	entry.Algorithm = entry.Algorithm[:min(len(entry.Algorithm), longest)]
	if len(j.seen) >= mostSeen {
		j.seen = append(j.seen[:0:0], j.seen[mostSeen/2:]...)
	}
	j.seen = append(j.seen, entry)
}
