package media

import (
	"io"
	"sync"

	processing "github.com/hookswitch/hookswitch/phone/media/voice"
)

// cleaner takes echo and noise out of one opened microphone's sound, before anybody hears it: mute, recordings and the
// conference get what it leaves. It is made and freed by the microphone's slot; in between it is the tick's.
type cleaner struct {
	mu      sync.Mutex // the slot frees what the tick may be using; nobody else ever waits
	voice   *processing.Processor
	speaker *outlet // the one whose echo is known
	on      bool
	far     [tick]int16
}

// newCleaner returns nil where the sound of that microphone is not ours to change.
func (e *Engine) newCleaner(id string) *cleaner {
	rooms, ok := e.config.Devices.(Rooms)
	if !ok || !rooms.HearsRoom(id) {
		return nil
	}
	p, err := processing.New()
	if err != nil {
		e.log.Warn("calls go on without echo canceller", "err", err)
		return nil
	}
	return &cleaner{voice: p}
}

// clean changes a tick of the microphone's sound in place; o plays, and may be nil. While it is not wanted the sound stays as it is, bit for bit.
func (c *cleaner) clean(pcm []int16, o *outlet, wanted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !wanted || c.voice == nil {
		c.on = false
		return
	}
	if !c.on || c.speaker != o {
		c.voice.Reset()
		if o != nil {
			o.forget()
		}
	}
	c.on, c.speaker = true, o
	if o == nil || !o.played(c.far[:]) {
		clear(c.far[:])
	}
	c.voice.Process(pcm, c.far[:])
}

// Close frees it; the tick may still have it in its hands.
func (c *cleaner) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.voice.Close()
	c.voice = nil
	return nil
}

// SetVoiceProcessing implements phone.Media.
func (e *Engine) SetVoiceProcessing(on bool) { e.raw.Store(!on) }

// cleaned is an opened microphone with its cleaner, which may be nil.
type cleaned struct {
	io.Closer
	*drift
	cleaner *cleaner
}

// Close frees the cleaner first: a device may never return from its own.
func (m *cleaned) Close() error {
	if m.cleaner != nil {
		_ = m.cleaner.Close() // has no error
	}
	return m.Closer.Close()
}

// hear reads a tick of it.
func (m *cleaned) hear(pcm []int16, o *outlet, process bool) {
	m.read(pcm)
	if m.cleaner != nil {
		m.cleaner.clean(pcm, o, process)
	}
}
