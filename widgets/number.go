package widgets

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// CleanNumber makes what was pasted or typed into one line that can be dialled: the scheme of a
// tel: link, control and invisible characters, line breaks and the "(0)" of a trunk prefix go;
// an address with @ stays as it is.
func CleanNumber(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	for _, scheme := range []string{"tel:", "callto:"} {
		if strings.HasPrefix(lower, scheme) {
			text = strings.TrimLeft(text[len(scheme):], "/ ")
			break
		}
	}
	if strings.HasPrefix(lower, "sip:") || strings.HasPrefix(lower, "sips:") || strings.Contains(text, "@") {
		return text
	}
	if strings.HasPrefix(strings.TrimSpace(text), "+") || strings.HasPrefix(text, "00") {
		text = strings.ReplaceAll(text, "(0)", "")
	}
	return strings.Join(strings.Fields(text), " ")
}

// NumberField is where a number is typed or pasted. Enter dials. Keys that it does not know
// (Escape, F1, Ctrl+Shift+…) are the window's.
type NumberField struct {
	widget.Entry
	// OnDial gets the cleaned number when Enter is pressed.
	OnDial func(number string)
	// OnEdit gets the text after a person changed it.
	OnEdit func(text string)
	// OnShortcut gets the shortcuts that are typed here: a text field with the keyboard swallows the window's.
	OnShortcut func(fyne.Shortcut)
	// OnMove gets -1 and 1 for the arrows up and down, where a list stands under the field.
	OnMove func(by int)
	quiet  bool
}

// NewNumberField makes a field.
func NewNumberField(placeholder string) *NumberField {
	f := &NumberField{}
	f.ExtendBaseWidget(f)
	f.PlaceHolder = placeholder
	f.OnSubmitted = func(text string) {
		if f.OnDial != nil {
			f.OnDial(CleanNumber(text))
		}
	}
	f.OnChanged = func(text string) {
		if !f.quiet && f.OnEdit != nil {
			f.OnEdit(text)
		}
	}
	return f
}

// LeaveRoom leaves room for an icon of ours before the text.
func (f *NumberField) LeaveRoom() {
	f.SetIcon(fyne.NewStaticResource("nothing.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"/>`)))
}

// SetState draws the text, with the cursor at its end; it reports nothing.
func (f *NumberField) SetState(text string) {
	if text == f.Text {
		return
	}
	f.quiet = true
	f.SetText(text)
	f.CursorColumn = len([]rune(text))
	f.quiet = false
	f.Refresh()
}

// TypedShortcut cleans what is pasted and hands the window's shortcuts on.
func (f *NumberField) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutPaste:
		clean := CleanNumber(s.Clipboard.Content())
		for _, r := range clean {
			f.TypedRune(r)
		}
	case *desktop.CustomShortcut:
		f.Entry.TypedShortcut(s)
		if f.OnShortcut != nil {
			f.OnShortcut(s)
		}
	default:
		f.Entry.TypedShortcut(s)
	}
}

// TypedKey hands Escape and the function keys on.
func (f *NumberField) TypedKey(k *fyne.KeyEvent) {
	by := map[fyne.KeyName]int{fyne.KeyUp: -1, fyne.KeyDown: 1}[k.Name]
	if by != 0 && f.OnMove != nil {
		f.OnMove(by)
		return
	}
	if !forwardEscape(f, k) {
		f.Entry.TypedKey(k)
	}
}

// MinSize is 44 high.
func (f *NumberField) MinSize() fyne.Size {
	return fyne.NewSize(120, max(44, f.Entry.MinSize().Height))
}

// forwardEscape gives Escape and F1 to the canvas: a text field has no use for them.
func forwardEscape(w fyne.CanvasObject, k *fyne.KeyEvent) bool {
	if k.Name != fyne.KeyEscape && k.Name != fyne.KeyF1 {
		return false
	}
	if c := canvasOf(w); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
	return true
}
