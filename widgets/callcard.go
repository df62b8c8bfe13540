package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// CardState is one call as a card of the list.
type CardState struct {
	Name      string
	Icon      string              // of the state: "arrow-out", "pause", …
	Word      string              // the state in a word, or the sentence of a failure
	Color     fyne.ThemeColorName // of icon and word
	Timer     string              // "" for none
	Recording string              // "REC" where it is recorded
	Open      string              // "Not encrypted" where others could listen
	Selected  bool
	// The actions that are shown; each is the spoken name of its button, "" hides it.
	Resume, End, Again, Close string
	Aside                     string // takes a member of the conference aside
	Follow                    string // the words of a button below, such as "Call 5550199"; "" for none
}

// CallCard is a live or just ended call: avatar, name, state, timer and actions.
type CallCard struct {
	press
	state              CardState
	box                *canvas.Rectangle
	avatar             *Avatar
	name, word, timer  *Text
	icon, open         *glyph
	rec                *Chip
	resume, end, again *CircleButton
	shut, aside        *CircleButton
	follow             *Button
	OnResume, OnEnd    func()
	OnAgain, OnClose   func()
	OnAside            func()
	OnFollow           func()
}

// cardLines bounds the sentence of a failure; the narrowest card has room for each of ours.
const cardLines = 6

// NewCallCard makes a card; onSelect is called when the card itself is pressed.
func NewCallCard(onSelect func()) *CallCard {
	c := &CallCard{}
	c.onPress = onSelect
	c.avatar = NewAvatar(44)
	c.name = NewText(TextState{Size: SizeCard, Bold: true})
	c.word = NewText(TextState{Size: SizeState, Bold: true, Lines: cardLines})
	c.timer = NewText(TextState{Size: SizeRow, Color: ColorText2, Align: fyne.TextAlignTrailing})
	c.rec = NewChip(ChipState{Icon: "record", Bold: true, Tone: ChipOn})
	call := func(f *func()) func() {
		return func() {
			if *f != nil {
				(*f)()
			}
		}
	}
	c.resume = NewCircleButton(40, CircleState{Icon: "play"}, call(&c.OnResume))
	c.end = NewCircleButton(40, CircleState{Icon: "hangup", Tone: ToneDanger}, call(&c.OnEnd))
	c.aside = NewCircleButton(40, CircleState{Icon: "split"}, call(&c.OnAside))
	c.again = NewCircleButton(40, CircleState{Icon: "handset", Tone: ToneGo}, call(&c.OnAgain))
	c.shut = NewCircleButton(40, CircleState{Icon: "cross"}, call(&c.OnClose))
	c.follow = NewButton(ButtonState{Icon: "handset", Tone: ToneGo}, call(&c.OnFollow))
	c.extend(c)
	return c
}

// Follow gives the button with words, for tests that click.
func (c *CallCard) Follow() *Button { return c.follow }

// Button gives the card's button of an action ("end", "resume", "aside", "again", "close"), for tests that click.
func (c *CallCard) Button(action string) *CircleButton {
	switch action {
	case "aside":
		return c.aside
	case "end":
		return c.end
	case "resume":
		return c.resume
	case "again":
		return c.again
	}
	return c.shut
}

// SetState draws another state; it reports nothing.
func (c *CallCard) SetState(s CardState) {
	if s == c.state {
		return
	}
	old := c.state
	c.state = s
	c.spoken = s.Name + ", " + s.Word
	if s.Open != "" {
		c.spoken += ", " + s.Open
	}
	if onlyTimer(old, s) {
		c.timer.SetText(s.Timer)
		return
	}
	c.Refresh()
}

// onlyTimer reports whether nothing but the digits changed, and not their number.
func onlyTimer(a, b CardState) bool {
	same := len(a.Timer) == len(b.Timer)
	a.Timer, b.Timer = "", ""
	return same && a == b
}

// CreateRenderer makes all parts.
func (c *CallCard) CreateRenderer() fyne.WidgetRenderer {
	c.box = canvas.NewRectangle(color.Transparent)
	c.icon, c.open = newGlyph(), newGlyph()
	return newParts(c.place, c.measure, c.dress,
		c.makeRing(), c.box, c.avatar, c.name, c.icon.Image, c.open.Image, c.word, c.timer, c.rec,
		c.resume, c.end, c.again, c.shut, c.aside, c.follow)
}

