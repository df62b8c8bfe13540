//go:build unix

package pulsetest

import (
	"context"
	"encoding/binary"
	"io"
	"math"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Rate is the rate of all sound here, in Hz; it is mono with 16 bits.
const Rate = 48000

// start starts a client that is ended by the returned function, at the latest when the test ends.
func (s *Server) start(c *exec.Cmd, cancel context.CancelFunc) (stop func()) {
	s.t.Helper()
	if err := c.Start(); err != nil {
		cancel()
		s.t.Fatalf("pulsetest: %s: %v", c.Path, err)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = c.Wait() }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	s.t.Cleanup(stop)
	return stop
}

// Feed plays a tone of the frequency (Hz) and level (RMS, dBFS) into the microphone until stop is called.
func (s *Server) Feed(microphone string, frequency, level float64) (stop func()) {
	s.t.Helper()
	return s.FeedSink(microphone+"_sink", frequency, level)
}

// FeedSink is Feed for any sink.
func (s *Server) FeedSink(sink string, frequency, level float64) (stop func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := s.command(ctx, "pacat", "--playback", "--device="+sink, "--latency-msec=100", "--rate=48000", "--channels=1",
		"--format=s16le", "--client-name=feed")
	c.Stdin = &sine{step: 2 * math.Pi * frequency / Rate, peak: math.Sqrt2 * math.Pow(10, level/20) * 32767}
	return s.start(c, cancel)
}

// sine is an endless tone as a reader of 16-bit samples.
type sine struct{ phase, step, peak float64 }

func (g *sine) Read(p []byte) (int, error) {
	n := len(p) &^ 1
	for i := 0; i < n; i += 2 {
		binary.LittleEndian.PutUint16(p[i:], uint16(int16(min(max(g.peak*math.Sin(g.phase), -32767), 32767)))) // #nosec G115
		if g.phase += g.step; g.phase > 2*math.Pi {
			g.phase -= 2 * math.Pi
		}
	}
	return n, nil
}

// Recorder keeps what a source delivers.
type Recorder struct {
	mu      sync.Mutex
	samples []int16
	stop    func()
}

// Record records what is played to a speaker (or, with a source's name, what a microphone delivers) until Stop.
func (s *Server) Record(device string) *Recorder {
	s.t.Helper()
	if s.hasSink(device) {
		device += ".monitor"
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := s.command(ctx, "parec", "--device="+device, "--latency-msec=10", "--rate=48000", "--channels=1",
		"--format=s16le", "--client-name=record")
	out, err := c.StdoutPipe()
	if err != nil {
		cancel()
		s.t.Fatalf("pulsetest: parec: %v", err)
	}
	if err := c.Start(); err != nil {
		cancel()
		s.t.Fatalf("pulsetest: parec: %v", err)
	}
	r := &Recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.read(out)
		_ = c.Wait()
	}()
	r.stop = sync.OnceFunc(func() { cancel(); <-done })
	s.t.Cleanup(r.stop)
	return r
}

func (r *Recorder) read(in io.Reader) {
	buffer := make([]byte, 4096)
	kept := 0
	for {
		n, err := in.Read(buffer[kept:])
		n += kept
		r.mu.Lock()
		for i := 0; i+1 < n; i += 2 {
			r.samples = append(r.samples, int16(binary.LittleEndian.Uint16(buffer[i:]))) // #nosec G115
		}
		r.mu.Unlock()
		if kept = n & 1; kept == 1 {
			buffer[0] = buffer[n-1]
		}
		if err != nil {
			return
		}
	}
}

// Stop ends the recording; what was recorded stays.
func (r *Recorder) Stop() { r.stop() }

// Samples are a copy of everything recorded so far.
func (r *Recorder) Samples() []int16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int16(nil), r.samples...)
}

// Last is a copy of the last d recorded, or of all when there is less.
func (r *Recorder) Last(d time.Duration) []int16 {
	all := r.Samples()
	n := min(len(all), int(d*Rate/time.Second))
	return all[len(all)-n:]
}

// WaitTone waits until the last 200 ms hold the tone of the frequency (Hz), whatever its level above -60 dBFS,
// and reports what it heard at last.
func (r *Recorder) WaitTone(frequency float64, limit time.Duration) (Tone, bool) {
	deadline := time.Now().Add(limit)
	for {
		tone := Measure(r.Last(200 * time.Millisecond))
		if tone.Is(frequency) {
			return tone, true
		}
		if time.Now().After(deadline) {
			return tone, false
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// Streams are the client names of the streams on the server: kind is "sink-inputs" or "source-outputs".
func (s *Server) Streams(kind string) string {
	s.t.Helper()
	return strings.TrimSpace(s.Pactl("list", kind))
}
