package codec

import (
	"fmt"

	"github.com/gotranspile/g722"
)

// maxG722 is the longest payload in bytes, and wideMax what it holds: a byte has two samples at 16 kHz (ITU-T G.722,
// mode 1, 64 kbit/s). RTP timestamps count 8000 a second all the same (RFC 3551 §4.5.2): one for each byte.
const (
	maxG722 = MaxFrameSamples / wideFactor / 2
	wideMax = MaxFrameSamples / wideFactor
)

type g722Encoder struct {
	encoder *g722.Encoder
	samples int
	filter  *decimator
	wide    [wideMax]int16
}

func newG722Encoder(s Spec) (*g722Encoder, error) {
	n := s.samples()
	if n == 0 {
		return nil, fmt.Errorf("%w: G.722 has no packets of %v", ErrFrameSize, s.PacketTime)
	}
	return &g722Encoder{encoder: g722.NewEncoder(g722.Rate64000, 0), samples: n, filter: &decimator{kernel: wideband}}, nil
}

func (e *g722Encoder) Encode(dst []byte, pcm []int16) (int, error) {
	if e.filter == nil {
		return 0, ErrClosed
	}
	if len(pcm) != e.samples {
		return 0, fmt.Errorf("%w: %d, want %d", ErrFrameSize, len(pcm), e.samples)
	}
	n := len(pcm) / wideFactor
	if len(dst) < n/2 {
		return 0, ErrShortBuffer
	}
	e.filter.down(e.wide[:n], pcm)
	return e.encoder.Encode(dst, e.wide[:n]), nil
}

func (*g722Encoder) SetLoss(int) {}

func (e *g722Encoder) Close() { e.filter = nil }

type g722Decoder struct {
	decoder   *g722.Decoder
	filter    *interpolator
	concealer concealer
	wide      [wideMax]int16
}

func newG722Decoder() *g722Decoder {
	return &g722Decoder{decoder: g722.NewDecoder(g722.Rate64000, 0), filter: &interpolator{kernel: wideband}, concealer: newConcealer(2)}
}

func (d *g722Decoder) Decode(payload []byte, pcm []int16) (int, error) {
	switch {
	case d.filter == nil:
		return 0, ErrClosed
	case len(payload) == 0 || len(payload) > maxG722:
		return 0, ErrPayload
	case len(pcm) < len(payload)*2*wideFactor:
		return 0, ErrShortBuffer
	}
	n := d.decoder.Decode(d.wide[:], payload)
	d.concealer.good(d.wide[:n])
	d.filter.up(pcm, d.wide[:n])
	return n * wideFactor, nil
}

// DecodeFEC conceals: G.722 carries nothing of its neighbours.
func (d *g722Decoder) DecodeFEC(_ []byte, pcm []int16) error { return d.Conceal(pcm) }

func (d *g722Decoder) Conceal(pcm []int16) error {
	if d.filter == nil {
		return ErrClosed
	}
	if err := checkMissing(len(pcm)); err != nil {
		return err
	}
	wide := d.wide[:len(pcm)/wideFactor]
	d.concealer.lost(wide)
	d.filter.up(pcm, wide)
	return nil
}

func (d *g722Decoder) Close() { d.filter = nil }
