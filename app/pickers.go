package app

import (
	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// presentDevices fills in the pickers. They list what Devices lists now.
func (a *App) presentDevices(s *phone.Snapshot, v *view) {
	v.microphone = a.picker(devices.Microphone, "mic", tr("device.microphone"), tr("device.noMicrophone"), s.Devices.Microphone)
	v.speaker = a.picker(devices.Speaker, "speaker", tr("device.speaker"), tr("device.noSpeaker"), s.Devices.Speaker)
	v.ringer = a.picker(devices.Speaker, "bell", tr("device.ringer"), tr("device.noSpeaker"), s.Devices.Ringer)
	v.camera = a.picker(devices.Camera, "camera", tr("device.camera"), tr("device.noCamera"), s.Devices.Camera)
	v.stage.microphone, v.stage.speaker = v.microphone, v.speaker
	v.stage.microphone.Shown = a.usual(devices.Microphone, s.Devices.Microphone)
	v.stage.speaker.Shown = a.usual(devices.Speaker, s.Devices.Speaker)
}

// picker is the state of one picker; the first choice is the system's default, whatever it is at the time.
func (a *App) picker(kind devices.Kind, icon, title, empty, selected string) widgets.PickerState {
	p := widgets.PickerState{Icon: icon, Title: title, Empty: empty, Selected: selected}
	if a.deps.Devices == nil {
		return p
	}
	list := a.deps.Devices.List(kind)
	if len(list) == 0 {
		return p
	}
	usual := tr("device.default")
	found := selected == ""
	for _, d := range list {
		if d.Default {
			usual = tr("device.defaultIs", "Name", oneLine(d.Name))
		}
		found = found || d.ID == selected
	}
	p.Choices = append(p.Choices, widgets.Choice{ID: "", Label: usual})
	for _, d := range list {
		p.Choices = append(p.Choices, widgets.Choice{ID: d.ID, Label: oneLine(d.Name)})
	}
	if !found { // unplugged: the default stands in for it until it is back
		p.Choices = append(p.Choices, widgets.Choice{ID: selected, Label: tr("device.gone")})
	}
	return p
}

// usual is the name of the device that stands behind the system's default, "" where another is chosen.
func (a *App) usual(kind devices.Kind, selected string) string {
	if selected != "" || a.deps.Devices == nil {
		return ""
	}
	for _, d := range a.deps.Devices.List(kind) {
		if d.Default {
			return oneLine(d.Name)
		}
	}
	return ""
}

// presentSilence says that there is no microphone or no sound output, where the bar has nothing graver to say.
func (a *App) presentSilence(v *view) {
	if v.bar.Text != "" || a.deps.Devices == nil || a.model.silenceSeen {
		return
	}
	noMicrophone, noSpeaker := len(v.microphone.Choices) == 0, len(v.speaker.Choices) == 0
	text := ""
	switch {
	case noMicrophone && noSpeaker:
		text = tr("device.noSound")
	case noMicrophone:
		text = tr("device.noMicrophoneAdvice")
	case noSpeaker:
		text = tr("device.noSpeakerAdvice")
	default:
		return
	}
	v.bar = widgets.BarState{Kind: widgets.BarWarning, Text: text, Close: tr("bar.close")}
}

// devicesChanged draws what is there now, and drops what was said of a device before: where one is
// still missing, presentSilence says so.
func (a *App) devicesChanged() {
	m := &a.model
	if m.deviceBar != "" && m.bar.Text == m.deviceBar {
		m.bar = widgets.BarState{}
	}
	m.deviceBar = ""
	a.render()
}
