package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"time"

	"github.com/pion/mediadevices/pkg/codec"
	"github.com/pion/mediadevices/pkg/codec/vpx"
	"github.com/pion/mediadevices/pkg/io/video"
	"github.com/pion/mediadevices/pkg/prop"
)

const (
	// MaxPictureSide bounds the pictures that are decoded, in pixels: a far end that says more gets nothing shown.
	MaxPictureSide = 1920
	// MaxPicture does the same for the whole of one.
	MaxPicture = 1920 * 1088
	// MaxVideoFrame is the largest coded frame in bytes that is decoded.
	MaxVideoFrame = 512 << 10

	vp8KeyInterval = 300 // frames; a far end that lost something asks for one
	// vp8Clock: the library's encoder is given times a thousand times as long as its time base says, and reckons with this
	// many frames a second whatever comes.
	vp8Clock = 30
)

// VideoSpec says how a picture is encoded.
type VideoSpec struct {
	Width, Height int // of every picture, both even
	Rate          int // pictures in a second, about
	Bitrate       int // bit/s, about
}

// VideoEncoder makes VP8 frames (RFC 6386) of pictures of one size. It belongs to one goroutine at a time.
type VideoEncoder struct {
	spec    VideoSpec
	encoder codec.ReadCloser
	next    *image.YCbCr
}

// NewVideoEncoder makes an encoder. Error: ErrFrameSize.
func NewVideoEncoder(s VideoSpec) (*VideoEncoder, error) {
	if s.Width < 16 || s.Height < 16 || s.Width > MaxPictureSide || s.Height > MaxPictureSide || s.Width%2 != 0 || s.Height%2 != 0 || s.Rate <= 0 {
		return nil, fmt.Errorf("%w: a picture of %d by %d, %d a second", ErrFrameSize, s.Width, s.Height, s.Rate)
	}
	params, err := vpx.NewVP8Params()
	if err != nil {
		return nil, fmt.Errorf("codec: VP8 encoder: %w", err)
	}
	params.BitRate = s.Bitrate * vp8Clock / s.Rate
	params.KeyFrameInterval = vp8KeyInterval
	params.RateControlEndUsage = vpx.RateControlCBR
	params.RateControlMinQuantizer, params.RateControlMaxQuantizer = 4, 56
	params.LagInFrames = 0
	params.Deadline = time.Microsecond // VPX_DL_REALTIME
	e := &VideoEncoder{spec: s}
	e.encoder, err = params.BuildVideoEncoder(video.ReaderFunc(e.read), prop.Media{Video: prop.Video{Width: s.Width, Height: s.Height}})
	if err != nil {
		return nil, fmt.Errorf("codec: VP8 encoder: %w", err)
	}
	return e, nil
}

// read is where the library takes its picture from.
func (e *VideoEncoder) read() (image.Image, func(), error) {
	if e.next == nil {
		return nil, func() {}, io.EOF
	}
	return e.next, func() {}, nil
}

// Encode encodes one picture of the spec's size, with the chroma at half the resolution both ways; key asks for a frame that
// needs none before it. An empty frame means: send nothing. Errors: ErrFrameSize, ErrClosed.
func (e *VideoEncoder) Encode(picture *image.YCbCr, key bool) (frame []byte, err error) {
	size := picture.Bounds().Size()
	switch {
	case e.encoder == nil:
		return nil, ErrClosed
	case size.X != e.spec.Width || size.Y != e.spec.Height || picture.SubsampleRatio != image.YCbCrSubsampleRatio420:
		return nil, fmt.Errorf("%w: a picture of %v", ErrFrameSize, size)
	}
	if control, ok := e.encoder.Controller().(codec.KeyFrameController); ok && key {
		if err := control.ForceKeyFrame(); err != nil {
			return nil, fmt.Errorf("codec: key frame: %w", err)
		}
	}
	e.next = picture
	frame, release, err := e.encoder.Read()
	e.next = nil
	defer release()
	if err != nil {
		return nil, fmt.Errorf("codec: VP8 encoder: %w", err)
	}
	return frame, nil
}

// Close frees the encoder. Closing twice is fine.
func (e *VideoEncoder) Close() {
	if e.encoder != nil {
		_ = e.encoder.Close() // it frees memory, no more
		e.encoder = nil
	}
}

// VideoDecoder makes pictures of VP8 frames. It belongs to one goroutine at a time.
type VideoDecoder struct {
	decoder codec.VideoDecoder
	next    []byte
	keyed   bool // a key frame was decoded, and since then nothing went wrong
}

// NewVideoDecoder makes a decoder.
func NewVideoDecoder() (*VideoDecoder, error) {
	d := &VideoDecoder{}
	var err error
	if d.decoder, err = vpx.NewDecoder(frameReader{d}, prop.Media{}); err != nil {
		return nil, fmt.Errorf("codec: VP8 decoder: %w", err)
	}
	return d, nil
}

// frameReader is where the library takes its frame from, once.
type frameReader struct{ d *VideoDecoder }

func (r frameReader) Read(p []byte) (int, error) {
	if len(r.d.next) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.d.next)
	r.d.next = nil
	return n, nil
}

// Decode decodes one whole frame. The picture is the caller's to keep; nil: the frame is not one to be shown. Error:
// ErrPayload; then nothing is decoded until a key frame comes. ErrClosed.
func (d *VideoDecoder) Decode(frame []byte) (*image.YCbCr, error) {
	if d.decoder == nil {
		return nil, ErrClosed
	}
	key, err := lookAtVP8(frame)
	if err == nil && !key && !d.keyed {
		err = fmt.Errorf("%w: no key frame came before", ErrPayload)
	}
	if err != nil {
		d.keyed = false
		return nil, err
	}
	d.next = frame
	picture, release, err := d.decoder.Read()
	d.next = nil
	if errors.Is(err, io.EOF) {
		d.keyed = true
		return nil, nil
	}
	if err != nil {
		d.keyed = false
		return nil, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	defer release()
	d.keyed = true
	shown, _ := picture.(*image.YCbCr)
	return shown, nil
}

// Close frees the decoder. Closing twice is fine.
func (d *VideoDecoder) Close() {
	if d.decoder != nil {
		_ = d.decoder.Close() // it frees memory, no more
		d.decoder = nil
	}
}

// lookAtVP8 reads the frame's tag (RFC 6386 §9.1) and, of a key frame, its size, before any memory is spent on it.
func lookAtVP8(frame []byte) (key bool, err error) {
	if len(frame) < 4 || len(frame) > MaxVideoFrame {
		return false, fmt.Errorf("%w: a VP8 frame of %d bytes", ErrPayload, len(frame))
	}
	if frame[0]&1 != 0 {
		return false, nil
	}
	if len(frame) < 10 || frame[3] != 0x9d || frame[4] != 0x01 || frame[5] != 0x2a {
		return true, fmt.Errorf("%w: a key frame without its start", ErrPayload)
	}
	width, height := int(binary.LittleEndian.Uint16(frame[6:]))&0x3fff, int(binary.LittleEndian.Uint16(frame[8:]))&0x3fff
	if width < 2 || height < 2 || width > MaxPictureSide || height > MaxPictureSide || width*height > MaxPicture {
		return true, fmt.Errorf("%w: a picture of %d by %d", ErrPayload, width, height)
	}
	return true, nil
}

// IsVP8Key reports whether a frame needs none before it.
func IsVP8Key(frame []byte) bool { return len(frame) > 0 && frame[0]&1 == 0 }
