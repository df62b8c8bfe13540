package phone_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

func manyCalls(c *phone.Config, _ *desk) { c.CallLimit = 8 }

// settleHolds agrees to every re-INVITE that is under way.
func (d *desk) settleHolds() {
	d.Helper()
	for range 10 {
		pending := false
		for _, c := range d.op.Snapshot().Calls {
			if c.HoldPending {
				pending = true
				d.agree(c.ID)
			}
		}
		if !pending {
			return
		}
	}
	d.Fatal("a hold is pending for ever")
}

// talkTo makes n calls one after the other; all but the last are held then.
func (d *desk) talkTo(n int) (ids []phone.CallID) {
	d.Helper()
	for i := range n {
		ids = append(ids, d.talk(fmt.Sprint(600+i)))
		d.settleHolds()
	}
	return ids
}

// merged makes n calls and joins them.
func (d *desk) merged(n int) []phone.CallID {
	d.Helper()
	ids := d.talkTo(n)
	d.must(d.op.Merge(ids...))
	d.settle()
	d.settleHolds()
	d.wantConference(ids...)
	return ids
}

// wantConference checks who is in the conference, and that of these nobody is held.
func (d *desk) wantConference(want ...phone.CallID) {
	d.Helper()
	var got []phone.CallID
	for _, c := range d.op.Snapshot().Conference() {
		got = append(got, c.ID)
		if c.HeldByUs || c.HoldPending {
			d.Fatalf("the member %s is held: %+v", c.ID, c)
		}
	}
	if !slices.Equal(got, want) {
		d.Fatalf("members %v, want %v", got, want)
	}
}

// wantTalking checks who is held by us: everyone but these.
func (d *desk) wantTalking(ids ...phone.CallID) {
	d.Helper()
	for _, c := range d.op.Snapshot().Calls {
		if c.State == phone.StateTalking && c.HeldByUs == slices.Contains(ids, c.ID) {
			d.Fatalf("call %s: held %t; talking should be %v", c.Number, c.HeldByUs, ids)
		}
	}
}

func TestMergeJoinsTheCurrentAndTheHeldCallAndResumesIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.talkTo(2)
		d.must(d.op.Merge())
		d.settle()
		for _, id := range ids {
			d.wantSent("Media.Mix " + string(id) + " true")
			if !d.call(id).Conference {
				t.Fatalf("%+v", d.call(id))
			}
		}
		d.wantSent("Media.Hold " + string(ids[0]) + " false")
		if c := d.call(ids[0]); !c.HoldPending || !c.HeldByUs {
			t.Fatalf("resumed before the far end agreed: %+v", c)
		}
		d.settleHolds()
		d.wantConference(ids...)
		if d.op.Snapshot().Current != ids[1] {
			t.Fatal("another call is the current one")
		}
		told := 0
		for _, e := range d.events.Events() {
			if e.Name == phone.EventStatusChange && e.Call.Conference && !e.Old.Conference {
				told++
			}
		}
		if told != 2 {
			t.Fatalf("isConference was told %d times", told)
		}
	})
}

func TestMergeFindsTheCallsThatItMeans(t *testing.T) {
	for name, c := range map[string]struct {
		calls   int
		current int
		first   []int // merged before
		merge   []int
		want    []int
	}{
		"the current one and the one held last":           {3, 2, nil, nil, []int{1, 2}},
		"a named one and the current one":                 {3, 2, nil, []int{0}, []int{0, 2}},
		"the current one by name and the one held last":   {3, 2, nil, []int{2}, []int{1, 2}},
		"two that are held":                               {3, 2, nil, []int{0, 1}, []int{0, 1}},
		"one named twice":                                 {2, 1, nil, []int{0, 1, 0, 1}, []int{0, 1}},
		"the held conference and the current one":         {4, 3, []int{0, 1}, nil, []int{0, 1, 3}},
		"one by name, to the conference that is held":     {4, 3, []int{0, 1}, []int{2}, []int{0, 1, 2}},
		"a further one by name":                           {4, 1, []int{0, 1}, []int{3}, []int{0, 1, 3}},
		"by one of its members the whole conference":      {4, 3, []int{0, 1}, []int{0, 2}, []int{0, 1, 2}},
		"those that are together already":                 {2, 1, []int{0, 1}, []int{0, 1}, []int{0, 1}},
		"the conference that is held, and nobody besides": {3, 2, []int{0, 1}, []int{0, 1}, []int{0, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				ids := d.talkTo(c.calls)
				pick := func(which []int) (list []phone.CallID) {
					for _, i := range which {
						list = append(list, ids[i])
					}
					return list
				}
				if c.first != nil {
					d.must(d.op.Merge(pick(c.first)...))
					d.settle()
					d.settleHolds()
				}
				d.must(d.op.Unhold(ids[c.current]))
				d.settle()
				d.settleHolds()
				d.must(d.op.Merge(pick(c.merge)...))
				d.settle()
				d.settleHolds()
				d.wantConference(pick(c.want)...)
				d.wantTalking(pick(c.want)...)
				if !slices.Contains(pick(c.want), d.op.Snapshot().Current) {
					t.Fatal("the current call is none of those that talk")
				}
			}, manyCalls)
		})
	}
}

