package codec

import (
	"errors"
	"image"
	"testing"
	"time"
)

// moving is a picture whose bright bar stands elsewhere in each.
func moving(width, height, i int) *image.YCbCr {
	p := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for y := range height {
		for x := range width {
			p.Y[y*p.YStride+x] = uint8(60 + (x*y+7*i)%40)
			if d := x - (i*8)%width; d >= 0 && d < 32 {
				p.Y[y*p.YStride+x] = 220
			}
		}
	}
	for j := range p.Cb {
		p.Cb[j], p.Cr[j] = 90, 110
	}
	return p
}

func newVideoPair(t testing.TB, s VideoSpec) (*VideoEncoder, *VideoDecoder) {
	t.Helper()
	e, err := NewVideoEncoder(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	d, err := NewVideoDecoder()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return e, d
}

func TestAPictureComesOutAsItWentIn(t *testing.T) {
	e, d := newVideoPair(t, VideoSpec{Width: 320, Height: 240, Rate: 15, Bitrate: 500_000})
	for i := range 10 {
		in := moving(320, 240, i)
		frame, err := e.Encode(in, false)
		if err != nil {
			t.Fatal(err)
		}
		if IsVP8Key(frame) != (i == 0) {
			t.Errorf("frame %d: key %t", i, IsVP8Key(frame))
		}
		out, err := d.Decode(frame)
		if err != nil || out == nil {
			t.Fatal(out, err)
		}
		if out.Bounds() != in.Bounds() {
			t.Fatal(out.Bounds())
		}
		sum := 0
		for j := range in.Y {
			sum += max(int(in.Y[j])-int(out.Y[j]), int(out.Y[j])-int(in.Y[j]))
		}
		if mean := float64(sum) / float64(len(in.Y)); mean > 15 {
			t.Errorf("frame %d is off by %.1f in the mean", i, mean)
		}
	}
	frame, err := e.Encode(moving(320, 240, 11), true)
	if err != nil || !IsVP8Key(frame) {
		t.Errorf("no key frame where one was asked for: %v", err)
	}
}

func TestADecoderRecoversAtTheNextKeyFrame(t *testing.T) {
	e, d := newVideoPair(t, VideoSpec{Width: 160, Height: 120, Rate: 15, Bitrate: 200_000})
	frames := make([][]byte, 4)
	for i := range frames {
		frames[i], _ = e.Encode(moving(160, 120, i), i == 3)
	}
	if _, err := d.Decode(frames[1]); !errors.Is(err, ErrPayload) {
		t.Errorf("a picture out of nothing: %v", err)
	}
	if _, err := d.Decode(frames[0]); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{nil, {0}, make([]byte, MaxVideoFrame+1), {0x10, 2, 0, 0x9d, 1, 0x2a, 0xff, 0x3f, 0xff, 0x3f, 0, 0}, {0x10, 2, 0, 1, 2, 3, 4, 5, 6, 7, 8}} {
		if _, err := d.Decode(bad); !errors.Is(err, ErrPayload) {
			t.Errorf("%.12v: %v", bad, err)
		}
		if _, err := d.Decode(frames[1]); !errors.Is(err, ErrPayload) {
			t.Errorf("a difference to what was never shown: %v", err)
		}
		if picture, err := d.Decode(frames[3]); err != nil || picture == nil {
			t.Fatalf("the key frame: %v", err)
		}
	}
}

func TestAVideoEncoderTakesPicturesOfItsSizeOnly(t *testing.T) {
	if _, err := NewVideoEncoder(VideoSpec{Width: 5000, Height: 16, Rate: 15}); !errors.Is(err, ErrFrameSize) {
		t.Error(err)
	}
	e, d := newVideoPair(t, VideoSpec{Width: 160, Height: 120, Rate: 15, Bitrate: 200_000})
	if _, err := e.Encode(moving(320, 240, 0), false); !errors.Is(err, ErrFrameSize) {
		t.Error(err)
	}
	e.Close()
	e.Close()
	d.Close()
	d.Close()
	if _, err := e.Encode(moving(160, 120, 0), false); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := d.Decode([]byte{0, 0, 0, 0}); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// FuzzVP8Decode: whatever comes, there is an error or a picture, and after it a key frame is shown.
func FuzzVP8Decode(f *testing.F) {
	e, d := newVideoPair(f, VideoSpec{Width: 64, Height: 48, Rate: 15, Bitrate: 100_000})
	key, _ := e.Encode(moving(64, 48, 0), true)
	next, _ := e.Encode(moving(64, 48, 1), false)
	f.Add(key)
	f.Add(next)
	f.Add(key[:20])
	f.Fuzz(func(t *testing.T, frame []byte) {
		_, _ = d.Decode(key)
		picture, err := d.Decode(frame)
		if err != nil && picture != nil {
			t.Error("both a picture and an error")
		}
		if picture, err = d.Decode(key); err != nil || picture == nil || picture.Bounds().Dx() != 64 {
			t.Errorf("a key frame afterwards: %v", err)
		}
	})
}

// BenchmarkVideo is a second of 640 by 480, 15 pictures, in each direction.
func BenchmarkVideo(b *testing.B) {
	const rate = 15
	spec := VideoSpec{Width: 640, Height: 480, Rate: rate, Bitrate: 600_000}
	pictures := make([]*image.YCbCr, rate)
	for i := range pictures {
		pictures[i] = moving(640, 480, i)
	}
	b.Run("encode", func(b *testing.B) {
		e, _ := newVideoPair(b, spec)
		bytes := 0
		for b.Loop() {
			for _, p := range pictures {
				frame, err := e.Encode(p, false)
				if err != nil {
					b.Fatal(err)
				}
				bytes += len(frame)
			}
		}
		b.ReportMetric(float64(bytes*8)/float64(b.N)/1000, "kbit/s")
	})
	b.Run("decode", func(b *testing.B) {
		e, d := newVideoPair(b, spec)
		frames := make([][]byte, rate)
		for i, p := range pictures {
			frames[i], _ = e.Encode(p, i == 0)
			time.Sleep(time.Millisecond)
		}
		for b.Loop() {
			for _, frame := range frames {
				if _, err := d.Decode(frame); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
