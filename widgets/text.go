package widgets

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// TextState is one text and its dress.
type TextState struct {
	Text  string
	Size  float32             // of the type scale; 0: SizeRow
	Color fyne.ThemeColorName // "": ColorText
	Bold  bool
	Align fyne.TextAlign
	// Lines is how many lines it may take; 0 means 1. What does not fit ends with an ellipsis.
	Lines int
}

// Text is a text that is cut with an ellipsis where it does not fit, and wraps at words up to its
// number of lines. Its least width is small, so that a long name never widens a column.
type Text struct {
	widget.BaseWidget
	state TextState
	lines []*canvas.Text
	width float32
}

// NewText makes a text in the given dress.
func NewText(s TextState) *Text {
	t := &Text{state: s}
	t.ExtendBaseWidget(t)
	return t
}

// SetState draws another text.
func (t *Text) SetState(s TextState) {
	if s != t.state {
		t.state = s
		t.Refresh()
	}
}

// SetText changes the words alone.
func (t *Text) SetText(text string) {
	s := t.state
	s.Text = text
	t.SetState(s)
}

// SetColor changes the colour alone.
func (t *Text) SetColor(c fyne.ThemeColorName) {
	s := t.state
	s.Color = c
	t.SetState(s)
}

// AccessibilityLabel is what a screen reader says.
func (t *Text) AccessibilityLabel() string { return t.state.Text }

// AccessibilityRole is text.
func (t *Text) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Words is the text as it is, uncut.
func (t *Text) Words() string { return t.state.Text }

func (t *Text) size() float32 {
	if t.state.Size == 0 {
		return SizeRow
	}
	return t.state.Size
}

func (t *Text) style() fyne.TextStyle { return fyne.TextStyle{Bold: t.state.Bold} }

// Natural is the size the whole text needs on one line.
func (t *Text) Natural() fyne.Size {
	return fyne.MeasureText(t.state.Text, t.size(), t.style())
}

// HeightFor is the height it takes at a width.
func (t *Text) HeightFor(width float32) float32 {
	n := len(wrap(t.state.Text, width, t.size(), t.style(), max(1, t.state.Lines)))
	return float32(n) * t.lineHeight()
}

func (t *Text) lineHeight() float32 { return fyne.MeasureText("X", t.size(), t.style()).Height }

// CreateRenderer makes one canvas text for each possible line.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	var objects []fyne.CanvasObject
	for range max(1, t.state.Lines) {
		line := canvas.NewText("", nil)
		t.lines = append(t.lines, line)
		objects = append(objects, line)
	}
	return newParts(t.place, t.measure, t.dress, objects...)
}

func (t *Text) measure() fyne.Size {
	n := t.Natural()
	if t.state.Lines > 1 && t.width > 0 {
		return fyne.NewSize(min(n.Width, 24), t.HeightFor(t.width))
	}
	return fyne.NewSize(min(n.Width, 24), t.lineHeight())
}

func (t *Text) dress() {
	colour := t.state.Color
	if colour == "" {
		colour = ColorText
	}
	for _, l := range t.lines {
		l.Color, l.TextSize, l.TextStyle, l.Alignment = paint(colour, t), t.size(), t.style(), t.state.Align
	}
}

func (t *Text) place(s fyne.Size) {
	t.width = s.Width
	texts := wrap(t.state.Text, s.Width, t.size(), t.style(), len(t.lines))
	h := t.lineHeight()
	y := float32(0)
	if len(t.lines) == 1 && s.Height > h {
		y = (s.Height - h) / 2
	}
	for i, l := range t.lines {
		l.Text = ""
		if i < len(texts) {
			l.Text = texts[i]
		}
		put(l, 0, y+float32(i)*h, s.Width, h)
	}
}

// wrap breaks a text at words into at most most lines and cuts the last one with an ellipsis. A word that is wider than a line is
// broken after a hyphen, or where it must.
func wrap(text string, width, size float32, style fyne.TextStyle, most int) []string {
	fits := func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width+0.5 }
	if width <= 0 || fits(text) {
		return []string{text}
	}
	if most == 1 {
		return []string{ellipsis(text, fits)}
	}
	var lines []string
	rest := pieces(text, fits)
	for len(rest) > 0 && len(lines) < most-1 {
		n := 1
		for n < len(rest) && fits(joinPieces(rest[:n+1])) {
			n++
		}
		lines = append(lines, joinPieces(rest[:n]))
		rest = rest[n:]
	}
	if len(rest) > 0 {
		lines = append(lines, ellipsis(joinPieces(rest), fits))
	}
	return lines
}

// piece is a word, or a part of one: then it follows without a space.
type piece struct {
	text string
	part bool
}

// pieces are a text's words, those that do not fit broken into parts.
func pieces(text string, fits func(string) bool) []piece {
	var list []piece
	for _, word := range strings.Fields(text) {
		part := false
		for !fits(word) {
			n := breakAt(word, fits)
			list = append(list, piece{word[:n], part})
			word, part = word[n:], true
		}
		if word != "" {
			list = append(list, piece{word, part})
		}
	}
	return list
}

// breakAt is where a word that does not fit is broken: after the last hyphen that leaves a part that fits, else after as many
// letters as do; one at least.
func breakAt(word string, fits func(string) bool) int {
	hyphen, end := 0, 0
	for next := 0; next < len(word); {
		r, n := utf8.DecodeRuneInString(word[next:])
		if next += n; end > 0 && !fits(word[:next]) {
			break
		}
		end = next
		if r == '-' {
			hyphen = next
		}
	}
	if hyphen > 0 {
		return hyphen
	}
	return end
}

func joinPieces(list []piece) string {
	var b strings.Builder
	for i, p := range list {
		if i > 0 && !p.part {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// ellipsis cuts a text by halving until it fits.
func ellipsis(text string, fits func(string) bool) string {
	if fits(text) {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high {
		middle := (low + high + 1) / 2
		if fits(strings.TrimRight(string(runes[:middle]), " ") + "…") {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return strings.TrimRight(string(runes[:low]), " ") + "…"
}
