package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// IncomingState is a call that waits for the person, or (Asks) a question about one that stands.
type IncomingState struct {
	Title   string // "Incoming call"
	Line    string // "for line Sales"; "" with one line only
	Name    string
	Number  string // "" where the name is the number
	Company string
	Note    string // what answering does to other calls; "" for nothing
	// The labels of the buttons.
	Decline, Answer, Silence string
	// Video is the label of the button that answers with video; "" where they offer none.
	Video string
	// Asks: the far end of a call wants it transferred. Nothing rings, so that there is nothing to silence.
	Asks bool
	// Silenced disables the silence button: the ring tone is off already.
	Silenced bool
}

// IncomingCard asks whether to answer. It has no default key.
type IncomingCard struct {
	widget.BaseWidget
	// OnVideo answers with video.
	OnVideo                  func()
	state                    IncomingState
	box                      *canvas.Rectangle
	arrow, pause             *glyph
	title, name, number      *Text
	company, note            *Text
	line                     *Chip
	avatar                   *Avatar
	decline, answer, silence *Button
	video                    *Button
}

// NewIncomingCard makes a card.
func NewIncomingCard(onDecline, onAnswer, onSilence func()) *IncomingCard {
	c := &IncomingCard{
		title:   NewText(TextState{Size: SizeState, Color: ColorText2}),
		name:    NewText(TextState{Size: SizeTitle, Bold: true}),
		number:  NewText(TextState{Size: SizeRow, Color: ColorText2}),
		company: NewText(TextState{Size: SizeState, Color: ColorText2}),
		note:    NewText(TextState{Size: SizeState, Color: ColorAmber, Lines: 2}),
		line:    NewChip(ChipState{Tone: ChipAccent, Bold: true}),
		avatar:  NewAvatar(64),
		decline: NewButton(ButtonState{Tone: ToneDanger, Icon: "hangup"}, onDecline),
		answer:  NewButton(ButtonState{Tone: ToneGo, Icon: "handset"}, onAnswer),
		silence: NewButton(ButtonState{Icon: "bell-off"}, onSilence),
	}
	c.video = NewButton(ButtonState{}, func() {
		if c.OnVideo != nil {
			c.OnVideo()
		}
	})
	c.ExtendBaseWidget(c)
	return c
}

// Button gives "decline", "answer", "video" or "silence", for tests that click.
func (c *IncomingCard) Button(action string) *Button {
	switch action {
	case "decline":
		return c.decline
	case "answer":
		return c.answer
	case "video":
		return c.video
	}
	return c.silence
}

// SetState draws another state; it reports nothing.
func (c *IncomingCard) SetState(s IncomingState) {
	if s != c.state {
		c.state = s
		c.Refresh()
	}
}

// CreateRenderer makes all parts.
func (c *IncomingCard) CreateRenderer() fyne.WidgetRenderer {
	c.box = canvas.NewRectangle(color.Transparent)
	c.arrow, c.pause = newGlyph(), newGlyph()
	return newParts(c.place, c.measure, c.dress, c.box, c.arrow.Image, c.title, c.line, c.avatar, c.name, c.number,
		c.company, c.pause.Image, c.note, c.decline, c.answer, c.video, c.silence)
}

func (c *IncomingCard) noteHeight() float32 {
	if c.state.Note == "" {
		return 0
	}
	width := c.Size().Width - 64
	if width <= 0 {
		width = 312
	}
	return c.note.HeightFor(width) + 10
}

func (c *IncomingCard) measure() fyne.Size {
	height := 250 + c.noteHeight()
	if c.state.Asks {
		height -= 52
	}
	if c.state.Video != "" {
		height += 56
	}
	return fyne.NewSize(300, height)
}

func (c *IncomingCard) dress() {
	c.box.FillColor, c.box.CornerRadius = paint(ColorRaised, c), radiusStage
	c.box.StrokeColor, c.box.StrokeWidth = paint(ColorLine, c), 1
	c.box.Shadow = canvas.Shadow{Color: paint(ColorShadow, c), BlurRadius: 24, Offset: fyne.NewPos(0, 8), Variant: canvas.DropShadow}
	s := c.state
	c.title.SetText(s.Title)
	c.name.SetText(s.Name)
	c.number.SetText(s.Number)
	c.company.SetText(s.Company)
	c.note.SetText(s.Note)
	c.line.SetState(ChipState{Label: s.Line, Tone: ChipAccent, Bold: true})
	show(c.line, s.Line != "")
	c.avatar.SetState(AvatarState{Name: s.Name})
	arrow := "arrow-in"
	if s.Asks {
		arrow = "transfer"
	}
	c.arrow.set(arrow, paint(ColorText2, c))
	pause := ""
	if s.Note != "" {
		pause = "pause"
	}
	c.pause.set(pause, paint(ColorAmber, c))
	decline := ButtonState{Label: s.Decline, Spoken: s.Decline + " " + s.Name, Tone: ToneDanger, Icon: "hangup"}
	answer := ButtonState{Label: s.Answer, Spoken: s.Answer + " " + s.Name, Tone: ToneGo, Icon: "handset"}
	if s.Asks { // no call ends by the one, and the other answers none
		decline.Tone, decline.Icon = ToneOutline, "cross"
		answer.Tone, answer.Icon = TonePrimary, "transfer"
	}
	c.decline.SetState(decline)
	c.answer.SetState(answer)
	c.video.SetState(ButtonState{Label: s.Video, Spoken: s.Video + " " + s.Name, Tone: ToneOutline, Icon: "video"})
	show(c.video, s.Video != "")
	c.silence.SetState(ButtonState{Label: s.Silence, Icon: "bell-off", Disabled: s.Silenced})
	show(c.silence, !s.Asks)
}

func (c *IncomingCard) place(s fyne.Size) {
	const edge = 18
	w := s.Width - 2*edge
	put(c.box, 0, 0, s.Width, s.Height)
	put(c.arrow, edge+3, 23, 14, 14)
	chip := float32(0)
	if c.state.Line != "" {
		chip = c.line.MinSize().Width
		put(c.line, s.Width-edge-chip, 18, chip, 24)
	}
	put(c.title, edge+26, 20, w-26-chip-8, 20)
	put(c.avatar, edge, 56, 64, 64)
	x := float32(edge + 64 + 16)
	lines := []*Text{c.name}
	for _, t := range []*Text{c.number, c.company} {
		show(t, t.state.Text != "")
		if t.state.Text != "" {
			lines = append(lines, t)
		}
	}
	y := 88 - (30+float32(len(lines)-1)*20)/2
	for i, t := range lines {
		h := float32(20)
		if i == 0 {
			h = 30
		}
		put(t, x, y, s.Width-edge-x, h)
		y += h
	}
	y = 136
	if c.state.Note != "" {
		put(c.pause, edge+1, y+3, 14, 14)
		h := c.note.HeightFor(w - 26)
		put(c.note, edge+26, y, w-26, h)
		y += h + 10
	}
	half := (w - 8) / 2
	put(c.decline, edge, y, half, 48)
	put(c.answer, edge+half+8, y, half, 48)
	if c.state.Video != "" {
		put(c.video, edge, y+56, w, 48)
		y += 56
	}
	put(c.silence, edge, y+56, w, 44)
}
