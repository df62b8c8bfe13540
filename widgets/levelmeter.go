package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// The geometry of a level meter.
const (
	segmentWidth  float32 = 4
	segmentGap    float32 = 2
	segmentHeight float32 = 13
)

// LevelMeter draws a sound level in segments. It is redrawn only when a segment changes.
type LevelMeter struct {
	widget.BaseWidget
	segments []*canvas.Rectangle
	count    int // how many are shown
	level    float64
	lit      int
}

// NewLevelMeter makes a meter of at most most segments; it draws as many as its width holds.
func NewLevelMeter(most int) *LevelMeter {
	m := &LevelMeter{count: most}
	for range most {
		s := canvas.NewRectangle(color.Transparent)
		s.CornerRadius = 2
		m.segments = append(m.segments, s)
	}
	m.ExtendBaseWidget(m)
	return m
}

// Lit says how many of count segments a level 0…1 lights.
func Lit(level float64, count int) int {
	switch {
	case !(level > 0): // also NaN
		return 0
	case level >= 1:
		return count
	}
	return int(level*float64(count) + 0.5)
}

// SetLevel draws a level 0…1 and reports whether a segment changed.
func (m *LevelMeter) SetLevel(level float64) bool {
	m.level = level
	lit := Lit(level, m.count)
	if lit == m.lit {
		return false
	}
	m.lit = lit
	m.Refresh()
	return true
}

// CreateRenderer gives the segments.
func (m *LevelMeter) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(m.segments))
	for i, s := range m.segments {
		objects[i] = s
	}
	most := len(m.segments)
	return newParts(m.place, func() fyne.Size { return fyne.NewSize(meterWidth(min(12, most)), segmentHeight) }, m.dress, objects...)
}

func meterWidth(segments int) float32 {
	return float32(segments)*(segmentWidth+segmentGap) - segmentGap
}

func (m *LevelMeter) dress() {
	on, off := paint(ColorAccent, m), paint(ColorLine, m)
	for i, s := range m.segments {
		s.FillColor = off
		if i < m.lit {
			s.FillColor = on
		}
	}
}

func (m *LevelMeter) place(s fyne.Size) {
	count := min(len(m.segments), int((s.Width+segmentGap)/(segmentWidth+segmentGap)))
	if count != m.count {
		m.count, m.lit = count, Lit(m.level, count)
		m.dress()
	}
	for i, segment := range m.segments {
		show(segment, i < count)
		put(segment, float32(i)*(segmentWidth+segmentGap), (s.Height-segmentHeight)/2, segmentWidth, segmentHeight)
	}
}
