package phone

import (
	"errors"
	"strings"
)

// taping is what a session knows of its recording.
type taping struct {
	wish  RecordStatus // what the user wants; call.Record is what is
	take  int          // counts the local recordings
	local bool
}

// StartRecord begins the recording of a call, or goes on with it after a pause (contract, startRecord). Where the account names
// a record code, the code is sent as DTMF: the PBX records, tells nothing of it, and Call.Record is our wish. Otherwise the call is
// recorded here; Call.Record follows once the file is there, and a failure later is told by EventClientError with CauseRecording.
//
// Errors: ErrRecordNotAllowed (recordPermissions), ErrInvalidState before the call stands, ErrRecordConsent.
func (o *Operator) StartRecord(id CallID) error { return o.wishRecord(id, Recording) }

// PauseRecord leaves out what is said from now on (contract, pauseRecord). Errors: ErrRecordNotAllowed; ErrInvalidState where nothing is
// recorded. With permission 1 and a record code the PBX records by itself, so that the first pause needs no start.
func (o *Operator) PauseRecord(id CallID) error { return o.wishRecord(id, RecordPause) }

// StopRecord ends the recording; the end of the call does so, too. Errors: ErrRecordNotAllowed.
func (o *Operator) StopRecord(id CallID) error { return o.wishRecord(id, RecordStop) }

// SetRecording takes over the user's choices about recording; a running recording goes on with those that it began with.
// The error wraps ErrRecordSettings.
func (o *Operator) SetRecording(r RecordSettings) error {
	if err := r.Check(); err != nil {
		return err
	}
	return o.do(func(l *loop) error {
		if r != l.recording {
			l.recording, l.dirty = r, true
			l.emit(Event{Name: EventRecordSettingsChange})
		}
		return nil
	})
}

func (o *Operator) wishRecord(id CallID, want RecordStatus) error {
	return o.with(id, func(l *loop, s *session) error {
		if err := l.mayRecord(s, want); err != nil || want == s.taping.wish {
			return err
		}
		if s.taping.wish == RecordStop {
			s.taping.local = s.line.acc.RecordCode == ""
		}
		if !s.taping.local {
			return l.recordByCode(s, want)
		}
		l.recordHere(s, want)
		return nil
	})
}

// mayRecord holds the wish against permission, state and consent.
func (l *loop) mayRecord(s *session, want RecordStatus) error {
	permission, now := s.line.acc.RecordPermissions, s.taping.wish
	theirs := permission == 1 && s.line.acc.RecordCode != "" // the PBX has begun by itself
	switch {
	case permission == 0, permission == 1 && want != now && (want == RecordStop || want == Recording && now == RecordStop):
		return ErrRecordNotAllowed
	case s.call.State != StateTalking, want == RecordPause && now == RecordStop && !theirs:
		return ErrInvalidState
	case want == Recording && !l.recording.Agreed:
		return ErrRecordConsent
	}
	return nil
}

// recordByCode sends the PBX's record code, which switches its recording on and off, where that has to change.
func (l *loop) recordByCode(s *session, want RecordStatus) error {
	runs := s.taping.wish == Recording || s.taping.wish == RecordStop && want == RecordPause
	if runs != (want == Recording) {
		if err := l.sendDigits(s, s.line.acc.RecordCode); err != nil {
			return err
		}
	}
	s.taping.wish = want
	l.change(s, func(c *Call) { c.Record, c.RecordAsked = want, true })
	return nil
}

// recordHere lets the engine record, pause or stop.
func (l *loop) recordHere(s *session, want RecordStatus) {
	id, before := s.call.ID, s.taping.wish
	s.taping.wish = want
	switch {
	case want == RecordStop:
		l.cfg.Media.StopRecord(id)
	case before == RecordStop:
		s.taping.take++
		l.cfg.Media.Record(id, RecordOptions{Take: s.taping.take, Folder: l.recording.Folder, Format: l.recording.Format,
			Notice: l.recording.Notice, Party: recordedParty(s.call), At: l.now()})
		return // RecordStarted tells when the file is there
	default:
		l.cfg.Media.PauseRecord(id, want == RecordPause)
	}
	if want == RecordStop || s.call.Record != RecordStop { // otherwise the file is not there yet
		l.change(s, func(c *Call) { c.Record = want })
	}
}

func recordedParty(c Call) string {
	name := c.Party.Name
	if name != c.Number {
		name += " " + c.Number
	}
	return strings.TrimSpace(name)
}

// onRecord handles what a leg posts of its recording.
func (l *loop) onRecord(s *session, e MediaEvent) {
	switch e := e.(type) {
	case RecordStarted:
		if e.Take == s.taping.take && s.taping.wish != RecordStop {
			l.change(s, func(c *Call) { c.Record, c.RecordAsked, c.RecordFile = s.taping.wish, false, e.File })
		}
	case RecordGap:
		l.emit(Event{Name: EventClientError, Call: s.call, Cause: CauseRecording, Err: ErrRecordGap})
	case RecordEnded:
		if e.Take == s.taping.take && s.taping.wish != RecordStop {
			s.taping.wish = RecordStop
			l.change(s, func(c *Call) {
				c.Record = RecordStop
				if errors.Is(e.Err, ErrRecordFolder) { // it is gone, and the file with it
					c.RecordFile = ""
				}
			})
		}
		if e.Err != nil {
			l.emit(Event{Name: EventClientError, Call: s.call, Cause: CauseRecording, Err: e.Err})
		}
	}
}