// measure is 72 high; a long sentence and the button below it make it higher.
func (c *CallCard) measure() fyne.Size {
	width := c.Size().Width - 90 - 10
	for _, a := range c.actions() {
		if a.spoken != "" {
			width -= 46
		}
	}
	if width < 60 {
		return fyne.NewSize(240, 72+c.below())
	}
	return fyne.NewSize(240, max(72, c.word.HeightFor(width-4)+40)+c.below())
}

// below is the room of the button with words.
func (c *CallCard) below() float32 {
	if c.state.Follow == "" {
		return 0
	}
	return 52
}

func (c *CallCard) dress() {
	surface := paint(ColorSurface, c)
	c.box.FillColor = c.under(surface, paint(ColorText, c))
	c.box.CornerRadius = radiusCard
	c.box.StrokeColor, c.box.StrokeWidth = paint(ColorLine, c), 1
	c.box.Shadow = canvas.Shadow{}
	if c.state.Selected {
		c.box.StrokeColor, c.box.StrokeWidth = paint(ColorAccent, c), 1.5
		c.box.Shadow = canvas.Shadow{Color: paint(ColorShadow, c), BlurRadius: 12, Offset: fyne.NewPos(0, 3), Variant: canvas.DropShadow}
	}
	c.avatar.SetState(AvatarState{Name: c.state.Name})
	c.name.SetText(c.state.Name)
	c.word.SetState(TextState{Text: c.state.Word, Size: SizeState, Bold: true, Color: c.state.Color, Lines: cardLines})
	c.icon.set(c.state.Icon, paint(orText(c.state.Color), c))
	c.timer.SetText(c.state.Timer)
	c.rec.SetState(ChipState{Icon: "record", Label: c.state.Recording, Bold: true, Tone: ChipOn})
	show(c.rec, c.state.Recording != "")
	c.open.set("unlock", paint(ColorAmber, c))
	show(c.open, c.state.Open != "")
	for _, a := range c.actions() {
		s := a.button.state
		s.Spoken = a.spoken
		a.button.SetState(s)
		show(a.button, a.spoken != "")
	}
	c.follow.SetState(ButtonState{Label: c.state.Follow, Icon: "handset", Tone: ToneGo})
	show(c.follow, c.state.Follow != "")
	c.dressRing()
}

func orText(c fyne.ThemeColorName) fyne.ThemeColorName {
	if c == "" {
		return ColorText
	}
	return c
}

type cardAction struct {
	button *CircleButton
	spoken string
}

// actions are the buttons from right to left.
func (c *CallCard) actions() []cardAction {
	return []cardAction{{c.shut, c.state.Close}, {c.again, c.state.Again}, {c.end, c.state.End}, {c.resume, c.state.Resume}, {c.aside, c.state.Aside}}
}

func (c *CallCard) place(s fyne.Size) {
	put(c.box, 0, 0, s.Width, s.Height)
	c.placeRing(0, 0, s.Width, s.Height, radiusCard)
	if below := c.below(); below > 0 {
		put(c.follow, 70, s.Height-below-2, min(s.Width-70-14, c.follow.MinSize().Width), 44)
		s.Height -= below
	}
	put(c.avatar, 14, (s.Height-44)/2, 44, 44)
	right := s.Width - 10
	for _, a := range c.actions() {
		if a.spoken != "" {
			put(a.button, right-44, (s.Height-44)/2, 44, 44)
			right -= 46
		}
	}
	if right < s.Width-10 {
		right -= 4
	}
	first := right // the end of the first line
	if c.state.Timer != "" {
		w := c.timer.Natural().Width + 2
		put(c.timer, first-w, 14, w, 22)
		first -= w + 8
	}
	if c.state.Open != "" {
		put(c.open, first-14, 18, 14, 14)
		first -= 14 + 8
	}
	if c.state.Recording != "" {
		w := c.rec.MinSize().Width
		put(c.rec, first-w, 14, w, 22)
		first -= w + 8
	}
	y, words := float32(14), max(0, right-90)
	high := c.word.HeightFor(words)
	if high > 24 { // a sentence of two lines
		y = 7
	}
	put(c.name, 70, y, max(0, first-70), 22)
	put(c.icon, 70, y+25, 14, 14)
	put(c.word, 90, y+23, words, high)
}
