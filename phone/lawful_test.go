package phone_test

import (
	"github.com/hookswitch/hookswitch/phone"
)

// history is what one call has told so far.
type history struct {
	*desk
	id    phone.CallID
	last  phone.Call // as the last event left it
	count map[phone.EventName]int
	end   phone.Event // ended or failed
}

// wantLawful checks the history of all calls against the contract's section "Events", and that there is a leg for each call that
// is there.
func (d *desk) wantLawful() {
	d.Helper()
	calls := map[phone.CallID]*history{}
	for _, e := range d.events.Events() {
		if e.Call.ID == "" || e.Name == phone.EventMissed || e.Name == phone.EventTransferRequestEnded {
			continue
		}
		h := calls[e.Call.ID]
		if h == nil {
			h = &history{desk: d, id: e.Call.ID, count: map[phone.EventName]int{}}
			calls[e.Call.ID] = h
		}
		h.add(e)
	}
	legs := 0
	for _, c := range d.op.Snapshot().Calls {
		h := calls[c.ID]
		d.want(h != nil && h.count[phone.EventDeleteSession] == 0, "every call was told", c)
		if c.State != phone.StateEnding {
			legs++
		}
	}
	d.want(d.media.Legs() == legs, "a leg for each call", d.media.Legs(), legs)
}

// add checks one event against those before it: newRTCSession first, each step once and in its order, one end, deleteSession last.
func (h *history) add(e phone.Event) {
	h.Helper()
	did := func(name phone.EventName) bool { return h.count[name] > 0 }
	lawful := func(holds bool, why string) {
		h.Helper()
		h.want(holds, string(e.Name)+": "+why, h.id, h.count, e.Cause)
	}
	lawful(did(phone.EventNewRTCSession) != (e.Name == phone.EventNewRTCSession), "newRTCSession comes first, and once")
	lawful(!did(phone.EventDeleteSession), "deleteSession is the last one")
	lawful(!did(phone.EventEnded) && !did(phone.EventFailed) || e.Name == phone.EventDeleteSession, "after its end a call is only gone")
	switch e.Name {
	case phone.EventIncoming, phone.EventStartSession, phone.EventAccepted, phone.EventConfirmed:
		lawful(!did(e.Name), "once")
	}
	inbound := e.Call.Direction == phone.Inbound
	switch e.Name {
	case phone.EventIncoming:
		lawful(inbound && e.Call.RingsHere(), "a call that rings here")
	case phone.EventStartSession:
		lawful(!inbound || did(phone.EventIncoming) && e.Call.State == phone.StateAnswering, "one of ours, or one that is being answered")
	case phone.EventAccepted:
		lawful(did(phone.EventStartSession), "it was under way before")
	case phone.EventConfirmed:
		lawful(did(phone.EventAccepted) && e.Call.State == phone.StateTalking, "after the 200")
	case phone.EventStatusChange:
		h.step(e)
	case phone.EventEnded, phone.EventFailed:
		lawful(did(phone.EventAccepted) == (e.Name == phone.EventEnded), "what was accepted ends, the rest fails")
		lawful(e.Cause != phone.CauseNone && e.Call.State == phone.StateEnded, "with its cause")
		h.end = e
	case phone.EventDeleteSession:
		lawful(e.Cause == h.end.Cause && e.Status == h.end.Status && e.Call == h.end.Call, "as its end was told")
	}
	h.count[e.Name]++
	h.last = e.Call
}

// step: the new status and the old one, which is the one that was told last.
func (h *history) step(e phone.Event) {
	h.Helper()
	h.want(e.Old == h.last && e.Call != e.Old, "statusChange: from what was, to what is", h.id, e.Old, h.last)
	if from, to := e.Old.State, e.Call.State; from != to && !phone.MayGo(from, to, e.Call.Direction) {
		h.Errorf("%s went from %q to %q", h.id, from, to)
	}
}
