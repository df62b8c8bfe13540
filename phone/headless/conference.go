package headless

import "github.com/hookswitch/hookswitch/phone"

// merge joins the named calls; without names the current one and the one that was held last.
func (e *Executor) merge(c command, reply *object) error {
	ids := make([]phone.CallID, len(c.calls))
	for i, id := range c.calls {
		ids[i] = phone.CallID(id)
	}
	if err := e.op.Merge(ids...); err != nil {
		return err
	}
	members := []string{}
	for _, m := range e.op.Snapshot().Conference() {
		members = append(members, string(m.ID))
	}
	reply.set("calls", members)
	return nil
}

// onConference is what a verb without CALL does to a whole conference: split always, hold, unhold and hangup where the current
// call is a member of it. It returns nil where the verb means one call.
func (e *Executor) onConference(c command) func() error {
	if c.call != "" {
		return nil
	}
	if c.verb == "split" {
		return func() error { return e.op.Split("") }
	}
	if current, ok := e.op.Snapshot().CurrentCall(); !ok || !current.Conference || current.State != phone.StateTalking {
		return nil
	}
	return map[string]func() error{
		"hold": e.op.HoldConference, "unhold": e.op.UnholdConference, "hangup": e.op.HangupConference}[c.verb]
}
