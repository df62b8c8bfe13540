package headless_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// mirror is a probe that hears what it said, after 80 ms, at gain.
type mirror struct {
	gain  float64
	said  []int16
	start time.Time
}

func (m *mirror) Say(pcm []int16) { m.said, m.start = append(m.said, pcm...), time.Now() }
func (m *mirror) Reset()          { m.said = nil }
func (m *mirror) Said() headless.Recording {
	return headless.Recording{PCM: m.said, Start: m.start}
}

func (m *mirror) Heard() headless.Recording {
	heard := make([]int16, 48*80+len(m.said)+48000)
	for i, v := range m.said {
		heard[48*80+i] = int16(m.gain * float64(v))
	}
	return headless.Recording{PCM: heard, Start: m.start}
}

// bare is a machine without devices.
type bare struct{}

func (bare) List(devices.Kind) []devices.Device                  { return nil }
func (bare) Resolve(devices.Kind, string) (devices.Device, bool) { return devices.Device{}, false }
func (bare) Choose(devices.Kind, string)                         {}

// examine runs the doctor on a stage; packets is how many packets each leg is said to have received.
func examine(t *testing.T, packets uint64, gain float64, prepare func(*stage, *headless.Examination)) headless.Report {
	t.Helper()
	var report headless.Report
	synctest.Test(t, func(t *testing.T) {
		var s *stage
		s = newStage(t, func(line *phonetest.Line, r phonetest.Record) {
			if invite, ok := r.Value.(phone.InviteOut); ok {
				s.media.SetStats(phone.CallID(invite.Dialog), phone.MediaStats{StreamStats: phone.StreamStats{PacketsReceived: packets}})
				answered(line, r)
			}
		})
		x := headless.Examination{Operator: s.op, Probe: &mirror{gain: gain}}
		if prepare != nil {
			prepare(s, &x)
		}
		start := time.Now()
		var err error
		if report, err = headless.Doctor(t.Context(), x); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 30*time.Second {
			t.Errorf("the examination took %v", d)
		}
		if calls := s.op.Snapshot().Calls; len(calls) != 0 {
			t.Errorf("calls are left: %+v", calls)
		}
		if err := s.op.Destroy(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return report
}

func TestTheDoctorIsContentWithAnEcho(t *testing.T) {
	r := examine(t, 10, 1, nil)
	if !r.OK || r.Reason != headless.ReasonNone || !r.EchoHeard || r.EchoDelayMs < 79.5 || r.EchoDelayMs > 80.5 {
		t.Errorf("report = %+v", r)
	}
}

func TestTheDoctorNamesTheReason(t *testing.T) {
	registerWith := func(done phone.RegisterDone) func(*stage, *headless.Examination) {
		return func(s *stage, _ *headless.Examination) {
			s.signalling.AutoRegister = false
			s.signalling.React = func(line *phonetest.Line, r phonetest.Record) {
				if strings.HasPrefix(r.Text, "Register") {
					line.Post(done)
				}
			}
		}
	}
	for name, c := range map[string]struct {
		packets uint64
		gain    float64
		prepare func(*stage, *headless.Examination)
		want    headless.Reason
	}{
		"silence comes back": {10, 0, nil, headless.ReasonEchoSilent},
		"nothing comes back": {0, 1, nil, headless.ReasonNoMedia},
		"wrong password":     {10, 1, registerWith(phone.RegisterDone{Status: 401, Cause: phone.CauseAuthentication}), headless.ReasonAuthentication},
		"unreachable":        {10, 1, registerWith(phone.RegisterDone{Cause: phone.CauseConnection}), headless.ReasonUnreachable},
		"certificate":        {10, 1, registerWith(phone.RegisterDone{Cause: phone.CauseCertificate}), headless.ReasonCertificate},
		"out of date":        {10, 1, registerWith(phone.RegisterDone{Cause: phone.CauseCertificateExpired}), headless.ReasonCertificate},
		"of another name":    {10, 1, registerWith(phone.RegisterDone{Cause: phone.CauseCertificateName}), headless.ReasonCertificate},
		"refused":            {10, 1, registerWith(phone.RegisterDone{Status: 500, Cause: phone.CauseServer}), headless.ReasonRegistration},
		"mute server":        {10, 1, func(s *stage, _ *headless.Examination) { s.signalling.AutoRegister = false }, headless.ReasonUnreachable},
		"no answer":          {10, 1, func(s *stage, _ *headless.Examination) { s.signalling.React = nil }, headless.ReasonCallFailed},
		"no microphone": {10, 1, func(_ *stage, x *headless.Examination) {
			x.Devices, x.NeedDevices = bare{}, true
		}, headless.ReasonNoMicrophone},
		"busy": {10, 1, func(s *stage, _ *headless.Examination) {
			s.signalling.React = func(line *phonetest.Line, r phonetest.Record) {
				if invite, ok := r.Value.(phone.InviteOut); ok {
					line.Post(phone.Refused{Dialog: invite.Dialog, Status: 486, Cause: phone.CauseBusy, At: time.Now()})
				}
			}
		}, headless.ReasonCallFailed},
		"no account": {10, 1, func(s *stage, _ *headless.Examination) {
			if err := s.op.RemoveAccount("1001"); err != nil {
				t.Error(err)
			}
		}, headless.ReasonNoAccount},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, c.packets, c.gain, c.prepare)
			if r.OK || r.Reason != c.want || r.Text == "" {
				t.Errorf("report = %+v, want the reason %s", r, c.want)
			}
		})
	}
}

func TestTheDoctorCallsWithoutARegistrar(t *testing.T) {
	r := examine(t, 10, 1, func(s *stage, _ *headless.Examination) { s.direct(t) })
	if !r.OK || !r.EchoHeard || !strings.Contains(r.Checks[0].Text, "directly") {
		t.Errorf("report = %+v", r)
	}
}

func TestAStoppedDoctorSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, answered)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := headless.Doctor(ctx, headless.Examination{Operator: s.op, Probe: &mirror{}})
		if !errors.Is(err, context.DeadlineExceeded) || r.OK {
			t.Errorf("Doctor = %+v, %v", r, err)
		}
		if err := s.op.Destroy(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
