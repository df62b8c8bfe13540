package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// DotShape tells a state by shape as well as by colour.
type DotShape string

// The shapes.
const (
	DotReady DotShape = "ready" // green disc
	DotBusy  DotShape = "busy"  // amber ring: connecting
	DotOff   DotShape = "off"   // red ring with a bar: not connected
)

// StatusDot is a small mark of a line's state; words stand beside it.
type StatusDot struct {
	widget.BaseWidget
	shape DotShape
	disc  *canvas.Circle
	bar   *canvas.Rectangle
}

// NewStatusDot makes a dot.
func NewStatusDot(s DotShape) *StatusDot {
	d := &StatusDot{shape: s}
	d.ExtendBaseWidget(d)
	return d
}

// SetState draws another shape.
func (d *StatusDot) SetState(s DotShape) {
	if s != d.shape {
		d.shape = s
		d.Refresh()
	}
}

// CreateRenderer makes disc and bar.
func (d *StatusDot) CreateRenderer() fyne.WidgetRenderer {
	d.disc = canvas.NewCircle(color.Transparent)
	d.bar = canvas.NewRectangle(color.Transparent)
	return newParts(d.place, func() fyne.Size { return fyne.NewSquareSize(10) }, d.dress, d.disc, d.bar)
}

func (d *StatusDot) dress() {
	d.disc.StrokeWidth = 2
	d.disc.FillColor, d.bar.FillColor = color.Transparent, color.Transparent
	switch d.shape {
	case DotBusy:
		d.disc.StrokeColor = paint(ColorAmber, d)
	case DotOff:
		d.disc.StrokeColor = paint(ColorRed, d)
		d.bar.FillColor = paint(ColorRed, d)
	default:
		d.disc.StrokeColor, d.disc.FillColor = paint(ColorGreen, d), paint(ColorGreen, d)
	}
}

func (d *StatusDot) place(s fyne.Size) {
	const diameter = 9
	x, y := (s.Width-diameter)/2, (s.Height-diameter)/2
	put(d.disc, x, y, diameter, diameter)
	put(d.bar, x+2, y+diameter/2-0.5, diameter-4, 2)
}

// StatusState is the line on top of a page: which line, and how it stands.
type StatusState struct {
	Shape DotShape
	Line  string
	Word  string
	Color fyne.ThemeColorName // of the word
}

// StatusLine says in words how the line stands.
type StatusLine struct {
	widget.BaseWidget
	state      StatusState
	dot        *StatusDot
	line, word *Text
}

// NewStatusLine makes one.
func NewStatusLine() *StatusLine {
	s := &StatusLine{
		dot:  NewStatusDot(DotBusy),
		line: NewText(TextState{Size: SizeState, Bold: true}),
		word: NewText(TextState{Size: SizeState, Color: ColorText2}),
	}
	s.ExtendBaseWidget(s)
	return s
}

// SetState draws another state.
func (s *StatusLine) SetState(n StatusState) {
	if n != s.state {
		s.state = n
		s.dot.SetState(n.Shape)
		s.line.SetText(n.Line)
		s.word.SetState(TextState{Text: n.Word, Size: SizeState, Color: n.Color})
		s.Refresh()
	}
}

// State is what is drawn now.
func (s *StatusLine) State() StatusState { return s.state }

// CreateRenderer makes dot and words.
func (s *StatusLine) CreateRenderer() fyne.WidgetRenderer {
	return newParts(s.place, func() fyne.Size { return fyne.NewSize(120, 24) }, func() {}, s.dot, s.line, s.word)
}

func (s *StatusLine) place(size fyne.Size) {
	put(s.dot, 6, (size.Height-10)/2, 10, 10)
	w := min(s.line.Natural().Width+2, (size.Width-24)*0.6)
	if s.state.Word == "" {
		w = size.Width - 24
	}
	put(s.line, 24, 0, w, size.Height)
	put(s.word, 24+w+6, 0, max(0, size.Width-24-w-6), size.Height)
}
