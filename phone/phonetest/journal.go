package phonetest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Record is one call of a port's method.
type Record struct {
	// Text is the call as a readable line: `1001.Invite d1 sip:600@pbx sdp="offer"`.
	Text string
	// Value is the argument that a test may want to look into: a phone.InviteOut, a
	// phone.MediaWish, a phone.LegOptions, a time.Duration; nil where Text tells all.
	Value any
	// At is when the call was made.
	At time.Time
}

// Journal is the ordered list of the port calls that were made. It may be used from any goroutine.
type Journal struct {
	mu      sync.Mutex
	records []Record
	read    int           // records before this index were returned by WaitFor
	changed chan struct{} // closed at the next record
}

// NewJournal returns an empty journal.
func NewJournal() *Journal { return &Journal{changed: make(chan struct{})} }

func (j *Journal) add(value any, format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, Record{Text: fmt.Sprintf(format, args...), Value: value, At: time.Now()})
	close(j.changed)
	j.changed = make(chan struct{})
}

// Records returns a copy of everything recorded so far.
func (j *Journal) Records() []Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.records)
}

// Texts returns the texts of everything recorded so far.
func (j *Journal) Texts() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	texts := make([]string, len(j.records))
	for i, r := range j.records {
		texts[i] = r.Text
	}
	return texts
}

// Count returns how many records so far have a text that starts with prefix.
func (j *Journal) Count(prefix string) int {
	n := 0
	for _, text := range j.Texts() {
		if strings.HasPrefix(text, prefix) {
			n++
		}
	}
	return n
}

// WaitFor returns the first record whose text starts with prefix, looking only at those that came
// after the last record that WaitFor returned, so that a chain of WaitFor also asserts the order.
func (j *Journal) WaitFor(prefix string, timeout time.Duration) (Record, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		j.mu.Lock()
		for i := j.read; i < len(j.records); i++ {
			if strings.HasPrefix(j.records[i].Text, prefix) {
				j.read = i + 1
				found := j.records[i]
				j.mu.Unlock()
				return found, nil
			}
		}
		changed := j.changed
		j.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			return Record{}, fmt.Errorf("phonetest: no call of %q within %v; calls were:\n\t%s",
				prefix, timeout, strings.Join(j.Texts(), "\n\t"))
		}
	}
}

// Clear forgets all records.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records, j.read = nil, 0
}
