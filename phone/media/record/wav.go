package record

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

const (
	wavBlock   = codec.SampleRate * 2 / 5 * 2 // values in 0.4 s
	frameBytes = 4                            // one sample of both sides
	headerSize = 12 + 36 + 24 + 8             // RIFF, JUNK or ds64, fmt, data
)

// wav is a recording as 16-bit PCM. Its header is right after each block; beyond 4 GiB (six hours) it becomes RF64 (EBU Tech 3306), for
// which it has kept room.
type wav struct {
	out   *output
	name  string
	bytes uint64 // of sound in the file
	block []byte
}

func newWAV(out *output, name string) (*wav, error) {
	return &wav{out: out, name: name, block: make([]byte, 0, wavBlock*2)}, out.append(wavHeader(0))
}

// Name implements media.Recording.
func (w *wav) Name() string { return w.name }

// Write implements media.Recording.
func (w *wav) Write(stereo []int16) error {
	for _, v := range stereo {
		w.block = binary.LittleEndian.AppendUint16(w.block, uint16(v)) //nolint:gosec // two's complement is meant
		if len(w.block) == cap(w.block) {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush writes the block and then the sizes: whoever reads between the two misses the block.
func (w *wav) flush() error {
	err := w.out.append(w.block)
	if err != nil {
		return err
	}
	w.bytes += uint64(len(w.block))
	w.block = w.block[:0]
	return w.out.patch(wavHeader(w.bytes), 0)
}

// Close implements media.Recording.
func (w *wav) Close() error { return errors.Join(w.flush(), w.out.close()) }

// wavHeader is the header of a file with so many bytes of sound.
func wavHeader(sound uint64) []byte {
	riff, size, extra := "RIFF", sound+headerSize-8, "JUNK"
	short := func(v uint64) uint32 { return uint32(v) } //nolint:gosec // looked at below
	if size > math.MaxUint32 {
		riff, extra = "RF64", "ds64"
		short = func(uint64) uint32 { return math.MaxUint32 } // ds64 has the true one
	}
	le := binary.LittleEndian
	b := append([]byte(nil), riff...)
	b = le.AppendUint32(b, short(size))
	b = append(b, "WAVE"+extra...)
	b = le.AppendUint32(b, 28)
	if extra == "ds64" {
		b = le.AppendUint64(b, size)
		b = le.AppendUint64(b, sound)
		b = le.AppendUint64(b, sound/frameBytes)
		b = le.AppendUint32(b, 0) // no table
	} else {
		b = append(b, make([]byte, 28)...)
	}
	b = append(b, "fmt "...)
	b = le.AppendUint32(b, 16)
	b = le.AppendUint16(b, 1) // PCM
	b = le.AppendUint16(b, 2)
	b = le.AppendUint32(b, codec.SampleRate)
	b = le.AppendUint32(b, codec.SampleRate*frameBytes)
	b = le.AppendUint16(b, frameBytes)
	b = le.AppendUint16(b, 16)
	b = append(b, "data"...)
	return le.AppendUint32(b, short(sound))
}
