package demopbx

import (
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

//go:generate go run ./synth -out sounds

// sounds are made by synth (go generate) and kept in the repository, so that a build needs no encoder's run.
//
//go:embed sounds/*.opusframes
var sounds embed.FS

// soundMagic begins a sound file: Opus frames (20 ms, mono, 48 kHz), each behind its length in two bytes,
// big endian.
const soundMagic = "HSOF1\n"

// g711Frame is 20 ms of G.711 in bytes, and of G.722.
const g711Frame = 160

var errSoundFile = errors.New("demopbx: broken sound file")

// transcoded are the codecs that recordings are converted for. Each has 160 bytes in 20 ms.
var transcoded = []string{"PCMU", "PCMA", "G722"}

// recording is one sound, frame by frame. The forms other than Opus are made when they are first asked for.
type recording struct {
	opus   [][]byte
	once   sync.Once
	others map[string][][]byte // by codec, see transcoded
}

// soundLibrary holds the recordings by name; it does not change.
type soundLibrary struct{ byName map[string]*recording }

func loadSounds() (*soundLibrary, error) {
	library := &soundLibrary{byName: map[string]*recording{}}
	for _, name := range []string{"music", "party", "beep", "ringback"} {
		data, err := sounds.ReadFile("sounds/" + name + ".opusframes")
		if err != nil {
			return nil, fmt.Errorf("demopbx: %w", err)
		}
		frames, err := parseSound(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		library.byName[name] = &recording{opus: frames}
	}
	return library, nil
}

// get returns a recording that exists, by construction.
func (l *soundLibrary) get(name string) *recording { return l.byName[name] }

// parseSound splits a sound file; the frames share its memory.
func parseSound(data []byte) ([][]byte, error) {
	rest, ok := strings.CutPrefix(string(data), soundMagic)
	if !ok {
		return nil, errSoundFile
	}
	data = []byte(rest)
	var frames [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errSoundFile
		}
		n := int(binary.BigEndian.Uint16(data))
		if n == 0 || len(data) < 2+n {
			return nil, errSoundFile
		}
		frames = append(frames, data[2:2+n])
		data = data[2+n:]
	}
	if len(frames) == 0 {
		return nil, errSoundFile
	}
	return frames, nil
}

func (r *recording) length() int { return len(r.opus) }

// frame returns 20 ms in the codec, nil for an unknown one.
func (r *recording) frame(codecName string, i int) []byte {
	if codecName == "opus" {
		return r.opus[i]
	}
	if !slices.Contains(transcoded, codecName) {
		return nil
	}
	r.once.Do(r.transcode)
	return r.others[codecName][i]
}

// prepare makes the codec's form now, because frame must not take long.
func (r *recording) prepare(codecName string) { _ = r.frame(codecName, 0) }

// transcode makes all forms; what cannot be made is silence.
func (r *recording) transcode() {
	r.others = map[string][][]byte{}
	for _, name := range transcoded {
		r.others[name] = slices.Repeat([][]byte{silence(name, g711Frame)}, len(r.opus))
	}
	decoder, err := codec.NewDecoder(codec.Spec{Name: "opus"})
	if err != nil {
		return
	}
	defer decoder.Close()
	for name, frames := range r.others {
		if err := transcode(decoder, r.opus, name, frames); err != nil {
			return
		}
	}
}

func transcode(decoder codec.Decoder, from [][]byte, codecName string, to [][]byte) error {
	encoder, err := codec.NewEncoder(codec.Spec{Name: codecName})
	if err != nil {
		return err
	}
	defer encoder.Close()
	pcm := make([]int16, codec.MaxFrameSamples)
	for i, payload := range from {
		n, err := decoder.Decode(payload, pcm)
		if err != nil {
			return err
		}
		out := make([]byte, codec.MaxPayload)
		if n, err = encoder.Encode(out, pcm[:n]); err != nil {
			return err
		}
		to[i] = out[:n]
	}
	return nil
}
