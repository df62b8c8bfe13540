package phone

import "time"

// Timers are a call's four timers (contract, "A call's status"), each as long as its phase has lasted so far: calling until it rings
// there, ringing (there or here) until somebody picks up, the call since both sides agreed, and the hold that lasts now (one that
// follows it begins at zero). The contract counts them in whole seconds.
type Timers struct {
	Ring, Calling, Call, Hold time.Duration
}

// Timers reads the timers at now. A call that has ended keeps those of its end.
func (c Call) Timers(now time.Time) Timers {
	if !c.EndedAt.IsZero() {
		now = c.EndedAt
	}
	lasted := func(from time.Time, until ...time.Time) time.Duration {
		if from.IsZero() {
			return 0
		}
		for _, end := range until {
			if !end.IsZero() {
				return max(0, end.Sub(from))
			}
		}
		return max(0, now.Sub(from))
	}
	t := Timers{Ring: lasted(c.RingingAt, c.AcceptedAt, c.AnsweredAt), Call: lasted(c.AnsweredAt), Hold: lasted(c.HeldAt)}
	if c.Direction == Outbound {
		t.Calling = lasted(c.StartedAt, c.RingingAt, c.AcceptedAt, c.AnsweredAt)
	}
	return t
}