func TestMergeIsRefusedWhereNothingCanBeJoined(t *testing.T) {
	onDesk(t, func(d *desk) {
		want := func(err, want error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		want(d.op.Merge(), phone.ErrInvalidState)
		want(d.op.Merge("nobody"), phone.ErrCallNotFound)
		for _, f := range []func() error{d.op.HoldConference, d.op.UnholdConference, d.op.HangupConference, func() error { return d.op.Split("") }} {
			want(f(), phone.ErrInvalidState)
		}
		ids := d.talkTo(1)
		want(d.op.Merge(), phone.ErrInvalidState)
		want(d.op.Merge(ids[0], ids[0]), phone.ErrInvalidState)
		want(d.op.Merge(ids[0], "nobody"), phone.ErrCallNotFound)
		want(d.op.Split(ids[0]), phone.ErrInvalidState)
		want(d.op.Split("nobody"), phone.ErrCallNotFound)
		rings := d.ring("in1", "555")
		want(d.op.Merge(ids[0], rings), phone.ErrInvalidState)
		d.must(d.op.Reject(rings))
		d.settle()
		ids = append(ids, d.talkTo(6)...)
		want(d.op.Merge(ids[:6]...), phone.ErrMaxCalls)
		d.must(d.op.Merge(ids[:5]...))
		d.settle()
		want(d.op.Merge(ids[5]), phone.ErrMaxCalls)
		want(d.op.Merge(ids[5], ids[6]), phone.ErrInvalidState) // a second conference
		d.settleHolds()
		d.wantConference(ids[:5]...)
	}, manyCalls)
}

func TestACallThatIsBeingTransferredIsNotMergedAndAMemberNotTransferred(t *testing.T) {
	onDesk(t, func(d *desk) {
		ids := d.talkTo(2)
		d.must(d.op.BlindTransfer(context.Background(), ids[0], "777"))
		if err := d.op.Merge(ids...); !errors.Is(err, phone.ErrInvalidState) {
			t.Fatal(err)
		}
		if err := d.op.Merge(); !errors.Is(err, phone.ErrInvalidState) {
			t.Fatal(err)
		}
		d.must(d.op.Unhold(ids[0])) // takes it back
		d.settle()
		d.settleHolds()
		d.must(d.op.Merge(ids...))
		if err := d.op.BlindTransfer(context.Background(), ids[0], "777"); !errors.Is(err, phone.ErrInvalidState) {
			t.Fatal(err)
		}
	})
}

func TestAConferenceCountsAsOneCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		members := d.merged(2)
		if d.op.Snapshot().IsMaxCall {
			t.Fatal("full with a conference alone")
		}
		third := d.talk("602")
		d.settleHolds()
		d.wantTalking(third)
		if !d.op.Snapshot().IsMaxCall {
			t.Fatal("a conference and a call are two")
		}
		d.ring("in1", "555")
		d.wantSent("1001.End in1 486")
		d.must(d.op.Merge())
		d.settle()
		d.settleHolds()
		d.wantConference(append(members, third)...)
		if d.op.Snapshot().IsMaxCall {
			t.Fatal("full with a conference of three alone")
		}
	})
}

func TestAnIncomingCallRingsBesideAConferenceAndAnsweringHoldsAllOfIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		members := d.merged(2)
		third := d.ring("in1", "555")
		if tone := d.media.Tone(); tone != phone.ToneCallWaiting {
			t.Fatalf("tone %q", tone)
		}
		d.wantTalking(members...)
		d.must(d.op.Answer(context.Background(), third, phone.AnswerOptions{}))
		d.post(phone.Acked{Dialog: "in1"})
		d.settleHolds()
		d.wantTalking(third)
		if n := len(d.op.Snapshot().Conference()); n != 2 {
			t.Fatalf("%d members", n)
		}
		d.must(d.op.Hangup(third))
		d.settle()
		if !slices.Contains(members, d.op.Snapshot().Current) {
			t.Fatal("the conference is not current again")
		}
		d.must(d.op.UnholdConference())
		d.settle()
		d.settleHolds()
		d.wantConference(members...)
	})
}
