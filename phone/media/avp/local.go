package avp

import (
	"strconv"

	"github.com/hookswitch/hookswitch/phone/media/sdp"
)

// localDescription is what our SDP on the wire is made of.
type localDescription struct {
	id, version uint64
	lines       []sdp.Line // one each; those but index are refused
	index       int
	mux         bool // write a=rtcp-mux: in offers always, in answers where it was offered (RFC 5761 §5.1.1)

	formats     []sdp.Format
	direction   sdp.Direction
	flow        *flow
	keys        []*cryptoLine // SDES
	fingerprint string        // DTLS
	setup       string
	tlsID       string
}

// write returns the SDP (RFC 8866).
func (l *localDescription) write() []byte {
	var t sdp.Text
	family := "IP4 "
	if l.flow.address.Is6() {
		family = "IP6 "
	}
	t.Head(l.id, l.version, "IN "+family+l.flow.address.String())
	for i, m := range l.lines {
		if i != l.index {
			t.Refused(m)
			continue
		}
		l.writeAudio(&t, m)
	}
	return t.Bytes()
}

func (l *localDescription) writeAudio(t *sdp.Text, own sdp.Line) {
	t.Line("m=audio ", strconv.Itoa(int(l.flow.port)), " ", own.Proto, " ", sdp.Numbers(l.formats))
	if own.MID != "" {
		t.Line("a=mid:", own.MID)
	}
	if l.mux {
		t.Line("a=rtcp-mux")
	}
	for _, k := range l.keys {
		t.Line("a=crypto:", k.text())
	}
	if l.fingerprint != "" {
		t.Line("a=fingerprint:sha-256 ", l.fingerprint)
		t.Line("a=setup:", l.setup)
		t.Line("a=tls-id:", l.tlsID)
	}
	for _, f := range l.formats {
		t.Format(f, ours)
	}
	t.Line("a=ptime:20")
	t.Line("a=", string(l.direction))
}
