package native

import (
	"io"
	"sync"

	"github.com/gen2brain/malgo"

	"github.com/hookswitch/hookswitch/devices"
)

// speaker is an open speaker.
type speaker struct {
	backend *Backend
	lost    func(error)
	watch   *watchdog

	mu     sync.Mutex // held while fill runs
	fill   func([]int16)
	closed bool
	blocks scatter

	stream *stream
	once   sync.Once
}

// OpenSpeaker opens a speaker; see devices.Backend.
func (b *Backend) OpenSpeaker(id string, fill func(pcm []int16), lost func(error)) (io.Closer, error) {
	name, err := b.wanted(devices.Speaker, id)
	if err != nil {
		return nil, err
	}
	s := &speaker{backend: b, fill: fill, lost: lost}
	s.watch = startWatchdog(s.vanished)
	s.stream, err = within(openLimit, func() (*stream, error) { return b.openStream(malgo.Playback, name, s.play) },
		(*stream).close)
	if err == nil {
		if err = b.keep(s); err == nil {
			return s, nil
		}
	}
	_ = s.Close()
	return nil, err
}

// openStream opens a device by name ("" is the default one) on the present connection, or on a new one when that broke.
func (b *Backend) openStream(kind malgo.DeviceType, name string, data func(out, in []byte)) (*stream, error) {
	var raw *malgo.DeviceID
	if name != "" {
		var ok bool
		if raw, ok = rawOf(name); !ok {
			return nil, devices.ErrNoDevice
		}
	}
	for second := false; ; second = true {
		system, err := b.connected()
		if err != nil {
			return nil, err
		}
		st, err := system.openStream(kind, raw, data)
		if err == nil || second {
			return st, err
		}
		if _, _, broken := system.enumerate(); broken == nil {
			return nil, err // the connection is well: it is the device
		}
		b.disconnect(system)
	}
}

// play is called by miniaudio's thread.
func (s *speaker) play(out, _ []byte) {
	s.watch.fed()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		clear(out)
		return
	}
	s.blocks.take(out, s.fill)
}

// vanished is called by the watchdog.
func (s *speaker) vanished() {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if !closed {
		s.lost(devices.ErrLost)
	}
}

// Close closes the speaker within 100 ms.
func (s *speaker) Close() error {
	s.once.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.watch.stop()
		s.backend.forget(s)
		if s.stream != nil {
			atMost(closeLimit, s.stream.close)
		}
	})
	return nil
}
