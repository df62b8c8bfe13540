package demopbx

import (
	"crypto/rand"
	"time"

	"github.com/emiago/sipgo/sip"
)

type legState int

const (
	legSetup    legState = iota // no 2xx yet
	legAnswered                 // 2xx sent or received
	legEnded
)

// echoNumber shows what it sees, too.
const echoNumber = "600"

// longestCall ends a call that nobody ended.
const longestCall = 4 * time.Hour

// leg is a call with the PBX itself: one dialog (RFC 3261 §12) and its sound. It belongs to the loop.
type leg struct {
	p        *PBX
	number   string // what it plays: "600" … "607"
	user     string // the extension at the other end
	flow     *flow
	outgoing bool
	state    legState

	callID              string
	localTag, remoteTag string
	localURI, remoteURI string // as in From and To of our requests, without tags
	target              sip.Uri
	routes              []sip.Header
	localSeq, remoteSeq uint32

	invite   *serverTx // incoming, until answered
	client   *clientTx // outgoing
	pending  func(sdp []byte, err error)
	replaces *leg // ends when this one is answered
	sound    *sound
	byeSent  bool
	started  bool

	okTimer, limit, script *time.Timer
	okCSeq                 uint32 // of the INVITE whose 2xx waits for its ACK, 0: none

	status   int           // final status of the set-up
	answered chan struct{} // closed on 2xx
	ended    chan struct{} // closed at the end
}

func (p *PBX) newLeg(number, user string, f *flow) *leg {
	l := &leg{
		p: p, number: number, user: user, flow: f, localTag: rand.Text(),
		answered: make(chan struct{}), ended: make(chan struct{}),
	}
	return l
}

// open makes the leg's transport, as their offer wants it, or without one as that extension's last did, and enters it in the books. It returns a status for a refusal, or 0.
func (l *leg) open(offer []byte) int {
	if l.p.finalizing || len(l.p.legs) >= maxLegs {
		return 503
	}
	l.sound = newSound(l)
	kind := kindOf(offer, l.p.kinds[l.user])
	l.p.kinds[l.user] = kind
	transport, err := openTransport(l.p.transports, l.p.plain, kind, l.sound)
	if err != nil {
		l.p.log.Warn("no media for a call", "number", l.number, "err", err)
		return 500
	}
	l.sound.transport = transport
	l.p.legs[l.localTag] = l
	l.limit = l.p.after(longestCall, func() { l.hangup(480) })
	return 0
}

// legOf finds the leg of an in-dialog request, by both tags and the Call-ID.
func (p *PBX) legOf(req *sip.Request) *leg {
	l := p.legs[tag(req.To().Params)]
	if l == nil || l.callID != req.CallID().Value() || l.remoteTag != tag(req.From().Params) {
		return nil
	}
	return l
}

// answerLeg makes the leg for an incoming INVITE and starts the number's play; nil when it has refused.
func (p *PBX) answerLeg(tx *serverTx, user, number string) *leg {
	l := p.newLeg(number, user, tx.flow)
	req := tx.req
	l.invite, l.callID, l.remoteTag = tx, req.CallID().Value(), tag(req.From().Params)
	l.remoteURI, l.localURI = req.From().Address.String(), req.To().Address.String()
	l.remoteSeq = req.CSeq().SeqNo
	l.routes = routeSet(req.GetHeaders("Record-Route"), false)
	tx.toTag = l.localTag
	if req.Contact() == nil {
		tx.respond(400, "No Contact", nil)
		return nil
	}
	l.target = *req.Contact().Address.Clone()
	if status := l.open(req.Body()); status != 0 {
		tx.respond(status, reason(status), nil)
		return nil
	}
	tx.onCancel = func() { l.hangup(487) }
	tx.onGone = func() {
		tx.end()
		l.finish(0)
	}
	l.play()
	return l
}

// routeSet turns Record-Route into Route: as it is for the callee, reversed for the caller (§12.1).
func routeSet(records []sip.Header, reversed bool) []sip.Header {
	var routes []sip.Header
	for _, h := range records {
		route := sip.NewHeader("Route", h.Value())
		if reversed {
			routes = append([]sip.Header{route}, routes...)
		} else {
			routes = append(routes, route)
		}
	}
	return routes
}

// describe asks the transport for our description; then gets it, or why there is none. One at a time.
func (l *leg) describe(offer []byte, then func(sdp []byte, err error)) bool {
	if l.pending != nil {
		return false
	}
	l.pending = then
	video := l.number == echoNumber && (len(offer) > 0 || l.sound.hasVideo())
	describe(l.sound.transport, offer, video)
	return true
}

// onLocalSDP and onMediaFailed are what the transport told.
func (l *leg) onLocalSDP(sdp []byte) {
	if then := l.pending; then != nil && l.state != legEnded {
		l.pending = nil
		then(sdp, nil)
	}
}

