package phone

import (
	"context"
	"errors"
	"fmt"
)

// Code is the seed's numeric result code (contract: "Result codes").
type Code int

// Error is a documented, comparable error of the operator. Every error that an
// operator method returns wraps exactly one of the Err… values below; compare
// with errors.Is, and read the seed's number with CodeOf.
type Error struct {
	// Code is the seed's number, always negative.
	Code Code
	// Name is the seed's symbolic name, for logs and the command line.
	Name string
	text string
}

// Error returns the English sentence for developers. Texts for people live in app.
func (e *Error) Error() string { return e.text }

// The result codes of the contract. They are values, never types, and never wrapped in one another.
var (
	ErrUnknown                       = &Error{-200, "UNKNOWN_ERROR", "phone: unknown error"}
	ErrRegistryFailed                = &Error{-201, "REGISTRY_FAILED", "phone: registration failed"}
	ErrNoPermission                  = &Error{-202, "NO_PERMISSION", "phone: no permission for the microphone or camera"}
	ErrLocalStream                   = &Error{-203, "GET_LOCAL_STREAM_ERROR", "phone: local media could not be started"}
	ErrRegistryMaxTries              = &Error{-204, "RE_REGISTRY_MAX_LIMIT_TIMES", "phone: registration was tried as often as allowed"}
	ErrMaxCalls                      = &Error{-205, "MAX_LIMIT_CALL", "phone: no further call is allowed now"}
	ErrLocalMediaInfo                = &Error{-206, "GET_LOCAL_MEDIA_INFO_ERROR", "phone: local media description could not be made"}
	ErrAttendedParentNotFound        = &Error{-207, "ATTENDED_PARENT_NOT_FOUND", "phone: there is no call to be transferred, or more than one"}
	ErrCallTooSoon                   = &Error{-208, "CALL_TOO_MANY_TIMES", "phone: a second call within one second"}
	ErrInvalidNumber                 = &Error{-209, "INVALID_NUMBER", "phone: not a number that can be dialled"}
	ErrCurrentCallNotConnected       = &Error{-210, "CURRENT_CALL_HAS_NOT_CONNECTED", "phone: another call is not connected yet"}
	ErrCallNotFound                  = &Error{-211, "NOT_FOUND_CALL_ID", "phone: no such call"}
	ErrNoMicrophone                  = &Error{-290, "NOT_FOUND_AUDIO_INPUT_DEVICE", "phone: no microphone"}
	ErrNoCamera                      = &Error{-291, "NOT_FOUND_VIDEO_INPUT_DEVICE", "phone: no camera"}
	ErrInvalidState            error = fmt.Errorf("phone: not possible in this state of the call: %w", ErrUnknown)
	ErrAccountNotFound         error = fmt.Errorf("phone: no such account: %w", ErrUnknown)
	ErrAccountInvalid          error = fmt.Errorf("phone: the account is not valid: %w", ErrUnknown)
	ErrHeaderNotAllowed        error = fmt.Errorf("phone: header not allowed: %w", ErrUnknown)
	ErrDestroyed               error = fmt.Errorf("phone: the operator was destroyed: %w", ErrUnknown)
	ErrCanceled                error = fmt.Errorf("phone: its context ended before it was accepted: %w", ErrUnknown)
	ErrSubscriberStuck         error = fmt.Errorf("phone: a subscriber does not return: %w", ErrUnknown)
	ErrMediaIncompatible       error = fmt.Errorf("phone: no codec or media profile in common: %w", ErrLocalMediaInfo)
	ErrMediaMalformed          error = fmt.Errorf("phone: the media description cannot be read: %w", ErrLocalMediaInfo)
	ErrTransferNotFound        error = fmt.Errorf("phone: nobody asks for a transfer there: %w", ErrCallNotFound)
	ErrMediaElsewhere          error = fmt.Errorf("phone: the answer is another far end's than the one before, a new offer is needed: %w", ErrLocalMediaInfo)
	ErrRelayAddress            error = fmt.Errorf("phone: not the address of a STUN or TURN server: %w", ErrAccountInvalid)
	ErrRelayCredentials        error = fmt.Errorf("phone: a relay (TURN server) needs a user name and a password: %w", ErrAccountInvalid)
	ErrRelayUnreachable        error = fmt.Errorf("phone: a STUN or TURN server does not answer: %w", ErrLocalMediaInfo)
	ErrRelayRefused            error = fmt.Errorf("phone: a relay (TURN server) refuses the account's credentials: %w", ErrLocalMediaInfo)
	ErrRelayCertificate        error = fmt.Errorf("phone: the certificate of a relay (TURN server) is not trusted: %w", ErrLocalMediaInfo)
	ErrNotSupported            error = fmt.Errorf("phone: not supported: %w", ErrUnknown)
	ErrRecordNotAllowed        error = fmt.Errorf("phone: the account's recordPermissions do not allow that: %w", ErrUnknown)
	ErrRecordConsent           error = fmt.Errorf("phone: recording is off until you have agreed to it once: %w", ErrUnknown)
	ErrRecordSettings          error = fmt.Errorf("phone: not a setting of recordings: %w", ErrUnknown)
	ErrRecordFolder            error = fmt.Errorf("phone: the folder for recordings is missing or cannot be written: %w", ErrUnknown)
	ErrRecordDiskFull          error = fmt.Errorf("phone: the disk is full, the recording ends here: %w", ErrUnknown)
	ErrRecordFile              error = fmt.Errorf("phone: the recording cannot be written: %w", ErrUnknown)
	ErrRecordGap               error = fmt.Errorf("phone: the disk is too slow, parts of the recording are silence: %w", ErrUnknown)
)

// canceled reports a context that has ended; the error wraps ErrCanceled and the context's own.
func canceled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrCanceled, err)
	}
	return nil
}

// CodeOf returns the seed's code of err: 0 for nil, -1 (UNKNOWN_ERROR) for an error that is not ours.
func CodeOf(err error) Code {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return -1
}

// NameOf returns the seed's symbolic name of err, "" for nil.
func NameOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Name
	}
	return "UNKNOWN_ERROR"
}
