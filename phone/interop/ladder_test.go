//go:build linux

package interop

import (
	"fmt"
	"strconv"
	"strings"
)

// A ladder is a SIPp scenario as a person would draw it on paper; ladderXML makes what SIPp reads of it:
//
//	# Words about it, up to the first step.
//	< INVITE                   SIPp waits for this request (or response: "< 200")
//	    Supported ~ 100rel     and wants a header like this regular expression; !~ is the contrary; msg and body are
//	                           the whole message and its body; verify PASSWORD checks the digest; keep NAME HEADER
//	                           EXPRESSION makes [$NAME] what is in the expression's brackets
//	> 183 Session Progress     SIPp answers the request that came last; "for INVITE" at the end: the INVITE
//	    tag early              from now on with that To tag ("theirs" at first)
//	    RSeq: 1                with these headers,
//	    sdp                    and with a description ("sdp sendonly": with that direction; "sdp zero": from 0.0.0.0), or
//	    body TEXT              another body of one line
//	> UPDATE                   SIPp sends a request in the dialog; its first INVITE calls us
//	pause 700                  milliseconds
//
// Whoever sends the first INVITE is the caller; CSeq, Via, tags and Contact are the compiler's affair.
type ladder struct {
	out         strings.Builder
	caller      bool   // SIPp is
	tag         string // SIPp's
	established bool   // a 2xx to the INVITE went over
	asked       string // the method that "> STATUS" answers
	cseq        int
	invited     int // the CSeq of SIPp's last INVITE
	refused     bool
	branch      int // of SIPp's last INVITE
	steps       int
	labels      int
	contact     bool // theirs is known
	used        map[string]bool
}

// step is one line of a ladder with the lines that belong to it.
type step struct {
	words   []string
	details []string
}

func readLadder(text string) (title string, steps []step) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \n")
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			title += strings.TrimPrefix(line, "#") + "\n"
		case strings.HasPrefix(line, " "):
			steps[len(steps)-1].details = append(steps[len(steps)-1].details, strings.TrimSpace(line))
		default:
			steps = append(steps, step{words: strings.Fields(line)})
		}
	}
	return title, steps
}

func ladderXML(name, text string) (string, error) {
	title, steps := readLadder(text)
	l := &ladder{tag: "theirs", used: map[string]bool{}}
	l.caller = len(steps) > 0 && steps[0].words[0] == ">"
	for _, s := range steps {
		l.steps++
		switch s.words[0] {
		case "<":
			l.receive(s)
		case ">":
			l.send(s)
		case "pause":
			fmt.Fprintf(&l.out, "<pause milliseconds=\"%s\"/>\n", s.words[1])
		default:
			return "", fmt.Errorf("%s: %v is no step", name, s.words)
		}
	}
	var variables []string
	for v := range l.used {
		variables = append(variables, v)
	}
	reference := ""
	if len(variables) > 0 {
		reference = "<Reference variables=\"" + strings.Join(variables, ",") + "\"/>\n"
	}
	return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE scenario SYSTEM \"sipp.dtd\">\n<!--" + strings.ReplaceAll(title, "--", "- -") +
		"-->\n<scenario name=\"" + name + "\">\n" + l.out.String() + reference + "</scenario>\n", nil
}

// quoted is text within an attribute; SIPp's reader knows few entities.
func quoted(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(text)
}

// keep is an action that keeps a part of a header in a variable.
func (l *ladder) keep(variable, header, expression string) string {
	l.used[variable], l.used["check"] = true, true
	into := variable
	if strings.Contains(expression, "(") {
		into = "check," + variable
	}
	return fmt.Sprintf("<ereg regexp=\"%s\" search_in=\"hdr\" header=\"%s:\" check_it=\"true\" assign_to=\"%s\"/>\n", quoted(expression), header, into)
}

func (l *ladder) receive(s step) {
	what := s.words[1]
	status, err := strconv.Atoi(what)
	response := err == nil
	var actions strings.Builder
	switch {
	case what == "INVITE":
		actions.WriteString(l.keep("via", "Via", ".*") + l.keep("cseq", "CSeq", ".*"))
		if !l.established && !l.caller {
			actions.WriteString(l.keep("from", "From", ".*") + l.keep("to", "To", ".*"))
		}
		actions.WriteString(l.keep("contact", "Contact", "<([^>]*)>"))
		l.contact = true
	case response && l.caller && l.asked == "" && status > 100 && !l.established:
		actions.WriteString(l.keep("tag", "To", "(;tag=.*)"))
		if status < 300 {
			actions.WriteString(l.keep("contact", "Contact", "<([^>]*)>"))
			l.contact = true
		}
		l.established = status >= 200 && status < 300
		l.refused = status >= 300
	case response:
		l.refused = status >= 300
	}
	verify := ""
	for _, d := range s.details {
		switch words := strings.SplitN(d, " ", 4); words[0] {
		case "verify":
			verify = words[1]
		case "keep":
			actions.WriteString(l.keep(words[1], words[2], words[3]))
		default:
			actions.WriteString(l.check(d))
		}
	}
	if verify != "" {
		l.used["right"] = true
		fmt.Fprintf(&actions, "<verifyauth assign_to=\"right\" username=\"1001\" password=\"%s\"/>\n", verify)
	}
	kind := "request"
	if response {
		kind = "response"
		if l.asked == "" || l.asked == "INVITE" {
			if status != 100 && l.steps > 1 {
				l.out.WriteString("<recv response=\"100\" optional=\"true\"/>\n")
			}
		}
	} else if what != "ACK" {
		l.asked = what
	}
	fmt.Fprintf(&l.out, "<recv %s=\"%s\">\n<action>\n%s</action>\n</recv>\n", kind, what, actions.String())
	if verify != "" { // nothing like this ever comes
		l.labels++
		fmt.Fprintf(&l.out, "<nop test=\"right\" next=\"%d\"/>\n<recv response=\"699\" timeout=\"1\"/>\n<label id=\"%d\"/>\n", l.labels, l.labels)
	}
}

