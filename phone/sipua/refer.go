package sipua

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// reports is the subscription that a REFER of ours began (RFC 3515 §2.4.4): NOTIFY tells how it goes.
type reports struct {
	live   bool     // NOTIFYs are awaited
	final  bool     // the outcome was told
	number uint32   // the CSeq of the REFER, which its NOTIFYs may name as their id
	former []uint32 // those of the REFERs before it in the same dialog
}

// mostFormer is how many REFERs before the last one are told from it.
const mostFormer = 16

// again is what the next REFER in the dialog begins; the one before it is over.
func (r reports) again() reports {
	next := reports{live: true, former: r.former}
	if r.number != 0 {
		next.former = append(next.former, r.number)
	}
	if len(next.former) > mostFormer {
		next.former = next.former[1:]
	}
	return next
}

// areOf: a NOTIFY with this Event tells of the REFER that runs. One without id does, although only a dialog's first REFER may
// leave it out (RFC 3515 §2.4.6), and so does one whose id we never gave: phones get both wrong. What is certain is that an
// earlier one's is not ours.
func (r reports) areOf(event string) bool {
	id, named := paramOf(afterSemicolon(event), "id")
	if !named {
		return true
	}
	number, err := strconv.ParseUint(strings.TrimSpace(id), 10, 32)
	return err != nil || !slices.Contains(r.former, uint32(number))
}

// Refer implements phone.Line: REFER in the dialog (RFC 3515), with Replaces for an attended transfer (RFC 3891, RFC 5589).
// Lines wait for nobody: one that has the replaced dialog is asked, and what it says is posted back.
func (l *line) Refer(id phone.DialogID, target string, replaces phone.ReplacedDialog) {
	other, ours := replaces.Line.(*line)
	switch {
	case replaces.ID == "":
		l.box.put(func() { l.refer(id, target, phone.CauseAddress) })
	case !ours || other == l:
		l.box.put(func() { l.refer(id, l.replacing(replaces.ID), phone.CauseDialog) })
	default:
		other.box.put(func() {
			to := other.replacing(replaces.ID)
			l.box.put(func() { l.refer(id, to, phone.CauseDialog) })
		})
	}
}

// replacing is the URI that makes whoever calls it take the place of that dialog; "" where it cannot be replaced.
func (l *line) replacing(id phone.DialogID) string {
	switch c := l.calls[id]; {
	case c == nil:
	case c.dialog != nil && c.state == confirmed:
		return c.dialog.replacing("")
	case c.state == calling && c.early != nil && !c.unwanted:
		return c.early.replacing(";early-only")
	}
	return ""
}

// refer sends the far end of that dialog to a URI; otherwise is what it says of one that cannot be.
func (l *line) refer(id phone.DialogID, to string, otherwise phone.Cause) {
	c := l.calls[id]
	cause := phone.CauseNone
	if c == nil || c.dialog == nil || c.state != confirmed {
		cause = phone.CauseDialog
	} else if _, ok := parseURI(to); !ok {
		cause = otherwise
	}
	if cause != phone.CauseNone {
		l.post(phone.ReferProgress{Dialog: id, Final: true, Cause: cause})
		return
	}
	c.refer(to)
}

// replacing is the URI that makes the far end of this dialog be called in its place.
func (d *dialog) replacing(more string) string {
	uri, _, _ := strings.Cut(d.target, "?")
	value := d.callID + ";to-tag=" + d.remoteTag + ";from-tag=" + d.localTag + more
	return uri + "?Replaces=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}

func (c *call) refer(to string) {
	c.refers = c.refers.again() // NOTIFY may overtake the 202
	c.l.transact(func() *message {
		m := c.dialog.next(c.l, "REFER")
		c.refers.number, _ = m.cseq()
		m.add("Refer-To", "<"+to+">")
		m.add("Referred-By", "<"+c.l.aor+">")
		m.add("Supported", supported)
		return m
	}, func(r *message) {
		p := phone.ReferProgress{Status: r.status}
		switch {
		case r.status >= 300:
			p.Final, p.Cause, c.refers.live = true, phone.CauseOfStatus(r.status), false
		case strings.EqualFold(r.get("Refer-Sub"), "false"): // they will tell nothing (RFC 4488)
			p.Final, c.refers.live = true, false
		}
		c.referred(p)
		if p.Cause != phone.CauseNone {
			c.onInDialogAnswer(r)
		}
	}, func(cause phone.Cause) {
		c.refers.live = false
		c.referred(phone.ReferProgress{Final: true, Cause: cause})
	})
}

// referred tells how the transfer goes; nothing comes after its last word.
func (c *call) referred(p phone.ReferProgress) {
	if c.over || c.refers.final {
		return
	}
	c.refers.final = p.Final
	p.Dialog = c.id
	c.l.post(p)
}

// onNotify reads how the transfer goes (RFC 3515 §2.4.5). What nobody asked for is refused (RFC 6665 §4.1.3).
func (c *call) onNotify(st *serverTx) {
	m := st.m
	switch {
	case eventOf(m) != "refer":
		st.answerUnsolicited()
		return
	case !c.refers.live || !c.refers.areOf(m.get("Event")):
		st.reply(481)
		return
	}
	st.reply(200)
	state, _, _ := strings.Cut(m.get("Subscription-State"), ";")
	ended := strings.EqualFold(strings.TrimSpace(state), "terminated")
	c.refers.live = !ended
	status, ok := sipfragStatus(m.body)
	p := phone.ReferProgress{Status: status, Final: ended || status >= 200}
	switch {
	case status >= 300:
		p.Cause = phone.CauseOfStatus(status)
	case status < 200 && p.Final: // they stopped telling
		p.Cause = phone.CauseSIP
	case !ok:
		return
	}
	c.referred(p)
}

// sipfragStatus reads the status line that a message/sipfrag body begins with (RFC 3420 §2); what may follow it is not read.
func sipfragStatus(body []byte) (status int, ok bool) {
	first, _, _ := bytes.Cut(bytes.TrimLeft(body, "\r\n"), []byte("\n"))
	if len(first) > maxHead {
		return 0, false
	}
	r, err := parseStartLine(strings.TrimSpace(string(first)))
	if err != nil || r.isRequest() {
		return 0, false
	}
	return r.status, true
}
