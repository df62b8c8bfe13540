package app

import (
	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/widgets"
)

// meterSegments is how many segments a level meter has at most.
const meterSegments = 28

// stagePart is the call in the foreground: who, how long, the two meters, the controls, the devices.
type stagePart struct {
	app                   *App
	box                   *fyne.Container
	panel, flat, rule     *widgets.Panel
	back                  *widgets.CircleButton
	line, lock, quality   *widgets.Chip
	avatar                *widgets.Avatar
	name, second, timer   *widgets.Text
	word                  *widgets.Text
	near, far             *widgets.LevelMeter
	nearLabel, farLabel   *widgets.Text
	mute, pad, hold, hang *widgets.CircleButton
	transfer, merge       *widgets.CircleButton
	camera                *widgets.CircleButton
	video                 *stageVideo
	record                *widgets.CircleButton
	recordMark            *widgets.Chip
	recordPause           *widgets.Button
	faces                 []*widgets.Avatar // of the conference
	wideHang              *widgets.Button
	keys                  *widgets.DialPad
	digits                *widgets.Text
	microphone, speaker   *widgets.DevicePicker
	held                  *heldStrip
	view                  stageView
}

func newStagePart(a *App) *stagePart {
	center := func(size float32, bold bool, c fyne.ThemeColorName) *widgets.Text {
		return widgets.NewText(widgets.TextState{Size: size, Bold: bold, Color: c, Align: fyne.TextAlignCenter})
	}
	s := &stagePart{app: a}
	s.panel, s.flat, s.rule = widgets.NewPanel(widgets.PanelStage), widgets.NewPanel(widgets.PanelFlat), widgets.NewPanel(widgets.PanelLine)
	s.back = widgets.NewCircleButton(40, widgets.CircleState{Icon: "chevron-left", Spoken: tr("action.back"), Tone: widgets.ToneQuiet}, a.closeCall)
	s.line = widgets.NewChip(widgets.ChipState{Bold: true})
	s.lock = widgets.NewChip(widgets.ChipState{})
	s.quality = widgets.NewChip(widgets.ChipState{})
	s.avatar = widgets.NewAvatar(160)
	s.name = center(widgets.SizeName, true, widgets.ColorText)
	s.second = center(widgets.SizeCard, false, widgets.ColorText2)
	s.timer = center(widgets.SizeTimer, false, widgets.ColorText)
	s.word = center(widgets.SizeRow, true, widgets.ColorText2)
	s.digits = center(widgets.SizeTitle, false, widgets.ColorText)
	s.near, s.far = widgets.NewLevelMeter(meterSegments), widgets.NewLevelMeter(meterSegments)
	s.nearLabel = widgets.NewText(widgets.TextState{Text: tr("call.you"), Size: widgets.SizeSecond, Color: widgets.ColorText2, Align: fyne.TextAlignTrailing})
	s.farLabel = widgets.NewText(widgets.TextState{Size: widgets.SizeSecond, Color: widgets.ColorText2})
	s.mute = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleMute)
	s.pad = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleKeypad)
	s.hold = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleHold)
	s.transfer = widgets.NewCircleButton(56, widgets.CircleState{}, a.beginTransfer)
	s.record = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleRecord)
	s.recordMark = widgets.NewChip(widgets.ChipState{})
	s.recordPause = widgets.NewButton(widgets.ButtonState{Small: true}, a.toggleRecordPause)
	s.merge = widgets.NewCircleButton(56, widgets.CircleState{}, a.mergeOrSplit)
	s.camera = widgets.NewCircleButton(56, widgets.CircleState{}, a.toggleCamera)
	s.video = newStageVideo(a)
	s.faces = newFaces()
	s.hang = widgets.NewCircleButton(56, widgets.CircleState{Tone: widgets.ToneDanger}, a.hangupCurrent)
	s.wideHang = widgets.NewButton(widgets.ButtonState{Tone: widgets.ToneDanger, Icon: "hangup"}, a.hangupCurrent)
	s.keys = widgets.NewDialPad(a.digit)
	s.microphone = widgets.NewDevicePicker(widgets.PickerState{}, a.pickMicrophone)
	s.speaker = widgets.NewDevicePicker(widgets.PickerState{}, a.pickSpeaker)
	s.held = newHeldStrip(a)
	s.box = group(fixed(320, 400), s.place, s.flat, s.panel, s.rule, s.back, s.line, s.lock, s.quality, s.held.box, s.video.view, s.avatar, s.name, s.second,
		s.timer, s.word, s.digits, s.nearLabel, s.near, s.far, s.farLabel, s.keys, s.mute, s.pad, s.hold, s.transfer, s.hang, s.wideHang,
		s.merge, s.camera, s.record, s.recordMark, s.recordPause, s.microphone, s.speaker)
	for _, face := range s.faces {
		s.box.Add(face)
	}
	return s
}

