package media

import (
	"errors"
	"fmt"
	"image"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

var errNoCameras = errors.New("media: there are no cameras")

// openCamera opens the one camera whose pictures go to every leg that shows any.
func (e *Engine) openCamera(id string, lost func(error)) (opened, error) {
	cameras, ok := e.config.Devices.(Cameras)
	if !ok {
		return opened{}, errNoCameras
	}
	var last time.Time
	closer, err := cameras.OpenCamera(id, func(picture *image.YCbCr) {
		if now := time.Now(); now.Sub(last) >= pictureGap {
			last = now
			e.film(picture)
		}
	}, lost)
	if err != nil {
		return opened{}, fmt.Errorf("media: camera: %w", err)
	}
	return opened{Closer: closer, use: func() {}, drop: func() {}}, nil
}

// film gives a picture to the legs that show it.
func (e *Engine) film(picture *image.YCbCr) {
	var own *image.YCbCr
	for _, l := range *e.legs.Load() {
		if !l.pictures.films() {
			continue
		}
		if own == nil {
			if own = reduced(picture); own == nil {
				return
			}
		}
		l.pictures.take(own)
	}
}

// Frame implements phone.Media.
func (e *Engine) Frame(id phone.CallID, far bool) (*image.YCbCr, uint64) {
	l := e.leg(id)
	if l == nil {
		return nil, 0
	}
	newest := &l.pictures.near
	if far {
		newest = &l.pictures.far
	}
	if f := newest.Load(); f != nil {
		return f.picture, f.serial
	}
	return nil, 0
}

// reduced is a copy of a picture with both sides even, the longer one at most pictureSide, and the chroma at half the resolution;
// nil where nothing is left of it. Samples are left out, not mixed: a camera is asked for that size anyway.
func reduced(in *image.YCbCr) *image.YCbCr {
	b := in.Bounds()
	step := max(1, (max(b.Dx(), b.Dy())+pictureSide-1)/pictureSide)
	w, h := b.Dx()/step&^1, b.Dy()/step&^1
	if w < 16 || h < 16 {
		return nil
	}
	out := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	for y := range h {
		row := out.Y[y*out.YStride:][:w]
		if from := in.YOffset(b.Min.X, b.Min.Y+y*step); step == 1 {
			copy(row, in.Y[from:])
		} else {
			for x := range row {
				row[x] = in.Y[from+x*step]
			}
		}
	}
	for y := range h / 2 {
		for x := range w / 2 {
			from := in.COffset(b.Min.X+2*x*step, b.Min.Y+2*y*step)
			out.Cb[y*out.CStride+x], out.Cr[y*out.CStride+x] = in.Cb[from], in.Cr[from]
		}
	}
	return out
}
