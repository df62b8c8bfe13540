package codec

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	// SampleRate is the rate of all PCM that enters or leaves this package, in Hz.
	SampleRate = 48000
	// FrameSamples is what one Encode takes where Spec.PacketTime is not set: 20 ms.
	FrameSamples = SampleRate / 50
	// MaxFrameSamples is the most that one Decode may give: 120 ms (RFC 6716 §3.2.5).
	MaxFrameSamples = SampleRate * 120 / 1000
	// MaxPayload is a size in bytes that every payload that Encode makes fits into, UDP on
	// Ethernet included.
	MaxPayload = 1275
)

// The errors of this package; compare with errors.Is.
var (
	// ErrUnknown: there is no codec of that name here.
	ErrUnknown = errors.New("codec: unknown codec")
	// ErrFrameSize: the slice of PCM has a length that the codec cannot take.
	ErrFrameSize = errors.New("codec: wrong number of samples")
	// ErrPayload: the payload is empty, too long, or not of this codec.
	ErrPayload = errors.New("codec: payload cannot be decoded")
	// ErrShortBuffer: the destination is too small for what the payload holds.
	ErrShortBuffer = errors.New("codec: destination too small")
	// ErrClosed: the encoder or decoder was closed.
	ErrClosed = errors.New("codec: closed")
)

// Spec says which codec, and how. The zero values of all but Name are good defaults.
type Spec struct {
	// Name is "opus", "G722", "PCMU" or "PCMA" as registered with IANA; case does not matter.
	Name string
	// FEC asks the Opus encoder for in-band forward error correction (RFC 6716 §2.1.7).
	FEC bool
	// MaxBitrate is the far end's maxaveragebitrate in bit/s (RFC 7587 §6.1); 0: not said.
	// Opus is encoded at 32 kbit/s or at this, whichever is lower.
	MaxBitrate int
	// Complexity is Opus' 1…10, more for better sound and more CPU; 0 means 5.
	Complexity int
	// PacketTime is the length of what Encode is given; 0 means 20 ms. Opus takes 10, 20, 40 or
	// 60 ms, G.711 and G.722 any number of whole milliseconds up to 120.
	PacketTime time.Duration
}

// samples returns the number of samples of one packet, 0 where PacketTime is out of range.
func (s Spec) samples() int {
	if s.PacketTime == 0 {
		return FrameSamples
	}
	if s.PacketTime < time.Millisecond || s.PacketTime > 120*time.Millisecond || s.PacketTime%time.Millisecond != 0 {
		return 0
	}
	return int(s.PacketTime/time.Millisecond) * SampleRate / 1000
}

// Encoder turns PCM into payloads.
type Encoder interface {
	// Encode writes the payload for one packet's worth of mono PCM at 48 kHz (960 samples unless
	// Spec.PacketTime says otherwise) into dst and returns its length. dst of MaxPayload bytes is
	// always enough. A length of 0 or, for Opus, of 1 or 2 bytes means: send nothing (DTX).
	// Errors: ErrFrameSize, ErrShortBuffer, ErrClosed.
	Encode(dst []byte, pcm []int16) (n int, err error)
	// SetLoss tells the share of packets that the far end loses, in percent, for the strength of
	// FEC. It is clamped to 0…100 and ignored by codecs without FEC.
	SetLoss(percent int)
	// Close frees the encoder. Closing twice is fine.
	Close()
}

// Decoder turns payloads into PCM.
type Decoder interface {
	// Decode writes the payload's sound as mono PCM at 48 kHz into pcm and returns the number of
	// samples. pcm of MaxFrameSamples is always enough. Errors: ErrPayload, ErrShortBuffer, ErrClosed;
	// after one of these the caller conceals and goes on.
	Decode(payload []byte, pcm []int16) (n int, err error)
	// DecodeFEC fills pcm, which has exactly the length that is missing, with the packet lost right before
	// payload, as far as payload carries it; otherwise it conceals. Decode of payload itself follows.
	DecodeFEC(payload []byte, pcm []int16) error
	// Conceal fills pcm, which has exactly the length that is missing (a multiple of 2.5 ms, at most
	// 120 ms), with what most likely was there; it fades to silence when called again and again.
	Conceal(pcm []int16) error
	// Close frees the decoder. Closing twice is fine.
	Close()
}

// NewEncoder makes an encoder. Errors: ErrUnknown, ErrFrameSize (a PacketTime the codec does not have).
func NewEncoder(s Spec) (Encoder, error) {
	switch strings.ToUpper(s.Name) {
	case "OPUS":
		return newOpusEncoder(s)
	case "PCMU":
		return newG711Encoder(s, ulaw)
	case "PCMA":
		return newG711Encoder(s, alaw)
	case "G722":
		return newG722Encoder(s)
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, s.Name)
}

// NewDecoder makes a decoder. Only Spec.Name matters: a decoder takes whatever packet time comes.
// Error: ErrUnknown.
func NewDecoder(s Spec) (Decoder, error) {
	switch strings.ToUpper(s.Name) {
	case "OPUS":
		return newOpusDecoder()
	case "PCMU":
		return newG711Decoder(ulaw), nil
	case "PCMA":
		return newG711Decoder(alaw), nil
	case "G722":
		return newG722Decoder(), nil
	}
	return nil, fmt.Errorf("%w: %q", ErrUnknown, s.Name)
}

// checkMissing says whether n samples can be concealed in one go.
func checkMissing(n int) error {
	const step = SampleRate / 400 // 2.5 ms, Opus' shortest frame
	if n <= 0 || n > MaxFrameSamples || n%step != 0 {
		return fmt.Errorf("%w: %d", ErrFrameSize, n)
	}
	return nil
}
