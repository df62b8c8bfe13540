package phone_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// situation brings one call to where a command or a message may find it. A second has passed since, so that a further call is
// not too soon.
type situation struct {
	name  string
	begin func(d *desk) phone.CallID
}

// situations are all states of a call, with what may stand beside the state.
func situations() []situation {
	return slices.Concat(unanswered(), standing(), joined(), leaving())
}

// stillMedia lets descriptions be made no more: what is asked for next stays under way. mediaGoesOn ends that.
func (d *desk) stillMedia()  { d.setMedia(false) }
func (d *desk) mediaGoesOn() { d.setMedia(true) }

func (d *desk) setMedia(auto bool) {
	d.settle()
	d.media.Auto = auto
	d.media.KeyFeedback('0') // the journal's lock carries it over to the loop, whose timers do not know of us
}

func unanswered() []situation {
	ctx := context.Background()
	return []situation{
		{"gathering", func(d *desk) phone.CallID { d.stillMedia(); return d.dial("600") }},
		{"calling", func(d *desk) phone.CallID { return d.dial("600") }},
		{"ringing", func(d *desk) phone.CallID {
			id := d.dial("600")
			d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180, Fork: "a"})
			return id
		}},
		{"early", func(d *desk) phone.CallID {
			id := d.dial("600")
			d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 183, Fork: "a", SDP: []byte("early")})
			return id
		}},
		{"seen 200", func(d *desk) phone.CallID {
			id := d.dial("600")
			d.stillMedia()
			d.post(phone.Accepted{Dialog: phone.DialogID(id), Fork: "a", SDP: []byte("remote")})
			return id
		}},
		{"rings here", func(d *desk) phone.CallID { return d.ring("in1", "555") }},
		{"answering", func(d *desk) phone.CallID {
			id := d.ring("in1", "555")
			d.stillMedia()
			d.must(d.op.Answer(ctx, id, phone.AnswerOptions{}))
			return id
		}},
		{"sent 200", func(d *desk) phone.CallID {
			id := d.ring("in1", "555")
			d.must(d.op.Answer(ctx, id, phone.AnswerOptions{}))
			return id
		}},
	}
}

func standing() []situation {
	held := func(d *desk) phone.CallID {
		id := d.talk("600")
		d.must(d.op.Hold(id))
		d.settle()
		d.agree(id)
		return id
	}
	byThem := func(d *desk, id phone.CallID) phone.CallID {
		d.media.Info.HeldByThem = true
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("sendonly")})
		d.want(d.call(id).HeldByThem, "held by them")
		return id
	}
	return []situation{
		{"talking", func(d *desk) phone.CallID { return d.talk("600") }},
		{"hold pending", func(d *desk) phone.CallID { id := d.talk("600"); d.must(d.op.Hold(id)); return id }},
		{"held by us", held},
		{"held by them", func(d *desk) phone.CallID { return byThem(d, d.talk("600")) }},
		{"held by both", func(d *desk) phone.CallID { return byThem(d, held(d)) }},
		{"they change", func(d *desk) phone.CallID {
			id := d.talk("600")
			d.stillMedia()
			d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("offer")})
			return id
		}},
		{"no way", func(d *desk) phone.CallID { id := d.talk("600"); d.media.Post(id, phone.MediaDown{Leg: id}); return id }},
		{"recording", func(d *desk) phone.CallID { id := d.talk("600"); d.must(d.op.StartRecord(id)); return id }},
		{"rec. paused", func(d *desk) phone.CallID {
			id := d.talk("600")
			d.must(d.op.StartRecord(id))
			d.settle()
			d.must(d.op.PauseRecord(id))
			return id
		}},
	}
}

func joined() []situation {
	return []situation{
		{"transferring", func(d *desk) phone.CallID { return d.transferring("602") }},
		{"asked away", func(d *desk) phone.CallID {
			id := d.talk("600")
			d.post(phone.ReferIn{Dialog: phone.DialogID(id), Target: "sip:602@pbx.example"})
			return id
		}},
		{"consult rings", func(d *desk) phone.CallID { _, id := d.consult(false); return id }},
		{"consulting", func(d *desk) phone.CallID { _, id := d.consult(true); return id }},
		{"waits for it", func(d *desk) phone.CallID { id, _ := d.consult(true); return id }},
		{"beside one", func(d *desk) phone.CallID { _, id := d.besides(); return id }},
		{"beside held", func(d *desk) phone.CallID { id, _ := d.besides(); return id }},
		{"conference", func(d *desk) phone.CallID { return d.merged(2)[0] }},
		{"being replaced", func(d *desk) phone.CallID {
			id := d.talk("600")
			d.stillMedia()
			d.takeOver(id, "offer")
			return id
		}},
	}
}

// besides makes two calls that have nothing to do with one another; the first is held.
func (d *desk) besides() (held, talks phone.CallID) {
	held, talks = d.answered("in1", "555"), d.talk("600")
	d.settleHolds()
	return held, talks
}

func leaving() []situation {
	return []situation{
		{"ending", func(d *desk) phone.CallID {
			id := d.talk("600")
			d.net.AutoEnd = false
			d.must(d.op.Hangup(id))
			return id
		}},
		{"ended", func(d *desk) phone.CallID { id := d.talk("600"); d.must(d.op.Hangup(id)); return id }},
		{"unknown", func(d *desk) phone.CallID { d.talk("600"); return "nobody" }},
	}
}

// in runs a test with a call in that situation, and holds afterwards what every call has to keep to.
func (s situation) in(t *testing.T, test func(d *desk, id phone.CallID)) {
	t.Helper()
	onDesk(t, func(d *desk) {
		id := s.begin(d)
		d.settle()
		time.Sleep(time.Second)
		d.settle()
		test(d, id)
		d.settle()
		d.wantLawful()
	}, agreed, manyCalls, filming)
}

// outside is all that the world can see of an operator: its state, what it sent and what it told.
type outside struct {
	snapshot   phone.Snapshot
	sent, told int
}

func (d *desk) outside() outside {
	return outside{*d.op.Snapshot(), len(d.net.Texts()), len(d.events.Events())}
}
