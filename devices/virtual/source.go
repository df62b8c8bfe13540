package virtual

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/devices"
)

// The ids and their beginnings.
const (
	nullID     = "null"
	patternID  = "pattern"
	tonePrefix = "tone:"
	filePrefix = "file:"
)

// defaultLevel of a tone, RMS in dBFS.
const defaultLevel = -20

// source delivers a microphone's sound; read is called by one goroutine at a time.
type source interface {
	read(pcm []int16)
}

// nameOf returns the name for people of a virtual device, and whether the id is one at all.
func nameOf(kind devices.Kind, id string) (string, bool) {
	switch kind {
	case devices.Camera:
		return "Test pattern", id == patternID
	case devices.Speaker:
		if path, ok := strings.CutPrefix(id, filePrefix); ok {
			return "File " + filepath.Base(path), path != ""
		}
		return "No sound", id == nullID
	}
	if id == nullID {
		return "Silence", true
	}
	if path, ok := strings.CutPrefix(id, filePrefix); ok {
		return "File " + filepath.Base(path), path != ""
	}
	if t, err := parseTone(id); err == nil {
		return fmt.Sprintf("Tone of %g Hz", t.frequency), true
	}
	return "", false
}

// parseSource makes the source that a microphone's id names.
func parseSource(id string) (source, error) {
	if id == nullID {
		return silence{}, nil
	}
	if path, ok := strings.CutPrefix(id, filePrefix); ok {
		pcm, err := ReadWAV(path)
		if err != nil {
			return nil, err
		}
		return &loop{pcm: pcm}, nil
	}
	if strings.HasPrefix(id, tonePrefix) {
		return parseTone(id)
	}
	return nil, fmt.Errorf("virtual microphone %q: %w", id, devices.ErrNoDevice)
}

// silence is the microphone "null".
type silence struct{}

func (silence) read(pcm []int16) { clear(pcm) }

// loop plays samples again and again.
type loop struct {
	pcm  []int16 // never empty
	next int
}

func (l *loop) read(pcm []int16) {
	for i := range pcm {
		pcm[i] = l.pcm[l.next]
		l.next = (l.next + 1) % len(l.pcm)
	}
}

// tone is an endless sine without a step in its phase.
type tone struct {
	frequency, peak, phase float64 // Hz; of int16; cycles, 0…1
}

// parseTone reads "tone:FREQUENCY[:LEVEL]": Hz, 1…20000; RMS in dBFS, -90…-3.1.
func parseTone(id string) (*tone, error) {
	text, ok := strings.CutPrefix(id, tonePrefix)
	if !ok {
		return nil, fmt.Errorf("%q is no tone: %w", id, devices.ErrNoDevice)
	}
	first, second, hasLevel := strings.Cut(text, ":")
	frequency, err := strconv.ParseFloat(first, 64)
	if err != nil || !(frequency >= 1 && frequency <= 20000) {
		return nil, fmt.Errorf("the frequency in %q is not 1 to 20000: %w", id, devices.ErrNoDevice)
	}
	level := float64(defaultLevel)
	if hasLevel {
		level, err = strconv.ParseFloat(second, 64)
		if err != nil || !(level >= -90 && level <= -3.1) {
			return nil, fmt.Errorf("the level in %q is not -90 to -3.1 dBFS: %w", id, devices.ErrNoDevice)
		}
	}
	return &tone{frequency: frequency, peak: 32768 * math.Sqrt2 * math.Pow(10, level/20)}, nil
}

func (t *tone) read(pcm []int16) {
	for i := range pcm {
		pcm[i] = clip(t.peak * math.Sin(2*math.Pi*t.phase))
		t.phase += t.frequency / sampleRate
		t.phase -= math.Floor(t.phase)
	}
}

// clip rounds to a sample.
func clip(v float64) int16 {
	return int16(math.Round(min(max(v, math.MinInt16), math.MaxInt16)))
}
