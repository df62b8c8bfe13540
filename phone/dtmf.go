package phone

import (
	"bytes"
	"fmt"
	"strings"
)

// sendDigits sends checked digits in the sound, or by INFO where that is not negotiated.
func (l *loop) sendDigits(s *session, digits string) error {
	if l.cfg.Media.DTMF(s.call.ID, digits) {
		return nil
	}
	if s.call.State != StateTalking {
		return ErrInvalidState
	}
	for _, d := range digits {
		s.line.line.Info(s.dialog, "application/dtmf-relay", fmt.Appendf(nil, "Signal=%c\r\nDuration=100\r\n", d))
	}
	return nil
}

// onInfo reads a digit from INFO, in the two forms that phones send: application/dtmf-relay
// ("Signal=5", "Duration=160" on lines) and application/dtmf (the digit alone).
func (l *loop) onInfo(s *session, e InfoIn) {
	kind, _, _ := strings.Cut(e.ContentType, ";")
	var signal []byte
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "application/dtmf-relay":
		for line := range bytes.Lines(e.Body) {
			name, value, ok := bytes.Cut(line, []byte("="))
			if ok && strings.EqualFold(string(bytes.TrimSpace(name)), "signal") {
				signal = bytes.TrimSpace(value)
				break
			}
		}
	case "application/dtmf":
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