// check is the action that wants a header, the body or the message to be like that.
func (l *ladder) check(detail string) string {
	l.used["check"] = true
	where, expression, found := strings.Cut(detail, " ~ ")
	inverse := ""
	if !found {
		where, expression, _ = strings.Cut(detail, " !~ ")
		inverse = "_inverse"
	}
	place := "search_in=\"hdr\" header=\"" + where + ":\""
	if where == "msg" || where == "body" {
		place = "search_in=\"" + where + "\""
	}
	return fmt.Sprintf("<ereg regexp=\"%s\" %s check_it%s=\"true\" assign_to=\"check\"/>\n", quoted(expression), place, inverse)
}

func (l *ladder) send(s step) {
	var more []string
	body := ""
	for _, d := range s.details {
		switch word, value, _ := strings.Cut(d, " "); word {
		case "tag":
			l.tag = value
		case "body":
			body = value + "\n"
		case "sdp":
			more = append(more, "Content-Type: application/sdp")
			body = l.description(value)
		default:
			more = append(more, d)
		}
	}
	var lines []string
	if _, err := strconv.Atoi(s.words[1]); err == nil {
		lines = l.answer(s.words[1:])
	} else {
		lines = l.request(s.words[1])
	}
	if namesContact(s.words[1]) {
		lines = append(lines, "Contact: <sip:600@[local_ip]:[local_port]>")
	}
	lines = append(lines, more...)
	lines = append(lines, "Content-Length: [len]", "")
	fmt.Fprintf(&l.out, "<send>\n<![CDATA[\n%s\n%s\n]]>\n</send>\n", strings.Join(lines, "\n"), body)
}

// description is SIPp's, of a version of its own in each step.
func (l *ladder) description(direction string) string {
	address, attribute := "[local_ip]", ""
	switch direction {
	case "":
	case "zero": // the old hold (RFC 2543)
		address = "0.0.0.0"
	default:
		attribute = "a=" + direction + "\n"
	}
	return fmt.Sprintf("v=0\no=sipp 1 %d IN IP4 [local_ip]\ns=-\nc=IN IP4 %s\nt=0 0\nm=audio 6000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\n%s", l.steps, address, attribute)
}

// namesContact reports whether a message of that method or status names where its sender is.
func namesContact(what string) bool {
	return what != "CANCEL" && what != "ACK" && (what[0] > '9' || what[0] < '3')
}

func (l *ladder) answer(words []string) []string {
	of := l.asked
	if n := len(words); n > 2 && words[n-2] == "for" {
		of, words = words[n-1], words[:n-2]
	}
	first := "SIP/2.0 " + strings.Join(words, " ")
	if of != "INVITE" {
		return []string{first, "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"}
	}
	from, to := "From:[$from]", "To:[$to];tag="+l.tag
	if l.caller {
		from, to = "[last_From:]", "[last_To:]"
	}
	if words[0][0] == '2' {
		l.established = true
	}
	return []string{first, "Via:[$via]", from, to, "Call-ID: [call_id]", "CSeq:[$cseq]"}
}

func (l *ladder) request(method string) []string {
	number, branch := l.cseq+1, l.steps
	switch method {
	case "ACK", "CANCEL":
		number = l.invited
		if l.refused || method == "CANCEL" {
			branch = l.branch
		}
		if method == "CANCEL" {
			l.asked = method
		}
	case "INVITE":
		l.invited, l.branch, l.cseq, l.refused, l.asked = number, branch, number, false, ""
	default:
		l.cseq, l.asked = number, method
	}
	uri := "sip:1001@[remote_ip]:[remote_port]"
	if l.contact {
		uri = "[$contact]"
	}
	from, to := `From: "Alice" <sip:600@[local_ip]>;tag=`+l.tag, "To: <sip:1001@[local_ip]>"
	switch {
	case !l.caller:
		from, to = "From:[$to];tag="+l.tag, "To:[$from]"
	case l.used["tag"] && method != "CANCEL" && (l.established || method != "INVITE"):
		to += "[$tag]"
	}
	return []string{method + " " + uri + " SIP/2.0",
		fmt.Sprintf("Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]-[call_number]-%d;rport", branch),
		"Max-Forwards: 70", from, to, "Call-ID: [call_id]", fmt.Sprintf("CSeq: %d %s", number, method)}
}
