package phone

import (
	"context"
	"fmt"
	"strings"
)

// Call places a call and returns its first snapshot; every other call is held first (contract, call).
// Errors: ErrInvalidNumber, ErrHeaderNotAllowed, ErrAccountNotFound, ErrRegistryFailed, ErrCallTooSoon,
// ErrCurrentCallNotConnected, ErrMaxCalls, ErrAttendedParentNotFound, ErrNoMicrophone, ErrNoCamera, ErrNotSupported
// (video without ICE).
func (o *Operator) Call(ctx context.Context, r CallRequest) (c Call, err error) {
	if err := canceled(ctx); err != nil {
		return Call{}, err
	}
	err = o.do(func(l *loop) (err error) {
		c, err = l.placeCall(r)
		return err
	})
	return c, err
}

// Answer accepts a ringing incoming call; every other call is held first (contract, answer).
// Errors: ErrCallNotFound, ErrInvalidState, ErrCurrentCallNotConnected, ErrNoMicrophone, ErrNoCamera, ErrNotSupported (video without
// ICE).
func (o *Operator) Answer(ctx context.Context, id CallID, a AnswerOptions) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.do(func(l *loop) error { return l.answer(id, a) })
}

// Reject refuses a ringing incoming call with 486 (contract, reject).
func (o *Operator) Reject(id CallID) error {
	return o.with(id, func(l *loop, s *session) error {
		if !s.call.RingsHere() {
			return ErrInvalidState
		}
		l.hangup(s, 486)
		return nil
	})
}

// Hangup ends the call in whichever state it is: CANCEL before the answer, BYE after it, 486 for an incoming
// one (contract, hangup). Hanging up twice is not an error.
func (o *Operator) Hangup(id CallID) error {
	return o.with(id, func(l *loop, s *session) error {
		l.hangup(s, 0)
		return nil
	})
}

// Terminate is the contract's terminate: how is "hangup", "reject" (486) or "terminate" (487 to an incoming call).
func (o *Operator) Terminate(id CallID, how string) error {
	status := map[string]int{"hangup": 486, "reject": 486, "terminate": 487}[how]
	if status == 0 {
		return fmt.Errorf("%w: terminate %q", ErrNotSupported, how)
	}
	return o.with(id, func(l *loop, s *session) error {
		l.hangup(s, status)
		return nil
	})
}

// Hold asks the far end to wait (contract, hold): the sound stops at once, the state changes when they agreed;
// HoldPending until then. Holding a held call is not an error. ErrInvalidState before the call stands.
func (o *Operator) Hold(id CallID) error {
	return o.talking(id, func(l *loop, s *session) { l.wishHold(s, true) })
}

// Unhold resumes a call and holds the others, but those that are in a conference with it (contract, unhold). A transfer of it that is under way is given up.
func (o *Operator) Unhold(id CallID) error {
	return o.talking(id, func(l *loop, s *session) {
		if s.transfer != nil { // the user takes the call back; what NOTIFY may still tell changes nothing
			l.endTransfer(s)
		}
		l.holdOthers(s)
		l.wishHold(s, false)
		l.setCurrent(id)
	})
}

// Mute sends silence (contract, mute); it survives hold and may be set before the call stands.
func (o *Operator) Mute(id CallID) error { return o.setMute(id, true) }

// Unmute lets the microphone be heard again.
func (o *Operator) Unmute(id CallID) error { return o.setMute(id, false) }

func (o *Operator) setMute(id CallID, on bool) error {
	return o.with(id, func(l *loop, s *session) error {
		if s.call.RingsHere() || s.call.State == StateEnding {
			return ErrInvalidState
		}
		also := []*session{s}
		if s.inConference() { // one microphone, one mute
			also = l.members()
		}
		for _, s := range also {
			l.cfg.Media.Mute(s.call.ID, on)
			l.change(s, func(c *Call) { c.Muted = on })
		}
		return nil
	})
}

// mostDigits bounds one DTMF command.
const mostDigits = 64

// DTMF sends digits (0-9 * # A-D) to the far end (contract, dtmf): as RFC 4733 events, or by INFO
// where the peer offers no telephone-event. ErrInvalidState before any media flows, where they would go in the sound and the far
// end holds us, and where 200 digits would wait for their turn; ErrInvalidNumber for other characters, and for none or more than 64.
func (o *Operator) DTMF(id CallID, digits string) error {
	digits = strings.ToUpper(digits)
	if digits == "" || len(digits) > mostDigits || strings.Trim(digits, "0123456789*#ABCD") != "" {
		return ErrInvalidNumber
	}
	return o.with(id, func(l *loop, s *session) error {
		if s.call.State != StateTalking && !s.call.EarlyMedia {
			return ErrInvalidState
		}
		return l.sendDigits(s, digits)
	})
}

// SetCurrent chooses the foreground call (contract, setCurrentSession).
func (o *Operator) SetCurrent(id CallID) error {
	return o.with(id, func(l *loop, s *session) error {
		l.setCurrent(id)
		return nil
	})
}

// SetStaticStatus says who the other end is (contract, setSessionStaticStatus): name, avatar and company as they are given, also
// where that is nothing; an empty number stays what it was. In manual mode nothing that the network tells or the directory knows
// overwrites it, until it is set without.
func (o *Operator) SetStaticStatus(id CallID, p Party, manual bool) error {
	return o.with(id, func(l *loop, s *session) error {
		if p.Number == "" {
			p.Number = s.call.Party.Number
		}
		s.manualStatus = manual
		l.setParty(s, p)
		return nil
	})
}

// Silence stops the ring tone of an incoming call; the caller goes on hearing it ring.
func (o *Operator) Silence(id CallID) error {
	return o.with(id, func(l *loop, s *session) error {
		s.silenced = true
		return nil
	})
}

// SetDevices chooses the devices, for running calls too (contract, deviceIds).
func (o *Operator) SetDevices(d DeviceIDs) error {
	return o.do(func(l *loop) error {
		if d == l.devices {
			return nil
		}
		l.devices, l.dirty = d, true
		l.cfg.Media.SetDevices(d)
		l.emit(Event{Name: EventDevicesChange})
		return nil
	})
}

// SetVoiceProcessing says whether echo and noise are taken out of what a real microphone hears, and its level is evened, in
// running calls too (beyond the seed).
func (o *Operator) SetVoiceProcessing(on bool) error {
	return o.do(func(l *loop) error {
		if on != l.cfg.NoVoiceProcessing {
			return nil
		}
		l.cfg.NoVoiceProcessing, l.dirty = !on, true
		l.cfg.Media.SetVoiceProcessing(on)
		return nil
	})
}

// KeyFeedback plays a key's tone to our own ear.
func (o *Operator) KeyFeedback(digit rune) { o.l.cfg.Media.KeyFeedback(digit) }

// Levels are the call's sound levels now, 0…1: near is our microphone as sent, far is what we hear. Poll it, at most 10 Hz.
func (o *Operator) Levels(id CallID) (near, far float64) { return o.l.cfg.Media.Levels(id) }

// Stats are the call's media counters so far; false: no such call.
func (o *Operator) Stats(id CallID) (MediaStats, bool) { return o.l.cfg.Media.Stats(id) }
