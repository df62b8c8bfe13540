package media

import "sync"

// serial runs functions one after the other on a goroutine of its own, which exists only while there is work.
type serial struct {
	running *sync.WaitGroup // counts the goroutine

	mu     sync.Mutex
	todo   []func()
	active bool
}

// do queues f and returns at once.
func (s *serial) do(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.todo = append(s.todo, f)
	if !s.active {
		s.active = true
		s.running.Go(s.work)
	}
}

func (s *serial) work() {
	for {
		s.mu.Lock()
		if len(s.todo) == 0 {
			s.active = false
			s.mu.Unlock()
			return
		}
		f := s.todo[0]
		n := copy(s.todo, s.todo[1:])
		s.todo[n] = nil
		s.todo = s.todo[:n]
		s.mu.Unlock()
		f()
	}
}
