package sipua

import (
	"errors"
	"fmt"
	"net/netip"
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
	callID   string
	instance string // urn:uuid:…, of this line while it lives (RFC 5626 §4.1)
	seq      uint32
	busy     bool
	expire   time.Duration   // the wish of the exchange under way
	bound    bool            // this connection has a binding
	outbound bool            // which names its flow (RFC 5626 §6)
	last     time.Duration   // how long it was wanted for
	queue    []time.Duration // the wishes that wait; neighbours differ in direction
	routes   []string        // Service-Route: the way of our INVITEs (RFC 3608)
	plain    bool            // a proxy before the registrar cannot do outbound: 439 told so
	public   string          // our address as the server sees it, through publicOf
	publicOf *conn
}

// registering is one exchange: a REGISTER and what has to be sent again.
type registering struct {
	attempt
	expires  time.Duration
	tooBrief bool   // a 423 was obeyed
	left     string // the contact before a NAT showed itself, to be taken back
	moved    bool
	hops     int // servers left
}

// Register implements phone.Line.
func (l *line) Register(expires time.Duration) {
	l.box.put(func() { l.wantRegister(max(expires, time.Second)) })
}

// Unregister implements phone.Line.
func (l *line) Unregister() {
	l.box.put(func() { l.wantRegister(0) })
}

// Disconnect implements phone.Line.
func (l *line) Disconnect() {
	l.box.put(func() {
		l.leaving = true
		l.finishIfIdle()
	})
}

func (l *line) wantRegister(expires time.Duration) {
	l.leaving = l.leaving && expires == 0
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
	x := &registering{expires: expires}
	again := func() { l.register(x) }
	if expires == 0 || !l.goBack(again) {
		again()
	}
}

// register sends one REGISTER.
func (l *line) register(x *registering) {
	l.withConn(func(err error) {
		if err != nil {
			l.registered(phone.RegisterDone{Cause: causeOf(err), Err: err})
			return
		}
		if l.direct { // that there is a way is all that can be known
			l.setUp()
			l.registered(phone.RegisterDone{Expires: x.expires})
			l.arrivedAnew()
			return
		}
		m := l.newRequest("REGISTER", l.registrar)
		l.preload(m, nil)
		l.reg.seq++
		expires := deltaSeconds(x.expires)
		m.add("From", l.local+";tag="+l.instance)
		m.add("To", l.local)
		m.add("Call-ID", l.reg.callID)
		m.add("CSeq", cseqValue(l.reg.seq, "REGISTER"))
		m.add("Contact", l.contact()+l.flow()+";expires="+expires)
		if x.left != "" {
			m.add("Contact", x.left+";expires=0")
		}
		m.add("Expires", expires)
		m.add("Allow", allowed)
		if l.reg.plain {
			m.add("Supported", supported)
		} else {
			m.add("Supported", supported+", outbound")
		}
		l.creds.authorize(m, &x.attempt)
		l.request(m, func(r *message) { l.onRegisterResponse(r, x) }, func(cause phone.Cause) {
			if err := fmt.Errorf("REGISTER: %s", cause); !l.failOver(x, nil, err) {
				if l.server.reliable() { // one on which nothing is answered may be dead (RFC 5626 §4.4)
					l.leave(err)
				}
				l.registered(phone.RegisterDone{Cause: cause, Err: err})
			}
		})
	})
}

// flow names this connection to a registrar that can do outbound; others ignore it (RFC 5626 §4.2).
func (l *line) flow() string {
	if l.reg.plain {
		return ""
	}
	if l.reg.instance == "" {
		l.reg.instance = newInstance()
	}
	return `;+sip.instance="<` + l.reg.instance + `>";reg-id=1`
}

// newInstance makes a random UUID's URN (RFC 4122 §4.4).
func newInstance() string {
	h := []byte(randomHex(16))
	h[12], h[16] = '4', "89ab"[h[16]&3]
	return "urn:uuid:" + string(h[:8]) + "-" + string(h[8:12]) + "-" + string(h[12:16]) + "-" + string(h[16:20]) + "-" + string(h[20:])
}

// learnAddress reads how the server sees us (RFC 3581 §4): behind a NAT that is where its requests must go. true: it is
// another address than the one that our Contact named. Connections that live are used as they are.
func (l *line) learnAddress(r *message) bool {
	if l.server.reliable() || l.conn == nil {
		return false
	}
	_, protocol, params := cutVia(r.topVia())
	if !strings.HasSuffix(strings.ToUpper(protocol), "UDP") { // a large one went by TCP, whose port is not where we listen
		return false
	}
	host, _ := paramOf(params, "received")
	port, _ := paramOf(params, "rport")
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	number, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || number == 0 || ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" {
		return false
	}
	seen := netip.AddrPortFrom(ip.Unmap(), uint16(number)).String()
	if seen == l.contactHost() {
		return false
	}
	l.reg.public, l.reg.publicOf = seen, l.conn
	return true
}

