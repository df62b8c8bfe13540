package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// plainEntry is a text field that leaves the window's keys to the window.
type plainEntry struct {
	widget.Entry
	onShortcut func(fyne.Shortcut)
	part       fyne.CanvasObject // the field that is scrolled into sight with it; nil: none
}

// FocusGained brings the field into sight: Tab may have reached it below the window's edge.
func (e *plainEntry) FocusGained() {
	e.Entry.FocusGained()
	if e.part != nil {
		reveal(e.part)
	}
}

func newPlainEntry(password bool) *plainEntry {
	e := &plainEntry{}
	e.Password = password
	e.Wrapping = fyne.TextWrapOff
	e.ExtendBaseWidget(e)
	return e
}

// TypedShortcut hands the window's shortcuts on.
func (e *plainEntry) TypedShortcut(s fyne.Shortcut) {
	e.Entry.TypedShortcut(s)
	if _, ok := s.(*desktop.CustomShortcut); ok && e.onShortcut != nil {
		e.onShortcut(s)
	}
}

// TypedKey hands Escape and F1 on.
func (e *plainEntry) TypedKey(k *fyne.KeyEvent) {
	if !forwardEscape(e, k) {
		e.Entry.TypedKey(k)
	}
}

// FormField is a label, a text field of 48 and, under it, what is wrong with it.
type FormField struct {
	widget.BaseWidget
	label, hint *Text
	entry       *plainEntry
	edge        *canvas.Rectangle
	wheel       *wheelGuard
	wrong       string
}

// NewFormField makes a field; password hides what is typed behind dots.
func NewFormField(label, placeholder string, password bool) *FormField {
	f := &FormField{
		label: NewText(TextState{Text: label, Size: SizeState, Bold: true}),
		hint:  NewText(TextState{Size: SizeSecond, Color: ColorRed, Lines: 2}),
		entry: newPlainEntry(password),
	}
	f.entry.PlaceHolder, f.entry.part = placeholder, f
	f.wheel = newWheelGuard(f)
	f.ExtendBaseWidget(f)
	return f
}

// Text is what was typed.
func (f *FormField) Text() string { return f.entry.Text }

// SetState draws a text; it reports nothing.
func (f *FormField) SetState(text string) {
	if f.entry.Text != text {
		f.entry.SetText(text)
		f.entry.CursorColumn = len([]rune(text))
	}
}

// SetError draws what is wrong, "" for nothing. The typed text stays.
func (f *FormField) SetError(wrong string) {
	if wrong != f.wrong {
		f.wrong = wrong
		f.hint.SetText(wrong)
		f.Refresh()
	}
}

// Wrong is what is said to be wrong.
func (f *FormField) Wrong() string { return f.wrong }

// OnSubmit sets what Enter does.
func (f *FormField) OnSubmit(do func()) { f.entry.OnSubmitted = func(string) { do() } }

// OnShortcut sets who gets the shortcuts that are typed here.
func (f *FormField) OnShortcut(do func(fyne.Shortcut)) { f.entry.onShortcut = do }

// Entry is the text field itself, for tests that click.
func (f *FormField) Entry() fyne.CanvasObject { return f.entry }

// Focusable is the part that takes the keyboard.
func (f *FormField) Focusable() fyne.Focusable { return f.entry }

// CreateRenderer makes label, field and hint.
func (f *FormField) CreateRenderer() fyne.WidgetRenderer {
	f.edge = canvas.NewRectangle(color.Transparent)
	f.edge.CornerRadius, f.edge.StrokeWidth = radiusButton, 2
	return newParts(f.place, func() fyne.Size {
		h := float32(22 + 48)
		if f.wrong != "" {
			h += 6 + f.hint.HeightFor(max(f.Size().Width, 200))
		}
		return fyne.NewSize(200, h)
	}, func() {
		f.edge.StrokeColor = paint(ColorRed, f)
		show(f.edge, f.wrong != "")
		show(f.hint, f.wrong != "")
	}, f.label, f.entry, f.edge, f.hint, f.wheel)
}

func (f *FormField) place(s fyne.Size) {
	put(f.label, 0, 0, s.Width, 18)
	put(f.entry, 0, 24, s.Width, 46)
	put(f.edge, 0, 24, s.Width, 46)
	put(f.wheel, 0, 24, s.Width, 46)
	put(f.hint, 0, 76, s.Width, max(0, s.Height-76))
}
