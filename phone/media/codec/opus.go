package codec

import (
	"errors"
	"fmt"

	"github.com/hraban/opus"
)

const (
	opusBitrate    = 32000
	opusMinBitrate = 6000 // libopus' floor (RFC 6716 §2.1.1)
	opusComplexity = 5    // 221 µs a frame where 9 takes 370
	// opusFirstLoss is assumed until the first RTCP report: FEC does nothing at 0.
	opusFirstLoss = 5
)

type opusEncoder struct {
	enc     *opus.Encoder
	samples int
	loss    int
}

func newOpusEncoder(s Spec) (*opusEncoder, error) {
	n := s.samples()
	switch n {
	case 480, 960, 1920, 2880:
	default:
		return nil, fmt.Errorf("%w: Opus has no packets of %v", ErrFrameSize, s.PacketTime)
	}
	enc, err := opus.NewEncoder(SampleRate, 1, opus.AppVoIP)
	if err != nil {
		return nil, fmt.Errorf("codec: opus encoder: %w", err)
	}
	bitrate := opusBitrate
	if s.MaxBitrate > 0 {
		bitrate = max(opusMinBitrate, min(bitrate, s.MaxBitrate))
	}
	complexity := opusComplexity
	if s.Complexity != 0 {
		complexity = max(1, min(10, s.Complexity))
	}
	err = errors.Join(
		enc.SetBitrate(bitrate),
		enc.SetComplexity(complexity),
		enc.SetInBandFEC(s.FEC),
		enc.SetPacketLossPerc(opusFirstLoss),
		enc.SetDTX(false),
	)
	if err != nil {
		return nil, fmt.Errorf("codec: opus encoder: %w", err)
	}
	return &opusEncoder{enc: enc, samples: n, loss: opusFirstLoss}, nil
}

func (e *opusEncoder) Encode(dst []byte, pcm []int16) (int, error) {
	if e.enc == nil {
		return 0, ErrClosed
	}
	if len(pcm) != e.samples {
		return 0, fmt.Errorf("%w: %d, want %d", ErrFrameSize, len(pcm), e.samples)
	}
	if len(dst) == 0 {
		return 0, ErrShortBuffer
	}
	// The binding goes by capacity, so what lies behind the slice is cut off.
	n, err := e.enc.Encode(pcm[:len(pcm):len(pcm)], dst[:len(dst):len(dst)])
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrShortBuffer, err)
	}
	return n, nil
}

func (e *opusEncoder) SetLoss(percent int) {
	percent = max(0, min(100, percent))
	if e.enc == nil || percent == e.loss {
		return
	}
	if e.enc.SetPacketLossPerc(percent) == nil {
		e.loss = percent
	}
}

func (e *opusEncoder) Close() { e.enc = nil }

type opusDecoder struct {
	dec *opus.Decoder
}

// newOpusDecoder makes a decoder for one channel: libopus mixes stereo packets down itself.
func newOpusDecoder() (*opusDecoder, error) {
	dec, err := opus.NewDecoder(SampleRate, 1)
	if err != nil {
		return nil, fmt.Errorf("codec: opus decoder: %w", err)
	}
	return &opusDecoder{dec: dec}, nil
}

func (d *opusDecoder) Decode(payload []byte, pcm []int16) (int, error) {
	if d.dec == nil {
		return 0, ErrClosed
	}
	if len(payload) == 0 {
		return 0, ErrPayload
	}
	if len(pcm) == 0 {
		return 0, ErrShortBuffer
	}
	n, err := d.dec.Decode(payload, pcm[:len(pcm):len(pcm)])
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, opus.ErrBufferTooSmall):
		return 0, ErrShortBuffer
	default:
		return 0, ErrPayload
	}
}

func (d *opusDecoder) DecodeFEC(payload []byte, pcm []int16) error {
	if d.dec == nil {
		return ErrClosed
	}
	if err := checkMissing(len(pcm)); err != nil {
		return err
	}
	if len(payload) == 0 || d.dec.DecodeFEC(payload, pcm[:len(pcm):len(pcm)]) != nil {
		return d.Conceal(pcm)
	}
	return nil
}

func (d *opusDecoder) Conceal(pcm []int16) error {
	if d.dec == nil {
		return ErrClosed
	}
	if err := checkMissing(len(pcm)); err != nil {
		return err
	}
	if err := d.dec.DecodePLC(pcm[:len(pcm):len(pcm)]); err != nil {
		return fmt.Errorf("codec: opus concealment: %w", err)
	}
	return nil
}

func (d *opusDecoder) Close() { d.dec = nil }
