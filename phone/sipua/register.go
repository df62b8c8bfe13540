package sipua

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// maxWishes bounds how often somebody can change his mind during one exchange. It is even, so that the last wish taken is
// the one that a further change would restore.
const maxWishes = 4

// registration is the line's REGISTER side. One exchange runs at a time, others wait.
type registration struct {
	callID string
	seq    uint32
	busy   bool
	expire time.Duration   // the wish of the exchange under way
	queue  []time.Duration // the wishes that wait; neighbours differ in direction
}

// Register implements phone.Line.
func (l *line) Register(expires time.Duration) {
	l.box.put(func() { l.wantRegister(max(expires, time.Second)) })
}

// Unregister implements phone.Line.
func (l *line) Unregister() {
	l.box.put(func() { l.wantRegister(0) })
}

func (l *line) wantRegister(expires time.Duration) {
	if l.reg.busy {
		last := l.reg.expire
		if n := len(l.reg.queue); n > 0 {
			last = l.reg.queue[n-1]
		}
		if (expires == 0) != (last == 0) && len(l.reg.queue) < maxWishes { // the other direction: afterwards
			l.reg.queue = append(l.reg.queue, expires)
		}
		return
	}
	l.reg.busy, l.reg.expire = true, expires
	l.register(expires, &attempt{}, false)
}

// register sends one REGISTER; tooBrief: this is the second try, after a 423.
func (l *line) register(expires time.Duration, a *attempt, tooBrief bool) {
	l.withConn(func(err error) {
		if err != nil {
			l.registered(phone.RegisterDone{Cause: causeOf(err), Err: err})
			return
		}
		m := l.newRequest("REGISTER", l.registrar)
		l.reg.seq++
		seconds := strconv.Itoa(int(expires / time.Second))
		m.add("From", l.local+";tag="+l.instance)
		m.add("To", l.local)
		m.add("Call-ID", l.reg.callID)
		m.add("CSeq", cseqValue(l.reg.seq, "REGISTER"))
		m.add("Contact", l.contact()+";expires="+seconds)
		m.add("Expires", seconds)
		m.add("Allow", allowed)
		m.add("Supported", supported)
		l.creds.authorize(m, a)
		l.request(m, func(r *message) { l.onRegisterResponse(r, expires, a, tooBrief) }, func(cause phone.Cause) {
			l.registered(phone.RegisterDone{Cause: cause, Err: fmt.Errorf("REGISTER: %s", cause)})
		})
	})
}

func (l *line) onRegisterResponse(r *message, expires time.Duration, a *attempt, tooBrief bool) {
	switch {
	case r.status < 200:
	case r.status < 300:
		done := phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber)}
		if expires > 0 {
			done.Expires = l.granted(r, expires)
		}
		l.registered(done)
	case r.status == 401 || r.status == 407:
		if err := l.creds.challenged(r, a); err != nil {
			l.registered(phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber), Cause: phone.CauseAuthentication, Err: err})
			return
		}
		l.register(expires, a, tooBrief)
	case r.status == 423 && !tooBrief && expires > 0 && seconds(r.get("Min-Expires")) > expires:
		l.register(seconds(r.get("Min-Expires")), a, true)
	default:
		l.registered(phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber), Cause: registerCause(r.status),
			RetryAfter: seconds(r.get("Retry-After")), Err: fmt.Errorf("REGISTER: %d %s", r.status, displayText(r.reason, maxNumber))})
	}
}

// registerCause: what a status means for a registration; a 408 there is nobody's absence.
func registerCause(status int) phone.Cause {
	if status == 408 {
		return phone.CauseRequestTimeout
	}
	return phone.CauseOfStatus(status)
}

func (l *line) registered(done phone.RegisterDone) {
	l.reg.busy = false
	l.post(done)
	if len(l.reg.queue) > 0 {
		next := l.reg.queue[0]
		l.reg.queue = l.reg.queue[1:]
		l.wantRegister(next)
		return
	}
	l.finishIfIdle()
}

// granted reads how long our binding lasts: its own Contact's expires, else Expires, else what we asked for
// (RFC 3261 §10.3, step 8). Other bindings of the same account are in the answer too.
func (l *line) granted(r *message, asked time.Duration) time.Duration {
	general := asked
	if v := r.get("Expires"); v != "" {
		general = seconds(v)
	}
	ours, _ := parseURI(l.contactURI())
	contacts := r.list("Contact")
	for _, v := range contacts {
		c := parseNameAddr(v)
		u, ok := parseURI(c.uri)
		if !ok || u.User != ours.User || u.Port != ours.Port || !strings.EqualFold(u.Host, ours.Host) {
			continue
		}
		if e := c.param("expires"); e != "" {
			return seconds(e)
		}
		return general
	}
	// A server that rewrites contacts (behind NAT) shows ours with another host: alone, it is ours.
	if len(contacts) == 1 {
		if e := parseNameAddr(contacts[0]).param("expires"); e != "" {
			return seconds(e)
		}
	}
	return general
}

// seconds reads delta-seconds, ignoring what may follow (RFC 3261 §20.33); 0 when it cannot be read.
func seconds(v string) time.Duration {
	end := 0
	for end < len(v) && '0' <= v[end] && v[end] <= '9' {
		end++
	}
	n, err := strconv.ParseUint(v[:end], 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
