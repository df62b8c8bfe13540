package demopbx

import (
	"github.com/emiago/sipgo/sip"
)

// onAck takes the ACK for a 2xx of ours; it may carry the answer to our offer.
func (l *leg) onAck(req *sip.Request) {
	if l.okCSeq == 0 || req.CSeq().SeqNo != l.okCSeq {
		return
	}
	l.okCSeq = 0
	stopTimer(l.okTimer)
	if l.sound.offered {
		l.sound.offered = false
		if len(req.Body()) == 0 {
			l.hangup(488)
			return
		}
		l.sound.transport.Remote(req.Body(), false)
	}
}

// onRequest serves a request inside the dialog.
func (l *leg) onRequest(tx *serverTx) {
	req := tx.req
	if req.CSeq().SeqNo <= l.remoteSeq {
		tx.respond(500, "CSeq out of order", nil)
		return
	}
	l.remoteSeq = req.CSeq().SeqNo
	switch req.Method {
	case sip.BYE:
		tx.respond(200, "OK", nil)
		if l.invite != nil && l.invite.status < 200 {
			l.invite.respond(487, reason(487), nil)
		}
		l.finish(487)
	case sip.INVITE, sip.UPDATE:
		l.onOffer(tx)
	case sip.REFER:
		l.onRefer(tx)
	case sip.INFO, sip.OPTIONS, sip.NOTIFY:
		tx.respond(200, "OK", nil)
	default:
		tx.respond(405, reason(405), func(res *sip.Response) {
			res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
		})
	}
}

// onOffer serves a re-INVITE or an UPDATE (RFC 3261 §14.2, RFC 3311).
func (l *leg) onOffer(tx *serverTx) {
	req := tx.req
	if l.pending != nil || l.okCSeq != 0 || (req.IsInvite() && l.state != legAnswered) {
		tx.respond(491, reason(491), nil)
		return
	}
	if contact := req.Contact(); contact != nil {
		l.target = *contact.Address.Clone()
	}
	if req.Method == sip.UPDATE && len(req.Body()) == 0 {
		l.respond(tx, 200, nil)
		return
	}
	if status := offerStatus(req); status != 0 {
		tx.respond(status, reason(status), nil)
		return
	}
	l.describe(req.Body(), func(sdp []byte, err error) {
		switch {
		case tx.status >= 200: // cancelled meanwhile
		case err != nil:
			status := mediaStatus(err)
			tx.respond(status, reason(status), nil)
		case req.IsInvite():
			l.sound.offered = len(req.Body()) == 0
			l.respondOK(tx, sdp)
		default:
			l.respond(tx, 200, sdp)
		}
	})
}
