package sipua

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// Refer implements phone.Line: REFER in the dialog (RFC 3515), with Replaces for an attended transfer (RFC 3891, RFC 5589).
func (l *line) Refer(id phone.DialogID, target string, replaces phone.DialogID) {
	l.box.put(func() {
		c := l.calls[id]
		if c == nil || c.dialog == nil || c.state != confirmed {
			l.post(phone.ReferProgress{Dialog: id, Final: true, Cause: phone.CauseDialog})
			return
		}
		to := target
		if replaces != "" {
			other := l.calls[replaces]
			if other == nil || other.dialog == nil || other.state != confirmed {
				l.post(phone.ReferProgress{Dialog: id, Final: true, Cause: phone.CauseDialog})
				return
			}
			to = other.dialog.replacing()
		}
		if _, ok := parseURI(to); !ok {
			l.post(phone.ReferProgress{Dialog: id, Final: true, Cause: phone.CauseAddress})
			return
		}
		c.refer(to)
	})
}

// replacing is the URI that makes the far end of this dialog be called in its place.
func (d *dialog) replacing() string {
	uri, _, _ := strings.Cut(d.target, "?")
	value := d.callID + ";to-tag=" + d.remoteTag + ";from-tag=" + d.localTag
	return uri + "?Replaces=" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}

func (c *call) refer(to string) {
	c.l.transact(func() *message {
		m := c.dialog.next(c.l, "REFER")
		m.add("Refer-To", "<"+to+">")
		m.add("Referred-By", "<"+c.l.aor+">")
		return m
	}, func(r *message) {
		if r.status < 300 { // NOTIFY tells the rest
			c.referred(phone.ReferProgress{Status: r.status})
			return
		}
		c.referred(phone.ReferProgress{Status: r.status, Final: true, Cause: phone.CauseOfStatus(r.status)})
		c.onInDialogAnswer(r)
	}, func(cause phone.Cause) {
		c.referred(phone.ReferProgress{Final: true, Cause: cause})
	})
}

func (c *call) referred(p phone.ReferProgress) {
	if c.over {
		return
	}
	p.Dialog = c.id
	c.l.post(p)
}

// onNotify reads how the transfer goes (RFC 3515 §2.4.5).
func (c *call) onNotify(st *serverTx) {
	m := st.m
	event, _, _ := strings.Cut(m.get("Event"), ";")
	if !strings.EqualFold(strings.TrimSpace(event), "refer") {
		st.reply(489)
		return
	}
	st.reply(200)
	first, _, _ := bytes.Cut(m.body, crlf)
	r, err := parseStartLine(strings.TrimSpace(string(first)))
	state, _, _ := strings.Cut(m.get("Subscription-State"), ";")
	ended := strings.EqualFold(strings.TrimSpace(state), "terminated")
	if err != nil || r.isRequest() {
		if ended {
			c.referred(phone.ReferProgress{Final: true, Cause: phone.CauseSIP})
		}
		return
	}
	p := phone.ReferProgress{Status: r.status, Final: ended || r.status >= 200}
	switch {
	case r.status >= 300:
		p.Cause = phone.CauseOfStatus(r.status)
	case r.status < 200 && p.Final: // they stopped telling
		p.Cause = phone.CauseSIP
	}
	c.referred(p)
}
