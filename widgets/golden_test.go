package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

// golden renders objects one under another on our ground, light and dark, and compares with the kept pictures.
func golden(t *testing.T, name string, width float32, heights []float32, make func() []fyne.CanvasObject) {
	t.Helper()
	for _, look := range []Appearance{AppearanceLight, AppearanceDark} {
		app := test.NewTempApp(t)
		app.Settings().SetTheme(Theme{look})
		total := float32(12)
		ground := container.NewWithoutLayout()
		for i, o := range make() {
			ground.Add(o)
			put(o, 12, total, width-24, heights[i])
			total += heights[i] + 12
		}
		win := app.NewWindow(name)
		win.SetPadded(false)
		win.SetContent(ground)
		win.Resize(fyne.NewSize(width, total))
		test.AssertRendersToImage(t, name+"-"+string(look)+".png", win.Canvas())
	}
}

func TestCallCardsLookAsKept(t *testing.T) {
	states := []CardState{
		{Name: "Jonas Weber", Icon: "arrow-out", Word: "Calling", Color: ColorAccent, Timer: "00:04", End: "x"},
		{Name: "Mara Lindqvist", Icon: "handset", Word: "Talking", Color: ColorGreen, Timer: "07:42", Recording: "REC", Selected: true, End: "x"},
		{Name: "Tomás Okafor", Icon: "pause", Word: "Held by you", Color: ColorAmber, Timer: "04:12", Resume: "x", End: "x"},
		{Name: "A very long name that does not fit on the card", Icon: "spinner", Word: "Reconnecting", Color: ColorAmber, Timer: "1:07:58", Open: "Not encrypted", End: "x"},
		{Name: "Jonas Weber", Icon: "hangup", Word: "Busy. Try again later.", Color: ColorRed, Again: "x", Close: "x"},
		{Name: "600", Icon: "hangup", Word: "The server's certificate is not trusted. Ask your administrator.", Color: ColorRed, Again: "x", Close: "x"},
		{Name: "Jonas Weber", Icon: "hangup", Word: "Moved to 5550199 (302).", Color: ColorRed, Follow: "Call 5550199", Close: "x"},
	}
	heights := []float32{72, 72, 72, 72, 72, 92, 124}
	golden(t, "callcard", 396, heights, func() []fyne.CanvasObject {
		var list []fyne.CanvasObject
		for _, s := range states {
			c := NewCallCard(nil)
			c.SetState(s)
			list = append(list, c)
		}
		return list
	})
}

func TestATransfersQuestionLooksAsKept(t *testing.T) {
	golden(t, "asks", 400, []float32{250}, func() []fyne.CanvasObject {
		c := NewIncomingCard(nil, nil, nil)
		c.SetState(IncomingState{Asks: true, Title: "Mara Lindqvist wants to transfer you to", Name: "Tom Berg", Number: "555-0142",
			Note: "Mara Lindqvist waits on hold until the other side answers.", Decline: "Decline", Answer: "Accept"})
		return []fyne.CanvasObject{c}
	})
}

func TestIncomingCardsLookAsKept(t *testing.T) {
	golden(t, "incoming", 400, []float32{250, 280}, func() []fyne.CanvasObject {
		s := IncomingState{Title: "Incoming call", Line: "for line Sales", Name: "Mara Lindqvist", Number: "+44 20 7946 0812",
			Company: "Brightwater Logistics", Decline: "Decline", Answer: "Answer", Silence: "Silence"}
		a := NewIncomingCard(nil, nil, nil)
		a.SetState(s)
		s.Note, s.Silenced, s.Silence = "Answering puts Tomás Okafor on hold.", true, "Silenced"
		b := NewIncomingCard(nil, nil, nil)
		b.SetState(s)
		return []fyne.CanvasObject{a, b}
	})
}

func TestAnIncomingVideoCallLooksAsKept(t *testing.T) {
	golden(t, "incomingvideo", 400, []float32{306}, func() []fyne.CanvasObject {
		c := NewIncomingCard(nil, nil, nil)
		c.SetState(IncomingState{Title: "Incoming video call", Name: "Mara Lindqvist", Number: "+44 20 7946 0812",
			Decline: "Decline", Answer: "Answer", Video: "Answer with video", Silence: "Silence"})
		return []fyne.CanvasObject{c}
	})
}

func TestControlsLookAsKept(t *testing.T) {
	golden(t, "controls", 360, []float32{80, 44, 44, 24, 16, 60, 24, 60}, func() []fyne.CanvasObject {
		row := container.NewWithoutLayout()
		for i, s := range []CircleState{
			{Icon: "mic", Label: "Mute"}, {Icon: "mute", Label: "Muted", Tone: ToneOn},
			{Icon: "pause", Label: "Hold", Disabled: true}, {Icon: "hangup", Label: "Hang up", Tone: ToneDanger},
		} {
			b := NewCircleButton(56, s, nil)
			b.focused = i == 0
			put(b, float32(i)*84, 0, 84, 80)
			row.Add(b)
		}
		meter := NewLevelMeter(28)
		meter.SetLevel(0.5)
		history := NewHistoryRow(nil)
		history.SetState(RowState{Name: "Aiko Tanaka", Second: "Missed · rang 22 s", Icon: "missed", Time: "10:58", Missed: true})
		status := NewStatusLine()
		status.SetState(StatusState{Shape: DotOff, Line: "Sales 204", Word: "Not connected", Color: ColorRed})
		bar := NewErrorBar(nil, nil)
		bar.SetState(BarState{Kind: BarError, Text: "The password was refused (403). Check it.", Close: "Close"})
		return []fyne.CanvasObject{
			row, NewButton(ButtonState{Label: "Connect", Tone: TonePrimary}, nil),
			NewButton(ButtonState{Label: "Try the demo", Icon: "play", Tone: ToneOutline}, nil),
			NewChip(ChipState{Icon: "lock", Label: "Encrypted"}), meter, history, status, bar,
		}
	})
}

func TestTheDialPadLooksAsKept(t *testing.T) {
	golden(t, "dialpad", 352, []float32{264}, func() []fyne.CanvasObject {
		return []fyne.CanvasObject{NewDialPad(func(rune) {})}
	})
}
