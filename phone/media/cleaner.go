package media

import (
	"io"
	"sync"
	"sync/atomic"

	processing "github.com/hookswitch/hookswitch/phone/media/voice"
)

// cleaner takes echo and noise out of one opened microphone's sound before anybody hears it: mute, recordings and the conference
// get what it leaves. It works on the microphone's goroutine, in front of the drift FIFO, which bends the time by up to ½ %: no
// filter could follow that.
type cleaner struct {
	ear *atomic.Pointer[outlet]
	raw *atomic.Bool

	mu       sync.Mutex // between the microphone's goroutine and the slot, which frees; nobody else ever waits
	voice    *processing.Processor
	speaker  *outlet // the one whose echo is known
	on       bool
	mic, far [tick]int16
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
	return &cleaner{ear: &e.ear, raw: &e.raw, voice: p}
}

// clean returns a tick of the microphone's sound without echo and noise; it is valid until the next call. While that is not wanted, it is
// the sound itself.
func (c *cleaner) clean(pcm []int16) []int16 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.raw.Load() || c.voice == nil || len(pcm) != tick {
		c.on = false
		return pcm
	}
	o := c.ear.Load()
	if !c.on || c.speaker != o {
		c.voice.Reset()
		if o != nil {
			o.hasten(echoSpace) // what nobody asked for
		}
	}
	c.on, c.speaker = true, o
	if o == nil || !o.played(c.far[:]) {
		clear(c.far[:])
	}
	copy(c.mic[:], pcm) // others may hear the same device
	if late := c.voice.Process(c.mic[:], c.far[:]); late > 0 && o != nil {
		o.hasten(late)
	}
	return c.mic[:]
}

func (c *cleaner) free() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.voice.Close()
	c.voice = nil
}

// SetVoiceProcessing implements phone.Media.
func (e *Engine) SetVoiceProcessing(on bool) { e.raw.Store(!on) }

// microphone is one that was opened: what it hears waits, cleaned, for the tick.
type microphone struct {
	*drift
	device  io.Closer
	cleaner atomic.Pointer[cleaner] // nil: heard as it is
}

// hear is called by the device.
func (m *microphone) hear(pcm []int16) {
	if c := m.cleaner.Load(); c != nil {
		pcm = c.clean(pcm)
	}
	m.write(pcm)
}

// Close frees the cleaner first: a device may never return from its own.
func (m *microphone) Close() error {
	if c := m.cleaner.Load(); c != nil {
		c.free()
	}
	return m.device.Close()
}
