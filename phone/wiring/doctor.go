package wiring

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
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
		Chosen: f.Devices, NeedDevices: !f.Demo && !f.AllowSilence, Probe: speech, Number: f.Number,
		Relays: p.askRelays, Reach: headless.ReachServer,
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

// askRelays asks every STUN and TURN server of an account, all at once.
func (p *Phone) askRelays(ctx context.Context, id phone.AccountID) []headless.Relay {
	var list []headless.Relay
	var asking sync.WaitGroup
	answers := make(chan func(), mostRelays)
	at := slices.IndexFunc(p.options.Accounts, func(a phone.Account) bool { return a.ID == id })
	if at < 0 {
		return nil
	}
	account := p.options.Accounts[at]
	for _, server := range account.ICEServers {
		for _, u := range server.URLs[:min(len(server.URLs), mostRelays-len(list))] {
			i := len(list)
			list = append(list, headless.Relay{URL: u})
			asking.Go(func() {
				one := phone.ICEServer{URLs: []string{u}, Username: server.Username, Credential: server.Credential}
				got, err := rtc.Reach(ctx, one, account.CA)
				answers <- func() { list[i] = relayOf(u, got, err) }
			})
		}
	}
	asking.Wait()
	close(answers)
	for keep := range answers {
		keep()
	}
	return list
}

// mostRelays bounds what is asked at once.
const mostRelays = 32

func relayOf(url string, r rtc.Reached, err error) headless.Relay {
	relay := headless.Relay{URL: url, RoundTrip: r.RoundTrip, Err: err}
	if r.Mapped.IsValid() {
		relay.Mapped = r.Mapped.String()
	}
	if r.Relayed.IsValid() {
		relay.Relayed = r.Relayed.String()
	}
	return relay
}

func printReport(out io.Writer, report headless.Report, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(report)
	}
	for _, check := range report.Checks {
		mark := "ok  "
		switch {
		case !check.OK:
			mark = "FAIL"
		case check.Warning:
			mark = "warn"
		}
		if _, err := fmt.Fprintf(out, "%s  %-13s %s\n", mark, check.Name, check.Text); err != nil {
			return err
		}
	}
	if report.OK {
		_, err := fmt.Fprintln(out, report.Text)
		return err
	}
	status := ""
	if report.Status != 0 {
		status = fmt.Sprintf(" (SIP status %d)", report.Status)
	}
	_, err := fmt.Fprintf(out, "Not well: %s%s\n", report.Reason, status)
	return err
}
