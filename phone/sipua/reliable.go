package sipua

import (
	"strconv"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Reliable provisional responses (RFC 3262). Ours go out so only when their INVITE requires it: a plain 180 is nothing
// that a call depends on.

// reliable is a provisional response of ours that awaits its PRACK. It belongs to the line's owner.
type reliable struct {
	number          uint32 // RSeq
	raw             []byte
	sdp             []byte
	interval        time.Duration
	retry, deadline *timer
}

func (p *reliable) stop(l *line) {
	if p != nil {
		l.stop(p.retry)
		l.stop(p.deadline)
	}
}

// ringReliably sends 180 or 183 with a number, and repeats it until PRACK comes (§3). The next one waits for that.
func (c *call) ringReliably(status int, sdp []byte) {
	if c.reliable != nil {
		c.ringLater = func() { c.ring(sdp) }
		return
	}
	if sdpOf(c.invite.m) == nil && sdp == nil && c.sdp == nil { // the first one has to bring our offer (§5)
		return
	}
	if c.rseq == 0 {
		c.rseq = uint32(randomBelow(1 << 30))
	}
	c.rseq++
	r := c.dialogResponse(c.invite, status, sdp)
	r.add("Require", "100rel")
	r.add("RSeq", strconv.FormatUint(uint64(c.rseq), 10))
	c.invite.respond(r)
	p := &reliable{number: c.rseq, raw: c.invite.last, sdp: sdp, interval: timerT1}
	c.reliable = p
	var again func()
	again = func() {
		c.invite.send(p.raw)
		p.interval *= 2
		p.retry = c.l.after(p.interval, again)
	}
	p.retry = c.l.after(p.interval, again)
	p.deadline = c.l.after(giveUp, func() {
		c.invite.reply(504)
		c.finish(phone.DialogEnded{Cause: phone.CauseNoAck, Status: 504})
	})
}

// onPrack ends the wait for it (§3), and brings their answer where it was our offer (§5). An offer within it is refused: nobody
// has answered this call yet.
func (c *call) onPrack(st *serverTx) {
	p := c.reliable
	if p == nil || !p.namedBy(st.m, c.invite.m) {
		st.reply(481)
		return
	}
	p.stop(c.l)
	c.reliable = nil
	answer, offered := sdpOf(st.m), p.sdp != nil && sdpOf(c.invite.m) == nil
	if p.sdp != nil && (!offered || answer != nil) { // an offer that stays without an answer goes once more, in the 200
		c.sdp = p.sdp
	}
	switch {
	case offered && answer != nil:
		st.reply(200)
		c.l.post(phone.Acked{Dialog: c.id, SDP: answer, At: time.Now()})
	case answer != nil:
		st.reply(488)
	default:
		st.reply(200)
	}
	later := c.ringLater
	c.ringLater = nil
	if later != nil {
		later()
	}
}

// namedBy reports whether RAck names this response to the INVITE.
func (p *reliable) namedBy(prack, invite *message) bool {
	number, method := invite.cseq()
	fields := strings.Fields(prack.get("RAck"))
	return len(fields) == 3 && fields[0] == strconv.FormatUint(uint64(p.number), 10) &&
		fields[1] == strconv.FormatUint(uint64(number), 10) && fields[2] == method
}

// acknowledge says PRACK to a reliable response of theirs (§4). false: it is a repetition, or one before it is missing,
// and is not to be looked at.
func (c *call) acknowledge(d *dialog, invite, r *message) bool {
	if !hasToken(r.list("Require"), "100rel") {
		return true
	}
	number, err := strconv.ParseUint(r.get("RSeq"), 10, 32)
	if err != nil || number == 0 || d == nil || d.remoteRSeq != 0 && number != uint64(d.remoteRSeq)+1 {
		return false
	}
	d.remoteRSeq = uint32(number)
	of, method := invite.cseq()
	rack := strconv.FormatUint(number, 10) + " " + cseqValue(of, method)
	c.l.transact(func() *message {
		m := d.next(c.l, "PRACK")
		m.add("RAck", rack)
		return m
	}, func(*message) {}, func(phone.Cause) {}) // what becomes of the call, its own answers tell
	return true
}
