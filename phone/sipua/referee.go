package sipua

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Being transferred (RFC 3515, with RFC 3891, RFC 3892 and RFC 4488):
//
//	REFER ─▶ 202, ReferIn ─▶ the operator asks the user ─▶ ReferTell: NOTIFY 100 … final
//
// What NOTIFY tells has its own life: it goes on when the call that the REFER came in has ended.

// referral is a REFER of theirs and the subscription that it began. It belongs to the line's owner.
type referral struct {
	l      *line
	id     phone.DialogID
	d      *dialog
	number uint32 // the REFER's CSeq, the subscription's id
	silent bool   // they want no NOTIFY (RFC 4488)
	began  time.Time
	status int // the last one told
	queue  []int
	glares int  // how often they had no time for one
	busy   bool // a NOTIFY is on the wire: the next one waits, so that none overtakes another
	expiry *timer
}

const (
	mostReferrals = 16
	// referralLife is how long the subscription lasts: longer than a person's decision and an unanswered call together.
	referralLife = 300 * time.Second
	maxRefer     = 1024 // bytes of a Refer-To or Referred-By
)

// onRefer takes their wish that we call somebody else, or refuses what no user should have to decide.
func (c *call) onRefer(st *serverTx) {
	l, m := c.l, st.m
	r, status := l.readRefer(m)
	switch {
	case c.state != confirmed, len(l.referrals) >= mostReferrals:
		st.reply(603)
		return
	case l.referrals[c.id] != nil:
		st.reply(491)
		return
	case status != 0:
		st.reply(status)
		return
	}
	number, _ := m.cseq()
	ref := &referral{l: l, id: c.id, d: c.dialog, number: number, silent: strings.EqualFold(m.get("Refer-Sub"), "false"), began: time.Now()}
	l.referrals[c.id] = ref
	ref.expiry = l.after(referralLife, ref.expire)
	c.dialog.refresh(m)
	answer := c.dialogResponse(st, 202, nil)
	if ref.silent {
		answer.add("Refer-Sub", "false")
	}
	st.respond(answer)
	ref.tell(100)
	r.Dialog, r.At = c.id, time.Now()
	l.post(r)
}

// readRefer reads what a REFER asks for; status is 0, or why it cannot be (RFC 3515 §2.4.2). Of the headers that its URI may
// carry only Replaces is taken: no stranger writes our INVITE.
func (l *line) readRefer(m *message) (r phone.ReferIn, status int) {
	values := m.list("Refer-To")
	if len(values) != 1 || len(values[0]) > maxRefer {
		return r, 400
	}
	a := parseNameAddr(values[0])
	if !a.ok {
		return r, 400
	}
	base, headers, _ := strings.Cut(a.uri, "?")
	target, method := cutMethod(base)
	scheme, rest, _ := strings.Cut(target, ":")
	if strings.EqualFold(scheme, "tel") {
		if headers != "" || rest == "" || strings.IndexFunc(rest, isLineControl) >= 0 {
			return r, 400
		}
	} else if _, ok := parseURI(target); !ok {
		if strings.EqualFold(scheme, "sip") || strings.EqualFold(scheme, "sips") {
			return r, 400
		}
		return r, 416 // http:, mailto: and the like: nothing of theirs is opened
	}
	if method != "" && !strings.EqualFold(method, "INVITE") {
		return r, 603
	}
	replacing, ok := replacesOf(headers)
	switch {
	case !ok:
		return r, 400
	case replacing == "" && l.isOurs(target):
		return r, 482
	}
	r.Target, r.Name, r.Replaces = target, displayText(a.display, maxName), replacing
	if by := m.get("Referred-By"); len(by) <= maxRefer && parseNameAddr(by).ok {
		r.ReferredBy = by
	}
	return r, 0
}

// cutMethod takes the method parameter out of a URI (RFC 3261 §19.1.1).
func cutMethod(uri string) (without, method string) {
	if !strings.Contains(uri, ";") {
		return uri, ""
	}
	parts := strings.Split(uri, ";")
	kept := slices.DeleteFunc(parts[1:], func(p string) bool {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(name, "method") {
			method = value
			return true
		}
		return false
	})
	return strings.Join(append(parts[:1:1], kept...), ";"), method
}

