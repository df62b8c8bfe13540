//go:build linux

package interop

import (
	"context"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// testBeingSent: SIPp transfers us, and comes in the place of others, with the whole program.
func testBeingSent(t *testing.T) {
	for name, test := range map[string]func(r *rung){
		"we go there":                     (*rung).goesThere,
		"we decline":                      (*rung).declinesToGo,
		"without a call nobody is asked":  (*rung).sentByNobody,
		"another takes a call's place":    func(r *rung) { r.takesPlace(phone.StateTalking, "replaced", "takes-the-place") },
		"another takes it while it rings": func(r *rung) { r.takesPlace(phone.StateRinging, "replaced-while-it-rang", "takes-the-place") },
		"wrong tags take nobody's place":  (*rung).takesNoPlace,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newWholeRung(t)
			test(r)
		})
	}
}

// goesThere: the user is asked, a call goes where they said, and they hear that we arrived.
func (r *rung) goesThere() {
	r.Helper()
	proves(r.T, "SIPp", "transfers us")
	target := r.beside("602")
	target.climb("taken")
	id := r.talk("sends-us")
	q := r.await(phone.EventTransferRequest).Request
	if q.Call != id || q.Target != "602" || q.Name != "Tom" || !q.Attended || q.By.Number != "600" {
		r.Errorf("%+v", q)
	}
	c, err := r.AcceptTransfer(context.Background(), id)
	r.must(err)
	r.holds("the call that they wanted", c.ID, func(c phone.Call) bool {
		return c.State == phone.StateTalking && c.Number == "602" && c.ReferredBy.Number == "600"
	})
	r.board.part()
	r.complete()
	target.complete()
	r.gone(id, c.ID)
}

func (r *rung) declinesToGo() {
	r.Helper()
	proves(r.T, "SIPp", "transfers us")
	id := r.talk("sends-us-in-vain")
	r.await(phone.EventTransferRequest)
	r.must(r.DeclineTransfer(id))
	if e := r.await(phone.EventTransferRequestEnded); e.Cause != phone.CauseRejected {
		r.Errorf("%+v", e)
	}
	if c, there := r.Snapshot().CallByID(id); !there || c.State != phone.StateTalking || c.HeldByUs {
		r.Errorf("the call should go on: %+v", c)
	}
	r.await(phone.EventEnded)
	r.complete()
	if n := r.board.count("> INVITE"); n != 1 {
		r.Errorf("%d INVITEs", n)
	}
}

func (r *rung) sentByNobody() {
	r.Helper()
	r.await(phone.EventRegistered)
	r.climb("refer-out-of-dialog")
	r.complete()
	if n := r.events.Count(phone.EventTransferRequest) + len(r.Snapshot().Calls); n != 0 {
		r.Errorf("%d calls or questions", n)
	}
}

// takesPlace: to the user it stays the same call, with somebody else at its other end.
func (r *rung) takesPlace(state phone.State, old, ladder string) {
	r.Helper()
	proves(r.T, "SIPp", "attended transfer")
	newcomer := r.beside("")
	id := r.inCall(state, old)
	newcomer.climb(ladder, r.names(id)...)
	r.await(phone.EventReinvite)
	r.holds("who came in its place", id, func(c phone.Call) bool { return c.State == phone.StateTalking && c.Party.Name == "Alice" })
	if n := r.events.Count(phone.EventIncoming) + len(r.Snapshot().Calls); n != 1 {
		r.Errorf("it rang, or there are %d calls", n)
	}
	r.await(phone.EventEnded)
	r.complete()
	newcomer.complete()
	r.gone(id)
}

func (r *rung) takesNoPlace() {
	r.Helper()
	newcomer := r.beside("")
	id := r.inCall(phone.StateTalking, "replaced")
	newcomer.climb("takes-no-place", r.names(id)...)
	newcomer.complete()
	if c, _ := r.Snapshot().CallByID(id); c.State != phone.StateTalking {
		r.Errorf("%+v", c)
	}
	r.must(r.Hangup(id))
	r.complete()
}

// inCall calls SIPp, until the call is in that state.
func (r *rung) inCall(state phone.State, ladder string) phone.CallID {
	r.Helper()
	r.climb(ladder)
	id := r.dial("600")
	r.holds("a call", id, func(c phone.Call) bool { return c.State == state })
	return id
}

// names are the words by which a ladder names a call.
func (r *rung) names(id phone.CallID) []string {
	tags := r.board.dialog(string(id))
	return []string{"CALL", string(id), "OURS", tags.ours, "THEIRS", tags.theirs}
}

// gone wants these calls to be over, and no other one to be there.
func (r *rung) gone(ids ...phone.CallID) {
	r.Helper()
	for _, id := range ids {
		r.holds("its end", id, func(c phone.Call) bool { return c.State == phone.StateEnded })
	}
	if calls := r.Snapshot().Calls; len(calls) != 0 {
		r.Errorf("calls are left: %+v", calls)
	}
}
