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
	// mostInfos bounds the digits that wait.
	mostInfos = 256
)

// infoDigits are a session's digits that go by INFO, one after the other, so that they cannot overtake each other.
type infoDigits struct {
	waiting []rune // the first one is under way while busy
	busy    bool
	plain   bool // they do not know dtmfRelay
}

// sendDigits sends checked digits in the sound, or by INFO where that is not negotiated.
func (l *loop) sendDigits(s *session, digits string) error {
	if l.cfg.Media.DTMF(s.call.ID, digits) {
		return nil
	}
	if s.call.State != StateTalking {
		return ErrInvalidState
	}
	for _, d := range digits {
		if len(s.infos.waiting) < mostInfos {
			s.infos.waiting = append(s.infos.waiting, d)
		}
	}
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

// onInfo reads a digit from INFO, in the two forms that phones send: application/dtmf-relay
// ("Signal=5", "Duration=160" on lines) and application/dtmf (the digit alone).
func (l *loop) onInfo(s *session, e InfoIn) {
	kind, _, _ := strings.Cut(e.ContentType, ";")
	var signal []byte
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case dtmfRelay:
		for line := range bytes.Lines(e.Body) {
			name, value, ok := bytes.Cut(line, []byte("="))
			if ok && strings.EqualFold(string(bytes.TrimSpace(name)), "signal") {
				signal = bytes.TrimSpace(value)
				break
			}
		}
	case dtmfPlain:
		signal = bytes.TrimSpace(e.Body)
	}
	if digit, ok := digitOf(signal); ok {
		l.emit(Event{Name: EventDTMF, Call: s.call, Digit: digit})
	}
}

// digitOf reads one DTMF signal; * and # come as 10 and 11, too.
func digitOf(signal []byte) (rune, bool) {
	switch string(signal) {
	case "10":
		return '*', true
	case "11":
		return '#', true
	}
	if len(signal) != 1 {
		return 0, false
	}
	d := bytes.ToUpper(signal)[0]
	if !strings.ContainsRune("0123456789*#ABCD", rune(d)) {
		return 0, false
	}
	return rune(d), true
}
