package native

import (
	"fmt"
	"image"

	"github.com/hookswitch/hookswitch/devices"
)

// fitter brings pictures of any size and subsampling to I420 of devices.PictureWidth × PictureHeight: what sticks out of
// the middle is cut off, the rest is scaled by the nearest dot.
type fitter struct {
	rect  image.Rectangle // of the pictures that the tables are for
	ratio image.YCbCrSubsampleRatio
	x, y  []int // for each column and row its dot's place in the source
}

// fit draws the picture into dst.
func (f *fitter) fit(dst *image.YCbCr, picture image.Image) error {
	src, ok := picture.(*image.YCbCr)
	if !ok {
		return fmt.Errorf("a picture of the form %T", picture)
	}
	if src.Rect.Empty() {
		return fmt.Errorf("a picture of %v", src.Rect)
	}
	if f.rect != src.Rect || f.ratio != src.SubsampleRatio || f.x == nil {
		f.measure(src, dst.Rect.Size())
	}
	for row, y := range f.y {
		from := src.Y[src.YOffset(src.Rect.Min.X, y):]
		to := dst.Y[row*dst.YStride:][:len(f.x)]
		for column, x := range f.x {
			to[column] = from[x-src.Rect.Min.X]
		}
	}
	for row := 0; row < len(f.y); row += 2 {
		at := dst.COffset(dst.Rect.Min.X, dst.Rect.Min.Y+row)
		cb, cr := dst.Cb[at:][:len(f.x)/2], dst.Cr[at:][:len(f.x)/2]
		for i := range cb {
			from := src.COffset(f.x[2*i], f.y[row])
			cb[i], cr[i] = src.Cb[from], src.Cr[from]
		}
	}
	return nil
}

// measure makes the tables.
func (f *fitter) measure(src *image.YCbCr, size image.Point) {
	f.rect, f.ratio = src.Rect, src.SubsampleRatio
	width, height := src.Rect.Dx(), src.Rect.Dy()
	if width*devices.PictureHeight > height*devices.PictureWidth {
		width = max(1, height*devices.PictureWidth/devices.PictureHeight)
	} else {
		height = max(1, width*devices.PictureHeight/devices.PictureWidth)
	}
	table := func(from, part, whole, n int) []int {
		places := make([]int, n)
		for i := range places {
			places[i] = from + (whole-part)/2 + i*part/n
		}
		return places
	}
	f.x = table(src.Rect.Min.X, width, src.Rect.Dx(), size.X)
	f.y = table(src.Rect.Min.Y, height, src.Rect.Dy(), size.Y)
}
