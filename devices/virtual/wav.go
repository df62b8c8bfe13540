package virtual

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// maxSeconds bounds what is played of a file, maxWAV what is read of it in bytes.
const (
	maxSeconds = 120
	maxWAV     = maxSeconds * sampleRate * 4
)

// ErrWAV: the file is not a WAV file that can be played (PCM, 16 bits, 1 or 2 channels, 4 to 192 kHz).
var ErrWAV = errors.New("not a WAV file with 16-bit PCM, mono or stereo")

// ReadWAV reads a WAV file as mono at 48 kHz; there is at least one sample. The error wraps ErrWAV or is the file system's.
func ReadWAV(path string) ([]int16, error) {
	f, err := os.Open(path) // #nosec G304 -- the user names the file
	if err != nil {
		return nil, fmt.Errorf("open WAV file: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxWAV))
	if err != nil {
		return nil, fmt.Errorf("read WAV file: %w", err)
	}
	pcm, err := ParseWAV(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pcm, nil
}

// wavFormat is the fmt chunk.
type wavFormat struct {
	channels int
	rate     int
}

// ParseWAV is ReadWAV of a file in memory. A data chunk that is cut short is played as far as it goes.
func ParseWAV(data []byte) ([]int16, error) {
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return nil, fmt.Errorf("%w: no RIFF header", ErrWAV)
	}
	var format wavFormat
	for rest := data[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		body := rest[:min(uint64(len(rest)), size)]
		switch name {
		case "fmt ":
			var err error
			if format, err = parseFormat(body); err != nil {
				return nil, err
			}
		case "data":
			if format.rate == 0 {
				return nil, fmt.Errorf("%w: no format before the data", ErrWAV)
			}
			mono := mixDown(body, format.channels, maxSeconds*format.rate)
			if len(mono) == 0 {
				return nil, fmt.Errorf("%w: no sound in it", ErrWAV)
			}
			return resample(mono, format.rate), nil
		}
		rest = rest[min(uint64(len(rest)), size+size&1):] // chunks are padded to an even size
	}
	return nil, fmt.Errorf("%w: no data", ErrWAV)
}

// parseFormat reads the fmt chunk: plain PCM, or WAVE_FORMAT_EXTENSIBLE that says PCM.
func parseFormat(body []byte) (wavFormat, error) {
	if len(body) < 16 {
		return wavFormat{}, fmt.Errorf("%w: format cut short", ErrWAV)
	}
	tag := binary.LittleEndian.Uint16(body)
	if tag == 0xFFFE && len(body) >= 26 {
		tag = binary.LittleEndian.Uint16(body[24:])
	}
	rate := binary.LittleEndian.Uint32(body[4:])
	f := wavFormat{channels: int(binary.LittleEndian.Uint16(body[2:])), rate: int(rate)}
	bits := binary.LittleEndian.Uint16(body[14:])
	if tag != 1 || bits != 16 || f.channels < 1 || f.channels > 2 || rate < 4000 || rate > 192000 {
		return wavFormat{}, fmt.Errorf("%w: encoding %d, %d bits, %d channels, %d Hz", ErrWAV, tag, bits, f.channels, rate)
	}
	return f, nil
}

// mixDown makes mono of interleaved 16-bit samples, at most limit of them.
func mixDown(body []byte, channels, limit int) []int16 {
	mono := make([]int16, min(len(body)/2/channels, limit))
	for i := range mono {
		sum := 0
		for c := range channels {
			sum += int(int16(binary.LittleEndian.Uint16(body[2*(i*channels+c):]))) // #nosec G115 -- two's complement
		}
		mono[i] = int16(sum / channels) // #nosec G115 -- a mean of int16
	}
	return mono
}

// The resampler's filter: a sinc under a Hann window, with this many zero crossings each side, from a table with this
// many steps from one to the next.
const (
	sincReach = 16
	sincSteps = 512
)

// resample brings samples to 48 kHz; it is done once, when the file is opened. The file counts as a loop.
func resample(in []int16, rate int) []int16 {
	if rate == sampleRate {
		return in
	}
	filter := sincTable()
	step := float64(rate) / sampleRate
	cutoff := min(1, 1/step)
	width := int(math.Ceil(sincReach / cutoff))
	out := make([]int16, max(1, int(float64(len(in))/step)))
	for i := range out {
		at := float64(i) * step
		base := int(math.Floor(at))
		var sum, weight float64
		for k := base - width + 1; k <= base+width; k++ {
			x := int(math.Abs(at-float64(k)) * cutoff * sincSteps)
			if x >= len(filter) {
				continue
			}
			n := k % len(in)
			if n < 0 {
				n += len(in)
			}
			sum += filter[x] * float64(in[n])
			weight += filter[x]
		}
		out[i] = clip(sum / weight)
	}
	return out
}

// sincTable is one half of the filter.
func sincTable() []float64 {
	table := make([]float64, sincReach*sincSteps)
	for i := range table {
		x := float64(i) / sincSteps
		table[i] = 1
		if i > 0 {
			table[i] = math.Sin(math.Pi*x) / (math.Pi * x) * (0.5 + 0.5*math.Cos(math.Pi*x/sincReach))
		}
	}
	return table
}
