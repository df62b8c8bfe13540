package widgets

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Choice is one entry of a picker.
type Choice struct{ ID, Label string }

// PickerState is what can be chosen and what is.
type PickerState struct {
	Icon     string
	Title    string // spoken before the choice: "Microphone"
	Choices  []Choice
	Selected string
	// Shown replaces the chosen entry's label, where there is little room; "" does not.
	Shown string
	// Empty is said where there is nothing to choose: "No microphone found".
	Empty string
	// Field draws it as a form's field instead of a flat line.
	Field bool
}

func (s PickerState) equal(o PickerState) bool {
	return s.Icon == o.Icon && s.Title == o.Title && s.Selected == o.Selected && s.Empty == o.Empty &&
		s.Field == o.Field && s.Shown == o.Shown && slices.Equal(s.Choices, o.Choices)
}

// label is the chosen entry's words.
func (s PickerState) label() string {
	if i := s.chosen(); i >= 0 {
		return s.Choices[i].Label
	}
	return s.Empty
}

// shown is what the picker itself says.
func (s PickerState) shown() string {
	if s.Shown != "" {
		return s.Shown
	}
	return s.label()
}

// chosen is the index of the chosen entry, the first where nothing is chosen, -1 where there is nothing.
func (s PickerState) chosen() int {
	i := slices.IndexFunc(s.Choices, func(c Choice) bool { return c.ID == s.Selected })
	if i < 0 && len(s.Choices) > 0 {
		return 0
	}
	return i
}

// DevicePicker shows what is chosen and opens a menu to choose.
type DevicePicker struct {
	press
	state   PickerState
	onPick  func(id string)
	box     *canvas.Rectangle
	icon    *glyph
	chevron *glyph
	label   *Text
}

// NewDevicePicker makes a picker; onPick gets the chosen id.
func NewDevicePicker(s PickerState, onPick func(id string)) *DevicePicker {
	p := &DevicePicker{state: s, onPick: onPick, label: NewText(TextState{Size: SizeState, Color: ColorText2})}
	p.onPress = p.open
	p.adopt()
	p.extend(p)
	return p
}

func (p *DevicePicker) adopt() {
	p.disabled = len(p.state.Choices) == 0
	p.spoken = p.state.Title + ": " + p.state.label()
}

// SetState draws another state; it reports nothing.
func (p *DevicePicker) SetState(s PickerState) {
	if !s.equal(p.state) {
		p.state = s
		p.adopt()
		p.Refresh()
	}
}

func (p *DevicePicker) open() {
	c := canvasOf(p)
	if c == nil {
		return
	}
	items := make([]*fyne.MenuItem, 0, len(p.state.Choices))
	for i, choice := range p.state.Choices {
		item := fyne.NewMenuItem(choice.Label, func() { p.onPick(choice.ID) })
		item.Checked = i == p.state.chosen()
		items = append(items, item)
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(p)
	size := menu.MinSize()
	at.Y += p.Size().Height + 4
	if at.Y+size.Height > c.Size().Height {
		at.Y -= p.Size().Height + 8 + size.Height
	}
	at.X = max(4, min(at.X, c.Size().Width-size.Width-4))
	menu.ShowAtPosition(at)
}

// CreateRenderer makes box, icon, label and chevron.
func (p *DevicePicker) CreateRenderer() fyne.WidgetRenderer {
	p.box = canvas.NewRectangle(color.Transparent)
	p.box.CornerRadius = radiusButton
	p.icon, p.chevron = newGlyph(), newGlyph()
	return newParts(p.place, p.measure, p.dress, p.makeRing(), p.box, p.icon.Image, p.label, p.chevron.Image)
}

func (p *DevicePicker) measure() fyne.Size {
	return fyne.NewSize(120, 44)
}

// Natural is the width that shows the whole name.
func (p *DevicePicker) Natural() float32 {
	return fyne.MeasureText(p.state.shown(), SizeState, fyne.TextStyle{}).Width + 72
}

func (p *DevicePicker) dress() {
	ink := ColorText2
	if p.state.Field {
		ink = ColorText
	}
	p.box.StrokeWidth = 0
	switch {
	case p.state.Field:
		p.box.FillColor = p.under(paint(ColorSurface, p), paint(ColorText, p))
		p.box.StrokeColor, p.box.StrokeWidth = paint(ColorLineStrong, p), 1
	case p.hovered && !p.disabled:
		p.box.FillColor = paint(ColorFill, p)
	default:
		p.box.FillColor = fade(paint(ColorFill, p), 0)
	}
	if p.disabled {
		ink = ColorText3
		if p.state.Empty != "" && len(p.state.Choices) == 0 {
			ink = ColorAmber
		}
	}
	p.label.SetState(TextState{Text: p.state.shown(), Size: SizeState, Color: ink})
	p.icon.set(p.state.Icon, paint(ink, p))
	chevron := "chevron-down"
	if p.disabled {
		chevron = ""
	}
	p.chevron.set(chevron, paint(ColorText2, p))
	p.dressRing()
}

func (p *DevicePicker) place(s fyne.Size) {
	put(p.box, 0, 0, s.Width, s.Height)
	p.placeRing(0, 0, s.Width, s.Height, radiusButton)
	put(p.icon, 12, (s.Height-18)/2, 18, 18)
	x := float32(38)
	if p.state.Icon == "" {
		x = 14
	}
	put(p.label, x, (s.Height-20)/2, max(0, s.Width-x-34), 20)
	put(p.chevron, s.Width-30, (s.Height-16)/2, 16, 16)
}
