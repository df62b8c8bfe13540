package phone_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func (d *desk) wantRefused(r phone.CallRequest, want error, code phone.Code) {
	d.Helper()
	_, err := d.op.Call(context.Background(), r)
	if !errors.Is(err, want) || phone.CodeOf(err) != code {
		d.Fatalf("call %+v: %v (code %d), want %v (%d)", r, err, phone.CodeOf(err), want, code)
	}
}

func TestACallIsRefusedWithTheContractsCodes(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.wantRefused(phone.CallRequest{Number: ""}, phone.ErrInvalidNumber, -209)
		d.wantRefused(phone.CallRequest{Number: "6\r\n00"}, phone.ErrInvalidNumber, -209)
		d.wantRefused(phone.CallRequest{Number: "600", Account: "nobody"}, phone.ErrAccountNotFound, -200)
		d.wantRefused(phone.CallRequest{Number: "600", TransferOf: "gone"}, phone.ErrAttendedParentNotFound, -207)
		d.wantRefused(phone.CallRequest{Number: "600", Video: true}, phone.ErrNoCamera, -291)
		d.wantRefused(phone.CallRequest{Number: "600", Headers: []phone.Header{{Name: "Via", Value: "x"}}}, phone.ErrHeaderNotAllowed, -200)
		id := d.dial("600")
		d.wantRefused(phone.CallRequest{Number: "601"}, phone.ErrCallTooSoon, -208)
		time.Sleep(time.Second)
		d.wantRefused(phone.CallRequest{Number: "601"}, phone.ErrCurrentCallNotConnected, -210)
		d.must(d.op.Hangup(id))
		if n := d.net.Count("1001.Invite"); n != 1 {
			t.Fatalf("%d INVITEs", n)
		}
	})
}

func TestWithoutAMicrophoneACallNeedsPermissionForSilence(t *testing.T) {
	deaf := func(c *phone.Config, _ *desk) { c.Devices = fakeDevices{} }
	onDesk(t, func(d *desk) {
		d.wantRefused(phone.CallRequest{Number: "600"}, phone.ErrNoMicrophone, -290)
		id := d.ring("in1", "555")
		if err := d.op.Answer(context.Background(), id, phone.AnswerOptions{}); phone.CodeOf(err) != -290 {
			t.Fatal(err)
		}
		d.wantState(id, phone.StateRinging)
	}, deaf)
	onDesk(t, func(d *desk) { d.talk("600") }, deaf, func(c *phone.Config, _ *desk) { c.AllowSilence = true })
}

func TestASecondCallWaitsAndAThirdIsRefusedWithBusy(t *testing.T) {
	onDesk(t, func(d *desk) {
		first := d.talk("600")
		second := d.ring("in1", "555")
		if tone := d.media.Tone(); tone != phone.ToneCallWaiting {
			t.Fatalf("tone %q", tone)
		}
		if !d.op.Snapshot().IsMaxCall {
			t.Fatal("two calls are the limit")
		}
		d.ring("in2", "556")
		d.wantSent("1001.End in2 486")
		if d.events.Count(phone.EventMissed) != 1 || d.events.Count(phone.EventIncoming) != 1 {
			t.Fatal(d.events)
		}
		time.Sleep(time.Second)
		d.wantRefused(phone.CallRequest{Number: "601"}, phone.ErrCurrentCallNotConnected, -210)
		d.must(d.op.Answer(context.Background(), second, phone.AnswerOptions{}))
		d.post(phone.Acked{Dialog: "in1"})
		d.wantState(second, phone.StateTalking)
		if !d.call(first).HoldPending {
			t.Fatal("the first call is not being held")
		}
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(first), Status: 200, SDP: []byte("held")})
		if c := d.call(first); !c.HeldByUs || c.HoldPending {
			t.Fatalf("%+v", c)
		}
		if d.op.Snapshot().Current != second {
			t.Fatal("the answered call is not the current one")
		}
		d.wantRefused(phone.CallRequest{Number: "601"}, phone.ErrMaxCalls, -205)
		d.must(d.op.Hangup(second))
		d.settle()
		if d.op.Snapshot().Current != first {
			t.Fatal("the first call is not current again")
		}
	})
}

func TestWithoutCallWaitingEverySecondCallIsBusy(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.talk("600")
		d.ring("in1", "555")
		d.wantSent("1001.End in1 486")
	}, func(c *phone.Config, _ *desk) { c.NoCallWaiting = true })
}

