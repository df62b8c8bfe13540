package virtual

import (
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// maxKept bounds what a probe keeps each way, in samples: one minute.
const maxKept = 60 * sampleRate

// Probe is a microphone that plays samples and a speaker that keeps what it was given, with the times of both: by
// correlating the two an echo's delay is measured. It can be opened again; it goes on where it was.
type Probe struct {
	id, name string

	mu          sync.Mutex
	queue       []int16 // still to be said
	said, heard Recording
}

// Recording is samples and when the first one of them was due at the device.
type Recording struct {
	PCM   []int16 // mono, 48 kHz
	Start time.Time
}

// At is when sample i was at the device.
func (r Recording) At(i int) time.Time {
	return r.Start.Add(time.Duration(i) * time.Second / sampleRate)
}

// NewProbe makes a probe, found by its id, shown by its name.
func NewProbe(id, name string) *Probe { return &Probe{id: id, name: name} }

func (p *Probe) device(kind devices.Kind) devices.Device {
	return devices.Device{ID: p.id, Name: p.name, Kind: kind, Virtual: true}
}

// Say appends samples to what the microphone delivers; it is silent when they are used up.
func (p *Probe) Say(pcm []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, pcm...)
}

// Said is everything the microphone delivered (silence included), Heard everything the speaker was given, each since it was first
// opened or since Reset, the first minute of it. The samples are copies.
func (p *Probe) Said() Recording { return p.copyOf(&p.said) }

// Heard is described at Said.
func (p *Probe) Heard() Recording { return p.copyOf(&p.heard) }

// Reset forgets what was said, heard, and still to be said.
func (p *Probe) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue, p.said, p.heard = nil, Recording{}, Recording{}
}

func (p *Probe) copyOf(r *Recording) Recording {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Recording{PCM: append([]int16(nil), r.PCM...), Start: r.Start}
}

// read is the microphone.
func (p *Probe) read(pcm []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := copy(pcm, p.queue)
	p.queue = p.queue[n:]
	clear(pcm[n:])
	p.said.keep(pcm)
}

// hear is the speaker.
func (p *Probe) hear(pcm []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard.keep(pcm)
}

func (r *Recording) keep(pcm []int16) {
	if len(r.PCM) == 0 {
		r.Start = time.Now()
	}
	r.PCM = append(r.PCM, pcm[:min(len(pcm), maxKept-len(r.PCM))]...)
}
