package native

import (
	"io"
	"sync"
	"time"

	"github.com/gen2brain/malgo"
	"github.com/pion/mediadevices/pkg/io/audio"
	"github.com/pion/mediadevices/pkg/prop"
	"github.com/pion/mediadevices/pkg/wave"

	"github.com/hookswitch/hookswitch/devices"
)

// microphoneDriver is a microphone as mediadevices sees it. GetUserMedia opens every closed driver just to read its properties, so
// Open does nothing; the device is opened by AudioRecord.
type microphoneDriver struct {
	backend *Backend
	name    string // of the device; "" is the sound system's default one

	mu      sync.Mutex
	capture *capture
}

// Open does nothing.
func (d *microphoneDriver) Open() error { return nil }

// Close closes the device if it is open, within 100 ms.
func (d *microphoneDriver) Close() error {
	d.mu.Lock()
	c := d.capture
	d.capture = nil
	d.mu.Unlock()
	if c != nil {
		c.close()
	}
	return nil
}

// Properties says the one form there is: 10 ms blocks of mono at 48 kHz.
func (d *microphoneDriver) Properties() []prop.Media {
	return []prop.Media{{Audio: prop.Audio{ChannelCount: 1, SampleRate: sampleRate, SampleSize: 2,
		IsInterleaved: true, Latency: 10 * time.Millisecond}}}
}

// AudioRecord opens the device.
func (d *microphoneDriver) AudioRecord(prop.Media) (audio.Reader, error) {
	c := &capture{blocks: make(chan []int16, maxBlocks), done: make(chan struct{})}
	var err error
	c.stream, err = within(openLimit, func() (*stream, error) {
		return d.backend.openStream(malgo.Capture, d.name, c.record)
	}, (*stream).close)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	d.capture = c
	d.mu.Unlock()
	return audio.ReaderFunc(c.read), nil
}

// maxBlocks is how many blocks wait for a reader that is late before new ones are dropped.
const maxBlocks = 16

// capture is an open microphone.
type capture struct {
	stream *stream
	pieces gather
	blocks chan []int16
	done   chan struct{}
	once   sync.Once
	heard  bool // of read: a block came
}

// record is called by miniaudio's thread; in is C memory.
func (c *capture) record(_, in []byte) {
	c.pieces.add(in, func(block []int16) {
		select {
		case c.blocks <- block:
		default:
		}
	})
}

// read waits for the next block. The error is io.EOF after close, ErrLost when the device has stopped delivering.
func (c *capture) read() (wave.Audio, func(), error) {
	limit := startLimit
	if c.heard {
		limit = silentLimit
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case block := <-c.blocks:
		c.heard = true
		return &wave.Int16Interleaved{Data: block, Size: wave.ChunkInfo{Len: len(block), Channels: 1, SamplingRate: sampleRate}},
			func() {}, nil
	case <-c.done:
		return nil, func() {}, io.EOF
	case <-timer.C:
		return nil, func() {}, devices.ErrLost
	}
}

func (c *capture) close() {
	c.once.Do(func() {
		close(c.done)
		atMost(closeLimit, c.stream.close)
	})
}