// contactHost is our host and port as the server reaches them.
func (l *line) contactHost() string {
	if l.reg.public != "" && l.reg.publicOf == l.conn {
		return l.reg.public
	}
	return l.sentBy
}

func (l *line) onRegisterResponse(r *message, x *registering) {
	if r.status < 200 {
		return
	}
	before := l.contact()
	moved := l.learnAddress(r)
	switch {
	case r.status < 300 && moved && x.expires > 0 && !x.moved: // once more, from where we really are
		x.moved, x.left = true, before
		l.register(x)
	case r.status < 300:
		done := phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber)}
		l.reg.routes, l.reg.bound = nil, x.expires > 0
		if x.expires > 0 {
			l.reg.last, l.reg.outbound = x.expires, hasToken(r.list("Require"), "outbound")
			if flow := seconds(r.get("Flow-Timer")); flow > 0 && l.conn != nil {
				l.conn.keepAliveWithin(flow)
			}
			done.Expires = l.granted(r, x.expires)
			l.reg.routes = serviceRoutes(r)
		}
		if w := l.server.way; w != nil {
			w.worked(l.server.target)
		}
		l.registered(done)
		if x.expires > 0 {
			l.arrivedAnew()
		}
	case r.status == 401 || r.status == 407:
		if err := l.creds.challenged(r, &x.attempt); err != nil {
			l.registered(phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber), Cause: phone.CauseAuthentication, Err: err})
			return
		}
		l.register(x)
	case r.status == 423 && !x.tooBrief && x.expires > 0 && seconds(r.get("Min-Expires")) > x.expires:
		x.expires, x.tooBrief = seconds(r.get("Min-Expires")), true
		l.register(x)
	case r.status == 439 && !l.reg.plain: // First Hop Lacks Outbound Support (RFC 5626 §11.6)
		l.reg.plain = true
		l.register(x)
	case r.status == 503 && l.failOver(x, r, fmt.Errorf("REGISTER: 503 %s", displayText(r.reason, maxNumber))):
	default:
		l.registered(phone.RegisterDone{Status: r.status, Reason: displayText(r.reason, maxNumber), Cause: registerCause(r.status),
			RetryAfter: seconds(r.get("Retry-After")), Err: fmt.Errorf("REGISTER: %d %s", r.status, displayText(r.reason, maxNumber))})
	}
}

// serviceRoutes is the way that the registrar wants our calls to take (RFC 3608 §6.1); nil for what we could not follow.
func serviceRoutes(r *message) []string {
	routes := r.list("Service-Route")
	if len(routes) > 16 {
		return nil
	}
	for _, route := range routes {
		a := parseNameAddr(route)
		if _, ok := parseURI(a.uri); !ok || !looseRouter(a.uri) {
			return nil
		}
	}
	return routes
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
	general := grant(r.get("Expires"), asked)
	ours, _ := parseURI(l.contactURI())
	contacts := r.list("Contact")
	for _, v := range contacts {
		c := parseNameAddr(v)
		u, ok := parseURI(c.uri)
		if !ok || u.User != ours.User || u.Port != ours.Port || !strings.EqualFold(u.Host, ours.Host) {
			continue
		}
		return grant(c.param("expires"), general)
	}
	// A server that rewrites contacts (behind NAT) shows ours with another host: alone, it is ours.
	if len(contacts) == 1 {
		return grant(parseNameAddr(contacts[0]).param("expires"), general)
	}
	return general
}

// longestGrant is what a binding's time is believed to be at most: nobody's clock is asked about more, and nothing overflows.
const longestGrant = 24 * time.Hour

// grant reads an expiry; one that is not there or that nobody can read is the usual one (RFC 3261 §10.2.1.1, §20.19).
func grant(v string, usual time.Duration) time.Duration {
	n, err := strconv.ParseUint(leadingDigits(v), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return longestGrant
	case err != nil:
		return usual
	}
	return time.Duration(min(n, uint64(longestGrant/time.Second))) * time.Second
}

// seconds reads delta-seconds, ignoring what may follow (RFC 3261 §20.33); 0 when it cannot be read.
func seconds(v string) time.Duration {
	n, err := strconv.ParseUint(leadingDigits(v), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

func leadingDigits(v string) string {
	return v[:len(v)-len(strings.TrimLeft(v, "0123456789"))]
}
