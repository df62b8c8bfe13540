package demopbx

import (
	"net"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	serverName     = "Hookswitch-demo-PBX"
	allowedMethods = "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE, REFER, NOTIFY"
	mostVias       = 16
)

// reason returns RFC 3261's phrase for a status, or a neutral one.
func reason(status int) string {
	phrases := map[int]string{
		100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted",
		400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
		405: "Method Not Allowed", 407: "Proxy Authentication Required", 408: "Request Timeout",
		415: "Unsupported Media Type", 420: "Bad Extension", 423: "Interval Too Brief",
		480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected",
		483: "Too Many Hops", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
		491: "Request Pending", 500: "Server Internal Error", 503: "Service Unavailable",
		600: "Busy Everywhere", 603: "Decline",
	}
	if phrase, ok := phrases[status]; ok {
		return phrase
	}
	return "Answer " + strconv.Itoa(status)
}

// hostPort splits an address of a listener of ours.
func hostPort(address string) (string, int) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return loopback, 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return host, 0
	}
	return host, n
}

// ourURI is an address at which the flow's peer reaches us.
func ourURI(f *flow, user string) sip.Uri {
	host, port := hostPort(f.local)
	uri := sip.Uri{Scheme: "sip", User: user, Host: host, Port: port, UriParams: sip.NewParams()}
	uri.UriParams.Add("transport", strings.ToLower(f.transport))
	return uri
}

func newVia(f *flow, branch string) *sip.ViaHeader {
	host, port := hostPort(f.local)
	via := &sip.ViaHeader{
		ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: f.transport,
		Host: host, Port: port, Params: sip.NewParams(),
	}
	via.Params.Add("branch", branch)
	return via
}

// derive makes the ACK or CANCEL of an INVITE's own transaction: same Via, target, Call-ID, From, To, Route.
func derive(invite *sip.Request, method sip.RequestMethod) *sip.Request {
	req := sip.NewRequest(method, *invite.Recipient.Clone())
	req.AppendHeader(invite.Via().Clone())
	sip.CopyHeaders("Route", invite, req)
	forwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(&forwards)
	sip.CopyHeaders("From", invite, req)
	sip.CopyHeaders("To", invite, req)
	sip.CopyHeaders("Call-ID", invite, req)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: method})
	req.SetBody(nil)
	return req
}

// removeAll removes every header of that name.
func removeAll(m interface{ RemoveHeader(string) bool }, name string) {
	for m.RemoveHeader(name) {
	}
}

// tag returns a From or To tag, "" for none.
func tag(params sip.HeaderParams) string {
	value, _ := params.Get("tag")
	return value
}

// wellFormed checks what every request must have (RFC 3261 §8.1.1), so that the rest can rely on it.
// It returns the fault, "" for none.
func wellFormed(req *sip.Request) string {
	switch {
	case req.From() == nil || tag(req.From().Params) == "":
		return "From without tag"
	case req.To() == nil:
		return "No To"
	case req.CallID() == nil || req.CallID().Value() == "":
		return "No Call-ID"
	case req.CSeq() == nil || req.CSeq().MethodName != req.Method:
		return "CSeq does not match"
	case len(req.GetHeaders("Via")) > mostVias:
		return "Too many Vias"
	}
	if branch, _ := req.Via().Params.Get("branch"); !strings.HasPrefix(branch, sip.RFC3261BranchMagicCookie) {
		return "Via branch is not of RFC 3261"
	}
	return ""
}

// fillVia writes down where a request came from, for a client that asked (RFC 3581 §4).
func fillVia(f *flow, via *sip.ViaHeader) {
	if value, asked := via.Params.Get("rport"); asked && value == "" {
		host, port := hostPort(f.remote)
		via.Params.Add("rport", strconv.Itoa(port))
		via.Params.Add("received", host)
	}
}
