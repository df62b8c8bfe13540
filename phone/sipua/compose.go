package sipua

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// What we can do, as Allow, Accept and Supported tell it.
const (
	allowed     = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, NOTIFY, REFER"
	accepted    = "application/sdp, application/dtmf-relay, message/sipfrag"
	supported   = "100rel, timer, path, replaces, norefersub, answermode"
	notifies    = "refer" // the events that we tell others of (RFC 6665 §8.2.2)
	sdpType     = "application/sdp"
	maxForwards = "70"
)

// reasons are the phrases of the statuses that we send.
var reasons = map[int]string{
	100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK", 202: "Accepted",
	300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
	405: "Method Not Allowed", 408: "Request Timeout", 410: "Gone", 415: "Unsupported Media Type", 416: "Unsupported URI Scheme",
	420: "Bad Extension", 422: "Session Interval Too Small", 469: "Bad Info Package", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 484: "Address Incomplete",
	486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
	500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported",
	513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline", 606: "Not Acceptable",
}

func reasonOf(status int) string {
	if r := reasons[status]; r != "" {
		return r
	}
	return "Status"
}

func cseqValue(number uint32, method string) string {
	return strconv.FormatUint(uint64(number), 10) + " " + method
}

// newRequest makes a request with the headers that all of ours share.
func (l *line) newRequest(method, uri string) *message {
	m := &message{method: method, uri: uri}
	m.add("Max-Forwards", maxForwards)
	if method != "ACK" && method != "CANCEL" {
		m.add("User-Agent", l.agent.options.UserAgent)
	}
	return m
}

func (m *message) setBody(contentType string, body []byte) {
	if len(body) > 0 {
		m.add("Content-Type", contentType)
		m.body = body
	}
}

// responseTo copies what a response takes from its request, as it came (RFC 3261 §8.2.6.2).
func responseTo(request *message, status int, toTag string) *message {
	r := &message{status: status, reason: reasonOf(status)}
	for _, via := range request.lines("Via") {
		r.add("Via", via)
	}
	to := request.get("To")
	if status > 100 && toTag != "" && parseNameAddr(to).param("tag") == "" {
		to += ";tag=" + toTag
	}
	r.add("From", request.get("From"))
	r.add("To", to)
	r.add("Call-ID", request.callID())
	r.add("CSeq", request.get("CSeq"))
	return r
}

// cutVia splits a Via element: "SIP/2.0/UDP", "host:port", and its parameters.
func cutVia(via string) (sentBy, protocol, params string) {
	head, params := via, ""
	if i := strings.IndexByte(via, ';'); i >= 0 {
		head, params = via[:i], via[i:]
	}
	head = strings.TrimSpace(head)
	i := strings.LastIndexAny(head, " \t")
	if i < 0 {
		return head, "", params
	}
	return head[i+1:], strings.TrimSpace(head[:i]), params
}

func afterSemicolon(s string) string {
	if i := strings.IndexByte(s, ';'); i >= 0 {
		return s[i:]
	}
	return ""
}

// sdpOf returns the SDP of a message, also out of a multipart body (RFC 5621); nil when there is none, or none that can be
// read: no encoding is understood (RFC 3261 §20.12).
func sdpOf(m *message) []byte {
	if encoding := m.get("Content-Encoding"); len(m.body) == 0 || encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil
	}
	kind, params, err := mime.ParseMediaType(m.get("Content-Type"))
	switch {
	case err != nil:
		return nil
	case kind == sdpType:
		return m.body
	case !strings.HasPrefix(kind, "multipart/"):
		return nil
	}
	parts := multipart.NewReader(bytes.NewReader(m.body), params["boundary"])
	for range 16 {
		part, err := parts.NextRawPart()
		if err != nil {
			return nil
		}
		if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); err != nil || kind != sdpType {
			continue
		}
		body, err := io.ReadAll(io.LimitReader(part, maxMessage))
		if err != nil || len(body) == 0 {
			return nil
		}
		return body
	}
	return nil
}

// bodyUnusable reports a body that is neither SDP nor may be ignored.
func bodyUnusable(m *message) bool {
	if len(m.body) == 0 || sdpOf(m) != nil {
		return false
	}
	disposition, _, _ := strings.Cut(m.get("Content-Disposition"), ";")
	return disposition == "" || strings.EqualFold(strings.TrimSpace(disposition), "session")
}

// headersOf returns the headers of the given names, made fit to be shown.
func headersOf(m *message, names ...string) []phone.Header {
	var out []phone.Header
	for _, name := range names {
		for _, v := range m.lines(name) {
			out = append(out, phone.Header{Name: name, Value: displayText(v, 512)})
		}
	}
	return out
}
