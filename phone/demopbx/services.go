package demopbx

import (
	"net/url"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

const (
	partyRings    = time.Second             // 602
	earlyRings    = 2 * time.Second         // 607
	beepAtTheMost = 2 * time.Second         // 606, when its media does not come up
	mediaPatience = 1500 * time.Millisecond // then a play starts although the transport is not up
	tiredOf604    = 20 * time.Second        // whoever was sent to 604 gives up
)

// play runs an incoming call's number.
func (l *leg) play() {
	offer := l.invite.req.Body()
	answer := func(then func(sdp []byte)) {
		l.describe(offer, func(sdp []byte, err error) {
			if err != nil {
				l.hangup(mediaStatus(err))
				return
			}
			l.sound.offered = len(offer) == 0
			then(sdp)
		})
	}
	switch l.number {
	case "602":
		l.invite.respond(180, reason(180), nil)
		answer(func(sdp []byte) { l.later(partyRings, func() { l.accept(sdp); l.startSound() }) })
	case "607":
		answer(l.ringEarly)
	default:
		answer(func(sdp []byte) { l.accept(sdp); l.startSound() })
	}
}

// later runs fn unless the call ended before.
func (l *leg) later(d time.Duration, fn func()) {
	l.script = l.p.after(d, func() {
		if l.state != legEnded {
			fn()
		}
	})
}

// ringEarly plays a ringing tone before the answer. Without their offer there is no early media to send.
func (l *leg) ringEarly(sdp []byte) {
	if l.sound.offered {
		l.invite.respond(180, reason(180), nil)
	} else {
		l.respond(l.invite, 183, sdp)
		l.sound.play("ringback", true, nil)
	}
	l.later(earlyRings, func() {
		l.accept(sdp)
		l.startSound()
	})
}

// startSound begins what an answered call hears.
func (l *leg) startSound() {
	if l.started || l.state != legAnswered {
		return
	}
	l.started = true
	switch l.number {
	case "600":
		l.sound.echo()
	case "601":
		l.sound.play("music", true, nil)
	case "606":
		l.beepAndCallBack()
	default:
		l.sound.play("party", true, nil)
	}
}

// beepAndCallBack confirms with a beep, hangs up, and lets 606 call the user a little later.
func (l *leg) beepAndCallBack() {
	user := l.user
	hang := func() {
		if l.state == legEnded {
			return
		}
		l.hangup(0)
		l.p.after(l.p.callbackDelay, func() {
			if _, err := l.p.callUser(user, "606", "602", ""); err != nil {
				l.p.log.Info("606 could not call back", "user", user, "err", err)
			}
		})
	}
	l.sound.play("beep", false, func() { l.p.mail.post(hang) })
	l.later(beepAtTheMost, hang)
}

// onRefer makes the party behind 600 … 607 follow a transfer (RFC 3515): an extension is really called, and a service
// does to it what it does to every caller. The outcome is told by NOTIFY.
func (l *leg) onRefer(tx *serverTx) {
	header := tx.req.GetHeader("Refer-To")
	if header == nil {
		tx.respond(400, "No Refer-To", nil)
		return
	}
	var target sip.Uri
	if _, err := sip.ParseAddressValue(header.Value(), &target, &sip.HeaderParams{}); err != nil {
		tx.respond(400, "Bad Refer-To", nil)
		return
	}
	l.respond(tx, 202, nil)
	l.notify(100, false)
	user, replaces := target.User, replacesOf(target)
	if owner, b := l.p.registrar.byContact(time.Now(), target); b != nil {
		user = owner
	} else if !ourHost(target.Host) {
		user = ""
	}
	switch {
	case l.p.registrar.known(user):
		l.followTo(user, replaces)
	case replaces != "":
		_, status := l.p.replaced(replaces)
		l.notify(status, true)
	case user == "604":
		l.notify(180, false)
		l.p.after(tiredOf604, func() { l.notify(480, true) })
	default:
		l.notify(serviceStatus(user), true)
	}
}

// serviceStatus is what comes of a call to one of our numbers, 604 excepted.
func serviceStatus(number string) int {
	switch number {
	case "603":
		return 486
	case "605":
		return 603
	case "600", "601", "602", "606", "607":
		return 200
	}
	return 404
}

// replacesOf returns the Replaces that a Refer-To asks for (RFC 3891 §2), "" for none or a bad one.
func replacesOf(target sip.Uri) string {
	value, _ := target.Headers.Get("Replaces")
	value, err := url.PathUnescape(value)
	if err != nil || strings.ContainsAny(value, "\r\n") {
		return ""
	}
	return value
}

// followTo calls the extension as the transferred party and tells the outcome.
func (l *leg) followTo(user, replaces string) {
	call, err := l.p.callUser(user, l.number, "602", replaces)
	if err != nil {
		l.notify(480, true)
		return
	}
	l.p.spawn(func() {
		select {
		case <-call.leg.answered:
		case <-call.leg.ended:
		case <-l.p.ctx.Done():
		}
		l.p.mail.post(func() { l.notify(max(call.leg.status, 100), true) })
	})
}

// notify tells how the transfer goes (RFC 3515 §2.4.5).
func (l *leg) notify(status int, final bool) {
	if l.state == legEnded {
		return
	}
	req := l.request(sip.NOTIFY)
	req.AppendHeader(sip.NewHeader("Event", "refer"))
	state := "active;expires=60"
	if final {
		state = "terminated;reason=noresource"
	}
	req.AppendHeader(sip.NewHeader("Subscription-State", state))
	kind := sip.ContentTypeHeader("message/sipfrag;version=2.0")
	req.AppendHeader(&kind)
	req.SetBody([]byte(sip.NewResponse(status, reason(status)).StartLine() + "\r\n"))
	l.p.request(l.flow, req, nil, nil)
}
