package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// press is what everything that can be pressed has in common: pointer, keyboard, focus ring,
// the disabled state and a spoken name. A click does not take the focus: a ring means keyboard.
type press struct {
	widget.BaseWidget
	self fyne.Widget
	// onPress is called for a click, Space or Enter.
	onPress  func()
	spoken   string
	hovered  bool
	pressed  bool
	focused  bool
	disabled bool
	ring     *canvas.Rectangle
}

// Tapped reports the gesture.
func (p *press) Tapped(*fyne.PointEvent) { p.fire() }

func (p *press) fire() {
	if !p.disabled && p.onPress != nil {
		p.onPress()
	}
}

// MouseIn, MouseMoved and MouseOut keep the hover.
func (p *press) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved does nothing.
func (p *press) MouseMoved(*desktop.MouseEvent) {}

// MouseOut ends the hover.
func (p *press) MouseOut() { p.hovered, p.pressed = false, false; p.Refresh() }

// MouseDown shows the press.
func (p *press) MouseDown(*desktop.MouseEvent) { p.pressed = true; p.Refresh() }

// MouseUp ends it.
func (p *press) MouseUp(*desktop.MouseEvent) {
	if p.pressed {
		p.pressed = false
		p.Refresh()
	}
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
func (p *press) Disabled() bool { return p.disabled }

// AccessibilityLabel is the spoken name.
func (p *press) AccessibilityLabel() string { return p.spoken }

// AccessibilityRole is button.
func (p *press) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleButton }

// makeRing makes the focus ring: 2 wide, 2 outside, its radius 4 larger.
func (p *press) makeRing() *canvas.Rectangle {
	p.ring = canvas.NewRectangle(color.Transparent)
	p.ring.StrokeWidth = 2
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
func (p *press) under(fill, ink color.Color) color.Color {
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
func (p *press) extend(self fyne.Widget) {
	p.self = self
	p.ExtendBaseWidget(self)
}

func canvasOf(w fyne.CanvasObject) fyne.Canvas {
	if w == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(w)
}
