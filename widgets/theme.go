package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// The colours by role. A widget names the role, the theme knows the value.
const (
	ColorBg         fyne.ThemeColorName = "hookswitch.bg"
	ColorSurface    fyne.ThemeColorName = "hookswitch.surface"
	ColorRaised     fyne.ThemeColorName = "hookswitch.raised"
	ColorFill       fyne.ThemeColorName = "hookswitch.fill"
	ColorText       fyne.ThemeColorName = "hookswitch.text"
	ColorText2      fyne.ThemeColorName = "hookswitch.text2"
	ColorText3      fyne.ThemeColorName = "hookswitch.text3"
	ColorAccent     fyne.ThemeColorName = "hookswitch.accent"
	ColorOnAccent   fyne.ThemeColorName = "hookswitch.onAccent"
	ColorAccentSoft fyne.ThemeColorName = "hookswitch.accentSoft"
	ColorGreen      fyne.ThemeColorName = "hookswitch.green"
	ColorGreenSoft  fyne.ThemeColorName = "hookswitch.greenSoft"
	ColorRed        fyne.ThemeColorName = "hookswitch.red"
	ColorRedSoft    fyne.ThemeColorName = "hookswitch.redSoft"
	ColorAmber      fyne.ThemeColorName = "hookswitch.amber"
	ColorAmberSoft  fyne.ThemeColorName = "hookswitch.amberSoft"
	ColorGreenFill  fyne.ThemeColorName = "hookswitch.greenFill"
	ColorRedFill    fyne.ThemeColorName = "hookswitch.redFill"
	ColorOnFill     fyne.ThemeColorName = "hookswitch.onFill" // white, on the two fills above
	ColorLine       fyne.ThemeColorName = "hookswitch.line"
	ColorLineStrong fyne.ThemeColorName = "hookswitch.lineStrong"
	ColorShadow     fyne.ThemeColorName = "hookswitch.shadow"
)

// The type scale, in Fyne's size units.
const (
	SizeTimer   float32 = 36
	SizeName    float32 = 28
	SizeTitle   float32 = 22
	SizeSection float32 = 18
	SizeCard    float32 = 15
	SizeRow     float32 = 14
	SizeState   float32 = 13
	SizeSecond  float32 = 12
	SizeLabel   float32 = 11
)

// The corner radii.
const (
	radiusButton float32 = 10
	radiusRow    float32 = 12
	radiusCard   float32 = 14
	radiusStage  float32 = 16
)

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16 & 0xFF), G: uint8(hex >> 8 & 0xFF), B: uint8(hex & 0xFF), A: 0xFF}
}

// tokens are the colours, light and dark. The table is never written to.
var tokens = map[fyne.ThemeColorName][2]color.NRGBA{
	ColorBg:         {rgb(0xF3F4F8), rgb(0x101218)},
	ColorSurface:    {rgb(0xFFFFFF), rgb(0x191C24)},
	ColorRaised:     {rgb(0xFFFFFF), rgb(0x1E222B)},
	ColorFill:       {rgb(0xEAECF2), rgb(0x2A2F3B)},
	ColorText:       {rgb(0x14171F), rgb(0xF0F2F7)},
	ColorText2:      {rgb(0x4E5668), rgb(0xAEB5C4)},
	ColorText3:      {rgb(0x5F677A), rgb(0x949CAE)},
	ColorAccent:     {rgb(0x3A54D8), rgb(0x8DA2FF)},
	ColorOnAccent:   {rgb(0xFFFFFF), rgb(0x10163A)},
	ColorAccentSoft: {rgb(0xE6EAFC), rgb(0x252D50)},
	ColorGreen:      {rgb(0x16703E), rgb(0x4CC585)},
	ColorGreenSoft:  {rgb(0xDFF3E7), rgb(0x14301F)},
	ColorRed:        {rgb(0xBF2638), rgb(0xFF7C86)},
	ColorRedSoft:    {rgb(0xFDE9EB), rgb(0x3A1A20)},
	ColorAmber:      {rgb(0x855400), rgb(0xE9B04E)},
	ColorAmberSoft:  {rgb(0xFBF0D8), rgb(0x33270F)},
	ColorGreenFill:  {rgb(0x1A7A45), rgb(0x1A7A45)},
	ColorRedFill:    {rgb(0xC82F3E), rgb(0xC82F3E)},
	ColorOnFill:     {rgb(0xFFFFFF), rgb(0xFFFFFF)},
	ColorLine:       {rgb(0xDCDFE8), rgb(0x2C313D)},
	ColorLineStrong: {rgb(0x7F879A), rgb(0x6F778A)},
	ColorShadow:     {{0x1A, 0x23, 0x40, 0x26}, {0, 0, 0, 0x80}},
}

