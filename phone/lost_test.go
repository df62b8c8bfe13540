package phone_test

import (
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// restarts counts the offers that look for another way.
func (d *desk) restarts(id phone.CallID) int {
	return d.net.Count("Media.Offer " + string(id) + " hold=false video=false restart")
}

// leg posts what a leg tells.
func (d *desk) leg(id phone.CallID, e phone.MediaEvent) {
	d.media.Post(id, e)
	d.settle()
}

// lose takes the call's way, and waits until it is sought.
func (d *desk) lose(id phone.CallID) {
	d.leg(id, phone.MediaDown{Leg: id})
	time.Sleep(4 * time.Second)
	d.settle()
}

func TestALostWayIsSoughtByAReINVITEUntilItIsFound(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.leg(id, phone.MediaUp{Leg: id, NetworkType: "host"})
		d.lose(id)
		if d.call(id).MediaUp || d.restarts(id) != 1 || d.net.Count("1001.Reinvite") != 1 {
			t.Fatalf("up %t\n%v", d.call(id).MediaUp, d.net.Texts())
		}
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 503}) // the server is away for a moment
		if n := d.restarts(id); n != 1 {
			t.Fatalf("%d offers at once", n)
		}
		time.Sleep(6 * time.Second)
		d.settle()
		if n := d.restarts(id); n != 2 {
			t.Fatalf("%d offers after a pause", n)
		}
		d.agree(id)
		d.leg(id, phone.MediaUp{Leg: id, NetworkType: "relay"})
		time.Sleep(time.Minute)
		d.settle()
		if c := d.call(id); !c.MediaUp || c.NetworkType != "relay" || c.State != phone.StateTalking {
			t.Fatalf("%+v", c)
		}
		if n := d.restarts(id); n != 2 {
			t.Fatalf("%d offers though it is found", n)
		}
	})
}

func TestWhoHasMovedSeeksAtOnceAndAgainWhenRegistered(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		move := func() {
			d.post(phone.TransportDown{Cause: phone.CauseConnection})
			d.post(phone.TransportUp{})
			d.post(phone.RegisterDone{Status: 200, Expires: time.Hour})
		}
		move()
		d.leg(id, phone.MediaDown{Leg: id})
		if n := d.restarts(id); n != 1 {
			t.Fatalf("%d offers after the move", n)
		}
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Cause: phone.CauseConnection})
		move()
		if n := d.restarts(id); n != 2 {
			t.Fatalf("%d offers after the next\n%v", n, d.net.Texts())
		}
	})
}

func TestWhoHasNotMovedLetsTheOtherOneSeekFirst(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.leg(id, phone.MediaUp{Leg: id, NetworkType: "host"})
		d.leg(id, phone.MediaDown{Leg: id})
		time.Sleep(2 * time.Second)
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("restart"), At: time.Now()})
		d.leg(id, phone.MediaUp{Leg: id, NetworkType: "host"})
		time.Sleep(time.Minute)
		d.settle()
		if n := d.restarts(id); n != 0 {
			t.Fatalf("%d offers beside theirs", n)
		}
	})
}

func TestACallThatFindsNoWayEndsAfterHalfAMinuteOfTalking(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 183, SDP: []byte("early")})
		d.leg(id, phone.MediaDown{Leg: id}) // the transport has looked for some seconds
		time.Sleep(time.Minute)
		d.wantState(id, phone.StateRinging)
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
		for range 5 {
			time.Sleep(5 * time.Second)
			d.settle()
			d.agree(id)
			d.wantState(id, phone.StateTalking)
		}
		if n := d.restarts(id); n < 4 {
			t.Errorf("%d offers", n)
		}
		time.Sleep(10 * time.Second)
		d.wantDeleted(id, phone.CauseMedia)
	})
}

func TestAHoldWaitsForTheSearchAndTheSearchForAHold(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.lose(id)
		d.must(d.op.Hold(id))
		d.settle()
		if n := d.net.Count("1001.Reinvite"); n != 1 {
			t.Fatalf("%d re-INVITEs at a time", n)
		}
		d.agree(id)
		d.wantSent("Media.Offer " + string(id) + " hold=true video=false restart")
		d.agree(id)
		if c := d.call(id); !c.HeldByUs {
			t.Fatalf("%+v", c)
		}
	})
}

func TestACallThatAnotherForkAnsweredIsConfirmedAndGetsANewOffer(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.Foreign = "b's answer"
		id := d.dial("600")
		dialog := phone.DialogID(id)
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "a", SDP: []byte("a's answer")})
		d.post(phone.Accepted{Dialog: dialog, Fork: "b", SDP: []byte("b's answer"), At: time.Now()})
		d.wantState(id, phone.StateTalking)
		d.wantSent("Media.Start " + string(id))
		if n := d.net.Count("1001.Reinvite"); n != 1 {
			t.Fatalf("%d re-INVITEs\n%v", n, d.net.Texts())
		}
		d.agree(id)
		d.leg(id, phone.MediaUp{Leg: id, NetworkType: "host"})
		d.must(d.op.Hold(id))
		d.settle()
		d.post(phone.ReinviteDone{Dialog: dialog, Status: 488}) // which ends no call any more
		d.wantState(id, phone.StateTalking)
	})
}

func TestACallThatAnotherForkAnsweredEndsWhereItRefusesTheNewOffer(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.media.Foreign = "b's answer"
		id := d.dial("600")
		dialog := phone.DialogID(id)
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "a", SDP: []byte("a's answer")})
		d.post(phone.Accepted{Dialog: dialog, Fork: "b", SDP: []byte("b's answer"), At: time.Now()})
		d.post(phone.ReinviteDone{Dialog: dialog, Status: 488})
		d.wantSent("1001.End " + string(id))
		d.wantDeleted(id, phone.CauseMedia)
		if e, err := d.events.WaitFor(phone.EventClientError, time.Second); err != nil || !errors.Is(e.Err, phone.ErrMediaElsewhere) {
			t.Errorf("%v, %v", e.Err, err)
		}
	})
}

func TestAnAcceptingForksOwnEarlyAnswerCountsWhereItsFinalOneIsEmpty(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		dialog := phone.DialogID(id)
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "a", SDP: []byte("a's answer")})
		d.post(phone.Progress{Dialog: dialog, Status: 183, Fork: "b", SDP: []byte("b's answer")})
		d.wantNotSent(`Media.Remote ` + string(id) + ` answer="b's answer"`)
		d.post(phone.Accepted{Dialog: dialog, Fork: "b", At: time.Now()})
		d.wantSent(`Media.Remote ` + string(id) + ` answer="b's answer" provisional=false`)
		d.wantState(id, phone.StateTalking)
	})
}

func TestARestartThatAnotherFarEndAnswersGetsANewOffer(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Foreign = "agreed"
		d.lose(id)
		d.agree(id)
		if n := d.net.Count("1001.Reinvite"); n != 2 {
			t.Fatalf("%d re-INVITEs\n%v", n, d.net.Texts())
		}
		d.agree(id) // for ever another one: that is no call
		d.wantDeleted(id, phone.CauseMedia)
	})
}
