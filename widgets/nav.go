package widgets

import (
	"image/color"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// NavItem is one page that can be gone to.
type NavItem struct {
	Key   string
	Icon  string
	Label string
	Badge int // 0 for none
	// Spoken is what a screen reader says, "" means Label: the badge is told there.
	Spoken string
}

func (i NavItem) spoken() string {
	if i.Spoken != "" {
		return i.Spoken
	}
	return i.Label
}

// NavState is the pages and which one is open.
type NavState struct {
	Items    []NavItem
	Selected string
}

func (s NavState) equal(o NavState) bool {
	return s.Selected == o.Selected && slices.Equal(s.Items, o.Items)
}

// navButton is one page's button: icon in a pill, label under it, badge.
type navButton struct {
	press
	item     NavItem
	selected bool
	pill     *canvas.Rectangle
	icon     *glyph
	label    *canvas.Text
	disc     *canvas.Circle
	count    *canvas.Text
}

func newNavButton(item NavItem, selected bool, onPress func()) *navButton {
	b := &navButton{item: item, selected: selected}
	b.onPress, b.spoken = onPress, item.spoken()
	b.extend(b)
	return b
}

func (b *navButton) set(item NavItem, selected bool) {
	if item != b.item || selected != b.selected {
		b.item, b.selected, b.spoken = item, selected, item.spoken()
		b.Refresh()
	}
}

func (b *navButton) CreateRenderer() fyne.WidgetRenderer {
	b.pill = canvas.NewRectangle(color.Transparent)
	b.pill.CornerRadius = 16
	b.icon = newGlyph()
	b.label = canvas.NewText("", color.Transparent)
	b.label.TextSize, b.label.Alignment = SizeLabel, fyne.TextAlignCenter
	b.disc = canvas.NewCircle(color.Transparent)
	b.count = canvas.NewText("", color.Transparent)
	b.count.TextSize, b.count.TextStyle.Bold, b.count.Alignment = SizeLabel, true, fyne.TextAlignCenter
	return newParts(b.place, func() fyne.Size { return fyne.NewSize(64, 56) }, b.dress,
		b.makeRing(), b.pill, b.icon.Image, b.label, b.disc, b.count)
}

func (b *navButton) dress() {
	ink := ColorText2
	b.pill.FillColor = fade(paint(ColorFill, b), 0)
	if b.hovered {
		b.pill.FillColor = paint(ColorFill, b)
	}
	if b.selected {
		ink = ColorAccent
		b.pill.FillColor = b.under(paint(ColorAccentSoft, b), paint(ColorText, b))
	}
	b.icon.set(b.item.Icon, paint(ink, b))
	b.label.Text, b.label.Color, b.label.TextStyle.Bold = b.item.Label, paint(ink, b), b.selected
	b.disc.FillColor, b.count.Color = paint(ColorAccent, b), paint(ColorOnAccent, b)
	b.count.Text = strconv.Itoa(b.item.Badge)
	if b.item.Badge > 9 {
		b.count.Text = "9+"
	}
	show(b.disc, b.item.Badge > 0)
	show(b.count, b.item.Badge > 0)
	b.dressRing()
}

func (b *navButton) place(s fyne.Size) {
	x := (s.Width - 56) / 2
	put(b.pill, x, 4, 56, 32)
	b.placeRing(x, 4, 56, 32, 16)
	put(b.icon, x+18, 10, 20, 20)
	put(b.label, 0, 38, s.Width, b.label.MinSize().Height)
	put(b.disc, x+36, 15, 17, 17)
	h := b.count.MinSize().Height
	put(b.count, x+36, 15+(17-h)/2, 17, h)
}

// Nav is the pages' buttons: a rail of 88 at the left, or a bar of 64 at the bottom. In the rail the
// last item stands apart at the foot.
type Nav struct {
	widget.BaseWidget
	state  NavState
	rail   bool
	onPick func(key string)
	box    *fyne.Container
	line   *canvas.Rectangle
	logo   *glyph
	plate  *canvas.Rectangle
}

// NewNavRail makes the rail of the wide window.
func NewNavRail(onPick func(key string)) *Nav { return newNav(true, onPick) }

// NewBottomBar makes the bar of the compact window.
func NewBottomBar(onPick func(key string)) *Nav { return newNav(false, onPick) }

func newNav(rail bool, onPick func(key string)) *Nav {
	n := &Nav{rail: rail, onPick: onPick, box: &fyne.Container{}}
	n.ExtendBaseWidget(n)
	return n
}

// SetState draws another state; it reports nothing.
func (n *Nav) SetState(s NavState) {
	if s.equal(n.state) {
		return
	}
	n.state = NavState{Items: slices.Clone(s.Items), Selected: s.Selected}
	if len(n.box.Objects) != len(s.Items) {
		n.box.Objects = nil
		for _, item := range s.Items {
			n.box.Add(newNavButton(item, item.Key == s.Selected, func() { n.onPick(item.Key) }))
		}
	}
	for i, item := range s.Items {
		n.button(i).set(item, item.Key == s.Selected)
	}
	n.Refresh()
}

func (n *Nav) button(i int) *navButton {
	b, _ := n.box.Objects[i].(*navButton)
	return b
}

// Item gives the button of a page, nil for none; for tests that click.
func (n *Nav) Item(key string) fyne.CanvasObject {
	for i, item := range n.state.Items {
		if item.Key == key {
			return n.box.Objects[i]
		}
	}
	return nil
}

// CreateRenderer makes the logo or the line, and the buttons.
func (n *Nav) CreateRenderer() fyne.WidgetRenderer {
	n.line = canvas.NewRectangle(color.Transparent)
	n.plate = canvas.NewRectangle(color.Transparent)
	n.plate.CornerRadius = radiusButton
	n.logo = newGlyph()
	return newParts(n.place, func() fyne.Size {
		if n.rail {
			return fyne.NewSize(88, 200)
		}
		return fyne.NewSize(240, 64)
	}, n.dress, n.line, n.plate, n.logo.Image, n.box)
}

func (n *Nav) dress() {
	n.line.FillColor = paint(ColorLine, n)
	n.plate.FillColor = paint(ColorAccent, n)
	show(n.line, !n.rail)
	show(n.plate, n.rail)
	logo := ""
	if n.rail {
		logo = "hangup"
	}
	n.logo.set(logo, paint(ColorOnAccent, n))
}

func (n *Nav) place(s fyne.Size) {
	put(n.box, 0, 0, s.Width, s.Height)
	put(n.line, 0, 0, s.Width, 1)
	put(n.plate, (s.Width-36)/2, 12, 36, 36)
	put(n.logo, (s.Width-22)/2, 19, 22, 22)
	count := len(n.box.Objects)
	for i, o := range n.box.Objects {
		switch {
		case !n.rail:
			w := s.Width / float32(count)
			put(o, float32(i)*w, 4, w, 56)
		case i == count-1 && count > 1:
			put(o, 0, s.Height-68, s.Width, 56)
		default:
			put(o, 0, 70+float32(i)*64, s.Width, 56)
		}
	}
}

// Logo is the mark of the application: the handset on the accent.
type Logo struct {
	widget.BaseWidget
	plate *canvas.Rectangle
	mark  *glyph
}

// NewLogo makes the mark.
func NewLogo() *Logo {
	l := &Logo{}
	l.ExtendBaseWidget(l)
	return l
}

// CreateRenderer makes plate and handset.
func (l *Logo) CreateRenderer() fyne.WidgetRenderer {
	l.plate = canvas.NewRectangle(color.Transparent)
	l.plate.CornerRadius = radiusButton
	l.mark = newGlyph()
	return newParts(func(s fyne.Size) {
		put(l.plate, 0, 0, s.Width, s.Height)
		put(l.mark, s.Width*0.2, s.Height*0.2, s.Width*0.6, s.Height*0.6)
	}, func() fyne.Size { return fyne.NewSquareSize(36) }, func() {
		l.plate.FillColor = paint(ColorAccent, l)
		l.mark.set("hangup", paint(ColorOnAccent, l))
	}, l.plate, l.mark.Image)
}
