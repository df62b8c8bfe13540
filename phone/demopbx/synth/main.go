// Command synth makes the demo PBX's sounds: a calm loop of music, a voice-like greeting, a beep and a
// ringing tone, as Opus frames. It is run by go generate; its output is part of the repository.
//
//	notes, formants, tones ──► mono PCM 48 kHz ──► Opus, 20 ms frames ──► sounds/NAME.opusframes
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hraban/opus"
)

const (
	rate         = 48000
	frameSamples = rate / 50
	magic        = "HSOF1\n"
)

func main() {
	out := flag.String("out", "sounds", "the folder to write to")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "synth:", err)
		os.Exit(1)
	}
}

func run(folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for name, source := range map[string]struct {
		pcm     func() []float64
		bitrate int
	}{
		"music":    {music, 56000},
		"party":    {greeting, 32000},
		"beep":     {beep, 24000},
		"ringback": {ringback, 24000},
	} {
		data, err := encode(source.pcm(), source.bitrate)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		path := filepath.Join(folder, name+".opusframes")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n", path, len(data))
	}
	return nil
}

// encode makes a sound file of a signal in -1…1; a last frame that is not full is filled with silence.
func encode(signal []float64, bitrate int) ([]byte, error) {
	encoder, err := opus.NewEncoder(rate, 1, opus.AppAudio)
	if err != nil {
		return nil, err
	}
	if err := encoder.SetBitrate(bitrate); err != nil {
		return nil, err
	}
	if err := encoder.SetComplexity(10); err != nil {
		return nil, err
	}
	data := []byte(magic)
	frame, payload := make([]int16, frameSamples), make([]byte, 1275)
	for start := 0; start < len(signal); start += frameSamples {
		clear(frame)
		for i := range frame {
			if start+i < len(signal) {
				frame[i] = int16(32000 * max(-1, min(1, signal[start+i])))
			}
		}
		n, err := encoder.Encode(frame, payload)
		if err != nil {
			return nil, err
		}
		data = binary.BigEndian.AppendUint16(data, uint16(n))
		data = append(data, payload[:n]...)
	}
	return data, nil
}
