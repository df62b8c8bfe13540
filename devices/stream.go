package devices

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"sync"
	"time"
)

// Times of a stream's keeper.
const (
	// retryFirst and retryLast are the pauses before the best device is tried again when it could not be opened.
	retryFirst = time.Second
	retryLast  = 16 * time.Second
	// A device that replaces another one must deliver: within trialUrgent when nothing is heard meanwhile,
	// within trialPatient when the other one still runs (a headset takes its time), or when it is a camera (nobody misses
	// a picture as one misses a word, and it takes its time too).
	trialUrgent  = 600 * time.Millisecond
	trialPatient = 3 * time.Second
	// listLimit is how long the first opening waits for the first list, which takes some milliseconds.
	listLimit = 2 * time.Second
)

// stream is one open microphone, speaker or camera with what replaces it.
type stream struct {
	registry *Registry
	kind     Kind
	id       string // as the user said it
	lost     func(error)

	gate  gate
	poke  chan struct{} // the list changed, or the current device was lost
	done  chan struct{} // closed by Close
	ended chan struct{} // closed when the keeper ended
	once  sync.Once

	// Of the keeper (and of start, before there is one).
	current io.Closer
	device  string // id of the device that is open, DefaultID when it is the default one
	told    bool   // lost was called
}

func newStream(r *Registry, kind Kind, id string, u user, lost func(error)) *stream {
	if lost == nil {
		lost = func(error) {}
	}
	return &stream{registry: r, kind: kind, id: id, lost: lost, gate: gate{user: u, silence: kind == Speaker},
		poke: make(chan struct{}, 1), done: make(chan struct{}), ended: make(chan struct{})}
}

// start opens the stream for the first time and starts its keeper.
func (s *stream) start() error {
	if _, ok := s.registry.find(s.kind, s.id); !ok {
		ctx, cancel := context.WithTimeout(context.Background(), listLimit)
		defer cancel()
		if err := s.registry.WaitListed(ctx); err != nil {
			return fmt.Errorf("%s %q: %w", s.kind, s.id, ErrNotAnswering)
		}
	}
	if err := s.reopen(false); err != nil {
		return err
	}
	cancel := s.registry.Watch(s.wake)
	go s.keep(cancel)
	return nil
}

func (s *stream) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// Close ends the stream; see OpenMicrophone.
func (s *stream) Close() error {
	s.once.Do(func() {
		s.gate.close()
		close(s.done)
		s.registry.forget(s)
	})
	select {
	case <-s.ended:
	case <-time.After(100 * time.Millisecond): // the keeper waits for a sound system that hangs; it ends by itself
	}
	return nil
}

// keep reopens the stream when it must, until it is closed.
func (s *stream) keep(cancel func()) {
	defer close(s.ended)
	defer cancel()
	defer s.closeCurrent()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	pause := retryFirst
	for {
		retry.Stop()
		if !s.isRight() {
			retry.Reset(pause)
		}
		select {
		case <-s.done:
			return
		case <-s.poke:
			pause = retryFirst
		case <-retry.C:
			pause = min(2*pause, retryLast)
		}
		s.look()
	}
}

// look brings the stream to the best device there is.
func (s *stream) look() {
	if s.gate.takeLoss() {
		s.closeCurrent()
	}
	if s.isRight() {
		return
	}
	if len(s.candidates()) == 0 {
		// There is none of that kind left. What the sound system put in the default one's place is no microphone, but
		// perhaps what the speaker plays.
		s.closeCurrent()
	}
	if err := s.reopen(true); err != nil {
		s.tell(err)
	} else {
		s.told = false
	}
}

// tell says once that nothing replaces the device.
func (s *stream) tell(err error) {
	if s.current != nil || s.told {
		return
	}
	s.told = true
	if !errors.Is(err, ErrLost) {
		err = fmt.Errorf("%w: %w", ErrLost, err)
	}
	if !s.isClosed() {
		s.lost(err)
	}
}

// isRight reports whether the best device there is is the one that is open.
func (s *stream) isRight() bool {
	if s.current == nil {
		return false
	}
	candidates := s.candidates()
	return len(candidates) > 0 && candidates[0].id == s.device
}

// candidate is a device to try.
type candidate struct {
	backend Backend
	id      string
}

// candidates are the devices to try, the best one first: the one that was asked for, then the default one, then the rest.
func (s *stream) candidates() []candidate {
	r := s.registry
	var list []candidate
	add := func(b Backend, id string) {
		for _, c := range list {
			if c.id == id {
				return
			}
		}
		list = append(list, candidate{b, id})
	}
	if d, ok := r.find(s.kind, s.id); ok {
		if b, ok := r.backendOf(d); ok {
			add(b, d.ID)
		}
	}
	if d, ok := r.fallback(s.kind); ok {
		if b, ok := r.backendOf(d); ok {
			if d.Default {
				add(b, DefaultID)
			} else {
				add(b, d.ID)
			}
		}
	}
	return list
}

// reopen opens the best device that can be opened, and only then closes the present one. onTrial: it must deliver, too.
func (s *stream) reopen(onTrial bool) error {
	err := fmt.Errorf("%s %q: %w", s.kind, s.id, ErrNoDevice)
	for _, c := range s.candidates() {
		if s.current != nil && c.id == s.device {
			return nil // no better one works
		}
		openErr := s.openOn(c, onTrial)
		if openErr == nil {
			return nil
		}
		err = fmt.Errorf("%s %q: %w", s.kind, c.id, openErr)
		if s.isClosed() || !onTrial && errors.Is(openErr, ErrNotAnswering) {
			return err // the next one would hang as long again, and the user waits
		}
	}
	return err
}

func (s *stream) isClosed() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

func (s *stream) openOn(c candidate, onTrial bool) error {
	pass := s.gate.next()
	lost := func(error) { // why does not matter: what replaces it does
		if s.gate.lose(pass) {
			s.wake()
		}
	}
	proven := s.gate.try(pass)
	opened, err := s.openDevice(c, pass, lost)
	if err != nil {
		return err
	}
	if onTrial && !s.delivers(proven) {
		_ = opened.Close()
		return ErrLost
	}
	previous := s.current
	s.current, s.device = opened, c.id
	s.gate.admit(pass)
	if previous != nil {
		_ = previous.Close()
	}
	return nil
}

func (s *stream) openDevice(c candidate, pass int, lost func(error)) (io.Closer, error) {
	samples := func(pcm []int16) { s.gate.call(pass, pcm) }
	switch s.kind {
	case Camera:
		return c.backend.OpenCamera(c.id, func(picture *image.YCbCr) { s.gate.show(pass, picture) }, lost)
	case Microphone:
		return c.backend.OpenMicrophone(c.id, samples, lost)
	default:
		return c.backend.OpenSpeaker(c.id, samples, lost)
	}
}

// delivers waits for the device that was just opened to prove itself.
func (s *stream) delivers(proven <-chan struct{}) bool {
	limit := trialUrgent
	if s.current != nil || s.kind == Camera {
		limit = trialPatient
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-proven:
		return true
	case <-timer.C:
	case <-s.done:
	}
	return false
}

func (s *stream) closeCurrent() {
	if s.current != nil {
		_ = s.current.Close()
		s.current, s.device = nil, ""
	}
}
