package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// touch is what everything that the pointer presses has in common: hover, press, the disabled state and a spoken name.
type touch struct {
	widget.BaseWidget
	self fyne.Widget
	// onPress is called for a click; a press that takes the keyboard calls it for Space and Enter, too.
	onPress  func()
	spoken   string
	hovered  bool
	pressed  bool
	disabled bool
}

// Tapped reports the gesture.
func (p *touch) Tapped(*fyne.PointEvent) { p.fire() }

func (p *touch) fire() {
	if !p.disabled && p.onPress != nil {
		p.onPress()
	}
}

// MouseIn, MouseMoved and MouseOut keep the hover.
func (p *touch) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved does nothing.
func (p *touch) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (p *touch) MouseOut() { p.hovered, p.pressed = false, false; p.Refresh() }

// MouseDown shows the press.
func (p *touch) MouseDown(*desktop.MouseEvent) { p.pressed = true; p.Refresh() }

// MouseUp ends it.
func (p *touch) MouseUp(*desktop.MouseEvent) {
	if p.pressed {
		p.pressed = false
		p.Refresh()
	}
}

// press is a touch that takes the keyboard, too, and shows that by a focus ring. A click does not take the focus: a ring
// means keyboard.
type press struct {
	touch
	focused bool
	ring    *canvas.Rectangle
}

// FocusGained draws the ring.
func (p *press) FocusGained() { p.focused = true; p.Refresh(); reveal(p.self) }

// FocusLost removes it.
func (p *press) FocusLost() { p.focused = false; p.Refresh() }

// TypedKey presses on Space and Enter; every other key is the window's.
func (p *press) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.fire()
	default:
		if c := canvasOf(p.self); c != nil && c.OnTypedKey() != nil {
			c.OnTypedKey()(k)
		}
	}
}

// TypedRune hands what is typed to the window: digits go to the number field wherever the focus is.
func (p *press) TypedRune(r rune) {
	if c := canvasOf(p.self); c != nil && r != ' ' && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// Disabled reports whether presses do nothing now.
func (p *touch) Disabled() bool { return p.disabled }

// AccessibilityLabel is the spoken name.
func (p *touch) AccessibilityLabel() string { return p.spoken }

// AccessibilityRole is button.
func (p *touch) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// newRing makes a focus ring: 2 wide.
func newRing() *canvas.Rectangle {
	ring := canvas.NewRectangle(color.Transparent)
	ring.StrokeWidth = 2
	return ring
}

// makeRing makes the focus ring; it lies 2 outside, its radius is 4 larger.
func (p *press) makeRing() *canvas.Rectangle {
	p.ring = newRing()
	return p.ring
}

func (p *press) dressRing() {
	p.ring.StrokeColor = paint(ColorAccent, p.self)
	show(p.ring, p.focused)
}

// placeRing puts the ring round a part of the widget.
func (p *press) placeRing(x, y, w, h, radius float32) {
	p.ring.CornerRadius = radius + 4
	put(p.ring, x-4, y-4, w+8, h+8)
}

// under is the fill as the pointer changes it.
func (p *touch) under(fill, ink color.Color) color.Color {
	switch {
	case p.disabled:
		return fill
	case p.pressed:
		return blend(fill, ink, 0.12)
	case p.hovered:
		return blend(fill, ink, 0.06)
	}
	return fill
}

// extend names the widget that embeds the press; its constructor calls it once.
func (p *touch) extend(self fyne.Widget) {
	p.self = self
	p.ExtendBaseWidget(self)
}

func canvasOf(w fyne.CanvasObject) fyne.Canvas {
	if w == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(w)
}