func (s *stagePart) draw(v view) {
	s.view = v.stage
	if !v.stage.shown {
		return
	}
	w := v.stage
	s.line.SetState(widgets.ChipState{Label: w.line, Bold: true})
	s.lock.SetState(w.lock)
	s.quality.SetState(w.quality)
	s.held.draw(w.held)
	s.avatar.SetState(widgets.AvatarState{Name: w.name, Ring: w.talking})
	s.name.SetText(w.name)
	s.second.SetText(w.second)
	s.drawWord(w)
	s.farLabel.SetText(w.first)
	s.drawDigits(w)
	s.mute.SetState(w.mute)
	s.pad.SetState(w.pad)
	s.hold.SetState(w.hold)
	s.transfer.SetState(w.transfer)
	s.merge.SetState(w.merge)
	s.camera.SetState(w.video.camera)
	s.record.SetState(w.record.control)
	s.recordMark.SetState(w.record.mark)
	s.recordPause.SetState(w.record.pause)
	s.drawFaces(w)
	s.hang.SetState(w.hangup)
	s.wideHang.SetState(widgets.ButtonState{Label: w.hangup.Label, Spoken: w.hangup.Spoken, Icon: "hangup", Tone: widgets.ToneDanger, Disabled: w.hangup.Disabled})
	s.microphone.SetState(w.microphone)
	s.speaker.SetState(w.speaker)
	if !w.talking {
		s.levels(0, 0)
	}
	s.place(s.box.Size()) // what stands where it stood is not touched
}

// drawWord draws state and timer: one under the other, or side by side under a video.
func (s *stagePart) drawWord(w stageView) {
	word := widgets.TextState{Text: w.word, Size: widgets.SizeRow, Bold: true, Align: fyne.TextAlignCenter, Color: fyne.ThemeColorName(w.wordColor)}
	timer := widgets.TextState{Text: w.timer, Size: widgets.SizeTimer, Align: fyne.TextAlignCenter, Color: widgets.ColorText}
	if w.video.shown && !w.keypad {
		word.Align, timer.Align, timer.Size = fyne.TextAlignTrailing, fyne.TextAlignLeading, widgets.SizeRow
	}
	s.word.SetState(word)
	s.timer.SetState(timer)
	s.video.view.SetState(w.video.state)
}

// drawDigits shows the keys that were sent, or before the first one to whom they go where that is not plain.
func (s *stagePart) drawDigits(w stageView) {
	state := widgets.TextState{Text: lastRunes(w.digits, 16), Size: widgets.SizeTitle, Color: widgets.ColorText, Align: fyne.TextAlignCenter}
	if w.keysTo != "" {
		state.Text, state.Size, state.Color = w.keysTo, widgets.SizeState, widgets.ColorText2
	}
	s.digits.SetState(state)
}

// levels draws both levels.
func (s *stagePart) levels(near, far float64) {
	s.near.SetLevel(near)
	s.far.SetLevel(far)
}

func lastRunes(text string, n int) string {
	runes := []rune(text)
	if len(runes) > n {
		return "…" + string(runes[len(runes)-n+1:])
	}
	return text
}
