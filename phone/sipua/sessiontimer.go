package sipua

import (
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// The times of RFC 4028.
const (
	sessionWish  = 30 * time.Minute // what we ask for (contract: session timers)
	sessionLeast = 90 * time.Second // §4: nobody may ask for less
	sessionFloor = 4 * time.Second  // a peer that breaks that rule is followed so far, and no further
	byeLead      = 32 * time.Second // §10: BYE goes that long before the session expires
	refreshRetry = 30 * time.Second // after a refusal, while there is time left
	maxRaises    = 3                // 422s that one request obeys
)

// sessionTimer is one call's session timer. It belongs to the line's owner.
//
//	|---- interval/2: the refresher sends UPDATE or re-INVITE ----|---- no refresh: BYE ----| interval
type sessionTimer struct {
	interval        time.Duration // 0: none runs
	least           time.Duration // the largest Min-SE that a 422 named; 0: none did
	ours            bool          // we are the refresher
	raised          int           // how many 422s were obeyed
	updates         bool          // the peer's Allow names UPDATE
	refresh, expiry *timer
}

// wish is what we ask for.
func (t *sessionTimer) wish() time.Duration { return max(sessionWish, t.least) }

// sessionExpires reads Session-Expires: its interval, and who refreshes ("uac", "uas" or "").
func sessionExpires(m *message) (interval time.Duration, refresher string) {
	v := m.get("Session-Expires")
	refresher, _ = paramOf(afterSemicolon(v), "refresher")
	return seconds(v), strings.ToLower(refresher)
}

// supports reports whether a message's sender knows the extension.
func supports(m *message, option string) bool {
	return hasToken(m.list("Supported"), option) || hasToken(m.list("Require"), option)
}

func hasToken(list []string, token string) bool {
	for _, v := range list {
		if strings.EqualFold(v, token) {
			return true
		}
	}
	return false
}

// askSession puts our wish into an INVITE or UPDATE (§7.1, §7.4). A session that runs without a timer keeps on so.
func (c *call) askSession(m *message) {
	t := &c.session
	m.add("Supported", supported)
	switch {
	case c.dialog == nil:
		m.add("Session-Expires", deltaSeconds(t.wish()))
	case t.interval > 0:
		refresher := ";refresher=uas"
		if t.ours {
			refresher = ";refresher=uac"
		}
		m.add("Session-Expires", deltaSeconds(max(t.interval, t.least))+refresher)
	default:
		return
	}
	if t.least > sessionLeast {
		m.add("Min-SE", deltaSeconds(t.least))
	}
}

func deltaSeconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// raise obeys a 422 (§7.3), also the next one of a proxy further on that wants still more (§6); true: send the request again.
func (t *sessionTimer) raise(r *message, raised *int) bool {
	sent := max(t.interval, t.least)
	if t.interval == 0 {
		sent = t.wish()
	}
	least := seconds(r.get("Min-SE"))
	if r.status != 422 || *raised == maxRaises || least <= sent {
		return false
	}
	*raised++
	t.least = least
	return true
}

// sessionAgreed takes what a 2xx to our INVITE or UPDATE says; without Session-Expires the session never expires (§7.2).
func (c *call) sessionAgreed(r *message) {
	c.noteAllow(r)
	interval, refresher := sessionExpires(r)
	c.startSession(interval, refresher != "uas")
}

// noteAllow remembers whether the far end takes UPDATE.
func (c *call) noteAllow(m *message) {
	if allow := m.list("Allow"); len(allow) > 0 {
		c.session.updates = hasToken(allow, "UPDATE")
	}
}

// sessionTooBrief refuses an interval below the least that there is (§9); true: answered. One that cannot be read is no wish:
// who sent it would send it again.
func sessionTooBrief(st *serverTx) bool {
	wish, _, _ := strings.Cut(st.m.get("Session-Expires"), ";")
	interval, err := strconv.ParseUint(strings.TrimSpace(wish), 10, 32)
	if err != nil || time.Duration(interval)*time.Second >= sessionLeast {
		return false
	}
	st.reply(422, phone.Header{Name: "Min-SE", Value: deltaSeconds(sessionLeast)})
	return true
}

// grantSession answers their wish in a 2xx, by table 2 of RFC 4028 §9: who asked refreshes unless he says otherwise; who
// does not know the timer cannot. A timer that runs goes on when a request of theirs does not name it.
func (c *call) grantSession(request, r *message) {
	c.noteAllow(request)
	interval, refresher := sessionExpires(request)
	able := supports(request, "timer")
	if interval == 0 {
		interval = c.session.interval
		if c.session.ours {
			refresher = "uas"
		}
	}
	if interval == 0 {
		return
	}
	if refresher != "uas" {
		refresher = "uac"
	}
	if !able {
		refresher = "uas"
	} else {
		r.add("Require", "timer")
	}
	r.add("Session-Expires", deltaSeconds(interval)+";refresher="+refresher)
	c.startSession(interval, refresher == "uas")
}

// startSession begins the interval anew; 0 ends it.
func (c *call) startSession(interval time.Duration, ours bool) {
	c.stopSession()
	t := &c.session
	if t.interval, t.ours = interval, ours; interval == 0 {
		return
	}
	interval = max(interval, sessionFloor)
	t.interval = interval
	if ours {
		t.refresh = c.l.after(interval/2, c.refreshSession)
	}
	t.expiry = c.l.after(interval-min(byeLead, interval/3), func() {
		if !c.over && c.state == confirmed {
			c.why = 408
			c.bye(phone.CauseRequestTimeout)
		}
	})
}

func (c *call) stopSession() {
	c.l.stop(c.session.refresh)
	c.l.stop(c.session.expiry)
}

// refreshSoon tries again after a refusal; the session's end ends that.
func (c *call) refreshSoon() {
	t := &c.session
	if t.ours && t.interval > 0 {
		c.l.stop(t.refresh)
		t.refresh = c.l.after(min(refreshRetry, t.interval/8), c.refreshSession)
	}
}

// refreshSession shows that we are alive: by UPDATE where they take it, else by our last description once more. While a
// change is under way it waits: that change, when it is ours, is a refresh itself.
func (c *call) refreshSession() {
	switch {
	case c.over || c.state != confirmed || c.session.interval == 0:
	case c.ours != nil || c.theirs != nil || c.await != nil:
		c.refreshSoon()
	default:
		c.showLife()
	}
}

// showLife tells them where we are, by UPDATE or our last description.
func (c *call) showLife() {
	switch {
	case c.over || c.state != confirmed || c.ours != nil || c.theirs != nil || c.await != nil: // which tells it, too
	case c.session.updates:
		c.sendUpdate(new(int))
	case c.sdp != nil:
		c.ours = &change{sdp: c.sdp, refresh: true}
		c.retryChange()
	}
}

func (c *call) sendUpdate(raised *int) {
	c.l.transact(func() *message {
		m := c.dialog.next(c.l, "UPDATE")
		c.askSession(m)
		return m
	}, func(r *message) {
		switch {
		case c.over:
		case r.status < 300:
			c.dialog.refresh(r)
			c.sessionAgreed(r)
			c.tellParty(assertedParty(r))
		case c.session.raise(r, raised):
			c.sendUpdate(raised)
		case r.status == 405 || r.status == 501: // whatever their Allow says
			c.session.updates = false
			c.showLife()
		case r.status == 481 || r.status == 408:
			c.broken()
		default:
			c.refreshSoon()
		}
	}, c.refreshFailed)
}

// refreshFailed: nobody answered, so nobody is there (§10); a lost connection may come back in time.
func (c *call) refreshFailed(cause phone.Cause) {
	if cause == phone.CauseRequestTimeout {
		c.broken()
		return
	}
	c.refreshSoon()
}
