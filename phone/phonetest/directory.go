package phonetest

import (
	"sync"

	"github.com/hookswitch/hookswitch/phone"
)

// Directory is a fake phone.Directory. Its records start with "Directory.". Set its exported fields before it is used.
type Directory struct {
	*Journal
	// People are known by their numbers.
	People map[string]phone.Party
	// Slow: it answers only when Answer is called.
	Slow bool

	mu      sync.Mutex
	waiting []func()
}

var _ phone.Directory = (*Directory)(nil)

// NewDirectory returns a fake that records into journal (nil: one of its own).
func NewDirectory(journal *Journal, people map[string]phone.Party) *Directory {
	if journal == nil {
		journal = NewJournal()
	}
	return &Directory{Journal: journal, People: people}
}

// LookUp implements phone.Directory.
func (d *Directory) LookUp(number, home string, found func(phone.Party)) {
	d.add(number, "Directory.LookUp %s %s", number, home)
	if !d.Slow {
		found(d.People[number])
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, func() { found(d.People[number]) })
}

// Answer answers all questions that wait, the newest first, as they may overtake one another.
func (d *Directory) Answer() {
	d.mu.Lock()
	waiting := d.waiting
	d.waiting = nil
	d.mu.Unlock()
	for i := len(waiting) - 1; i >= 0; i-- {
		waiting[i]()
	}
}
