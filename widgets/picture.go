package widgets

import "image"

// picture is a buffer that pictures of a camera are drawn into, again and again.
type picture struct {
	rgba   *image.RGBA
	source image.Point // the size of what was drawn last, for its shape
}

// draw converts a picture of I420 in BT.601's narrow range, as cameras and VP8 have it, into the buffer. Of each step × step dots
// one is drawn, in the mean brightness of four of them; mirror turns left and right. It reports false for what is no picture.
func (p *picture) draw(src *image.YCbCr, step int, mirror bool) bool {
	if src == nil || src.SubsampleRatio != image.YCbCrSubsampleRatio420 || src.Rect.Empty() {
		return false
	}
	size := src.Rect.Size()
	w, h := max(1, size.X/step), max(1, size.Y/step)
	if p.rgba == nil || p.rgba.Rect.Dx() != w || p.rgba.Rect.Dy() != h {
		p.rgba = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	p.source = size
	for y := range h {
		if step == 1 && !mirror {
			p.fullRow(src, y)
		} else {
			p.row(src, y, step, mirror)
		}
	}
	return true
}

// fullRow draws a row as it is, two dots at a time: two neighbours share their colour.
func (p *picture) fullRow(src *image.YCbCr, y int) {
	light := src.Y[y*src.YStride:][:src.Rect.Dx()]
	cb, cr := src.Cb[y/2*src.CStride:][:(len(light)+1)/2], src.Cr[y/2*src.CStride:][:(len(light)+1)/2]
	out := p.rgba.Pix[y*p.rgba.Stride:][:4*len(light)]
	for i, u := range cb {
		red, green, blue := colourOf(u, cr[i])
		setDot(out, light[2*i], red, green, blue)
		if out = out[4:]; 2*i+1 < len(light) {
			setDot(out, light[2*i+1], red, green, blue)
			out = out[4:]
		}
	}
}

// row draws one row of the buffer, reduced and mirrored.
func (p *picture) row(src *image.YCbCr, y, step int, mirror bool) {
	size := src.Rect.Size()
	top := min(y*step, size.Y-1)
	bottom := min(top+step/2, size.Y-1)
	first, second := src.Y[top*src.YStride:][:size.X], src.Y[bottom*src.YStride:][:size.X]
	cb, cr := src.Cb[top/2*src.CStride:], src.Cr[top/2*src.CStride:]
	out := p.rgba.Pix[y*p.rgba.Stride:][:4*p.rgba.Rect.Dx()]
	width := p.rgba.Rect.Dx()
	for i := range width {
		x := min(i*step, size.X-1)
		right := min(x+step/2, size.X-1)
		light := (uint(first[x]) + uint(first[right]) + uint(second[x]) + uint(second[right]) + 2) / 4
		at := i
		if mirror {
			at = width - 1 - i
		}
		red, green, blue := colourOf(cb[x/2], cr[x/2])
		setDot(out[4*at:], uint8(light), red, green, blue) // #nosec G115 -- a mean of bytes
	}
}

// colourOf is what the two differences add to each of the colours, in 1/1024.
func colourOf(cb, cr uint8) (red, green, blue int32) {
	u, v := int32(cb)-128, int32(cr)-128
	return 1634 * v, -401*u - 832*v, 2066 * u
}

func setDot(out []uint8, light uint8, red, green, blue int32) {
	y := 1192*(int32(light)-16) + 512
	dot := out[:4:4]
	dot[0], dot[1], dot[2], dot[3] = byteOf(y+red), byteOf(y+green), byteOf(y+blue), 0xFF
}

// byteOf takes 1/1024 of a value and keeps it within a byte.
func byteOf(v int32) uint8 {
	return uint8(min(max(v>>10, 0), 255)) // #nosec G115 -- within a byte
}
