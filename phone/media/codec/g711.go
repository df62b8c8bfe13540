package codec

import (
	"fmt"

	"github.com/zaf/g711"
)

// maxNarrow is the longest packet at 8 kHz.
const maxNarrow = MaxFrameSamples / rateFactor

// law is one of G.711's two companding laws (ITU-T G.711, RFC 3551 §4.5.14).
type law struct {
	compress func(int16) uint8
	expand   [256]int16
}

// The two laws, expanded once into tables.
var (
	ulaw = newLaw(g711.EncodeUlawFrame, g711.DecodeUlawFrame)
	alaw = newLaw(g711.EncodeAlawFrame, g711.DecodeAlawFrame)
)

func newLaw(compress func(int16) uint8, expand func(uint8) int16) *law {
	l := &law{compress: compress}
	for i := range l.expand {
		l.expand[i] = expand(uint8(i))
	}
	return l
}

type g711Encoder struct {
	law     *law
	samples int
	filter  *decimator
	narrow  [maxNarrow]int16
}

func newG711Encoder(s Spec, l *law) (*g711Encoder, error) {
	n := s.samples()
	if n == 0 {
		return nil, fmt.Errorf("%w: G.711 has no packets of %v", ErrFrameSize, s.PacketTime)
	}
	return &g711Encoder{law: l, samples: n, filter: &decimator{kernel: narrowband}}, nil
}

func (e *g711Encoder) Encode(dst []byte, pcm []int16) (int, error) {
	if e.filter == nil {
		return 0, ErrClosed
	}
	if len(pcm) != e.samples {
		return 0, fmt.Errorf("%w: %d, want %d", ErrFrameSize, len(pcm), e.samples)
	}
	n := len(pcm) / rateFactor
	if len(dst) < n {
		return 0, ErrShortBuffer
	}
	e.filter.down(e.narrow[:n], pcm)
	for i, v := range e.narrow[:n] {
		dst[i] = e.law.compress(v)
	}
	return n, nil
}

func (*g711Encoder) SetLoss(int) {}

func (e *g711Encoder) Close() { e.filter = nil }

type g711Decoder struct {
	law       *law
	filter    *interpolator
	concealer concealer
	narrow    [maxNarrow]int16
}

func newG711Decoder(l *law) *g711Decoder {
	return &g711Decoder{law: l, filter: &interpolator{kernel: narrowband}, concealer: newConcealer(1)}
}

func (d *g711Decoder) Decode(payload []byte, pcm []int16) (int, error) {
	switch {
	case d.filter == nil:
		return 0, ErrClosed
	case len(payload) == 0 || len(payload) > maxNarrow:
		return 0, ErrPayload
	case len(pcm) < len(payload)*rateFactor:
		return 0, ErrShortBuffer
	}
	narrow := d.narrow[:len(payload)]
	for i, b := range payload {
		narrow[i] = d.law.expand[b]
	}
	d.concealer.good(narrow)
	d.filter.up(pcm, narrow)
	return len(narrow) * rateFactor, nil
}

// DecodeFEC conceals: G.711 carries nothing of its neighbours.
func (d *g711Decoder) DecodeFEC(_ []byte, pcm []int16) error { return d.Conceal(pcm) }

func (d *g711Decoder) Conceal(pcm []int16) error {
	if d.filter == nil {
		return ErrClosed
	}
	if err := checkMissing(len(pcm)); err != nil {
		return err
	}
	narrow := d.narrow[:len(pcm)/rateFactor]
	d.concealer.lost(narrow)
	d.filter.up(pcm, narrow)
	return nil
}

func (d *g711Decoder) Close() { d.filter = nil }
