package app

import (
	"errors"
	"strconv"

	"github.com/hookswitch/hookswitch/phone"
)

// callCauses are the sentences for a call that ended for a reason other than a hang up.
// They say what happened, then what to do. The table is never written to.
var callCauses = map[phone.Cause]string{
	phone.CauseTerminated:      "cause.call.terminated",
	phone.CauseCanceled:        "cause.call.canceled",
	phone.CauseBusy:            "cause.call.busy",
	phone.CauseRejected:        "cause.call.rejected",
	phone.CauseRedirected:      "cause.call.redirected",
	phone.CauseUnavailable:     "cause.call.unavailable",
	phone.CauseNotFound:        "cause.call.notFound",
	phone.CauseAddress:         "cause.call.address",
	phone.CauseIncompatibleSDP: "cause.call.incompatible",
	phone.CauseAuthentication:  "cause.call.authentication",
	phone.CauseRequestTimeout:  "cause.call.timeout",
	phone.CauseConnection:      "cause.call.connection",
	phone.CauseCertificate:     "cause.call.certificate",
	phone.CauseNoAnswer:        "cause.call.noAnswer",
	phone.CauseNoAck:           "cause.call.noAck",
	phone.CauseDialog:          "cause.call.dialog",
	phone.CauseBadMedia:        "cause.call.badMedia",
	phone.CauseMedia:           "cause.call.media",
	phone.CauseServer:          "cause.call.server",
	phone.CauseSIP:             "cause.call.other",
}

// lineCauses are the sentences for a registration that failed.
var lineCauses = map[phone.Cause]string{
	phone.CauseRejected:       "cause.line.password",
	phone.CauseAuthentication: "cause.line.password",
	phone.CauseRedirected:     "cause.line.redirected",
	phone.CauseUnavailable:    "cause.line.timeout",
	phone.CauseNotFound:       "cause.line.notFound",
	phone.CauseAddress:        "cause.line.notFound",
	phone.CauseRequestTimeout: "cause.line.timeout",
	phone.CauseConnection:     "cause.line.connection",
	phone.CauseCertificate:    "cause.line.certificate",
	phone.CauseServer:         "cause.line.server",
}

// errorCodes are the sentences for what the operator refuses.
var errorCodes = map[phone.Code]string{
	phone.ErrUnknown.Code:                 "error.unknown",
	phone.ErrRegistryFailed.Code:          "error.registry",
	phone.ErrNoPermission.Code:            "error.permission",
	phone.ErrLocalStream.Code:             "error.localStream",
	phone.ErrRegistryMaxTries.Code:        "error.registryTries",
	phone.ErrMaxCalls.Code:                "error.maxCalls",
	phone.ErrLocalMediaInfo.Code:          "error.localMedia",
	phone.ErrAttendedParentNotFound.Code:  "error.parentGone",
	phone.ErrCallTooSoon.Code:             "error.tooSoon",
	phone.ErrInvalidNumber.Code:           "error.invalidNumber",
	phone.ErrCurrentCallNotConnected.Code: "error.notConnected",
	phone.ErrCallNotFound.Code:            "error.callNotFound",
	phone.ErrNoMicrophone.Code:            "error.noMicrophone",
	phone.ErrNoCamera.Code:                "error.noCamera",
}

// namedErrors are sentences for errors that share a code; the first that matches counts.
var namedErrors = []struct {
	err error
	key string
}{
	{phone.ErrAccountNotFound, "error.accountNotFound"},
	{phone.ErrAccountInvalid, "error.accountInvalid"},
	{phone.ErrInvalidState, "error.invalidState"},
	{phone.ErrNotSupported, "error.notSupported"},
	{phone.ErrHeaderNotAllowed, "error.headerNotAllowed"},
	{phone.ErrDestroyed, "error.destroyed"},
	{phone.ErrMediaIncompatible, "error.mediaIncompatible"},
	{phone.ErrMediaMalformed, "error.mediaMalformed"},
}

// statusMark is " (403)", or nothing where no status came.
func statusMark(status int) string {
	if status == 0 {
		return ""
	}
	return " (" + strconv.Itoa(status) + ")"
}

// callSentence says why a call ended.
func callSentence(c phone.Call) string {
	switch {
	case c.Cause == phone.CauseTerminated && c.EndedByUs:
		return tr("cause.call.byUs")
	case c.Cause == phone.CauseCanceled && c.Direction == phone.Inbound:
		return tr("cause.call.missed")
	case c.Cause == phone.CauseNoAnswer && c.Direction == phone.Inbound:
		return tr("cause.call.missed")
	case c.Direction == phone.Inbound && c.EndedByUs && c.AnsweredAt.IsZero():
		return tr("cause.call.declinedByUs")
	}
	key, ok := callCauses[c.Cause]
	if !ok {
		key = "cause.call.terminated"
	}
	return tr(key, "Code", statusMark(c.SIPStatus))
}

// callFailed reports whether a call ended in a way that a person must see.
func callFailed(c phone.Call) bool {
	switch c.Cause {
	case phone.CauseNone, phone.CauseTerminated:
		return false
	case phone.CauseCanceled:
		return c.Direction == phone.Inbound && !c.EndedByUs
	}
	return !c.EndedByUs
}

// lineSentence says why a line is not registered; "" where nothing is wrong.
func lineSentence(s phone.AccountState) string {
	if s.Cause == phone.CauseNone {
		return ""
	}
	key, ok := lineCauses[s.Cause]
	if !ok {
		key = "cause.line.other"
	}
	return tr(key, "Code", statusMark(s.Status))
}

// errorSentence says what the operator refused.
func errorSentence(err error) string {
	if err == nil {
		return ""
	}
	for _, n := range namedErrors {
		if errors.Is(err, n.err) {
			return tr(n.key)
		}
	}
	if key, ok := errorCodes[phone.CodeOf(err)]; ok {
		return tr(key)
	}
	return tr("error.unknown")
}
