package native

import (
	"image"
	"slices"
	"testing"
)

func TestPicturesOfEverySizeAndSubsamplingAreFitted(t *testing.T) {
	dst := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	var f fitter
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio420, image.YCbCrSubsampleRatio422,
		image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio440} {
		for _, size := range []image.Rectangle{image.Rect(0, 0, 640, 480), image.Rect(0, 0, 1280, 720), image.Rect(0, 0, 480, 640),
			image.Rect(3, 5, 36, 30), image.Rect(0, 0, 1, 1), image.Rect(0, 0, 1, 900)} {
			src := image.NewYCbCr(size, ratio)
			for i := range src.Y { // left half dark, right half bright, with colours
				src.Y[i] = 40
				if i%src.YStride >= src.YStride/2 {
					src.Y[i] = 200
				}
			}
			for i := range src.Cb {
				src.Cb[i], src.Cr[i] = 90, 170
			}
			if err := f.fit(dst, src); err != nil {
				t.Fatalf("%v %v: %v", size, ratio, err)
			}
			left, right := dst.YCbCrAt(2, 240), dst.YCbCrAt(637, 477)
			if size.Dx() > 1 && left.Y != 40 || right.Y != 200 || left.Cb != 90 || right.Cr != 170 {
				t.Errorf("%v %v: left %v, right %v", size, ratio, left, right)
			}
		}
	}
}

func TestAPictureOfTheRightFormComesAsItIs(t *testing.T) {
	src := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	for _, plane := range [][]uint8{src.Y, src.Cb, src.Cr} {
		for i := range plane {
			plane[i] = uint8(i * 7 / 3)
		}
	}
	dst := image.NewYCbCr(src.Rect, src.SubsampleRatio)
	var f fitter
	if err := f.fit(dst, src); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(dst.Y, src.Y) || !slices.Equal(dst.Cb, src.Cb) || !slices.Equal(dst.Cr, src.Cr) {
		t.Error("it is another one")
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	dst := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	var f fitter
	for _, p := range []image.Image{nil, image.NewGray(image.Rect(0, 0, 4, 4)), &image.YCbCr{}} {
		if f.fit(dst, p) == nil {
			t.Errorf("%T is fitted", p)
		}
	}
}

func BenchmarkFitHD(b *testing.B) {
	src := image.NewYCbCr(image.Rect(0, 0, 1280, 720), image.YCbCrSubsampleRatio422)
	dst := image.NewYCbCr(image.Rect(0, 0, 640, 480), image.YCbCrSubsampleRatio420)
	var f fitter
	for b.Loop() {
		if err := f.fit(dst, src); err != nil {
			b.Fatal(err)
		}
	}
}
