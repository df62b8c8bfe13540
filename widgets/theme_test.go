package widgets

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

// luminance is the relative luminance of WCAG 2.2.
func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryColourIsReadableOnEveryGround(t *testing.T) {
	grounds := []fyne.ThemeColorName{ColorBg, ColorSurface, ColorRaised, ColorFill, ColorAccentSoft}
	check := func(column int, ink, ground fyne.ThemeColorName, least float64) {
		t.Helper()
		if got := contrast(tokens[ink][column], tokens[ground][column]); got < least {
			t.Errorf("%s on %s, column %d: %.2f, wanted %.1f", ink, ground, column, got, least)
		}
	}
	for column := range 2 {
		for _, ground := range grounds {
			check(column, ColorText, ground, 11.9)
			check(column, ColorText2, ground, 6.1)
			for _, ink := range []fyne.ThemeColorName{ColorText3, ColorAccent, ColorGreen, ColorRed, ColorAmber} {
				check(column, ink, ground, 4.7)
			}
		}
		check(column, ColorAccent, ColorAccentSoft, 5.0)
		check(column, ColorGreen, ColorGreenSoft, 5.0)
		check(column, ColorRed, ColorRedSoft, 5.0)
		check(column, ColorAmber, ColorAmberSoft, 5.0)
		for _, soft := range []fyne.ThemeColorName{ColorRedSoft, ColorAmberSoft, ColorGreenSoft} {
			check(column, ColorText, soft, 7)
		}
		check(column, ColorOnFill, ColorGreenFill, 5.3)
		check(column, ColorOnFill, ColorRedFill, 5.3)
		check(column, ColorOnAccent, ColorAccent, 5.3)
		check(column, ColorLineStrong, ColorBg, 3.2)
		check(column, ColorLineStrong, ColorSurface, 3.2)
		for _, h := range hues {
			if got := contrast(h.ink[column], h.fill[column]); got < 5 {
				t.Errorf("initials %v on %v: %.2f", h.ink[column], h.fill[column], got)
			}
		}
	}
}

func TestTheAppearanceOverrulesTheDesktop(t *testing.T) {
	for _, row := range []struct {
		look    Appearance
		desktop fyne.ThemeVariant
		want    color.Color
	}{
		{AppearanceSystem, theme.VariantLight, tokens[ColorBg][0]},
		{AppearanceSystem, theme.VariantDark, tokens[ColorBg][1]},
		{AppearanceLight, theme.VariantDark, tokens[ColorBg][0]},
		{AppearanceDark, theme.VariantLight, tokens[ColorBg][1]},
	} {
		if got := (Theme{row.look}).Color(theme.ColorNameBackground, row.desktop); got != row.want {
			t.Errorf("%s on %v: %v", row.look, row.desktop, got)
		}
	}
}

func TestDigitsAllHaveOneWidthSoThatTimersDoNotJump(t *testing.T) {
	test.NewTempApp(t)
	for _, size := range []float32{SizeSecond, SizeRow, SizeTimer} {
		for _, bold := range []bool{false, true} {
			zero := fyne.MeasureText("0", size, fyne.TextStyle{Bold: bold}).Width
			for _, digit := range "123456789" {
				if w := fyne.MeasureText(string(digit), size, fyne.TextStyle{Bold: bold}).Width; w != zero {
					t.Errorf("%c is %v wide at %v, 0 is %v", digit, w, size, zero)
				}
			}
		}
	}
}
