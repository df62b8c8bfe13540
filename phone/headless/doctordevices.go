package headless

import (
	"context"
	"fmt"
	"strings"

	"github.com/hookswitch/hookswitch/devices"
)

// lookAtDevices says which microphones and speakers there are. Virtual ones (package virtual) count only where they were
// chosen: nobody means to speak through one that was not asked for.
func (x Examination) lookAtDevices(ctx context.Context, r *Report) {
	if x.Devices == nil {
		return
	}
	if x.WaitListed != nil {
		ctx, cancel := context.WithTimeout(ctx, listLimit)
		defer cancel()
		_ = x.WaitListed(ctx) // an incomplete list is looked at as it is
	}
	microphones, microphone := x.found(devices.Microphone, x.Chosen.Microphone)
	speakers, speaker := x.found(devices.Speaker, x.Chosen.Speaker)
	text := fmt.Sprintf("%s, %s.", counted(microphones, "microphone"), counted(speakers, "speaker"))
	if microphone != "" {
		text += fmt.Sprintf(" The microphone is virtual: %s.", microphone)
	}
	if speaker != "" {
		text += fmt.Sprintf(" The speaker is virtual: %s.", speaker)
	}
	check := Check{Name: "devices", OK: true, Text: text}
	switch {
	case microphones == 0 && microphone == "":
		check.Reason = ReasonNoMicrophone
		check.Text = "There is no microphone. Plug one in, or allow calls with silence (-allow-silence)."
		if !x.NeedDevices { // calls do without, which is what to know
			check.Text = "There is no microphone: calls send silence. Plug one in."
		}
	case speakers == 0 && speaker == "":
		check.Reason, check.Text = ReasonNoSpeaker, "There is no speaker. Plug one in."
	}
	if check.Reason != ReasonNone {
		check.OK, check.Warning = !x.NeedDevices, !x.NeedDevices
	}
	r.Checks = append(r.Checks, check)
}

// found counts the real devices of a kind and names the virtual one that was chosen, "" where none was.
func (x Examination) found(kind devices.Kind, chosen string) (there int, virtual string) {
	for _, d := range x.Devices.List(kind) {
		if !d.Virtual {
			there++
		}
	}
	if chosen == "" || chosen == devices.DefaultID {
		return there, ""
	}
	if d, ok := x.Devices.Resolve(kind, chosen); ok && d.Virtual && (d.ID == chosen || strings.EqualFold(d.Name, chosen)) {
		return there, d.Name // not one that would only replace what was chosen
	}
	return there, ""
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
