package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// VideoState is what a video view shows beside the pictures.
type VideoState struct {
	// Note is said in the middle while there is no picture of theirs: "Waiting for Mara's picture".
	Note string
	// Spoken is the view's name for screen readers.
	Spoken string
	// Own is a preview: the picture is one's own, mirrored, and large.
	Own bool
}

// VideoView draws the newest picture of a call: theirs large in its own shape, ours mirrored in a corner; or, as a preview, ours
// alone. A picture is drawn when it is handed over, and is not kept.
type VideoView struct {
	widget.BaseWidget
	state           VideoState
	ground, edge    *canvas.Rectangle
	note            *Text
	large, small    picture
	theirs, ours    *canvas.Image
	hasLarge, hasMe bool
}

// NewVideoView makes a view without a picture.
func NewVideoView() *VideoView {
	v := &VideoView{note: NewText(TextState{Size: SizeRow, Color: ColorText2, Align: fyne.TextAlignCenter, Lines: 3})}
	v.theirs, v.ours = newPictureImage(radiusRow), newPictureImage(radiusButton)
	v.ExtendBaseWidget(v)
	return v
}

// newPictureImage is an image that the toolkit scales as it paints, which costs nothing here.
func newPictureImage(radius float32) *canvas.Image {
	i := &canvas.Image{FillMode: canvas.ImageFillStretch, ScaleMode: canvas.ImageScaleFastest, CornerRadius: radius}
	i.Hide()
	return i
}

// SetState draws other words; it reports nothing.
func (v *VideoView) SetState(s VideoState) {
	if s != v.state {
		v.state = s
		v.Refresh()
	}
}

// AccessibilityLabel is what a screen reader says.
func (v *VideoView) AccessibilityLabel() string {
	if v.state.Note != "" && !v.hasLarge {
		return v.state.Spoken + ": " + v.state.Note
	}
	return v.state.Spoken
}

// ShowLarge draws the picture in the middle, theirs or, in a preview, ours; nil takes it away. It must be I420.
func (v *VideoView) ShowLarge(p *image.YCbCr) {
	step := 1
	if v.state.Own {
		step = 2 // a preview is small
	}
	has := v.large.draw(p, step, v.state.Own)
	v.hasLarge = v.shown(v.theirs, &v.large, has, v.hasLarge)
}

// ShowSmall draws our own picture in the corner, mirrored; nil takes it away. It must be I420.
func (v *VideoView) ShowSmall(p *image.YCbCr) {
	has := v.small.draw(p, smallStep, true)
	v.hasMe = v.shown(v.ours, &v.small, has, v.hasMe)
}

// smallStep is how much our own picture is reduced for the corner.
const smallStep = 3

// shown brings a picture, or that there is none, to the screen.
func (v *VideoView) shown(i *canvas.Image, p *picture, has, had bool) bool {
	switch {
	case !has && !had:
	case !has || !had || i.Image != p.rgba:
		i.Image = nil
		if has {
			i.Image = p.rgba
		}
		show(i, has)
		if i == v.theirs {
			v.hasLarge = has
		} else {
			v.hasMe = has
		}
		v.Refresh()
	default:
		canvas.Refresh(i) // the buffer is the same, what is in it is not
	}
	return has
}

// CreateRenderer makes ground, words and the two pictures.
func (v *VideoView) CreateRenderer() fyne.WidgetRenderer {
	v.ground, v.edge = canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	return newParts(v.place, func() fyne.Size { return fyne.NewSize(160, 90) }, v.dress, v.ground, v.theirs, v.note, v.edge, v.ours)
}

func (v *VideoView) dress() {
	v.ground.FillColor, v.ground.CornerRadius = paint(ColorFill, v), radiusRow
	v.edge.FillColor, v.edge.CornerRadius = paint(ColorSurface, v), radiusRow
	v.note.SetState(TextState{Text: v.state.Note, Size: SizeRow, Color: ColorText2, Align: fyne.TextAlignCenter, Lines: 3})
	show(v.note, !v.hasLarge && v.state.Note != "")
	show(v.edge, v.hasMe)
}

func (v *VideoView) place(s fyne.Size) {
	put(v.ground, 0, 0, s.Width, s.Height)
	if v.hasLarge {
		w, h := within(s, v.large.source)
		put(v.theirs, (s.Width-w)/2, (s.Height-h)/2, w, h)
	}
	h := v.note.HeightFor(s.Width - 32)
	put(v.note, 16, (s.Height-h)/2, s.Width-32, h)
	if !v.hasMe {
		return
	}
	const inset, rim = 12, 2
	w, h := within(fyne.NewSize(min(200, max(96, s.Width/4)), min(150, s.Height/3)), v.small.source)
	x, y := s.Width-w-inset, s.Height-h-inset
	put(v.edge, x-rim, y-rim, w+2*rim, h+2*rim)
	put(v.ours, x, y, w, h)
}

// within is the largest size of that shape that the room holds.
func within(room fyne.Size, shape image.Point) (w, h float32) {
	ratio := float32(shape.X) / float32(max(1, shape.Y))
	w, h = room.Width, room.Width/ratio
	if h > room.Height {
		w, h = room.Height*ratio, room.Height
	}
	return w, h
}