func TestAConsultationCallIsExemptFromTheLimitAndEndsWithItsParent(t *testing.T) {
	onDesk(t, func(d *desk) {
		parent := d.talk("600")
		other := d.ring("in1", "555")
		d.must(d.op.Answer(context.Background(), other, phone.AnswerOptions{}))
		d.post(phone.Acked{Dialog: "in1"})
		time.Sleep(2 * time.Second)
		c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "602", TransferOf: parent})
		d.must(err)
		if !c.IsTransfer || c.TransferParent.CallID != parent {
			t.Fatalf("%+v", c)
		}
		d.settle()
		d.must(d.op.Hangup(parent))
		d.wantDeleted(c.ID, phone.CauseCanceled)
	})
}

// TestWhenACallEndsItsConsultationEndsInWhicheverWay: whoever ended it, and however far the consultation got.
func TestWhenACallEndsItsConsultationEndsInWhicheverWay(t *testing.T) {
	ends := map[string]func(d *desk, parent phone.CallID){
		"by us": func(d *desk, parent phone.CallID) { d.must(d.op.Hangup(parent)) },
		"by them": func(d *desk, parent phone.CallID) {
			d.post(phone.DialogEnded{Dialog: phone.DialogID(parent), Cause: phone.CauseTerminated, ByThem: true})
		},
		"by a failure": func(d *desk, parent phone.CallID) {
			d.media.Post(parent, phone.MediaFailed{Leg: parent, Err: phone.ErrLocalStream})
		},
	}
	for how, end := range ends {
		for talking, cause := range map[bool]phone.Cause{false: phone.CauseCanceled, true: phone.CauseTerminated} {
			t.Run(fmt.Sprint(how, talking), func(t *testing.T) {
				onDesk(t, func(d *desk) {
					parent, consult := d.consult(talking)
					end(d, parent)
					d.wantDeleted(consult, cause)
					d.wantSent("1001.End " + string(consult) + " 0")
				})
			})
		}
	}
}

func TestACallerSeesItsOwnChangeInTheSnapshot(t *testing.T) {
	onDesk(t, func(d *desk) {
		for range 200 {
			time.Sleep(time.Second)
			c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "600"})
			d.must(err)
			if _, ok := d.op.Snapshot().CallByID(c.ID); !ok {
				t.Fatal("the call that was just placed is not in the snapshot")
			}
			d.must(d.op.Hangup(c.ID))
			if got := d.call(c.ID); got.Live() && got.State != phone.StateEnding {
				t.Fatalf("hung up, yet %q", got.State)
			}
		}
	})
}

func TestSubscribersMayCallBackAndSeeTheChangeAlready(t *testing.T) {
	onDesk(t, func(d *desk) {
		cancel := d.op.Subscribe(func(f func()) { f() }, func(e phone.Event) {
			if e.Name == phone.EventIncoming {
				if _, ok := d.op.Snapshot().CallByID(e.Call.ID); !ok {
					t.Error("the snapshot does not hold the call yet")
				}
				_ = d.op.Reject(e.Call.ID)
			}
		})
		defer cancel()
		id := d.ring("in1", "555")
		d.wantDeleted(id, phone.CauseRejected)
		d.wantSent("1001.End in1 486")
	})
}

func TestAStuckSubscriberHoldsUpNobody(t *testing.T) {
	onDesk(t, func(d *desk) {
		stuck := make(chan struct{})
		d.op.Subscribe(func(f func()) { f() }, func(phone.Event) { <-stuck })
		id := d.talk("600")
		d.must(d.op.Hangup(id))
		d.wantDeleted(id, phone.CauseTerminated)
		close(stuck)
	})
}

func TestAfterDestroyEveryMethodSaysSo(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Destroy(context.Background()))
		d.wantSent("1001.End " + string(id))
		d.wantSent("1001.Unregister")
		d.wantSent("1001.Close")
		d.wantSent("Media.Shutdown")
		if d.events.Count(phone.EventDeleteSession) != 1 {
			t.Fatal(d.events)
		}
		if err := d.op.Hangup(id); !errors.Is(err, phone.ErrDestroyed) {
			t.Fatal(err)
		}
		if _, err := d.op.Call(context.Background(), phone.CallRequest{Number: "1"}); !errors.Is(err, phone.ErrDestroyed) {
			t.Fatal(err)
		}
	})
}

func TestAServerThatAnswersNothingHoldsTheEndUpForTwoSecondsInAll(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.talk("600")
		d.net.AutoRegister, d.net.AutoEnd = false, false
		begin := time.Now()
		d.must(d.op.Destroy(context.Background()))
		took := time.Since(begin)
		for _, r := range d.net.Records() {
			if grace, ok := r.Value.(time.Duration); ok && r.Text == "1001.Close" {
				took += grace // the line's Close may use it up
			}
		}
		if took > 2*time.Second {
			t.Fatalf("the end takes up to %s", took)
		}
	})
}
