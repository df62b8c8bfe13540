package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestWhatTabReachesIsScrolledIntoSight(t *testing.T) {
	app := test.NewTempApp(t)
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