func (l *leg) onMediaFailed(err error) {
	if l.state == legEnded {
		return
	}
	l.p.log.Info("media failed", "number", l.number, "user", l.user, "err", err)
	if then := l.pending; then != nil {
		l.pending = nil
		then(nil, err)
		return
	}
	l.hangup(mediaStatus(err))
}

// accept answers the first INVITE with 200 and the SDP.
func (l *leg) accept(sdp []byte) {
	if l.state != legSetup || l.invite == nil {
		return
	}
	l.state, l.status = legAnswered, 200
	l.respondOK(l.invite, sdp)
	l.invite = nil
	close(l.answered)
	if l.replaces != nil {
		l.replaces.hangup(0)
	}
}

// respondOK sends a 200 with SDP to an INVITE and repeats it until the ACK comes (RFC 3261 §13.3.1.4).
func (l *leg) respondOK(tx *serverTx, sdp []byte) {
	l.respond(tx, 200, sdp)
	l.okCSeq = tx.req.CSeq().SeqNo
	wire, flow, cseq := tx.last, tx.flow, l.okCSeq
	deadline := time.Now().Add(l.p.timers.timeout())
	var again func(d time.Duration)
	again = func(d time.Duration) {
		l.okTimer = l.p.after(d, func() {
			switch {
			case l.okCSeq != cseq || l.state == legEnded:
			case time.Now().After(deadline):
				l.hangup(0)
			default:
				flow.send(wire)
				again(min(2*d, l.p.timers.t2))
			}
		})
	}
	again(l.p.timers.t1)
}

// respond answers a request of this dialog, with SDP when there is one.
func (l *leg) respond(tx *serverTx, status int, sdp []byte) {
	tx.respond(status, reason(status), func(res *sip.Response) {
		if tx.req.IsInvite() || tx.req.Method == sip.UPDATE {
			res.AppendHeader(&sip.ContactHeader{Address: ourURI(tx.flow, l.number)})
			res.AppendHeader(sip.NewHeader("Allow", allowedMethods))
		}
		if sdp != nil {
			kind := sip.ContentTypeHeader("application/sdp")
			res.AppendHeader(&kind)
			res.SetBody(sdp)
		}
	})
}

// request makes a request inside the dialog (§12.2.1.1).
func (l *leg) request(method sip.RequestMethod) *sip.Request {
	if method != sip.ACK {
		l.localSeq++
	}
	return l.build(method, l.localSeq, l.target, l.remoteTag)
}

func (l *leg) build(method sip.RequestMethod, seq uint32, target sip.Uri, remoteTag string) *sip.Request {
	req := sip.NewRequest(method, *target.Clone())
	for _, route := range l.routes {
		req.AppendHeader(sip.NewHeader("Route", route.Value()))
	}
	forwards := sip.MaxForwardsHeader(70)
	req.AppendHeader(&forwards)
	from, to := &sip.FromHeader{Params: sip.NewParams()}, &sip.ToHeader{Params: sip.NewParams()}
	_ = sip.ParseUri(l.localURI, &from.Address) // both were parsed before, or are ours
	_ = sip.ParseUri(l.remoteURI, &to.Address)
	from.Params.Add("tag", l.localTag)
	if remoteTag != "" {
		to.Params.Add("tag", remoteTag)
	}
	req.AppendHeader(from)
	req.AppendHeader(to)
	callID := sip.CallIDHeader(l.callID)
	req.AppendHeader(&callID)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: seq, MethodName: method})
	if method != sip.BYE && method != sip.CANCEL {
		req.AppendHeader(&sip.ContactHeader{Address: ourURI(l.flow, l.number)})
	}
	req.AppendHeader(sip.NewHeader("User-Agent", serverName))
	req.SetBody(nil)
	return req
}

// hangup ends the call in whichever state it is; status refuses an incoming one that was not answered.
func (l *leg) hangup(status int) {
	switch {
	case l.state == legEnded:
		return
	case l.state == legAnswered:
		l.bye()
	case l.outgoing && l.client != nil:
		l.client.cancel()
	case l.invite != nil && l.invite.status < 200:
		if status == 0 {
			status = 480
		}
		l.invite.respond(status, reason(status), nil)
	}
	l.finish(status)
}

func (l *leg) bye() {
	if l.byeSent {
		return
	}
	l.byeSent = true
	if l.flow = l.p.flowOf(l.flow, l.user); l.flow == nil {
		return
	}
	l.p.request(l.flow, l.request(sip.BYE), nil, nil)
}

// finish frees everything. The leg is out of the books then.
func (l *leg) finish(status int) {
	if l.state == legEnded {
		return
	}
	if l.state == legSetup {
		l.status = status
	}
	l.state, l.pending, l.okCSeq = legEnded, nil, 0
	for _, t := range []*time.Timer{l.okTimer, l.limit, l.script} {
		stopTimer(t)
	}
	delete(l.p.legs, l.localTag)
	close(l.ended)
	l.sound.stopPlaying()
	l.p.spawn(l.sound.transport.Close)
}
