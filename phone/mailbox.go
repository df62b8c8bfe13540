package phone

import "sync"

// mailbox is an unbounded queue between any number of senders and one receiver. Sending never
// blocks, so that no owner ever waits for another one (design: three owners).
type mailbox[T any] struct {
	mu     sync.Mutex
	items  []T
	closed bool
	wake   chan struct{} // capacity 1
}

func newMailbox[T any]() *mailbox[T] { return &mailbox[T]{wake: make(chan struct{}, 1)} }

// put queues v; it reports false when the mailbox is closed.
func (m *mailbox[T]) put(v T) bool {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return false
	}
	m.items = append(m.items, v)
	m.mu.Unlock()
	m.signal()
	return true
}

// length is how many items wait.
func (m *mailbox[T]) length() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.items)
}

// take waits for items and returns all of them; ok is false when the mailbox is closed and empty.
func (m *mailbox[T]) take() (items []T, ok bool) {
	for {
		m.mu.Lock()
		items, m.items = m.items, nil
		closed := m.closed
		m.mu.Unlock()
		if len(items) > 0 {
			return items, true
		}
		if closed {
			return nil, false
		}
		<-m.wake
	}
}

// close lets the receiver take what is queued, and nothing more.
func (m *mailbox[T]) close() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.signal()
}

func (m *mailbox[T]) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}
