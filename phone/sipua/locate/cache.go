package locate

import (
	"sync"
	"time"
)

// How long answers are kept, whatever their TTL says: a server of TTL 0 must not be asked for each message, one of a week
// must not outlive a move. That there is nothing is forgotten sooner: somebody may be setting it up right now.
const (
	leastTTL    = 5 * time.Second
	mostTTL     = time.Hour
	mostNothing = 5 * time.Minute
	maxEntries  = 256
)

type question struct {
	name string
	kind uint16
}

type entry struct {
	answer
	until time.Time
}

// cache remembers answers. Failures are no answers.
type cache struct {
	mu      sync.Mutex
	entries map[question]entry
}

func newCache() *cache { return &cache{entries: make(map[question]entry)} }

func (c *cache) get(name string, kind uint16) (answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[question{name, kind}]
	if !ok || !time.Now().Before(e.until) {
		return answer{}, false
	}
	return e.answer, true
}

func (c *cache) put(name string, kind uint16, a answer) {
	most := mostTTL
	if a.empty() {
		most = mostNothing
	}
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxEntries {
		c.shrink(now)
	}
	c.entries[question{name, kind}] = entry{a, now.Add(min(max(a.ttl, leastTTL), most))}
}

// shrink forgets what is over, or else what would be over first.
func (c *cache) shrink(now time.Time) {
	var first question
	var soonest time.Time
	for q, e := range c.entries {
		if !now.Before(e.until) {
			delete(c.entries, q)
			continue
		}
		if soonest.IsZero() || e.until.Before(soonest) {
			first, soonest = q, e.until
		}
	}
	if len(c.entries) >= maxEntries {
		delete(c.entries, first)
	}
}
