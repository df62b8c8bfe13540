package demopbx

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// ErrNotRegistered is returned where a user has no live binding.
var ErrNotRegistered = errors.New("demopbx: not registered")

// ErrRefused is wrapped with the status when the called user did not accept.
var ErrRefused = errors.New("demopbx: the call was refused")

// ringTime is how long the PBX lets a phone ring.
const ringTime = 60 * time.Second

// Call is a call that the PBX placed. Its methods may be called from any goroutine.
type Call struct {
	p   *PBX
	leg *leg
	id  string
}

// CallUser calls a registered user over the connection that it registered on. from is the caller's
// number as shown; what is played once it is answered: "600" echoes, "601" is music, "602" speaks.
// It returns when the call is being set up. Errors: ErrNotRegistered, ErrClosed, ErrRefused (503: too
// many calls), or that of ctx.
func (p *PBX) CallUser(ctx context.Context, user, from, what string) (*Call, error) {
	var call *Call
	var failure error
	if err := p.ask(ctx, func() { call, failure = p.callUser(user, from, what, "") }); err != nil {
		return nil, err
	}
	return call, failure
}

func (p *PBX) callUser(user, from, what, replaces string) (*Call, error) {
	live := p.registrar.live(time.Now(), user)
	if len(live) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotRegistered, user)
	}
	var local sip.Uri
	if err := sip.ParseUri("sip:"+from+"@"+loopback, &local); err != nil || strings.ContainsFunc(from, notInNumber) {
		return nil, fmt.Errorf("demopbx: %q is no number to call from", from)
	}
	l := p.newLeg(what, user, live[0].flow)
	l.outgoing, l.callID = true, rand.Text()
	l.localURI, l.remoteURI = local.String(), "sip:"+user+"@"+loopback
	l.target = *live[0].contact.Clone()
	if status := l.open(nil); status != 0 {
		return nil, fmt.Errorf("%w: %d", ErrRefused, status)
	}
	l.describe(nil, func(sdp []byte, err error) {
		if err != nil {
			l.finish(500)
			return
		}
		l.sendInvite(sdp, replaces)
	})
	return &Call{p: p, leg: l, id: l.callID}, nil
}

// notInNumber keeps out what would change a header.
func notInNumber(r rune) bool {
	return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("+*#._-", r))
}

// sendInvite calls; replaces is the value of that header (RFC 3891), "" for none.
func (l *leg) sendInvite(sdp []byte, replaces string) {
	req := l.request(sip.INVITE)
	if replaces != "" {
		req.AppendHeader(sip.NewHeader("Replaces", replaces))
	}
	req.AppendHeader(sip.NewHeader("P-Asserted-Identity", "<"+l.localURI+">"))
	req.AppendHeader(sip.NewHeader("Allow", allowedMethods))
	kind := sip.ContentTypeHeader("application/sdp")
	req.AppendHeader(&kind)
	req.SetBody(sdp)
	l.client = l.p.request(l.flow, req, l.onInviteResponse, func() { l.finish(408) })
	l.script = l.p.after(ringTime, func() { l.hangup(408) })
}

// onInviteResponse takes every answer to our INVITE. A 2xx is acknowledged each time it comes; one that crossed
// our CANCEL is ended with BYE (RFC 3261 §13.2.2.4, §15).
func (l *leg) onInviteResponse(res *sip.Response) {
	switch {
	case res.StatusCode < 200:
	case res.StatusCode >= 300:
		l.finish(res.StatusCode)
	default:
		l.onAccepted(res)
	}
}

func (l *leg) onAccepted(res *sip.Response) {
	first := l.remoteTag == ""
	if first {
		l.remoteTag = tag(res.To().Params)
		l.routes = routeSet(res.GetHeaders("Record-Route"), true)
		if contact := res.Contact(); contact != nil {
			l.target = *contact.Address.Clone()
		}
	}
	ack := l.build(sip.ACK, l.client.req.CSeq().SeqNo, l.target, tag(res.To().Params))
	ack.PrependHeader(newVia(l.client.flow, sip.RFC3261BranchMagicCookie+rand.Text()))
	l.p.journal.note(false, l.client.flow, ack, 0)
	l.client.flow.send([]byte(ack.String()))
	if !first {
		return
	}
	if l.state == legEnded {
		l.bye()
		return
	}
	stopTimer(l.script)
	l.state, l.status = legAnswered, 200
	close(l.answered)
	l.sound.transport.Remote(res.Body(), false)
	l.startSound()
}

// ID returns the SIP Call-ID.
func (c *Call) ID() string { return c.id }

// Answered waits until the user answered. The error wraps ErrRefused with the status, or is that of ctx.
func (c *Call) Answered(ctx context.Context) error {
	select {
	case <-c.leg.answered:
		return nil
	case <-c.leg.ended:
		return fmt.Errorf("%w: %d", ErrRefused, c.Status())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ended is closed when the call is over, whoever ended it.
func (c *Call) Ended() <-chan struct{} { return c.leg.ended }

// Status returns the final status of the set-up: 200 once answered, 0 while it rings or after Close.
func (c *Call) Status() int {
	status := 0
	_ = c.p.ask(c.p.ctx, func() { status = c.leg.status })
	return status
}

// Hangup ends the call: CANCEL while it rings, BYE afterwards.
func (c *Call) Hangup() { c.p.mail.post(func() { c.leg.hangup(487) }) }

// Reinvite sends a re-INVITE with a new offer, and waits for the final status.
func (c *Call) Reinvite(ctx context.Context) (int, error) {
	final := make(chan int, 1)
	err := c.p.ask(ctx, func() {
		l := c.leg
		if l.state != legAnswered || !l.describe(nil, func(sdp []byte, err error) { l.sendReinvite(sdp, err, final) }) {
			final <- 491
		}
	})
	if err != nil {
		return 0, err
	}
	select {
	case status := <-final:
		return status, nil
	case <-c.leg.ended:
		return 481, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (l *leg) sendReinvite(sdp []byte, err error, final chan<- int) {
	if err != nil {
		final <- 500
		return
	}
	req := l.request(sip.INVITE)
	kind := sip.ContentTypeHeader("application/sdp")
	req.AppendHeader(&kind)
	req.SetBody(sdp)
	acknowledge := func(res *sip.Response) {
		ack := l.build(sip.ACK, req.CSeq().SeqNo, l.target, l.remoteTag)
		ack.PrependHeader(newVia(l.flow, sip.RFC3261BranchMagicCookie+rand.Text()))
		l.flow.send([]byte(ack.String()))
	}
	done := false
	l.p.request(l.flow, req, func(res *sip.Response) {
		if res.StatusCode < 200 {
			return
		}
		if res.StatusCode < 300 {
			acknowledge(res)
		}
		if done || l.state == legEnded {
			return
		}
		done = true
		if res.StatusCode < 300 {
			l.sound.transport.Remote(res.Body(), false)
		} else {
			l.sound.transport.Rollback()
		}
		final <- res.StatusCode
	}, func() { final <- 408; l.hangup(0) })
}