// fyneColours maps the toolkit's own names to ours, for its entries, menus and scroll bars.
var fyneColours = map[fyne.ThemeColorName]fyne.ThemeColorName{
	theme.ColorNameBackground:          ColorBg,
	theme.ColorNameForeground:          ColorText,
	theme.ColorNamePrimary:             ColorAccent,
	theme.ColorNameForegroundOnPrimary: ColorOnAccent,
	theme.ColorNameInputBackground:     ColorSurface,
	theme.ColorNameInputBorder:         ColorLineStrong,
	theme.ColorNamePlaceHolder:         ColorText3,
	theme.ColorNameButton:              ColorFill,
	theme.ColorNameMenuBackground:      ColorRaised,
	theme.ColorNameOverlayBackground:   ColorRaised,
	theme.ColorNameSeparator:           ColorLine,
	theme.ColorNameHover:               ColorFill,
	theme.ColorNameFocus:               ColorAccentSoft,
	theme.ColorNameSelection:           ColorAccentSoft,
	theme.ColorNameError:               ColorRed,
	theme.ColorNameSuccess:             ColorGreen,
	theme.ColorNameWarning:             ColorAmber,
	theme.ColorNameHyperlink:           ColorAccent,
	theme.ColorNameShadow:              ColorShadow,
	theme.ColorNameScrollBar:           ColorLineStrong,
}

// Appearance is the person's choice of light or dark.
type Appearance string

// The choices; AppearanceSystem follows the desktop.
const (
	AppearanceSystem Appearance = "system"
	AppearanceLight  Appearance = "light"
	AppearanceDark   Appearance = "dark"
)

// Theme is Hookswitch's look as a fyne.Theme. It is a value without state.
type Theme struct{ Appearance Appearance }

var _ fyne.Theme = Theme{}

// Color returns the colour of our own names and of the toolkit's.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch t.Appearance {
	case AppearanceLight:
		variant = theme.VariantLight
	case AppearanceDark:
		variant = theme.VariantDark
	}
	column := 0
	if variant == theme.VariantDark {
		column = 1
	}
	if ours, ok := fyneColours[name]; ok {
		name = ours
	}
	if c, ok := tokens[name]; ok {
		return c[column]
	}
	return theme.DefaultTheme().Color(name, variant)
}

// Font is Fyne's own Noto Sans; its digits all have one width.
func (Theme) Font(s fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(s) }

// Icon serves the toolkit's own parts (a password entry's eye, a menu's tick); ours come from Icon.
func (Theme) Icon(n fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(n) }

// Size returns our measures for the toolkit's own parts. The inner padding makes an entry 44 high.
func (Theme) Size(n fyne.ThemeSizeName) float32 {
	switch n {
	case theme.SizeNameText:
		return SizeCard
	case theme.SizeNameInnerPadding:
		return 11
	case theme.SizeNameInputRadius, theme.SizeNameSelectionRadius, theme.SizeNameMenuRadius, theme.SizeNamePopupRadius:
		return radiusButton
	case theme.SizeNameInputBorder:
		return 1
	case theme.SizeNamePadding:
		return 4
	}
	return theme.DefaultTheme().Size(n)
}

// paint returns the colour of a role as the widget's theme has it.
func paint(name fyne.ThemeColorName, w fyne.Widget) color.Color {
	return theme.ColorForWidget(name, w)
}

// blend lays over on base with the share 0…1.
func blend(base, over color.Color, share float64) color.Color {
	b := color.NRGBAModel.Convert(base).(color.NRGBA)
	o := color.NRGBAModel.Convert(over).(color.NRGBA)
	mix := func(x, y uint8) uint8 { return uint8(float64(x)*(1-share) + float64(y)*share + 0.5) }
	return color.NRGBA{R: mix(b.R, o.R), G: mix(b.G, o.G), B: mix(b.B, o.B), A: b.A}
}

// fade makes a colour see-through by the share 0…1.
func fade(c color.Color, share float64) color.Color {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	n.A = uint8(float64(n.A) * share)
	return n
}
