package sipua

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// Limits of what we read. A message beyond them is refused; on a stream, where there is then no
// boundary left to trust, the connection is dropped.
const (
	maxHead    = 64 << 10
	maxMessage = 1 << 20
	maxHeaders = 400
)

var (
	errMalformed = errors.New("malformed SIP message")
	errTooLarge  = errors.New("SIP message too large")
	headEnd      = []byte("\r\n\r\n")
)

// message is one SIP message (RFC 3261 §7). Header values stay exactly as they came, so that
// Via, From, To and Record-Route go back to the sender as he wrote them (§8.2.6.2).
type message struct {
	method  string // a request's method; "" in a response
	uri     string
	status  int
	reason  string
	headers []phone.Header
	body    []byte
}

// compactNames are the short forms of RFC 3261 §7.3.3 and its extensions.
var compactNames = map[string]string{
	"i": "Call-ID", "m": "Contact", "e": "Content-Encoding", "l": "Content-Length", "c": "Content-Type", "f": "From",
	"s": "Subject", "k": "Supported", "t": "To", "v": "Via", "o": "Event", "r": "Refer-To", "b": "Referred-By",
	"u": "Allow-Events", "x": "Session-Expires", "a": "Accept-Contact", "j": "Reject-Contact", "d": "Request-Disposition",
}

func (m *message) isRequest() bool { return m.method != "" }

// get returns the first header of that name, "" when there is none.
func (m *message) get(name string) string {
	for _, h := range m.headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// lines returns every header line of that name.
func (m *message) lines(name string) []string {
	var out []string
	for _, h := range m.headers {
		if strings.EqualFold(h.Name, name) {
			out = append(out, h.Value)
		}
	}
	return out
}

// list returns the elements of a comma-separated header, over all its lines (RFC 3261 §7.3.1).
func (m *message) list(name string) []string {
	var out []string
	for _, line := range m.lines(name) {
		out = append(out, splitList(line)...)
	}
	return out
}

func (m *message) add(name, value string) {
	m.headers = append(m.headers, phone.Header{Name: name, Value: value})
}

func (m *message) remove(name string) {
	kept := m.headers[:0:0]
	for _, h := range m.headers {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	m.headers = kept
}

// cseq returns the number and method of CSeq.
func (m *message) cseq() (number uint32, method string) {
	fields := strings.Fields(m.get("CSeq"))
	if len(fields) != 2 {
		return 0, ""
	}
	n, err := strconv.ParseUint(fields[0], 10, 31)
	if err != nil {
		return 0, ""
	}
	return uint32(n), fields[1]
}

func (m *message) fromTag() string { return parseNameAddr(m.get("From")).param("tag") }
func (m *message) toTag() string   { return parseNameAddr(m.get("To")).param("tag") }
func (m *message) callID() string  { return m.get("Call-ID") }

// topVia returns the first Via element.
func (m *message) topVia() string {
	if v := m.list("Via"); len(v) > 0 {
		return v[0]
	}
	return ""
}

// oneLine keeps a value on its line: nothing that came from outside or from a person may end a header.
func oneLine(s string) string {
	if strings.IndexFunc(s, isLineControl) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isLineControl(r) {
			return ' '
		}
		return r
	}, s)
}

func isLineControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// bytes is the message as it goes on the wire; Content-Length is its own affair.
func (m *message) bytes() []byte {
	var b bytes.Buffer
	b.Grow(1024 + len(m.body))
	if m.isRequest() {
		fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", m.method, strings.ReplaceAll(oneLine(m.uri), " ", "%20"))
	} else {
		fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", m.status, oneLine(m.reason))
	}
	for _, h := range m.headers {
		b.WriteString(h.Name)
		b.WriteString(": ")
		b.WriteString(oneLine(h.Value))
		b.WriteString("\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(m.body))
	b.Write(m.body)
	return b.Bytes()
}

// parseMessage reads one whole message. Where that is possible it returns the message beside the
// error, so that a malformed request can be answered with 400.
func parseMessage(data []byte) (*message, error) {
	head, body, found := bytes.Cut(data, headEnd)
	if !found {
		return nil, fmt.Errorf("%w: no end of headers", errMalformed)
	}
	if len(head) > maxHead || len(data) > maxMessage {
		return nil, errTooLarge
	}
	first, rest, _ := strings.Cut(string(head), "\r\n")
	m, err := parseStartLine(first)
	if err != nil {
		return nil, err
	}
	err = m.parseHeaders(rest)
	if lengthErr := m.cutBody(body); err == nil {
		err = lengthErr
	}
	if err == nil {
		err = m.check()
	}
	return m, err
}

// parseStartLine reads the request line or status line (RFC 3261 §7.1, §7.2).
func parseStartLine(line string) (*message, error) {
	line = strings.TrimRight(line, " \t")
	a, rest, ok := strings.Cut(line, " ")
	b, c, ok2 := strings.Cut(rest, " ")
	if strings.EqualFold(a, "SIP/2.0") && ok {
		status, err := strconv.Atoi(b)
		if err != nil || len(b) != 3 || status < 100 || status > 699 {
			return nil, fmt.Errorf("%w: status line", errMalformed)
		}
		return &message{status: status, reason: oneLine(c)}, nil
	}
	if !ok || !ok2 || !isToken(a) {
		return nil, fmt.Errorf("%w: not a SIP start line", errMalformed)
	}
	// The version decides last: everything between method and version is the (perhaps broken) URI.
	at := strings.LastIndexByte(rest, ' ')
	version := rest[at+1:]
	if len(version) < 4 || !strings.EqualFold(version[:4], "SIP/") {
		return nil, fmt.Errorf("%w: not a SIP start line", errMalformed)
	}
	m := &message{method: a, uri: rest[:at]}
	if !strings.EqualFold(version, "SIP/2.0") {
		m.reason = version // kept for the 505
	}
	return m, nil
}

// parseHeaders reads the header lines and unfolds them. It goes on after a bad line and returns the first error.
func (m *message) parseHeaders(text string) (err error) {
	bad := func(why string) {
		if err == nil {
			err = fmt.Errorf("%w: %s", errMalformed, why)
		}
	}
	for text != "" {
		var line string
		line, text, _ = strings.Cut(text, "\r\n")
		if text != "" && (text[0] == ' ' || text[0] == '\t') {
			line, text = unfold(line, text)
		}
		name, value, ok := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !ok || !isToken(name) {
			bad("header without a name")
			continue
		}
		if strings.ContainsAny(value, "\r\n") {
			bad("half a line end in a header")
		}
		if len(m.headers) >= maxHeaders {
			bad("too many headers")
			return err
		}
		if long, ok := compactNames[strings.ToLower(name)]; ok {
			name = long
		}
		m.add(name, strings.Trim(oneLine(value), " \t"))
	}
	return err
}

// unfold joins a header line with those that continue it (RFC 3261 §7.3.1).
func unfold(line, text string) (whole, rest string) {
	var b strings.Builder
	b.WriteString(line)
	for text != "" && (text[0] == ' ' || text[0] == '\t') {
		var more string
		more, text, _ = strings.Cut(text, "\r\n")
		b.WriteByte(' ')
		b.WriteString(strings.Trim(more, " \t"))
	}
	return b.String(), text
}

// cutBody applies Content-Length (RFC 3261 §18.3): what lies behind is ignored, too little is an error.
func (m *message) cutBody(body []byte) error {
	lines := m.lines("Content-Length")
	m.remove("Content-Length") // ours is written by bytes
	length := len(body)
	for i, l := range lines {
		n, err := strconv.ParseUint(l, 10, 31)
		if err != nil || i > 0 && int(n) != length {
			return fmt.Errorf("%w: Content-Length", errMalformed)
		}
		length = int(n)
	}
	if length > len(body) {
		return fmt.Errorf("%w: body shorter than its Content-Length", errMalformed)
	}
	if length > 0 {
		m.body = append([]byte(nil), body[:length]...)
	}
	return nil
}

// check holds a message to the headers that RFC 3261 §8.1.1 makes mandatory.
func (m *message) check() error {
	for _, name := range [...]string{"From", "To", "Call-ID", "CSeq"} {
		if n := len(m.lines(name)); n != 1 {
			return fmt.Errorf("%w: %d %s headers", errMalformed, n, name)
		}
	}
	if m.callID() == "" || strings.ContainsAny(m.callID(), " \t") {
		return fmt.Errorf("%w: Call-ID", errMalformed)
	}
	vias := m.list("Via")
	for _, via := range vias {
		if sentBy, protocol, _ := cutVia(via); sentBy == "" || !strings.Contains(protocol, "/") {
			return fmt.Errorf("%w: Via", errMalformed)
		}
	}
	if len(vias) == 0 {
		return fmt.Errorf("%w: no Via", errMalformed)
	}
	for _, name := range [...]string{"From", "To"} {
		if !parseNameAddr(m.get(name)).ok {
			return fmt.Errorf("%w: %s", errMalformed, name)
		}
	}
	_, method := m.cseq()
	if method == "" || m.isRequest() && method != m.method {
		return fmt.Errorf("%w: CSeq", errMalformed)
	}
	if !m.isRequest() {
		return nil
	}
	if !requestable(m.uri) {
		return fmt.Errorf("%w: request URI", errMalformed)
	}
	return nil
}

// requestable reports whether a request line may name that URI. It holds no headers (§19.1.1); in its user part a question mark is
// a letter.
func requestable(uri string) bool {
	host := uri[strings.LastIndexByte(uri, '@')+1:]
	return uri != "" && !strings.ContainsAny(uri, " \t<>\"") && !strings.Contains(host, "?") && strings.IndexFunc(uri, isLineControl) < 0 && hostReadable(uri)
}

func isToken(s string) bool {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

// isTokenByte: RFC 3261 §25.1, token.
func isTokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-.!%*_+`'~", c) >= 0
}
