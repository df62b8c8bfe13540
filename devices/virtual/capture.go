package virtual

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A capture's form: a WAV header of the simplest kind, then mono PCM of 16 bits at 48 kHz.
const (
	wavHeader = 44
	// maxCapture bounds the sound in a file, in bytes: what the header's 32 bits can tell, kept far below it (5 h).
	maxCapture = 1 << 31
	// captureFlush is how many samples may be lost when the program is killed.
	captureFlush = sampleRate
)

// capture is a speaker whose sound goes into a file. It can be opened again; the file goes on where it was.
type capture struct {
	mu    sync.Mutex
	file  *os.File
	out   *bufio.Writer
	bytes uint32 // of sound, written or in out
	fresh int    // samples since the header told the truth
	err   error  // the first one; nothing is written after it
}

// newCapture makes the file, or empties it.
func newCapture(path string) (*capture, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // #nosec G304 -- the user names the file
	if err != nil {
		return nil, fmt.Errorf("capture sound: %w", err)
	}
	c := &capture{file: f}
	if c.writeHeader(); c.err == nil {
		_, c.err = f.Seek(wavHeader, io.SeekStart)
	}
	if c.err != nil {
		return nil, fmt.Errorf("capture sound: %w", errors.Join(c.err, f.Close()))
	}
	c.out = bufio.NewWriterSize(f, 64<<10)
	return c, nil
}

// hear writes what the speaker was given.
func (c *capture) hear(pcm []int16) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil || c.file == nil || int64(c.bytes)+int64(2*len(pcm)) > maxCapture {
		return
	}
	var sample [2]byte
	for _, v := range pcm {
		binary.LittleEndian.PutUint16(sample[:], uint16(v)) // #nosec G115 -- two's complement
		if _, c.err = c.out.Write(sample[:]); c.err != nil {
			return
		}
	}
	c.bytes += uint32(2 * len(pcm)) // #nosec G115 -- below maxCapture
	if c.fresh += len(pcm); c.fresh >= captureFlush {
		c.settle()
	}
}

// settle brings everything to the file, so that it can be played as it is.
func (c *capture) settle() {
	c.fresh = 0
	if err := c.out.Flush(); err != nil && c.err == nil {
		c.err = err
	}
	if c.err == nil {
		c.writeHeader()
	}
}

// writeHeader tells how much sound there is.
func (c *capture) writeHeader() {
	var h [wavHeader]byte
	copy(h[:], "RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	binary.LittleEndian.PutUint32(h[4:], wavHeader-8+c.bytes)
	binary.LittleEndian.PutUint32(h[24:], sampleRate)
	binary.LittleEndian.PutUint32(h[28:], 2*sampleRate)
	copy(h[32:], "\x02\x00\x10\x00data")
	binary.LittleEndian.PutUint32(h[40:], c.bytes)
	if _, err := c.file.WriteAt(h[:], 0); err != nil && c.err == nil {
		c.err = err
	}
}

// pause makes the file whole while nothing is heard.
func (c *capture) pause() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil && c.err == nil {
		c.settle()
	}
}

// close ends the file.
func (c *capture) close() {
	c.pause()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.file != nil {
		_ = c.file.Close() // what went wrong before is in the file already
		c.file = nil
	}
}
