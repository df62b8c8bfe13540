package app

import (
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// callCauses are the sentences for a call that ended for a reason other than a hang up.
// They say what happened, then what to do. The table is never written to.
var callCauses = map[phone.Cause]string{
	phone.CauseTerminated:         "cause.call.terminated",
	phone.CauseCanceled:           "cause.call.canceled",
	phone.CauseBusy:               "cause.call.busy",
	phone.CauseRejected:           "cause.call.rejected",
	phone.CauseRedirected:         "cause.call.redirected",
	phone.CauseUnavailable:        "cause.call.unavailable",
	phone.CauseNotFound:           "cause.call.notFound",
	phone.CauseAddress:            "cause.call.address",
	phone.CauseIncompatibleSDP:    "cause.call.incompatible",
	phone.CauseAuthentication:     "cause.call.authentication",
	phone.CauseRequestTimeout:     "cause.call.timeout",
	phone.CauseConnection:         "cause.call.connection",
	phone.CauseCertificate:        "cause.call.certificate",
	phone.CauseCertificateExpired: "cause.call.certificateExpired",
	phone.CauseCertificateName:    "cause.call.certificateName",
	phone.CauseNoAnswer:           "cause.call.noAnswer",
	phone.CauseExpires:            "cause.call.canceled",
	phone.CauseNoAck:              "cause.call.noAck",
	phone.CauseDialog:             "cause.call.dialog",
	phone.CauseBadMedia:           "cause.call.badMedia",
	phone.CauseMedia:              "cause.call.media",
	phone.CauseServer:             "cause.call.server",
	phone.CauseLoop:               "cause.call.loop",
	phone.CauseSIP:                "cause.call.other",
	phone.CauseElsewhere:          "cause.call.elsewhere",
	phone.CauseDeclinedElsewhere:  "cause.call.declinedElsewhere",
}

// callStatuses are the sentences for statuses that say more than their cause does.
var callStatuses = map[int]string{
	301: "cause.status.301",
	302: "cause.status.302",
	305: "cause.status.305",
	403: "cause.status.403",
	408: "cause.status.408",
	410: "cause.status.410",
	415: "cause.status.415",
	420: "cause.status.420",
	423: "cause.status.423",
	503: "cause.status.503",
	600: "cause.status.600",
	604: "cause.status.604",
	606: "cause.status.606",
}

// callSentence says why a call ended.
func callSentence(c phone.Call) string {
	switch inbound := c.Direction == phone.Inbound; {
	case c.Cause == phone.CauseTerminated && c.EndedByUs:
		return tr("cause.call.byUs")
	case inbound && (c.Cause == phone.CauseCanceled || c.Cause == phone.CauseExpires || c.Cause == phone.CauseNoAnswer):
		return tr("cause.call.missed")
	case inbound && c.EndedByUs && c.AnsweredAt.IsZero():
		return tr("cause.call.declinedByUs")
	case c.Redirect != "":
		return tr("cause.call.moved", "Number", shownNumber(c.Redirect), "Code", statusMark(c.SIPStatus))
	}
	return tr(callKey(c), "Code", statusMark(c.SIPStatus), "Again", againText(c))
}

// callKey is the sentence of the status, where the status is what the call ended by, else that of the cause.
func callKey(c phone.Call) string {
	if key, ok := callStatuses[c.SIPStatus]; ok && phone.CauseOfStatus(c.SIPStatus) == c.Cause {
		return key
	}
	if c.Cause == phone.CauseCanceled && !c.EndedByUs {
		return "cause.call.canceledThere"
	}
	if key, ok := callCauses[c.Cause]; ok {
		return key
	}
	return "cause.call.terminated"
}

// againText says when to try again, as far as they told. An hour's wait is told by the clock, which stays true while the card
// stays.
func againText(c phone.Call) string {
	switch wait := c.RetryAfter; {
	case wait <= 0 || wait > 24*time.Hour:
		return tr("cause.again")
	case wait < time.Minute:
		return tr("cause.againIn", "Seconds", itoa(int(wait/time.Second)))
	default:
		return tr("cause.againAt", "Time", c.EndedAt.Add(wait).Local().Format("15:04"))
	}
}

// shownNumber is a number or address without what only machines need.
func shownNumber(number string) string {
	number = strings.TrimPrefix(strings.TrimPrefix(number, "sip:"), "sips:")
	return oneLine(number)
}

// callFailed reports whether a call ended in a way that a person must see.
func callFailed(c phone.Call) bool {
	switch c.Cause {
	case phone.CauseNone, phone.CauseTerminated, phone.CauseElsewhere, phone.CauseDeclinedElsewhere:
		return false
	}
	return !c.EndedByUs
}
