package codec

import (
	"errors"
	"fmt"

	"github.com/hraban/opus"
)

const (
	// StereoFrame is how many samples of each channel one Stereo.Encode takes: 20 ms.
	StereoFrame = FrameSamples
	// StereoDelay is how many samples a Stereo encoder's sound comes late (libopus' lookahead at 48 kHz): what a player
	// must skip (RFC 7845 §4.2, pre-skip).
	StereoDelay = 312
	// stereoBitrate keeps one voice on each side apart: a tone on one side is 60 dB below on the other.
	stereoBitrate = 64000
)

// Stereo encodes two channels as Opus at 64 kbit/s, for recordings. It is not for several goroutines at once.
type Stereo struct{ enc *opus.Encoder }

// NewStereo makes an encoder.
func NewStereo() (*Stereo, error) {
	enc, err := opus.NewEncoder(SampleRate, 2, opus.AppAudio)
	if err == nil {
		err = errors.Join(enc.SetBitrate(stereoBitrate), enc.SetComplexity(opusComplexity))
	}
	if err != nil {
		return nil, fmt.Errorf("codec: opus encoder: %w", err)
	}
	return &Stereo{enc}, nil
}

// Encode writes the packet for 20 ms (2·StereoFrame values, left and right by turns) into dst and returns its
// length. dst of MaxPayload bytes is always enough. Errors: ErrFrameSize, ErrShortBuffer.
func (s *Stereo) Encode(dst []byte, pcm []int16) (int, error) {
	if len(pcm) != 2*StereoFrame {
		return 0, fmt.Errorf("%w: %d, want %d", ErrFrameSize, len(pcm), 2*StereoFrame)
	}
	if len(dst) == 0 {
		return 0, ErrShortBuffer
	}
	n, err := s.enc.Encode(pcm[:len(pcm):len(pcm)], dst[:len(dst):len(dst)])
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrShortBuffer, err)
	}
	return n, nil
}
