package sipua

import (
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// replaces names a dialog as its peer sees it (RFC 3891 §6.1).
type replaces struct {
	callID, toTag, fromTag string
	earlyOnly              bool
}

// maxReplaces bounds a Replaces value, in bytes.
const maxReplaces = 512

// parseReplaces reads one Replaces value.
func parseReplaces(value string) (r replaces, ok bool) {
	if len(value) > maxReplaces || strings.IndexFunc(value, isLineControl) >= 0 {
		return r, false
	}
	id, params := value, ""
	if i := strings.IndexByte(value, ';'); i >= 0 {
		id, params = value[:i], value[i:]
	}
	r.callID = strings.TrimSpace(id)
	r.toTag, _ = paramOf(params, "to-tag")
	r.fromTag, _ = paramOf(params, "from-tag")
	_, r.earlyOnly = paramOf(params, "early-only")
	return r, r.callID != "" && !strings.ContainsAny(r.callID, " \t,<>\"") && isToken(r.toTag) && isToken(r.fromTag)
}

// String is the value as it goes on the wire.
func (r replaces) String() string {
	s := r.callID + ";to-tag=" + r.toTag + ";from-tag=" + r.fromTag
	if r.earlyOnly {
		s += ";early-only"
	}
	return s
}

// endedDialog remembers a dialog that is over, for a Replaces that comes late.
type endedDialog struct{ callID, localTag, remoteTag string }

// mostEnded is how many of them are remembered.
const mostEnded = 16

func (l *line) rememberEnded(c *call) {
	if c.dialog == nil {
		return
	}
	l.ended = append(l.ended, endedDialog{c.callID, c.localTag, c.dialog.remoteTag})
	if len(l.ended) > mostEnded {
		l.ended = l.ended[1:]
	}
}

// toReplace finds the call whose place an INVITE takes (RFC 3891 §3): status is 0, or why it may not. An INVITE without
// Replaces takes nobody's. That the sender may do so is the server's to judge: we listen to no other.
func (l *line) toReplace(m *message) (id phone.DialogID, status int) {
	values := m.list("Replaces")
	if len(values) == 0 {
		return "", 0
	}
	r, ok := parseReplaces(values[0])
	if !ok || len(values) > 1 {
		return "", 400
	}
	for _, c := range l.calls {
		if c.callID != r.callID || c.localTag != r.toTag {
			continue
		}
		if d := c.dialog; d != nil && c.state != ringing && d.remoteTag == zeroTag(r.fromTag, d) {
			switch {
			case c.state == ending || c.unwanted:
				return "", 603
			case r.earlyOnly:
				return "", 486
			}
			return c.id, 0
		}
		if c.state == calling && c.forks[r.fromTag] != nil { // one that we did not begin ourselves is nobody's to take: 481
			if c.unwanted {
				return "", 603
			}
			return c.id, 0
		}
	}
	for _, e := range l.ended {
		if e.callID == r.callID && e.localTag == r.toTag && (e.remoteTag == r.fromTag || e.remoteTag == "" && r.fromTag == "0") {
			return "", 603
		}
	}
	return "", 481
}

// zeroTag: "0" stands for the tag that a phone of RFC 2543 does not have.
func zeroTag(tag string, d *dialog) string {
	if tag == "0" && d.remoteTag == "" {
		return ""
	}
	return tag
}
