package widgets

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// keyLetters are the keys in reading order with the letters of ITU-T E.161 under them.
var keyLetters = [12]struct {
	digit   rune
	letters string
}{
	{'1', ""}, {'2', "ABC"}, {'3', "DEF"}, {'4', "GHI"}, {'5', "JKL"}, {'6', "MNO"},
	{'7', "PQRS"}, {'8', "TUV"}, {'9', "WXYZ"}, {'*', ""}, {'0', "+"}, {'#', ""},
}

// longPress is how long 0 is held to mean +.
const longPress = 500 * time.Millisecond

// Key is one key of the dial pad.
type Key struct {
	press
	digit   rune
	letters string
	box     *canvas.Rectangle
	big     *canvas.Text
	small   *canvas.Text
	since   time.Time
	onMove  func(dx, dy int)
}

func newKey(digit rune, letters string, onKey func(rune)) *Key {
	k := &Key{digit: digit, letters: letters}
	k.spoken = string(digit)
	k.onPress = func() {
		r := k.digit
		if r == '0' && !k.since.IsZero() && time.Since(k.since) >= longPress {
			r = '+'
		}
		k.since = time.Time{}
		onKey(r)
	}
	k.extend(k)
	return k
}

// MouseDown notes when the press began: a long press on 0 means +.
func (k *Key) MouseDown(e *desktop.MouseEvent) {
	k.since = time.Now()
	k.press.MouseDown(e)
}

// TypedKey moves the focus with the arrows.
func (k *Key) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		k.onMove(-1, 0)
	case fyne.KeyRight:
		k.onMove(1, 0)
	case fyne.KeyUp:
		k.onMove(0, -1)
	case fyne.KeyDown:
		k.onMove(0, 1)
	default:
		k.press.TypedKey(e)
	}
}

// CreateRenderer makes box, digit and letters.
func (k *Key) CreateRenderer() fyne.WidgetRenderer {
	k.box = canvas.NewRectangle(color.Transparent)
	k.box.CornerRadius = radiusCard
	k.big = canvas.NewText(string(k.digit), color.Transparent)
	k.big.TextSize, k.big.Alignment = 26, fyne.TextAlignCenter
	k.small = canvas.NewText(k.letters, color.Transparent)
	k.small.TextSize, k.small.Alignment = SizeLabel, fyne.TextAlignCenter
	return newParts(k.place, func() fyne.Size { return fyne.NewSize(64, 32) }, k.dress, k.makeRing(), k.box, k.big, k.small)
}

func (k *Key) dress() {
	k.box.FillColor = k.under(paint(ColorFill, k), paint(ColorText, k))
	k.big.Color, k.small.Color = paint(ColorText, k), paint(ColorText2, k)
	if k.disabled {
		k.big.Color, k.small.Color = disabledInk(k), disabledInk(k)
	}
	k.dressRing()
}

func (k *Key) place(s fyne.Size) {
	put(k.box, 0, 0, s.Width, s.Height)
	k.placeRing(0, 0, s.Width, s.Height, radiusCard)
	letters := k.letters != "" && s.Height >= 50 // a low key has room for its digit only
	show(k.small, letters)
	k.big.TextSize = 26
	if s.Height < 50 {
		k.big.TextSize = SizeTitle
	}
	h := k.big.MinSize().Height
	y := (s.Height - h) / 2
	if letters {
		y -= 8
	}
	put(k.big, 0, y, s.Width, h)
	put(k.small, 0, s.Height/2+9, s.Width, k.small.MinSize().Height)
}

// DialPad is the twelve keys. The arrows move the focus within it.
type DialPad struct {
	widget.BaseWidget
	keys [12]*Key
}

// NewDialPad makes a pad; onKey gets 0-9, *, # and, for a long press on 0, +.
func NewDialPad(onKey func(rune)) *DialPad {
	p := &DialPad{}
	for i, k := range keyLetters {
		p.keys[i] = newKey(k.digit, k.letters, onKey)
		p.keys[i].onMove = func(dx, dy int) { p.focus(i%3+dx, i/3+dy) }
	}
	p.ExtendBaseWidget(p)
	return p
}

// focus gives the keyboard to the key in a column and row, where there is one.
func (p *DialPad) focus(column, row int) {
	if c := canvasOf(p); c != nil && column >= 0 && column < 3 && row >= 0 && row < 4 {
		c.Focus(p.keys[row*3+column])
	}
}

// Key gives the key of a digit, nil for none; for tests that click.
func (p *DialPad) Key(digit rune) *Key {
	for _, k := range p.keys {
		if k.digit == digit {
			return k
		}
	}
	return nil
}

// SetDisabled draws the pad as usable or not.
func (p *DialPad) SetDisabled(disabled bool) {
	for _, k := range p.keys {
		if k.disabled != disabled {
			k.disabled = disabled
			k.Refresh()
		}
	}
}

// CreateRenderer lays the keys out in a grid of equal widths.
func (p *DialPad) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(p.keys))
	for i, k := range p.keys {
		objects[i] = k
	}
	return newParts(p.place, func() fyne.Size { return fyne.NewSize(216, 4*52+3*8) }, func() {}, objects...)
}

func (p *DialPad) place(s fyne.Size) {
	const gap = 8
	w, h := (s.Width-2*gap)/3, (s.Height-3*gap)/4
	for i, k := range p.keys {
		put(k, float32(i%3)*(w+gap), float32(i/3)*(h+gap), w, h)
	}
}
