package wiring

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// doctorLimit bounds the whole examination.
const doctorLimit = 28 * time.Second

// probeID is the virtual device through which the doctor speaks and listens.
const probeID = "doctor"

// probe fits virtual.Probe to the doctor.
type probe struct{ *virtual.Probe }

func (p probe) Said() headless.Recording  { return headless.Recording(p.Probe.Said()) }
func (p probe) Heard() headless.Recording { return headless.Recording(p.Probe.Heard()) }

// Doctor examines devices, network, registration and an echo call, and prints what it found to out, as text or as
// one JSON object. It reports whether all is well.
func (f *Flags) Doctor(ctx context.Context, in io.Reader, out, problems io.Writer) (well bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	g := *f
	g.Quiet = true // a ringing tone would be taken for the echo
	p, speech, closing, err := g.buildExamined(ctx, in, problems)
	defer closing()
	if err != nil {
		return false, err
	}
	defer p.Close()
	report, err := headless.Doctor(ctx, headless.Examination{
		Operator: p.Operator, Devices: p.Devices, WaitListed: p.Devices.WaitListed,
		NeedDevices: !f.Demo && !f.AllowSilence, Probe: speech, Number: f.Number,
	})
	if err != nil && ctx.Err() == nil {
		return false, err
	}
	return report.OK, printReport(out, report, f.JSON)
}

// buildExamined builds a phone whose microphone and speaker are the probe.
func (f *Flags) buildExamined(ctx context.Context, in io.Reader, problems io.Writer) (*Phone, probe, func(), error) {
	speech := probe{virtual.NewProbe(probeID, "Doctor")}
	f.Devices = phone.DeviceIDs{Microphone: probeID, Speaker: probeID, Ringer: "null"}
	f.probe = speech.Probe
	p, _, closing, err := f.Build(ctx, in, problems, false)
	return p, speech, closing, err
}

func printReport(out io.Writer, report headless.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	for _, check := range report.Checks {
		mark := "ok  "
		if !check.OK {
			mark = "FAIL"
		}
		if _, err := fmt.Fprintf(out, "%s  %-13s %s\n", mark, check.Name, check.Text); err != nil {
			return err
		}
	}
	if report.OK {
		_, err := fmt.Fprintln(out, report.Text)
		return err
	}
	_, err := fmt.Fprintf(out, "Not well: %s\n", report.Reason)
	return err
}
