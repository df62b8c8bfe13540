package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// BarKind is how grave a bar is.
type BarKind string

// The kinds.
const (
	BarError   BarKind = "error"
	BarWarning BarKind = "warning"
	BarInfo    BarKind = "info"
)

// BarState is a bar on the page. Empty Text hides it.
type BarState struct {
	Kind   BarKind
	Text   string
	Action string // the label of its button, "" for none
	Close  string // the spoken name of its cross, "" for none
}

// ErrorBar says what happened and what to do, on the page and not in a dialog.
type ErrorBar struct {
	widget.BaseWidget
	state  BarState
	box    *canvas.Rectangle
	icon   *glyph
	text   *Text
	action *Button
	shut   *CircleButton
}

// NewErrorBar makes a bar; it is hidden until SetState gives it words.
func NewErrorBar(onAction, onClose func()) *ErrorBar {
	b := &ErrorBar{
		text:   NewText(TextState{Size: SizeState, Lines: 3}),
		action: NewButton(ButtonState{Small: true, Tone: TonePrimary}, onAction),
		shut:   NewCircleButton(28, CircleState{Icon: "cross", Tone: ToneQuiet}, onClose),
	}
	b.ExtendBaseWidget(b)
	b.Hide()
	return b
}

// SetState draws another sentence; it reports nothing.
func (b *ErrorBar) SetState(s BarState) {
	if s == b.state {
		return
	}
	b.state = s
	b.text.SetText(s.Text)
	b.action.SetState(ButtonState{Label: s.Action, Small: true, Tone: TonePrimary})
	b.shut.SetState(CircleState{Icon: "cross", Tone: ToneQuiet, Spoken: s.Close})
	show(b, s.Text != "")
	b.Refresh()
}

// State is what is drawn now.
func (b *ErrorBar) State() BarState { return b.state }

// Action is its button, for tests that click.
func (b *ErrorBar) Action() *Button { return b.action }

// CreateRenderer makes box, icon, words and buttons.
func (b *ErrorBar) CreateRenderer() fyne.WidgetRenderer {
	b.box = canvas.NewRectangle(color.Transparent)
	b.box.CornerRadius = radiusRow
	b.icon = newGlyph()
	return newParts(b.place, b.measure, b.dress, b.box, b.icon.Image, b.text, b.action, b.shut)
}

// HeightFor is the height it takes at a width.
func (b *ErrorBar) HeightFor(width float32) float32 {
	h := b.text.HeightFor(b.textWidth(width)) + 24
	if b.state.Action != "" {
		h += 40
	}
	return max(44, h)
}

func (b *ErrorBar) textWidth(width float32) float32 {
	w := width - 38 - 12
	if b.state.Close != "" {
		w -= 36
	}
	return w
}

func (b *ErrorBar) measure() fyne.Size {
	w := b.Size().Width
	if w <= 0 {
		w = 296
	}
	return fyne.NewSize(200, b.HeightFor(w))
}

func (b *ErrorBar) dress() {
	fill, ink, icon := ColorRedSoft, ColorRed, "warning"
	switch b.state.Kind {
	case BarWarning:
		fill, ink = ColorAmberSoft, ColorAmber
	case BarInfo:
		fill, ink, icon = ColorAccentSoft, ColorAccent, "info"
	}
	b.box.FillColor = paint(fill, b)
	b.icon.set(icon, paint(ink, b))
	b.text.SetColor(ColorText)
	show(b.action, b.state.Action != "")
	show(b.shut, b.state.Close != "")
}

func (b *ErrorBar) place(s fyne.Size) {
	put(b.box, 0, 0, s.Width, s.Height)
	put(b.icon, 12, 13, 18, 18)
	w := b.textWidth(s.Width)
	h := b.text.HeightFor(w)
	put(b.text, 38, 12, w, h)
	put(b.shut, s.Width-44, 0, 44, 44)
	put(b.action, 38, 12+h+8, b.action.MinSize().Width, 32)
}

// EmptyState says in one sentence that there is nothing, with one button.
type EmptyState struct {
	widget.BaseWidget
	name   string
	icon   *glyph
	text   *Text
	action *Button
}

// NewEmptyState makes one; without an action's label there is no button.
func NewEmptyState(icon, text, action string, onAction func()) *EmptyState {
	e := &EmptyState{
		name:   icon,
		icon:   newGlyph(),
		text:   NewText(TextState{Text: text, Size: SizeRow, Color: ColorText2, Align: fyne.TextAlignCenter, Lines: 2}),
		action: NewButton(ButtonState{Label: action, Tone: ToneOutline}, onAction),
	}
	if action == "" {
		e.action.Hide()
	}
	e.ExtendBaseWidget(e)
	return e
}

// Action is its button, for tests that click.
func (e *EmptyState) Action() *Button { return e.action }

// CreateRenderer makes icon, sentence and button.
func (e *EmptyState) CreateRenderer() fyne.WidgetRenderer {
	return newParts(e.place, func() fyne.Size { return fyne.NewSize(200, 170) },
		func() { e.icon.set(e.name, paint(ColorText3, e)) }, e.icon.Image, e.text, e.action)
}

func (e *EmptyState) place(s fyne.Size) {
	th := e.text.HeightFor(s.Width)
	total := 48 + 16 + th
	if e.action.Visible() {
		total += 16 + 44
	}
	y := max(0, (s.Height-total)/2)
	put(e.icon, (s.Width-48)/2, y, 48, 48)
	put(e.text, 0, y+64, s.Width, th)
	w := min(s.Width, e.action.MinSize().Width)
	put(e.action, (s.Width-w)/2, y+64+th+16, w, 44)
}
