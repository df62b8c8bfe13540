package sipua

import (
	"slices"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// infoTypes are the bodies of INFO that the operator reads.
const infoTypes = "application/dtmf-relay, application/dtmf"

// onInfo answers an INFO (RFC 6086): the legacy ones that bring digits, or nothing; of the packages there are none that we know.
func (c *call) onInfo(st *serverTx) {
	m := st.m
	kind := displayText(m.get("Content-Type"), maxNumber)
	base, _, _ := strings.Cut(strings.ToLower(kind), ";")
	switch {
	case m.get("Info-Package") != "":
		st.reply(469, phone.Header{Name: "Recv-Info"})
	case len(m.body) > 0 && !slices.Contains(strings.Split(infoTypes, ", "), strings.TrimSpace(base)):
		st.reply(415, phone.Header{Name: "Accept", Value: infoTypes})
	default:
		st.reply(200)
		c.l.post(phone.InfoIn{Dialog: c.id, ContentType: kind, Body: m.body})
	}
}
