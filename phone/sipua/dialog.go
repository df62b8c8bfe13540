package sipua

import (
	"net/netip"
	"slices"

	"github.com/hookswitch/hookswitch/phone"
)

// dialog is the state of RFC 3261 §12: what a request within it is made of.
type dialog struct {
	callID              string
	localTag, remoteTag string
	local, remote       string // From and To values without their tags
	shown               string // the From of their last change of session, where there was one
	target              string // the remote target: where the far end's Contact points
	routes              []string
	edge                netip.AddrPort // the server that it was made through, where RFC 3263 found that
	localSeq, remoteSeq uint32
	remoteSeqKnown      bool
	remoteRSeq          uint32 // of their last reliable provisional response (RFC 3262)
	ours                []byte // our SDP in an answer to their UPDATE before the call was answered
	answer              []byte // their SDP in a provisional response: the answer, where the 2xx brings none
}

// dialogOfResponse makes the dialog that a response to our INVITE creates (§12.1.2).
func (l *line) dialogOfResponse(invite, r *message) *dialog {
	number, _ := invite.cseq()
	routes := recordedRoutes(r)
	slices.Reverse(routes)
	d := &dialog{
		callID: invite.callID(), localTag: invite.fromTag(), remoteTag: r.toTag(),
		local: withoutTag(invite.get("From")), remote: withoutTag(invite.get("To")),
		target: invite.uri, routes: routes, edge: l.server.target.Addr, localSeq: number,
	}
	d.refresh(r)
	return d
}

// dialogOfRequest makes the dialog that an INVITE to us creates (§12.1.1).
func (l *line) dialogOfRequest(invite *message, localTag string) *dialog {
	number, _ := invite.cseq()
	d := &dialog{
		callID: invite.callID(), localTag: localTag, remoteTag: invite.fromTag(),
		local: withoutTag(invite.get("To")), remote: withoutTag(invite.get("From")),
		target: parseNameAddr(invite.get("From")).uri, routes: recordedRoutes(invite),
		edge: l.server.target.Addr, localSeq: 0, remoteSeq: number, remoteSeqKnown: true,
	}
	d.refresh(invite)
	return d
}

// recordedRoutes are those of Record-Route by which a request can go; who wrote another one cannot be reached by it anyway.
func recordedRoutes(m *message) []string {
	return slices.DeleteFunc(m.list("Record-Route"), func(route string) bool {
		a := parseNameAddr(route)
		_, ok := parseURI(a.uri)
		return !a.ok || !ok || !requestable(a.uri)
	})
}

// refresh takes the remote target from a message's Contact (§12.2.1.2, §12.2.2).
func (d *dialog) refresh(m *message) {
	contacts := m.list("Contact")
	if len(contacts) == 0 {
		return
	}
	c := parseNameAddr(contacts[0])
	if _, ok := parseURI(c.uri); ok && requestable(c.uri) {
		d.target = c.uri
	}
}

// compose makes a request within the dialog, through its route set: loose, or strict for the routers of RFC 2543
// (§12.2.1.1). The next hop is the account's connection in either case.
func (d *dialog) compose(l *line, method string, number uint32) *message {
	uri, routes := d.target, d.routesBy(l)
	if len(routes) > 0 && !looseRouter(parseNameAddr(routes[0]).uri) {
		uri = parseNameAddr(routes[0]).uri
		routes = append(slices.Clone(routes[1:]), "<"+d.target+">")
	}
	m := l.newRequest(method, uri)
	for _, r := range routes {
		m.add("Route", r)
	}
	m.add("From", d.local+";tag="+d.localTag)
	to := d.remote
	if d.remoteTag != "" {
		to += ";tag=" + d.remoteTag
	}
	m.add("To", to)
	m.add("Call-ID", d.callID)
	m.add("CSeq", cseqValue(number, method))
	if method == "INVITE" || method == "UPDATE" || method == "REFER" || method == "NOTIFY" {
		m.add("Contact", l.dialogContact())
	}
	return m
}

// next makes the dialog's next request.
func (d *dialog) next(l *line, method string) *message {
	d.localSeq++
	return d.compose(l, method, d.localSeq)
}

// ackOf makes the ACK of a 2xx: with the INVITE's own number and credentials, whatever was sent since (§13.2.2.4).
func (d *dialog) ackOf(l *line, invite *message) []byte {
	number, _ := invite.cseq()
	ack := d.compose(l, "ACK", number)
	for kind := range 2 {
		_, name := headerOf(kind)
		for _, v := range invite.lines(name) {
			ack.add(name, v)
		}
	}
	// Its own branch: an ACK of a 2xx is a transaction of its own.
	ack.headers = append([]phone.Header{{Name: "Via", Value: l.via(nil, newBranch())}}, ack.headers...)
	return ack.bytes()
}

// transact sends a non-INVITE request and answers a challenge; exactly one of done and failed is called. build
// makes the request anew for each try, with a new CSeq.
func (l *line) transact(build func() *message, done func(*message), failed func(phone.Cause)) {
	l.try(build, &attempt{}, done, failed)
}

func (l *line) try(build func() *message, a *attempt, done func(*message), failed func(phone.Cause)) {
	l.withConn(func(err error) {
		if err != nil {
			failed(causeOf(err))
			return
		}
		m := build()
		l.creds.authorize(m, a)
		l.request(m, func(r *message) {
			switch {
			case r.status < 200:
			case (r.status == 401 || r.status == 407) && l.creds.challenged(r, a) == nil:
				l.try(build, a, done, failed)
			default:
				done(r)
			}
		}, func(cause phone.Cause) {
			if l.onceMore(a, cause) {
				l.try(build, a, done, failed)
				return
			}
			failed(cause)
		})
	})
}
