package headless_test

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// machine is a registry of the virtual devices, with the doctor's own among them, and of what real ones there are.
type machine struct {
	*devices.Registry
	real []devices.Device
}

func (m machine) List(kind devices.Kind) []devices.Device {
	list := m.Registry.List(kind)
	for _, d := range m.real {
		if d.Kind == kind {
			list = append(list, d)
		}
	}
	return list
}

func TestTheDoctorSaysOfMissingDevicesWhatThatMeans(t *testing.T) {
	microphone := devices.Device{ID: "m", Name: "Headset", Kind: devices.Microphone}
	speaker := devices.Device{ID: "s", Name: "Headset", Kind: devices.Speaker}
	for name, c := range map[string]struct {
		real    []devices.Device
		chosen  phone.DeviceIDs
		need    bool
		ok      bool
		warning bool
		reason  headless.Reason
		says    string
	}{
		"both there":                  {[]devices.Device{microphone, speaker}, phone.DeviceIDs{}, true, true, false, headless.ReasonNone, "1 microphone, 1 speaker."},
		"nothing there":               {nil, phone.DeviceIDs{}, false, true, true, headless.ReasonNoMicrophone, "calls send silence"},
		"nothing there, and needed":   {nil, phone.DeviceIDs{}, true, false, false, headless.ReasonNoMicrophone, "-allow-silence"},
		"no speaker":                  {[]devices.Device{microphone}, phone.DeviceIDs{}, false, true, true, headless.ReasonNoSpeaker, "no speaker"},
		"no speaker, and needed":      {[]devices.Device{microphone}, phone.DeviceIDs{}, true, false, false, headless.ReasonNoSpeaker, "no speaker"},
		"a tone chosen":               {[]devices.Device{speaker}, phone.DeviceIDs{Microphone: "tone:440"}, true, true, false, headless.ReasonNone, "0 microphones, 1 speaker. The microphone is virtual: Tone of 440 Hz."},
		"both virtual":                {nil, phone.DeviceIDs{Microphone: "tone:440", Speaker: "null"}, true, true, false, headless.ReasonNone, "The speaker is virtual: No sound."},
		"a tone, but no speaker":      {nil, phone.DeviceIDs{Microphone: "tone:440"}, true, false, false, headless.ReasonNoSpeaker, "no speaker"},
		"chosen is what is not there": {nil, phone.DeviceIDs{Microphone: "Old headset"}, true, false, false, headless.ReasonNoMicrophone, "no microphone"},
		"chosen is the system's own":  {nil, phone.DeviceIDs{Microphone: devices.DefaultID}, false, true, true, headless.ReasonNoMicrophone, "no microphone"},
		"a tone beside what is there": {[]devices.Device{microphone, speaker}, phone.DeviceIDs{Microphone: "tone:440"}, true, true, false, headless.ReasonNone, "1 microphone, 1 speaker. The microphone is virtual"},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, 10, 1, func(_ *stage, x *headless.Examination) {
				registry := devices.New(virtual.New(virtual.NewProbe("doctor", "Doctor")))
				t.Cleanup(registry.Close)
				x.Devices, x.Chosen, x.NeedDevices = machine{registry, c.real}, c.chosen, c.need
			})
			got := r.Checks[0]
			if got.Name != "devices" || got.OK != c.ok || got.Warning != c.warning || got.Reason != c.reason || !strings.Contains(got.Text, c.says) || r.OK != c.ok {
				t.Errorf("the check is %+v, the report %q", got, r.Text)
			}
			if c.warning != strings.Contains(r.Text, "warnings") {
				t.Errorf("in all it says %q", r.Text)
			}
		})
	}
}
