package demopbx

import (
	"bytes"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// onInvite admits or refuses a new call: the caller must prove who it is, be registered, and
// call somebody here. The PBX never relays to anywhere but a registered contact.
func (p *PBX) onInvite(tx *serverTx) {
	now, req := time.Now(), tx.req
	user, ok := p.demand(now, tx, "Proxy-Authorization", 407, "Proxy-Authenticate")
	if !ok {
		return
	}
	if len(p.registrar.live(now, user)) == 0 {
		tx.respond(403, "Register first", nil)
		return
	}
	if req.From().Address.User != user {
		tx.respond(403, "Not your name", nil)
		return
	}
	tx.flow.user = user
	if callee, b := p.registrar.byContact(now, req.Recipient); b != nil {
		p.connect(tx, user, callee, b)
		return
	}
	number := req.Recipient.User
	if h := req.GetHeader("Replaces"); h != nil && !p.registrar.known(number) {
		p.replace(tx, user, h.Value())
		return
	}
	switch {
	case !ourHost(req.Recipient.Host) || (req.Recipient.Scheme != "sip" && req.Recipient.Scheme != "sips"):
		tx.respond(404, reason(404), nil)
	case p.registrar.known(number):
		if live := p.registrar.live(now, number); len(live) > 0 {
			p.connect(tx, user, number, live[0])
		} else {
			tx.respond(480, reason(480), nil)
		}
	default:
		p.dialService(tx, user, number)
	}
}

// dialService refuses or rings where no media is needed, and makes a leg for the numbers that answer.
func (p *PBX) dialService(tx *serverTx, user, number string) {
	switch status := serviceStatus(number); {
	case number == "604":
		p.ringForever(tx)
	case status != 200:
		tx.respond(status, reason(status), nil)
	default:
		if option := unsupported(tx.req); option != "" {
			tx.respond(420, reason(420), func(res *sip.Response) {
				res.AppendHeader(sip.NewHeader("Unsupported", option))
			})
			return
		}
		if status := offerStatus(tx.req); status != 0 {
			tx.respond(status, reason(status), nil)
			return
		}
		p.answerLeg(tx, user, number)
	}
}

// replace lets a new call take the place of one with the PBX itself (RFC 3891 §3): the end of an
// attended transfer. Calls between extensions replace each other end to end, not here.
func (p *PBX) replace(tx *serverTx, user, value string) {
	old, status := p.replaced(value)
	if status == 200 {
		status = max(offerStatus(tx.req), 200)
	}
	if status != 200 {
		tx.respond(status, reason(status), nil)
		return
	}
	if l := p.answerLeg(tx, user, old.number); l != nil {
		l.replaces = old
	}
}

// replaced finds the call with the PBX itself that a Replaces names. The status is 200, or why there is none.
func (p *PBX) replaced(value string) (old *leg, status int) {
	callID, rest, _ := strings.Cut(value, ";")
	var tags sip.HeaderParams
	if _, err := sip.UnmarshalHeaderParams(rest, ';', 0, &tags); err != nil {
		return nil, 400
	}
	toTag, _ := tags.Get("to-tag")
	fromTag, _ := tags.Get("from-tag")
	old = p.legs[toTag]
	if old == nil || old.callID != strings.TrimSpace(callID) || old.remoteTag != fromTag || old.state != legAnswered {
		return nil, 481
	}
	return old, 200
}

// neverAnswers bounds 604's "for ever", so that a caller that vanished leaves nothing behind.
const neverAnswers = time.Hour

func (p *PBX) ringForever(tx *serverTx) {
	tx.respond(100, reason(100), nil)
	tx.respond(180, reason(180), nil)
	limit := p.after(neverAnswers, func() {
		if tx.status < 200 {
			tx.respond(480, reason(480), nil)
		}
	})
	tx.onCancel = func() {
		limit.Stop()
		tx.respond(487, reason(487), nil)
	}
	tx.onGone = func() {
		limit.Stop()
		tx.end()
	}
}

// unsupported returns the extensions that a request requires, of which we have none.
func unsupported(req *sip.Request) string {
	var options []string
	for _, h := range req.GetHeaders("Require") {
		for option := range strings.SplitSeq(h.Value(), ",") {
			if option = strings.TrimSpace(option); option != "" && option != "replaces" {
				options = append(options, option)
			}
		}
	}
	return strings.Join(options, ", ")
}

// offerStatus returns why an INVITE's body cannot be an offer for us: 415 when it is no SDP, 488 when
// it offers no audio over RTP. 0 is fine; an INVITE without a body asks for our offer.
func offerStatus(req *sip.Request) int {
	body := req.Body()
	if len(body) == 0 {
		return 0
	}
	if kind := req.ContentType(); kind == nil || !strings.EqualFold(strings.TrimSpace(kind.Value()), "application/sdp") {
		return 415
	}
	if !bytes.Contains(body, []byte("m=audio ")) || !bytes.Contains(body, []byte("RTP/")) {
		return 488
	}
	return 0
}
