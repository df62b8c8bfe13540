package widgets

import (
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// desk puts a widget into a window of the test driver, dressed in our theme.
func desk(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Theme{AppearanceLight})
	win := app.NewWindow("test")
	win.SetPadded(false)
	win.SetContent(container.NewWithoutLayout(o))
	win.Resize(fyne.NewSize(w, h))
	put(o, 0, 0, w, h)
	return win
}

func TestAButtonReportsClickSpaceAndEnterButNothingWhileDisabled(t *testing.T) {
	pressed := 0
	b := NewCircleButton(56, CircleState{Icon: "mic", Label: "Mute"}, func() { pressed++ })
	desk(t, b, 80, 80)
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if pressed != 3 {
		t.Errorf("pressed %d times", pressed)
	}
	b.SetState(CircleState{Icon: "mic", Label: "Mute", Disabled: true})
	test.Tap(b)
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if pressed != 3 {
		t.Error("a disabled button reports")
	}
	if b.AccessibilityLabel() != "Mute" || b.AccessibilityRole() != fyne.AccessibleRoleButton {
		t.Error("the button has no spoken name")
	}
}

func TestDigitsTypedOnAFocusedButtonGoToTheWindow(t *testing.T) {
	b := NewButton(ButtonState{Label: "Call"}, func() { t.Error("pressed") })
	win := desk(t, b, 120, 44)
	var got []rune
	win.Canvas().SetOnTypedRune(func(r rune) { got = append(got, r) })
	var key fyne.KeyName
	win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { key = k.Name })
	test.Type(b, "6*")
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if string(got) != "6*" || key != fyne.KeyEscape {
		t.Errorf("the window got %q and %q", string(got), key)
	}
}

func TestSetStateNeverReports(t *testing.T) {
	never := func() { t.Error("a state was reported as a gesture") }
	field := NewNumberField("Number")
	field.OnEdit = func(string) { never() }
	field.OnDial = func(string) { never() }
	desk(t, field, 300, 44)
	field.SetState("600")
	picker := NewDevicePicker(PickerState{}, func(string) { never() })
	picker.SetState(PickerState{Choices: []Choice{{"", "Default"}, {"a", "A"}}, Selected: "a"})
	card := NewCallCard(never)
	card.OnEnd, card.OnResume, card.OnAgain, card.OnClose = never, never, never, never
	card.SetState(CardState{Name: "A", End: "End", Selected: true})
	nav := NewNavRail(func(string) { never() })
	nav.SetState(NavState{Items: []NavItem{{Key: "a"}, {Key: "b"}}, Selected: "b"})
	form := NewFormField("User", "", false)
	form.OnSubmit(never)
	form.SetState("204")
	form.SetError("wrong")
	if form.Text() != "204" {
		t.Error("an error takes the typed text away")
	}
}

func TestACardShowsItsActionsAndReportsThem(t *testing.T) {
	var did []string
	c := NewCallCard(func() { did = append(did, "select") })
	c.OnEnd = func() { did = append(did, "end") }
	c.OnResume = func() { did = append(did, "resume") }
	c.OnFollow = func() { did = append(did, "follow") }
	desk(t, c, 344, 72)
	c.SetState(CardState{Name: "Mara", Word: "Held by you", Icon: "pause", Color: ColorAmber, Timer: "00:01", End: "Hang up Mara", Resume: "Resume Mara"})
	for _, action := range []string{"end", "resume", "again", "close"} {
		if visible := c.Button(action).Visible(); visible != (action == "end" || action == "resume") {
			t.Errorf("%s visible: %v", action, visible)
		}
	}
	test.Tap(c)
	test.Tap(c.Button("end"))
	test.Tap(c.Button("resume"))
	spoken := c.Button("end").AccessibilityLabel()
	c.SetState(CardState{Name: "Mara", Word: "Moved", Follow: "Call 600"})
	test.Tap(c.Follow())
	if !slices.Equal(did, []string{"select", "end", "resume", "follow"}) {
		t.Errorf("it reports %v", did)
	}
	if spoken != "Hang up Mara" {
		t.Error("the button does not say whom it hangs up")
	}
}

func TestALevelMeterIsRedrawnOnlyWhenASegmentChanges(t *testing.T) {
	m := NewLevelMeter(28)
	desk(t, m, 166, 16)
	if !m.SetLevel(0.5) || m.SetLevel(0.505) || !m.SetLevel(0.6) || m.SetLevel(0.6) {
		t.Error("it redraws for nothing, or does not redraw")
	}
	for level, want := range map[float64]int{-1: 0, 0: 0, 0.5: 14, 1: 28, 7: 28} {
		if got := Lit(level, 28); got != want {
			t.Errorf("%v lights %d", level, got)
		}
	}
	if Lit(math.NaN(), 28) != 0 || Lit(math.Inf(1), 28) != 28 {
		t.Error("senseless levels light senselessly")
	}
}

func TestPastedNumbersAreCleaned(t *testing.T) {
	for in, want := range map[string]string{
		" 600\n":                          "600",
		"tel:+49-30-1234":                 "+49-30-1234",
		"+49 (0)30 1234":                  "+49 30 1234",
		"0049 (0) 30":                     "0049 30",
		"callto://600":                    "600",
		"sip:600@pbx.example":             "sip:600@pbx.example",
		"mara@pbx.example":                "mara@pbx.example",
		"+44\u00a020\u200b7946\u202e0812": "+44 2079460812",
		"6\x0000":                         "600",
		"":                                "",
	} {
		if got := CleanNumber(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
	}
}

func FuzzCleanNumber(f *testing.F) {
	f.Add("tel:+49 (0)30 1234\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		got := CleanNumber(in)
		if strings.ContainsAny(got, "\r\n\x00\t") || got != strings.TrimSpace(got) {
			t.Errorf("%q becomes %q", in, got)
		}
	})
}

