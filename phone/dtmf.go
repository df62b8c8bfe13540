package phone

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// The two forms of a digit in INFO, in the order in which we try them.
const (
	dtmfRelay = "application/dtmf-relay"
	dtmfPlain = "application/dtmf"
)

const (
	// infoPace is the time from one INFO's answer to the next digit: 100 ms of tone and 100 ms of gap, as in the sound.
	infoPace = 200 * time.Millisecond
	// mostWaiting bounds the digits that wait, in the sound or for INFO: 40 s of them.
	mostWaiting = 200
)

// infoDigits are a session's digits that go by INFO, one after the other, so that they cannot overtake each other.
type infoDigits struct {
	waiting []rune // the first one is under way while busy
	busy    bool
	plain   bool // they do not know dtmfRelay
}

// sendDigits sends checked digits in the sound, or by INFO where that is not negotiated. Who holds us takes no sound of ours
// (RFC 3264 §8.4), so that digits in it are refused rather than lost or kept for whenever the hold is over.
func (l *loop) sendDigits(s *session, digits string) error {
	if s.call.HeldByThem && s.events {
		return ErrInvalidState
	}
	took := time.Duration(len(digits)) * infoPace
	before := max(0, s.digitsEnd.Sub(l.now()))
	if before+took > mostWaiting*infoPace {
		return ErrInvalidState
	}
	if l.cfg.Media.DTMF(s.call.ID, digits) {
		s.digitsEnd = l.now().Add(before + took)
		return nil
	}
	if s.call.State != StateTalking || len(s.infos.waiting)+len(digits) > mostWaiting {
		return ErrInvalidState
	}
	s.infos.waiting = append(s.infos.waiting, []rune(digits)...)
	l.nextInfo(s)
	return nil
}

// nextInfo sends the digit that waits first, unless one is under way.
func (l *loop) nextInfo(s *session) {
	q := &s.infos
	if q.busy || len(q.waiting) == 0 || s.call.State != StateTalking {
		return
	}
	q.busy = true
	if q.plain {
		s.line.line.Info(s.dialog, dtmfPlain, []byte(string(q.waiting[0])))
		return
	}
	s.line.line.Info(s.dialog, dtmfRelay, fmt.Appendf(nil, "Signal=%c\r\nDuration=100\r\n", q.waiting[0]))
}

// onInfoDone goes on with the next digit, or with the same one in the other form where theirs is not the first. Who takes
// neither gets no more of them, and the user is told.
func (l *loop) onInfoDone(s *session, e InfoDone) {
	q := &s.infos
	if !q.busy {
		return
	}
	switch {
	case e.Status == 415 && !q.plain:
		q.plain, q.busy = true, false
		l.nextInfo(s)
		return
	case e.Status < 200 || e.Status >= 300:
		q.waiting, q.busy = nil, false
		l.emit(Event{Name: EventClientError, Call: s.call, Cause: CauseSIP, Status: e.Status, Err: fmt.Errorf("%w: digits", ErrNotSupported)})
		return
	}
	q.waiting = q.waiting[1:]
	l.after(infoPace, func(l *loop) {
		q.busy = false
		l.nextInfo(s)
	})
}

// onInfo tells a digit of INFO.
func (l *loop) onInfo(s *session, e InfoIn) {
	if digit, ok := digitOfInfo(e.ContentType, e.Body); ok {
		l.emit(Event{Name: EventDTMF, Call: s.call, Digit: digit})
	}
}

// digitOfInfo reads the digit in the two forms that phones send: application/dtmf-relay ("Signal=5", "Duration=160" on
// lines) and application/dtmf (the digit alone). Some send the one under the other's name.
func digitOfInfo(contentType string, body []byte) (rune, bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	if kind = strings.ToLower(strings.TrimSpace(kind)); kind != dtmfRelay && kind != dtmfPlain {
		return 0, false
	}
	for line := range bytes.Lines(body) {
		name, value, ok := bytes.Cut(line, []byte("="))
		if ok && strings.EqualFold(string(bytes.TrimSpace(name)), "signal") {
			return digitOf(bytes.TrimSpace(value))
		}
	}
	return digitOf(bytes.TrimSpace(body))
}

// digitOf reads one DTMF signal: the key, or its number as an event (RFC 4733 §3.2).
func digitOf(signal []byte) (rune, bool) {
	const keys = "0123456789*#ABCD"
	if len(signal) == 2 && signal[0] == '1' && signal[1] >= '0' && signal[1] <= '5' {
		return rune(keys[10+signal[1]-'0']), true
	}
	if len(signal) != 1 {
		return 0, false
	}
	d := bytes.ToUpper(signal)[0]
	if strings.IndexByte(keys, d) < 0 {
		return 0, false
	}
	return rune(d), true
}
