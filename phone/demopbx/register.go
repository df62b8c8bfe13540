package demopbx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// onRegister serves one REGISTER (RFC 3261 §10.3).
func (p *PBX) onRegister(tx *serverTx) {
	now, req := time.Now(), tx.req
	if p.refuse != 0 {
		tx.respond(p.refuse, reason(p.refuse), nil)
		return
	}
	user, ok := p.demand(now, tx, "Authorization", 401, "WWW-Authenticate")
	if !ok {
		return
	}
	if req.To().Address.User != user || !ourHost(req.Recipient.Host) {
		tx.respond(403, "Not your address", nil)
		return
	}
	if p.registrar.outdated(user, req.CallID().Value(), req.CSeq().SeqNo) {
		tx.respond(500, "CSeq out of order", nil)
		return
	}
	tx.flow.user = user
	if status, text := p.updateBindings(now, tx, user); status != 200 {
		tx.respond(status, text, func(res *sip.Response) {
			if status == 423 {
				res.AppendHeader(sip.NewHeader("Min-Expires", strconv.Itoa(p.registrar.minExpires)))
			}
		})
		return
	}
	tx.respond(200, "OK", func(res *sip.Response) {
		for _, b := range p.registrar.live(now, user) {
			left := int(math.Ceil(b.expires.Sub(now).Seconds()))
			res.AppendHeader(sip.NewHeader("Contact", fmt.Sprintf("<%s>;expires=%d", b.contact.String(), left)))
		}
		res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
	})
}

// updateBindings applies the Contact headers and returns the status to answer with.
func (p *PBX) updateBindings(now time.Time, tx *serverTx, user string) (int, string) {
	req := tx.req
	fallback := defaultExpires
	if h := req.GetHeader("Expires"); h != nil {
		if n, err := strconv.ParseUint(strings.TrimSpace(h.Value()), 10, 32); err == nil {
			fallback = int(min(n, math.MaxInt32))
		}
	}
	headers := req.GetHeaders("Contact")
	if len(headers) == 0 {
		return 200, "" // a query
	}
	if len(headers) > mostBindings {
		return 400, "Too many contacts"
	}
	for _, h := range headers {
		contact, ok := h.(*sip.ContactHeader)
		if !ok {
			return 400, "Bad Contact"
		}
		if contact.Address.Wildcard || contact.Address.Host == "*" {
			if fallback != 0 || len(headers) != 1 {
				return 400, "Contact * needs Expires 0"
			}
			p.registrar.unbind(user, sip.Uri{}, true)
			return 200, ""
		}
		wish := fallback
		if v, ok := contact.Params.Get("expires"); ok {
			n, err := strconv.ParseUint(v, 10, 32)
			if err != nil {
				return 400, "Bad expires"
			}
			wish = int(min(n, math.MaxInt32))
		}
		switch {
		case contact.Address.Scheme != "sip" && contact.Address.Scheme != "sips":
			return 400, "Bad Contact"
		case wish == 0:
			p.registrar.unbind(user, contact.Address, false)
		case wish < p.registrar.minExpires:
			return 423, "Interval Too Brief"
		default:
			p.registrar.bind(user, &binding{
				contact: *contact.Address.Clone(), flow: tx.flow, since: now,
				callID: req.CallID().Value(), cseq: req.CSeq().SeqNo,
				expires: now.Add(time.Duration(min(wish, p.registrar.maxExpires)) * time.Second),
			})
		}
	}
	return 200, ""
}

// demand sees to it that the request is authenticated. When it reports false it has answered:
// with a challenge, or with 403 after too many wrong ones.
func (p *PBX) demand(now time.Time, tx *serverTx, header string, status int, challenge string) (string, bool) {
	user, outcome := p.authenticate(now, tx.req, header)
	if outcome == authRight {
		tx.flow.badAuth = 0
		return user, true
	}
	if outcome == authWrong {
		if tx.flow.badAuth++; tx.flow.badAuth > mostBadAuth {
			tx.respond(403, "Too many wrong credentials", nil)
			return "", false
		}
	}
	values := p.challenges(now, outcome == authStale)
	tx.respond(status, reason(status), func(res *sip.Response) {
		for _, value := range values {
			res.AppendHeader(sip.NewHeader(challenge, value))
		}
	})
	return "", false
}

// ourHost tells whether a URI's host means this PBX. Anything else is not relayed.
func ourHost(host string) bool {
	return host == loopback || strings.EqualFold(host, "localhost")
}
