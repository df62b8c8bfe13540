package virtual

import (
	"fmt"
	"image"
	"io"
	"time"

	"github.com/hookswitch/hookswitch/devices"
)

// The test picture: eight bars, and a square that takes pictureStep steps a picture to the right, is one bar's width wide and
// has another colour every second.
const (
	pictureTime = time.Second / devices.PictureRate
	barWidth    = devices.PictureWidth / 8
	squareTop   = devices.PictureHeight/2 - barWidth/2
	pictureStep = 8
)

// colour is one of BT.601's.
type colour struct{ y, cb, cr uint8 }

// bars are white, yellow, cyan, green, magenta, red, blue and black, each at 75 %.
func bars() [8]colour {
	return [8]colour{{180, 128, 128}, {162, 44, 142}, {131, 156, 44}, {112, 72, 58},
		{84, 184, 198}, {65, 100, 212}, {35, 212, 114}, {16, 128, 128}}
}

// squares are the colours that the square has in turn: white, red, green, blue, each at 100 %.
func squares() [4]colour {
	return [4]colour{{235, 128, 128}, {81, 90, 240}, {145, 54, 34}, {41, 240, 110}}
}

// OpenCamera opens the test picture. All who do see the same one at the same time.
func (b *Backend) OpenCamera(id string, frame func(picture *image.YCbCr), _ func(error)) (io.Closer, error) {
	if id != patternID {
		return nil, fmt.Errorf("virtual camera %q: %w", id, devices.ErrNoDevice)
	}
	picture := image.NewYCbCr(image.Rect(0, 0, devices.PictureWidth, devices.PictureHeight), image.YCbCrSubsampleRatio420)
	return b.start(pictureTime, func() {
		drawPattern(picture, int(time.Since(b.began)/pictureTime))
		frame(picture)
	}, nil)
}

// drawPattern draws picture n.
func drawPattern(picture *image.YCbCr, n int) {
	for i, c := range bars() {
		fill(picture, image.Rect(i*barWidth, 0, (i+1)*barWidth, devices.PictureHeight), c)
	}
	left := n * pictureStep % (devices.PictureWidth - barWidth)
	turn := squares()
	fill(picture, image.Rect(left, squareTop, left+barWidth, squareTop+barWidth), turn[n/devices.PictureRate%len(turn)])
}

// fill paints an area whose edges are even.
func fill(picture *image.YCbCr, area image.Rectangle, c colour) {
	paint := func(row []uint8, v uint8) {
		for i := range row {
			row[i] = v
		}
	}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		at := picture.YOffset(area.Min.X, y)
		paint(picture.Y[at:at+area.Dx()], c.y)
	}
	for y := area.Min.Y; y < area.Max.Y; y += 2 {
		at := picture.COffset(area.Min.X, y)
		paint(picture.Cb[at:at+area.Dx()/2], c.cb)
		paint(picture.Cr[at:at+area.Dx()/2], c.cr)
	}
}