func TestPasteIntoTheFieldIsCleanedAndEnterDials(t *testing.T) {
	f := NewNumberField("Number")
	var dialled, edited string
	f.OnDial = func(s string) { dialled = s }
	f.OnEdit = func(s string) { edited = s }
	desk(t, f, 300, 44)
	board := test.NewClipboard()
	board.SetContent("tel:+49 30\n1234 ")
	f.TypedShortcut(&fyne.ShortcutPaste{Clipboard: board})
	if f.Text != "+49 30 1234" || edited != f.Text {
		t.Errorf("the field says %q, reported was %q", f.Text, edited)
	}
	f.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if dialled != "+49 30 1234" {
		t.Errorf("dialled %q", dialled)
	}
}

func TestTheDialPadReportsItsKeys(t *testing.T) {
	var got []rune
	p := NewDialPad(func(r rune) { got = append(got, r) })
	desk(t, p, 320, 264)
	for _, r := range "123456789*0#" {
		test.Tap(p.Key(r))
	}
	if string(got) != "123456789*0#" || p.Key('x') != nil {
		t.Errorf("it reports %q", string(got))
	}
}

func TestLongTextEndsWithAnEllipsisAndWrapsAtWords(t *testing.T) {
	test.NewTempApp(t)
	style := fyne.TextStyle{}
	long := "The server's certificate is not trusted. Ask your administrator."
	one := wrap(long, 120, SizeState, style, 1)
	if len(one) != 1 || !strings.HasSuffix(one[0], "…") || fyne.MeasureText(one[0], SizeState, style).Width > 121 {
		t.Errorf("one line: %q", one)
	}
	three := wrap(long, 200, SizeState, style, 3)
	if got := strings.Join(three, " "); got != long {
		t.Errorf("three lines lose something: %q", three)
	}
	if wide := wrap("short", 400, SizeState, style, 1); wide[0] != "short" {
		t.Errorf("%q", wide)
	}
}

func TestAWordThatIsWiderThanALineIsBrokenAfterAHyphenOrWhereItMust(t *testing.T) {
	test.NewTempApp(t)
	for text, want := range map[string][]string{
		"von Oppenheim-Schaumburg":                  {"von Oppenheim-", "Schaumburg"},
		"Donaudampfschifffahrtsgesellschaft in Ulm": {"Donaudampfschif", "ffahrtsgesellschaf", "t in Ulm"},
		"a\xffb": {"a\xffb"}, "-": {"-"},
	} {
		if got := wrap(text, 112, SizeState, fyne.TextStyle{}, 4); !slices.Equal(got, want) {
			t.Errorf("%q: %q", text, got)
		}
	}
	for _, text := range []string{"ÄÖÜ\xff\xfe", "----", strings.Repeat("W", 200)} {
		if got := wrap(text, 1, SizeState, fyne.TextStyle{}, 3); len(got) > 3 {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"Mara Lindqvist": "ML", "Front desk": "FD", "Ada": "A", "+44 20": "", "600": "", "": "", "Åsa von Öst": "ÅÖ",
	} {
		if got := Initials(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

func TestAPickerShowsWhatIsChosenAndIsDisabledWhereThereIsNothing(t *testing.T) {
	p := NewDevicePicker(PickerState{Title: "Microphone", Empty: "No microphone found"}, func(string) {})
	desk(t, p, 200, 44)
	if !p.Disabled() || p.AccessibilityLabel() != "Microphone: No microphone found" {
		t.Errorf("empty: %q", p.AccessibilityLabel())
	}
	p.SetState(PickerState{Title: "Microphone", Choices: []Choice{{"", "Default"}, {"a", "Headset"}}, Selected: "a"})
	if p.Disabled() || p.AccessibilityLabel() != "Microphone: Headset" {
		t.Errorf("chosen: %q", p.AccessibilityLabel())
	}
}

func TestAPickersMenuReportsTheChoice(t *testing.T) {
	var picked []string
	p := NewDevicePicker(PickerState{Choices: []Choice{{"", "Default"}, {"a", "Headset"}}}, func(id string) { picked = append(picked, id) })
	win := desk(t, p, 300, 200)
	put(p, 10, 10, 200, 44)
	test.Tap(p)
	menu := win.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("there is no menu")
	}
	test.TapCanvas(win.Canvas(), fyne.NewPos(40, 58+12+44))
	if len(picked) != 1 || picked[0] != "a" {
		t.Errorf("picked %q", picked)
	}
}

func TestArrowsMoveTheFocusWithinTheDialPad(t *testing.T) {
	p := NewDialPad(func(rune) {})
	win := desk(t, p, 320, 264)
	win.Canvas().Focus(p.Key('5'))
	for _, step := range []struct {
		key  fyne.KeyName
		want rune
	}{{fyne.KeyUp, '2'}, {fyne.KeyUp, '2'}, {fyne.KeyRight, '3'}, {fyne.KeyRight, '3'}, {fyne.KeyDown, '6'}, {fyne.KeyLeft, '5'}} {
		win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: step.key})
		if win.Canvas().Focused() != fyne.Focusable(p.Key(step.want)) {
			t.Errorf("after %s the focus is not on %c", step.key, step.want)
		}
	}
}
