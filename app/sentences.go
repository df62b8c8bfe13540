package app

import (
	"errors"
	"strconv"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
)

// lineCauses are the sentences for a registration that failed.
var lineCauses = map[phone.Cause]string{
	phone.CauseRejected:           "cause.line.password",
	phone.CauseAuthentication:     "cause.line.password",
	phone.CauseRedirected:         "cause.line.redirected",
	phone.CauseUnavailable:        "cause.line.timeout",
	phone.CauseNotFound:           "cause.line.notFound",
	phone.CauseAddress:            "cause.line.notFound",
	phone.CauseRequestTimeout:     "cause.line.timeout",
	phone.CauseConnection:         "cause.line.connection",
	phone.CauseCertificate:        "cause.line.certificate",
	phone.CauseCertificateExpired: "cause.line.certificateExpired",
	phone.CauseCertificateName:    "cause.line.certificateName",
	phone.CauseServer:             "cause.line.server",
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
	{devices.ErrInUse, "error.cameraInUse"}, // the system lets several hear one microphone
	{phone.ErrAccountNotFound, "error.accountNotFound"},
	{phone.ErrAccountInvalid, "error.accountInvalid"},
	{phone.ErrInvalidState, "error.invalidState"},
	{phone.ErrNotSupported, "error.notSupported"},
	{phone.ErrHeaderNotAllowed, "error.headerNotAllowed"},
	{phone.ErrDestroyed, "error.destroyed"},
	{phone.ErrMediaIncompatible, "error.mediaIncompatible"},
	{phone.ErrMediaMalformed, "error.mediaMalformed"},
	{phone.ErrRecordNotAllowed, "error.recordNotAllowed"},
	{phone.ErrRecordConsent, "error.recordConsent"},
	{phone.ErrRecordSettings, "error.recordSettings"},
	{phone.ErrRecordFolder, "error.recordFolder"},
	{phone.ErrRecordDiskFull, "error.recordDiskFull"},
	{phone.ErrRecordFile, "error.recordFile"},
	{phone.ErrRecordGap, "error.recordGap"},
	{phone.ErrRelayRefused, "error.relayRefused"},
	{phone.ErrRelayCertificate, "error.relayCertificate"},
}

// statusMark is " (403)", or nothing where no status came.
func statusMark(status int) string {
	if status == 0 {
		return ""
	}
	return " (" + strconv.Itoa(status) + ")"
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
