package widgets

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestWhatTabReachesIsScrolledIntoSight(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Theme{})
	column := container.NewVBox()
	var fields []*FormField
	for range 6 {
		f := NewFormField("Field", "", false)
		fields = append(fields, f)
		column.Add(f)
	}
	button := NewButton(ButtonState{Label: "Connect"}, nil)
	column.Add(button)
	scroll := container.NewVScroll(column)
	win := app.NewWindow("")
	win.SetContent(container.NewStack(scroll))
	win.Resize(fyne.NewSize(300, 200))
	sees := func(o fyne.CanvasObject) bool {
		driver := app.Driver()
		y := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
		return y >= 0 && y+o.Size().Height <= scroll.Size().Height
	}
	win.Canvas().Focus(fields[0].entry)
	if scroll.Offset.Y != 0 {
		t.Errorf("what was in sight moved by %v", scroll.Offset.Y)
	}
	if sees(fields[4]) || sees(button) {
		t.Fatal("the window shows all of it: the test proves nothing")
	}
	for _, o := range []struct {
		focus fyne.Focusable
		part  fyne.CanvasObject
	}{{fields[4].entry, fields[4]}, {button, button}, {fields[1].entry, fields[1]}} {
		win.Canvas().Focus(o.focus)
		if !sees(o.part) {
			t.Errorf("%T at %v is out of sight, offset %v", o.part, o.part.Position(), scroll.Offset)
		}
	}
}

func TestTheWheelScrollsAFormAlsoOverItsFields(t *testing.T) {
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Theme{})
	field, below := NewFormField("Field", "", false), canvas.NewRectangle(color.Black)
	below.SetMinSize(fyne.NewSize(10, 1000))
	scroll := container.NewVScroll(container.NewVBox(field, below))
	win := app.NewWindow("")
	win.SetPadded(false)
	win.SetContent(container.NewStack(scroll))
	win.Resize(fyne.NewSize(300, 200))
	test.Scroll(win.Canvas(), fyne.NewPos(100, 45), 0, -30)
	if scroll.Offset.Y != 30 {
		t.Errorf("over a field the wheel moves the form by %v", scroll.Offset.Y)
	}
	for name, takes := range map[string]bool{"clicks": is[fyne.Tappable](field.wheel), "the keyboard": is[fyne.Focusable](field.wheel), "the button": is[desktop.Mouseable](field.wheel),
		"the pointer": is[desktop.Hoverable](field.wheel), "drags": is[fyne.Draggable](field.wheel), "the cursor": is[desktop.Cursorable](field.wheel)} {
		if takes {
			t.Errorf("what lies over the field keeps %s from it", name)
		}
	}
}

func is[T any](o any) bool { _, ok := o.(T); return ok }
