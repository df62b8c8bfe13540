package demopbx

import "sync"

// mailbox is the loop's queue. Posting never blocks, so that timers and media callbacks
// can use it; what comes from the network is bounded before it gets here (PBX.inflight).
type mailbox struct {
	mu     sync.Mutex
	queue  []func()
	closed bool
	wake   chan struct{}
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post queues fn and reports whether it will run; after close it does not.
func (m *mailbox) post(fn func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.queue = append(m.queue, fn)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns everything queued so far.
func (m *mailbox) take() []func() {
	m.mu.Lock()
	defer m.mu.Unlock()
	batch := m.queue
	m.queue = nil
	return batch
}

// close refuses further posts; what is queued is forgotten.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.queue = nil
}
