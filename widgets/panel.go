package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// PanelKind is how a surface lies on the page.
type PanelKind int

// The kinds of a surface.
const (
	PanelStage  PanelKind = iota // the stage: rounded, a line, a soft shadow
	PanelCard                    // a card: rounded, a line
	PanelFill                    // a quiet area without a line
	PanelLine                    // a line of 1
	PanelFlat                    // covers what is beneath with the window's ground
	PanelRaised                  // above the page
	PanelAmber                   // a call that waits on hold
)

// Panel is a surface under other things.
type Panel struct {
	widget.BaseWidget
	kind PanelKind
	box  *canvas.Rectangle
}

// NewPanel makes a surface.
func NewPanel(kind PanelKind) *Panel {
	p := &Panel{kind: kind}
	p.ExtendBaseWidget(p)
	return p
}

// SetKind changes how it lies.
func (p *Panel) SetKind(kind PanelKind) {
	if kind != p.kind {
		p.kind = kind
		p.Refresh()
	}
}

// CreateRenderer makes the box.
func (p *Panel) CreateRenderer() fyne.WidgetRenderer {
	p.box = canvas.NewRectangle(color.Transparent)
	return newParts(func(s fyne.Size) { put(p.box, 0, 0, s.Width, s.Height) },
		func() fyne.Size { return fyne.NewSize(1, 1) }, p.dress, p.box)
}

func (p *Panel) dress() {
	fill, radius, blur, dy := ColorSurface, radiusStage, float32(0), float32(0)
	p.box.StrokeColor, p.box.StrokeWidth = paint(ColorLine, p), 1
	switch p.kind {
	case PanelStage:
		blur, dy = 10, 2
	case PanelCard:
		radius = radiusCard
	case PanelRaised:
		fill, blur, dy = ColorRaised, 24, 8
	case PanelFill:
		fill, p.box.StrokeWidth = ColorFill, 0
	case PanelLine:
		fill, radius, p.box.StrokeWidth = ColorLine, 0, 0
	case PanelAmber:
		fill, radius, p.box.StrokeWidth = ColorAmberSoft, radiusRow, 0
	case PanelFlat:
		fill, radius, p.box.StrokeWidth = ColorBg, 0, 0
	}
	p.box.FillColor, p.box.CornerRadius = paint(fill, p), radius
	p.box.Shadow = canvas.Shadow{}
	if blur > 0 {
		p.box.Shadow = canvas.Shadow{Color: paint(ColorShadow, p), BlurRadius: blur, Offset: fyne.NewPos(0, dy), Variant: canvas.DropShadow}
	}
}
