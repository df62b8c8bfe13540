package phonetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Signalling is a fake phone.Signalling. Set its exported fields before it is used.
type Signalling struct {
	*Journal
	// OpenError refuses accounts: it is returned by Open when it is not nil.
	OpenError error
	// AutoRegister makes every line answer Register (and Unregister) at once with success.
	AutoRegister bool
	// AutoEnd makes every line answer End at once with DialogEnded.
	AutoEnd bool
	// InfoStatus is the answer to an INFO with that content type; nil: 200. Negative: none comes.
	InfoStatus func(contentType string) int
	// React, when not nil, is called with every call of a line's method, after it was recorded.
	// It may Post to the line; this is how a test scripts a far end.
	React func(line *Line, r Record)

	mu    sync.Mutex
	lines map[phone.AccountID]*Line
}

var (
	_ phone.Signalling = (*Signalling)(nil)
	_ phone.Line       = (*Line)(nil)
)

// NewSignalling returns a fake that records into journal (nil: one of its own).
func NewSignalling(journal *Journal) *Signalling {
	if journal == nil {
		journal = NewJournal()
	}
	return &Signalling{Journal: journal, lines: make(map[phone.AccountID]*Line)}
}

// Open implements phone.Signalling.
func (s *Signalling) Open(account phone.Account, sink func(phone.SignalEvent)) (phone.Line, error) {
	s.add(account, "Open %s", account.ID)
	if s.OpenError != nil {
		return nil, s.OpenError
	}
	line := &Line{Account: account, owner: s, sink: sink}
	s.mu.Lock()
	s.lines[account.ID] = line
	s.mu.Unlock()
	return line, nil
}

// Line returns the line that was opened last for the account, nil when there is none.
func (s *Signalling) Line(id phone.AccountID) *Line {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines[id]
}

// Line is a fake phone.Line. Its records start with the account's id: "1001.Invite …".
type Line struct {
	// Account is what the line was opened for.
	Account phone.Account

	owner *Signalling
	sink  func(phone.SignalEvent)

	mu     sync.Mutex
	closed bool
}

// Post hands an event to the operator as if it came from the network. After Close it does nothing.
func (l *Line) Post(event phone.SignalEvent) {
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if !closed {
		l.sink(event)
	}
}

// Closed reports whether the operator closed the line.
func (l *Line) Closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *Line) record(value any, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	l.owner.add(value, "%s.%s", l.Account.ID, text)
	if l.owner.React != nil {
		l.owner.React(l, Record{Text: text, Value: value, At: time.Now()})
	}
}

// Register implements phone.Line.
func (l *Line) Register(expires time.Duration) {
	l.record(expires, "Register %v", expires)
	if l.owner.AutoRegister {
		l.Post(phone.TransportUp{})
		l.Post(phone.RegisterDone{Expires: expires, Status: 200, Reason: "OK"})
	}
}

// Unregister implements phone.Line.
func (l *Line) Unregister() {
	l.record(nil, "Unregister")
	if l.owner.AutoRegister {
		l.Post(phone.RegisterDone{Status: 200, Reason: "OK"})
	}
}

// Disconnect implements phone.Line. With AutoRegister the connection closes at once.
func (l *Line) Disconnect() {
	l.record(nil, "Disconnect")
	if l.owner.AutoRegister {
		l.Post(phone.TransportDown{})
	}
}

// SetCredential implements phone.Line. The record's value is the phone.Secret, its text does not show it.
func (l *Line) SetCredential(user string, secret phone.Secret) {
	l.record(secret, "SetCredential %s", user)
}

// Invite implements phone.Line.
func (l *Line) Invite(o phone.InviteOut) {
	l.record(o, "Invite %s %s sdp=%q", o.Dialog, o.Target, o.SDP)
}

// Ring implements phone.Line.
func (l *Line) Ring(id phone.DialogID, sdp []byte) { l.record(sdp, "Ring %s sdp=%q", id, sdp) }

// Answer implements phone.Line.
func (l *Line) Answer(id phone.DialogID, sdp []byte) { l.record(sdp, "Answer %s sdp=%q", id, sdp) }

// End implements phone.Line.
func (l *Line) End(id phone.DialogID, status int) {
	l.record(status, "End %s %d", id, status)
	if l.owner.AutoEnd {
		l.Post(phone.DialogEnded{Dialog: id, Cause: phone.CauseTerminated, Status: status, At: time.Now()})
	}
}

// Reinvite implements phone.Line.
func (l *Line) Reinvite(id phone.DialogID, sdp []byte) { l.record(sdp, "Reinvite %s sdp=%q", id, sdp) }

// AnswerReinvite implements phone.Line.
func (l *Line) AnswerReinvite(id phone.DialogID, sdp []byte, status int) {
	l.record(sdp, "AnswerReinvite %s %d sdp=%q", id, status, sdp)
}

// Info implements phone.Line.
func (l *Line) Info(id phone.DialogID, contentType string, body []byte) {
	l.record(body, "Info %s %s %q", id, contentType, body)
	status := 200
	if l.owner.InfoStatus != nil {
		status = l.owner.InfoStatus(contentType)
	}
	if status >= 0 {
		l.Post(phone.InfoDone{Dialog: id, Status: status})
	}
}

// Refer implements phone.Line.
func (l *Line) Refer(id phone.DialogID, target string, replaces phone.ReplacedDialog) {
	of := string(replaces.ID)
	if other, known := replaces.Line.(*Line); known && other != l {
		of = string(other.Account.ID) + "." + of
	}
	l.record(replaces, "Refer %s %s replaces=%s", id, target, of)
}

// ReferTell implements phone.Referee.
func (l *Line) ReferTell(id phone.DialogID, status int) {
	l.record(status, "ReferTell %s %d", id, status)
}

// SetBusy implements phone.Availability.
func (l *Line) SetBusy(busy bool) { l.record(busy, "SetBusy %t", busy) }

// Close implements phone.Line.
func (l *Line) Close(grace time.Duration) {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.record(grace, "Close")
}
