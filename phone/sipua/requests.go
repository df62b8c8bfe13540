package sipua

import (
	"net"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// onRequest gives a request to its transaction, its dialog, or the door.
func (l *line) onRequest(m *message) {
	l.markReceived(m)
	st := l.served[serverKey(m)]
	switch {
	case m.method == "ACK":
		l.onAck(m, st)
		return
	case st != nil: // repeated: the last answer again
		if st.last != nil {
			st.send(st.last)
		}
		return
	case len(l.served) >= maxServed:
		l.send(responseTo(m, 503, randomHex(8)).bytes())
		return
	}
	st = l.serve(m)
	switch {
	case m.method == "CANCEL":
		l.onCancel(st)
	case refuseRequest(st):
	case m.toTag() != "":
		l.onInDialog(st)
	default:
		l.onOutOfDialog(st)
	}
}

// markReceived notes where a datagram came from, as its sender asked (RFC 3581 §4).
func (l *line) markReceived(m *message) {
	if l.server.reliable() || l.conn == nil || l.arrived != nil {
		return
	}
	host, port, err := net.SplitHostPort(l.conn.raw.RemoteAddr().String())
	if err != nil {
		return
	}
	for i, h := range m.headers {
		if !strings.EqualFold(h.Name, "Via") {
			continue
		}
		elements := splitList(h.Value)
		if len(elements) == 0 {
			return
		}
		v, present := paramOf(afterSemicolon(elements[0]), "rport")
		if !present || v != "" {
			return
		}
		sentBy, protocol, params := cutVia(elements[0])
		var kept strings.Builder
		for params != "" {
			var one string
			one, params = cutParam(strings.TrimLeft(params, "; \t"))
			if one = strings.TrimSpace(one); one != "" && !strings.EqualFold(one, "rport") {
				kept.WriteString(";" + one)
			}
		}
		elements[0] = protocol + " " + sentBy + kept.String() + ";rport=" + port + ";received=" + host
		m.headers[i].Value = strings.Join(elements, ", ")
		return
	}
}

// refuseMalformed answers what cannot be read but names its sender (RFC 3261 §16.3, RFC 4475).
func (l *line) refuseMalformed(m *message, err error) {
	if m.method == "ACK" || m.topVia() == "" || m.get("From") == "" || m.callID() == "" || m.get("CSeq") == "" {
		return
	}
	l.markReceived(m)
	r := responseTo(m, 400, randomHex(8))
	if text := err.Error(); strings.HasPrefix(text, errMalformed.Error()+": ") {
		r.reason = "Bad Request (" + strings.TrimPrefix(text, errMalformed.Error()+": ") + ")"
	}
	l.send(r.bytes())
}

// refuseRequest answers what no dialog needs to look at; true: answered.
func refuseRequest(st *serverTx) bool {
	m := st.m
	if m.reason != "" { // the version, see parseStartLine
		st.reply(505)
		return true
	}
	if scheme, _, _ := strings.Cut(m.uri, ":"); !strings.EqualFold(scheme, "sip") && !strings.EqualFold(scheme, "sips") {
		st.reply(416)
		return true
	}
	if m.get("Replaces") != "" && (m.method != "INVITE" || m.get("Join") != "") { // RFC 3891 §3: only an INVITE's, and it cannot do both
		st.reply(400)
		return true
	}
	if unknown := beyondUs(m.list("Require")); len(unknown) > 0 {
		st.reply(420, phone.Header{Name: "Unsupported", Value: strings.Join(unknown, ", ")})
		return true
	}
	return false
}

// beyondUs picks the extensions that we do not know.
func beyondUs(required []string) (unknown []string) {
	known := splitList(supported)
	for _, option := range required {
		if !hasToken(known, option) {
			unknown = append(unknown, option)
		}
	}
	return unknown
}

// onOutOfDialog answers requests that begin something.
func (l *line) onOutOfDialog(st *serverTx) {
	switch st.m.method {
	case "INVITE":
		l.onInvite(st)
	case "OPTIONS":
		l.answerOptions(st)
	case "BYE", "INFO", "UPDATE", "PRACK":
		st.reply(481)
	case "NOTIFY":
		st.answerUnsolicited()
	case "REFER":
		st.reply(603)
	case "REGISTER", "SUBSCRIBE", "PUBLISH", "MESSAGE":
		st.reply(405, phone.Header{Name: "Allow", Value: allowed})
	default:
		st.reply(501, phone.Header{Name: "Allow", Value: allowed})
	}
}

// eventOf is the event package that a NOTIFY or SUBSCRIBE is about, in lower case.
func eventOf(m *message) string {
	event, _, _ := strings.Cut(m.get("Event"), ";")
	return strings.ToLower(strings.TrimSpace(event))
}

// answerUnsolicited answers a NOTIFY that nobody subscribed to. RFC 6665 §4.1.3 has a 489 for it, but most PBXs push the state of
// the mailbox so (RFC 3842) after each registration, some once a minute; phones take that with 200, whether they show it or not,
// and a refusal helps nobody. We do not show it.
func (st *serverTx) answerUnsolicited() {
	if eventOf(st.m) == "message-summary" {
		st.reply(200)
		return
	}
	st.reply(489, phone.Header{Name: "Allow-Events", Value: notifies})
}

// SetBusy implements phone.Availability.
func (l *line) SetBusy(busy bool) { l.box.put(func() { l.busy = busy }) }

// answerOptions answers as an INVITE would be (RFC 3261 §11.2).
func (l *line) answerOptions(st *serverTx) {
	status := 200
	switch {
	case l.closing:
		status = 480
	case l.busy:
		status = 486
	}
	st.reply(status, abilities()...)
}

// abilities are what OPTIONS asks for (RFC 3261 §11.2).
func abilities() []phone.Header {
	return []phone.Header{{Name: "Allow", Value: allowed}, {Name: "Accept", Value: accepted},
		{Name: "Accept-Encoding", Value: "identity"}, {Name: "Supported", Value: supported}}
}

// onCancel answers CANCEL and ends the INVITE that it names, if that is still open (RFC 3261 §9.2).
func (l *line) onCancel(st *serverTx) {
	invite := l.served[serverKeyFor(st.m, "INVITE")]
	if invite == nil {
		st.reply(481)
		return
	}
	st.toTag = invite.toTag
	st.reply(200)
	if invite.status >= 200 { // it crossed our answer, and changes nothing
		return
	}
	for _, c := range l.calls {
		if c.invite == invite {
			invite.reply(487)
			c.finish(phone.DialogEnded{Cause: phone.CauseCanceled, Status: 487, ByThem: true, Why: whyOf(st.m)})
			return
		}
		if c.theirs == invite { // only the re-INVITE dies
			c.theirs = nil
			invite.reply(487)
			return
		}
	}
}

// callOf finds the call and dialog that an in-dialog request belongs to (RFC 3261 §12.2.2).
func (l *line) callOf(m *message) (*call, *dialog) {
	id, local, remote := m.callID(), m.toTag(), m.fromTag()
	for _, c := range l.calls {
		if c.callID != id || c.localTag != local {
			continue
		}
		if c.dialog != nil && c.dialog.remoteTag == remote {
			return c, c.dialog
		}
		if d := c.forks[remote]; d != nil {
			return c, d
		}
	}
	return nil, nil
}

func (l *line) onAck(m *message, st *serverTx) {
	if st != nil && st.status >= 300 {
		st.acked = true
		l.stop(st.retry)
		return
	}
	if c, _ := l.callOf(m); c != nil {
		c.onAck(m)
	}
}

// onInDialog answers requests within a dialog.
func (l *line) onInDialog(st *serverTx) {
	m := st.m
	c, d := l.callOf(m)
	if c == nil {
		st.reply(481)
		return
	}
	number, _ := m.cseq()
	if d.remoteSeqKnown && number < d.remoteSeq { // out of order (RFC 3261 §12.2.2)
		st.reply(500)
		return
	}
	d.remoteSeq, d.remoteSeqKnown = number, true
	switch m.method {
	case "BYE":
		c.onBye(st)
	case "INVITE", "UPDATE":
		c.onTheirChange(st, d)
	case "INFO":
		c.onInfo(st)
	case "NOTIFY":
		c.onNotify(st)
	case "OPTIONS":
		st.reply(200, abilities()...)
	case "REFER":
		c.onRefer(st)
	case "PRACK":
		c.onPrack(st)
	case "SUBSCRIBE":
		c.onSubscribe(st)
	case "MESSAGE", "REGISTER", "PUBLISH":
		st.reply(405, phone.Header{Name: "Allow", Value: allowed})
	default:
		st.reply(501, phone.Header{Name: "Allow", Value: allowed})
	}
}
