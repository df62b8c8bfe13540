package widgets

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
)

// scene is a picture whose left third is red and whose middle is grey, with a white dot row at its top left.
func scene(w, h int) *image.YCbCr {
	p := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for i := range p.Y {
		p.Y[i] = 126
		if i%w < w/3 {
			p.Y[i] = 81
		}
		if i/w < h/8 && i%w < w/8 {
			p.Y[i] = 235
		}
	}
	for i := range p.Cb {
		p.Cb[i], p.Cr[i] = 128, 128
		if i%p.CStride < w/6 && i/p.CStride >= h/16 {
			p.Cb[i], p.Cr[i] = 90, 240
		}
	}
	return p
}

func TestVideoLooksAsKept(t *testing.T) {
	golden(t, "video", 400, []float32{240, 180, 180, 120}, func() []fyne.CanvasObject {
		both, tall, waits, own := NewVideoView(), NewVideoView(), NewVideoView(), NewVideoView()
		both.ShowLarge(scene(64, 48))
		both.ShowSmall(scene(64, 48))
		tall.ShowLarge(scene(48, 64))
		waits.SetState(VideoState{Note: "Waiting for Mara's picture", Spoken: "Video with Mara"})
		waits.ShowSmall(scene(64, 48))
		own.SetState(VideoState{Own: true, Spoken: "Preview"})
		own.ShowLarge(scene(64, 48))
		return []fyne.CanvasObject{both, tall, waits, own}
	})
}

func TestAPictureKeepsItsColoursAndOursIsMirrored(t *testing.T) {
	var p picture
	for _, c := range []struct {
		step   int
		mirror bool
	}{{1, false}, {1, true}, {2, true}, {3, true}, {4, false}} {
		if !p.draw(scene(96, 48), c.step, c.mirror) {
			t.Fatal("it is not drawn")
		}
		width := p.rgba.Rect.Dx()
		if width != 96/c.step {
			t.Fatalf("step %d: %d wide", c.step, width)
		}
		left, right := 2, width-3
		if c.mirror {
			left, right = right, left
		}
		bottom := p.rgba.Rect.Dy() - 2
		if got := p.rgba.RGBAAt(left, bottom); got.R < 250 || got.G > 5 || got.B > 5 || got.A != 255 {
			t.Errorf("%+v: red is %v", c, got)
		}
		if got := p.rgba.RGBAAt(right, bottom); got.R != got.G || got.G != got.B || got.R < 126 || got.R > 130 {
			t.Errorf("%+v: grey is %v", c, got)
		}
		if got := p.rgba.RGBAAt(left, 0); got.R != 255 || got.G != 255 || got.B != 255 {
			t.Errorf("%+v: white is %v", c, got)
		}
	}
}

func TestWhatIsNoPictureIsNotDrawn(t *testing.T) {
	var p picture
	for _, src := range []*image.YCbCr{nil, {}, image.NewYCbCr(image.Rect(0, 0, 8, 8), image.YCbCrSubsampleRatio444)} {
		if p.draw(src, 1, false) {
			t.Errorf("%v is drawn", src)
		}
	}
	for _, size := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(0, 0, 3, 5), image.Rect(0, 0, 2, 1)} { // odd ones are
		for step := 1; step < 5; step++ {
			if !p.draw(image.NewYCbCr(size, image.YCbCrSubsampleRatio420), step, true) {
				t.Errorf("%v is not drawn", size)
			}
		}
	}
	part := scene(64, 48).SubImage(image.Rect(8, 8, 40, 40)).(*image.YCbCr)
	if !p.draw(part, 1, false) || p.rgba.Rect.Dx() != 32 {
		t.Error("a part of a picture is not drawn")
	}
}

func TestANewPictureIsDrawnIntoTheSameBufferAndTakenAway(t *testing.T) {
	v := NewVideoView()
	desk(t, v, 400, 300)
	v.ShowLarge(scene(64, 48))
	buffer := v.theirs.Image
	if buffer == nil || !v.theirs.Visible() {
		t.Fatal("there is no picture")
	}
	v.ShowLarge(scene(64, 48))
	if v.theirs.Image != buffer {
		t.Error("the buffer is another one")
	}
	v.ShowLarge(scene(48, 64)) // theirs turned the phone
	if v.theirs.Image == buffer || v.theirs.Size().Width >= v.theirs.Size().Height {
		t.Errorf("the picture of another shape is %v", v.theirs.Size())
	}
	v.ShowLarge(nil)
	if v.theirs.Visible() {
		t.Error("the picture stays")
	}
}

func BenchmarkPictures(b *testing.B) {
	src := scene(640, 480)
	v := NewVideoView()
	for b.Loop() {
		v.ShowLarge(src)
		v.ShowSmall(src)
	}
}
