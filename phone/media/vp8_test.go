package media

import (
	"image"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/codec"
)

// coded is some frames of VP8 as packets; the frames with these indexes need none before them.
func coded(t testing.TB, frames int, keys ...int) [][]*rtp.Packet {
	t.Helper()
	e, err := codec.NewVideoEncoder(codec.VideoSpec{Width: 320, Height: 240, Rate: 15, Bitrate: 2_000_000})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var out [][]*rtp.Packet
	z := newVideoPacketizer()
	z.sequence = 65500 // it goes round
	for i := range frames {
		key := false
		for _, k := range keys {
			key = key || k == i
		}
		data, err := e.Encode(noise(320, 240, uint64(i)), key)
		if err != nil {
			t.Fatal(err)
		}
		var packets []*rtp.Packet
		z.send(data, 96, z.begin.Add(time.Duration(i)*time.Second/15), func(h *rtp.Header, payload []byte) {
			packets = append(packets, &rtp.Packet{Header: *h, Payload: append([]byte(nil), payload...)})
		})
		out = append(out, packets)
	}
	return out
}

// noise is a picture that needs many packets.
func noise(w, h int, seed uint64) *image.YCbCr {
	p := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range p.Y {
		p.Y[i] = uint8(rng.Uint32())
	}
	for i := range p.Cb {
		p.Cb[i], p.Cr[i] = 40, 200
	}
	return p
}

// assembled pushes packets and counts the frames that come.
func assembled(a *assembler, at *time.Time, packets ...*rtp.Packet) (frames int, needsKey bool) {
	for _, p := range packets {
		*at = at.Add(time.Millisecond)
		var got [][]byte
		got, needsKey = a.push(p, *at)
		frames += len(got)
	}
	return frames, needsKey
}

func TestFramesArePutTogetherInWhateverOrderTheirPacketsCome(t *testing.T) {
	frames := coded(t, 6, 0)
	var a assembler
	now := time.Now()
	if n, needsKey := assembled(&a, &now, frames[0]...); n != 1 || needsKey || len(frames[0]) < 3 {
		t.Fatalf("%d frames of %d packets, key needed: %t", n, len(frames[0]), needsKey)
	}
	var rest []*rtp.Packet
	for _, f := range frames[1:] {
		rest = append(rest, f...)
	}
	for i := 0; i+2 < len(rest); i += 3 {
		rest[i], rest[i+2] = rest[i+2], rest[i]
	}
	rest = append(rest[:5:5], rest[3:]...) // two of them twice
	if n, needsKey := assembled(&a, &now, rest...); n != 5 || needsKey {
		t.Errorf("%d frames, key needed: %t", n, needsKey)
	}
}

func TestAfterALossOnlyAKeyFrameIsAPicture(t *testing.T) {
	for name, lose := range map[string]func([]*rtp.Packet) []*rtp.Packet{
		"the first packet of a frame": func(p []*rtp.Packet) []*rtp.Packet { return p[1:] },
		"one in the middle":           func(p []*rtp.Packet) []*rtp.Packet { return append(p[:1:1], p[2:]...) },
		"the last one":                func(p []*rtp.Packet) []*rtp.Packet { return p[:len(p)-1] },
	} {
		t.Run(name, func(t *testing.T) { losing(t, lose) })
	}
}

func losing(t *testing.T, lose func([]*rtp.Packet) []*rtp.Packet) {
	t.Helper()
	frames := coded(t, 14, 0, 12)
	var a assembler
	now := time.Now()
	assembled(&a, &now, frames[0]...)
	n, needsKey := assembled(&a, &now, lose(frames[1])...)
	for _, f := range frames[2:12] {
		more, needs := assembled(&a, &now, f...)
		n, needsKey = n+more, needs
	}
	if n != 0 || !needsKey {
		t.Fatalf("%d frames, key needed: %t", n, needsKey)
	}
	if n, needsKey = assembled(&a, &now, frames[12]...); n != 1 || needsKey {
		t.Fatalf("%d frames, key needed: %t", n, needsKey)
	}
	if n, _ = assembled(&a, &now, frames[13]...); n != 1 {
		t.Fatal("nothing follows the key frame")
	}
}

func TestAnotherSourceBeginsAnew(t *testing.T) {
	frames := coded(t, 3, 0, 2)
	var a assembler
	now := time.Now()
	assembled(&a, &now, frames[0]...)
	for _, f := range frames[1:] {
		for _, p := range f {
			p.SSRC, p.SequenceNumber = 7, p.SequenceNumber+30000
		}
	}
	if n, needsKey := assembled(&a, &now, frames[1]...); n != 0 || !needsKey {
		t.Errorf("%d frames, key needed: %t", n, needsKey)
	}
	if n, needsKey := assembled(&a, &now, frames[2]...); n != 1 || needsKey {
		t.Errorf("%d frames, key needed: %t", n, needsKey)
	}
}

// FuzzAssembler: whatever packets come, memory is bounded and a key frame of a new source is shown afterwards.
func FuzzAssembler(f *testing.F) {
	frames := coded(f, 2, 0, 1)
	for _, p := range frames[0][:2] {
		f.Add(p.Payload, p.SequenceNumber, true)
	}
	f.Add([]byte{0x90, 0x80}, uint16(3), false)
	f.Fuzz(func(t *testing.T, payload []byte, step uint16, marker bool) {
		var a assembler
		now := time.Now()
		sequence := uint16(0)
		for i := range 600 {
			sequence += step
			now = now.Add(time.Millisecond)
			a.push(&rtp.Packet{Header: rtp.Header{SequenceNumber: sequence, SSRC: uint32(i / 300), Marker: marker}, Payload: payload}, now)
			if a.held < 0 || a.held > pictureSpace || len(a.frame) > codec.MaxVideoFrame {
				t.Fatalf("%d packets and %d bytes are held", a.held, len(a.frame))
			}
		}
		for _, p := range frames[1] {
			p.SSRC = 99
		}
		if n, _ := assembled(&a, &now, frames[1]...); n != 1 {
			t.Errorf("%d frames", n)
		}
	})
}

func TestACameraLargerThanAskedForIsMadeSmaller(t *testing.T) {
	for in, want := range map[image.Point]image.Point{{640, 480}: {640, 480}, {1280, 720}: {640, 360}, {1921, 1081}: {480, 270}, {99, 51}: {98, 50}} {
		for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio444} {
			p := image.NewYCbCr(image.Rect(0, 0, in.X, in.Y), ratio)
			for i := range p.Y {
				p.Y[i] = 77
			}
			for i := range p.Cb {
				p.Cb[i], p.Cr[i] = 30, 40
			}
			out := reduced(p)
			if out.Bounds().Size() != want || out.SubsampleRatio != image.YCbCrSubsampleRatio420 {
				t.Errorf("%v became %v", in, out.Bounds())
			}
			last := len(out.Cb) - 1
			if out.Y[len(out.Y)-1] != 77 || out.Cb[last] != 30 || out.Cr[last] != 40 {
				t.Errorf("%v by %v: %d %d %d", in, ratio, out.Y[len(out.Y)-1], out.Cb[last], out.Cr[last])
			}
		}
	}
	if reduced(image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio420)) != nil {
		t.Error("a picture that is none")
	}
}
