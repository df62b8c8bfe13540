package phone

// Why is what a Reason header tells (RFC 3326), beside a status that may say little. Zero where it tells nothing.
type Why struct {
	SIP  int    // a SIP status, 200…699
	Q850 int    // a cause of ITU-T Q.850, 1…127
	Text string // untrusted, but fit to be shown
}

// refusal is the cause of a final answer: its status, and where that is vague, what the Reason header makes of it.
func (w Why) refusal(cause Cause, status int) Cause {
	switch status {
	case 480, 487, 500, 502, 503, 504:
	default:
		return cause
	}
	if better := causeOfQ850(w.Q850); better != CauseNone {
		return better
	}
	if w.SIP >= 300 && w.SIP != status {
		return CauseOfStatus(w.SIP)
	}
	return cause
}

// ending is the cause of a CANCEL or BYE of theirs. A fork that was answered, or declined, on another phone says so with the
// status that it got there (RFC 3326 §2), or by Q.850's "non-selected user clearing".
func (w Why) ending(cause Cause) Cause {
	switch {
	case cause == CauseCanceled && (w.SIP == 200 || w.Q850 == 26):
		return CauseElsewhere
	case cause == CauseCanceled && w.SIP >= 600:
		return CauseDeclinedElsewhere
	case cause != CauseTerminated:
		return cause
	case w.SIP >= 500 && w.SIP < 600, causeOfQ850(w.Q850) == CauseServer:
		return CauseServer
	case w.SIP == 408 || w.Q850 == 102:
		return CauseRequestTimeout
	}
	return cause
}

// causeOfQ850 maps the causes of ITU-T Q.850 as RFC 3398 §7.2.4.1 maps them to statuses; CauseNone for those that tell no more
// than that it is over.
func causeOfQ850(q int) Cause {
	switch q {
	case 1, 2, 3, 22:
		return CauseNotFound
	case 17:
		return CauseBusy
	case 18, 19:
		return CauseNoAnswer
	case 20, 27:
		return CauseUnavailable
	case 21, 55, 57, 87:
		return CauseRejected
	case 28:
		return CauseAddress
	case 34, 38, 41, 42, 44, 47:
		return CauseServer
	case 58, 65, 70, 79, 88:
		return CauseIncompatibleSDP
	case 102:
		return CauseRequestTimeout
	}
	return CauseNone
}
