package phone_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// agreeable far ends ring, agree to every change and acknowledge every answer.
func agreeable(_ *phone.Config, d *desk) {
	d.net.React = func(line *phonetest.Line, r phonetest.Record) {
		verb, rest, _ := strings.Cut(r.Text, " ")
		dialog, _, _ := strings.Cut(rest, " ")
		id := phone.DialogID(dialog)
		switch verb {
		case "Invite":
			line.Post(phone.Progress{Dialog: id, Status: 180, Fork: "a"})
		case "Answer":
			line.Post(phone.Acked{Dialog: id})
		case "Reinvite":
			line.Post(phone.ReinviteDone{Dialog: id, Status: 200, SDP: []byte("agreed")})
		}
	}
}

// steps are what may happen next: gestures of the user and of the far ends.
func steps(d *desk, r *rand.Rand, n int) []func() error {
	ctx := context.Background()
	s := d.op.Snapshot()
	var c phone.Call
	if len(s.Calls) > 0 {
		c = s.Calls[r.IntN(len(s.Calls))]
	}
	id, dialog := c.ID, phone.DialogID(c.ID)
	post := func(e phone.SignalEvent) func() error { return func() error { d.line().Post(e); return nil } }
	return []func() error{
		func() error { _, err := d.op.Call(ctx, phone.CallRequest{Number: "600"}); return err },
		func() error { _, err := d.op.Call(ctx, phone.CallRequest{Number: "601", TransferOf: id}); return err },
		post(phone.InviteIn{Dialog: phone.DialogID(fmt.Sprint("in", n)), SIPCallID: fmt.Sprint("in", n), From: phone.Party{Number: "555"}, SDP: []byte("offer")}),
		func() error { return d.op.Answer(ctx, id, phone.AnswerOptions{}) },
		post(phone.Accepted{Dialog: dialog, Fork: "a", SDP: []byte("remote")}), post(phone.Accepted{Dialog: dialog, Fork: "a", SDP: []byte("remote")}),
		post(phone.Refused{Dialog: dialog, Status: 486, Cause: phone.CauseBusy}),
		func() error { return d.op.Hold(id) }, func() error { return d.op.Unhold(id) },
		func() error { return d.op.Merge() }, func() error { return d.op.Merge(id) }, func() error { return d.op.Split(id) }, func() error { return d.op.Split("") },
		d.op.HoldConference, d.op.UnholdConference,
		func() error { return d.op.SetCurrent(id) },
		func() error { return d.op.BlindTransfer(ctx, id, "602") },
		func() error { return d.op.AttendedTransfer(ctx, id, "602") },
		post(phone.ReferProgress{Dialog: dialog, Status: 486, Final: true}), post(phone.ReferProgress{Dialog: dialog, Status: 200, Final: true}),
		post(phone.ReferIn{Dialog: dialog, Target: "sip:603@pbx.example"}),
		func() error { _, err := d.op.AcceptTransfer(ctx, id); return err },
		post(phone.DialogEnded{Dialog: dialog, Cause: phone.CauseTerminated, ByThem: true}),
		func() error { return d.op.Hangup(id) },
	}
}

// wantOrder wants what has to hold of all calls together, whatever happened.
func (d *desk) wantOrder(limit int) (broken string) {
	s := d.op.Snapshot()
	var rings []phone.CallID
	var speaking, counted, members int
	for _, c := range s.Calls {
		if c.RingsHere() {
			rings = append(rings, c.ID)
		}
		member := c.Conference && c.State == phone.StateTalking
		if member {
			members++
		}
		if !c.IsTransfer {
			counted++
		}
		if c.State == phone.StateTalking && !c.HeldByUs && !(member && members > 1) {
			speaking++
		}
		if c.IsTransfer {
			if _, there := s.CallByID(c.TransferParent.CallID); !there {
				broken += " a consultation call without its parent;"
			}
		}
	}
	counted -= max(0, members-1)
	_, there := s.CurrentCall()
	switch {
	case !slices.Equal(rings, s.Incoming):
		broken += " the list of those that ring;"
	case s.IsMaxCall != (counted >= limit):
		broken += fmt.Sprintf(" isMaxCall is %t with %d;", s.IsMaxCall, counted)
	case speaking > 1:
		broken += fmt.Sprintf(" %d calls are heard at once;", speaking)
	case members == 1:
		broken += " a conference of one;"
	case there != (s.Current != ""), s.Current == "" && len(rings) < len(s.Calls):
		broken += " the foreground call;"
	}
	return broken
}

// TestWhateverHappensTheContractsOrderHolds walks at random: after each step the calls together are as the attributes have it.
func TestWhateverHappensTheContractsOrderHolds(t *testing.T) {
	for seed := range uint64(150) {
		onDesk(t, func(d *desk) {
			r := rand.New(rand.NewPCG(seed, 1))
			var walked []int
			for n := range 60 {
				all := steps(d, r, n)
				step := r.IntN(len(all))
				walked = append(walked, step)
				err := all[step]()
				d.settle()
				time.Sleep(time.Second)
				d.settle()
				if broken := d.wantOrder(3); broken != "" {
					d.Fatalf("seed %d, after %v (%v):%s\n%+v", seed, walked, err, broken, d.op.Snapshot().Calls)
				}
			}
			d.wantLawful()
		}, agreeable, func(c *phone.Config, _ *desk) { c.CallLimit = 3 })
	}
}