// replacesOf finds Replaces among a URI's headers, "" where there is none; ok is false where it cannot be read or is not the
// only one.
func replacesOf(headers string) (value string, ok bool) {
	for one := range strings.SplitSeq(headers, "&") {
		name, escaped, _ := strings.Cut(one, "=")
		if !strings.EqualFold(name, "Replaces") {
			continue
		}
		plain, err := url.PathUnescape(escaped)
		if err != nil || value != "" {
			return "", false
		}
		r, ok := parseReplaces(plain)
		if !ok {
			return "", false
		}
		value = r.String()
	}
	return value, true
}

// isOurs: a call to ourselves would come back to us (RFC 3261 §16.3, step 4).
func (l *line) isOurs(uri string) bool {
	u, ok := parseURI(uri)
	own, known := parseURI(l.aor)
	return ok && known && u.User == own.User && strings.EqualFold(u.Host, own.Host)
}

// ReferTell implements phone.Referee.
func (l *line) ReferTell(id phone.DialogID, status int) {
	l.box.put(func() {
		if r := l.referrals[id]; r != nil && status >= 100 && status <= 699 {
			r.tell(status)
		}
	})
}

// tell sends NOTIFY with what our INVITE was answered. The same word is said once.
func (r *referral) tell(status int) {
	if status == r.status {
		return
	}
	r.status = status
	if status >= 200 {
		r.l.stop(r.expiry)
		delete(r.l.referrals, r.id)
	}
	if r.silent {
		return
	}
	r.queue = append(r.queue, status)
	r.next()
}

// next sends the next NOTIFY when the last one was answered; those between that and the newest need not be told.
func (r *referral) next() {
	if r.busy || len(r.queue) == 0 {
		return
	}
	status := r.queue[len(r.queue)-1]
	r.queue, r.busy = nil, true
	r.notify(status, status >= 200, "noresource")
}

func (r *referral) notify(status int, last bool, reason string) {
	state := "terminated;reason=" + reason
	if !last {
		state = "active;expires=" + strconv.Itoa(r.left())
	}
	r.l.transact(func() *message {
		m := r.d.next(r.l, "NOTIFY")
		m.add("Event", "refer;id="+strconv.FormatUint(uint64(r.number), 10))
		m.add("Subscription-State", state)
		m.setBody("message/sipfrag;version=2.0", fmt.Appendf(nil, "SIP/2.0 %d %s\r\n", status, reasonOf(status)))
		return m
	}, func(answer *message) {
		switch {
		case answer.status == 481: // they do not want to know any more (RFC 6665 §4.2.2)
			r.silent, r.queue = true, nil
		case answer.status == 491 && status == r.status && r.glares < maxGlare:
			r.again(status)
			return
		}
		r.busy = false
		r.next()
	}, func(phone.Cause) {
		r.busy, r.silent, r.queue = false, true, nil
	})
}

// onSubscribe lets them ask how it stands, or that it be told no more (RFC 6665 §4.2.1). There is nothing else to subscribe to.
func (c *call) onSubscribe(st *serverTx) {
	r := c.l.referrals[c.id]
	if r == nil || eventOf(st.m) != "refer" {
		st.reply(405, phone.Header{Name: "Allow", Value: allowed})
		return
	}
	answer := c.dialogResponse(st, 200, nil)
	left := r.left()
	if st.m.get("Expires") == "0" {
		left = 0
	}
	answer.add("Expires", strconv.Itoa(left))
	st.respond(answer)
	if left == 0 {
		c.l.stop(r.expiry)
		r.expire()
		return
	}
	r.queue = append(r.queue, r.status)
	r.next()
}

// left is how long the subscription still lasts, in seconds.
func (r *referral) left() int { return max(0, int((referralLife-time.Since(r.began))/time.Second)) }

// again tells it once more in a while: they had no time for it, as some have none while a re-INVITE of ours is on its way.
func (r *referral) again(status int) {
	r.glares++
	if len(r.queue) == 0 {
		r.queue = []int{status}
	}
	r.l.after(500*time.Millisecond+time.Duration(randomBelow(50))*10*time.Millisecond, func() {
		r.busy = false
		r.next()
	})
}

// expire: nobody told the outcome in time.
func (r *referral) expire() {
	delete(r.l.referrals, r.id)
	if !r.silent {
		r.queue, r.glares = nil, maxGlare // once is enough
		r.notify(max(r.status, 100), true, "timeout")
	}
}
