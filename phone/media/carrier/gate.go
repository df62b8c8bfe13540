package carrier

import (
	"sync"

	"github.com/hookswitch/hookswitch/phone/media"
)

// Gate stands before a sink: when Shut has returned, the sink is not called any more. A Gate is safe for concurrent use.
type Gate struct {
	mu   sync.RWMutex
	shut bool
	sink media.TransportSink
}

// NewGate returns an open gate before sink.
func NewGate(sink media.TransportSink) *Gate { return &Gate{sink: sink} }

// Tell calls the sink unless the gate is shut. f must not call Shut.
func (g *Gate) Tell(f func(media.TransportSink)) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if !g.shut {
		f(g.sink)
	}
}

// Report tells of a failure; nil is none.
func (g *Gate) Report(err error) {
	if err != nil {
		g.Tell(func(s media.TransportSink) { s.Failed(err) })
	}
}

// Shut shuts the gate; it waits for calls under way.
func (g *Gate) Shut() {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
}
