package carrier

import "sync"

// Queue runs steps one after another on a goroutine that lives only while there are any. The zero value is ready.
type Queue struct {
	mu      sync.Mutex
	steps   []func()
	running bool
	closed  bool
	idle    sync.WaitGroup
}

// Put adds a step; after Close it is dropped.
func (q *Queue) Put(step func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.steps = append(q.steps, step)
	if !q.running {
		q.running = true
		q.idle.Go(q.run)
	}
}

func (q *Queue) run() {
	for {
		q.mu.Lock()
		if len(q.steps) == 0 {
			q.running = false
			q.mu.Unlock()
			return
		}
		step := q.steps[0]
		q.steps = q.steps[1:]
		q.mu.Unlock()
		step()
	}
}

// Close drops what waits and returns when the step that runs has ended.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closed = true
	q.steps = nil
	q.mu.Unlock()
	q.idle.Wait()
}
