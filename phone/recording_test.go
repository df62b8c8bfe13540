package phone_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// recorded runs a test on a desk whose account may record and whose user agreed.
func recorded(t *testing.T, code string, permissions int, test func(d *desk, id phone.CallID)) {
	onDesk(t, func(d *desk) {
		a := account
		a.RecordCode, a.RecordPermissions = code, permissions
		d.must(d.op.AddAccount(a))
		d.settle()
		test(d, d.talk("600"))
	}, func(c *phone.Config, _ *desk) {
		c.Recording = phone.RecordSettings{Agreed: true, Folder: "/music", Format: phone.RecordWAV, Notice: phone.NoticeStart}
	})
}

var recordVerbs = map[string]func(*phone.Operator, phone.CallID) error{
	"start": (*phone.Operator).StartRecord, "pause": (*phone.Operator).PauseRecord, "stop": (*phone.Operator).StopRecord,
}

// Each step is a verb, what comes of it ("" for nil), the status afterwards and what the ports are asked.
type recordStep struct {
	verb   string
	err    error
	status phone.RecordStatus
	sent   string
}

func TestRecordingFollowsPermissionCodeAndState(t *testing.T) {
	const no, start, stop, pause, on, dtmf = "", "Record", "StopRecord", "PauseRecord true", "PauseRecord false", "DTMF *1"
	denied, state := phone.ErrRecordNotAllowed, phone.ErrInvalidState
	for name, c := range map[string]struct {
		code        string
		permissions int
		steps       []recordStep
	}{
		"0 here":    {"", 0, []recordStep{{"start", denied, "stop", no}, {"pause", denied, "stop", no}, {"stop", denied, "stop", no}}},
		"0 by code": {"*1", 0, []recordStep{{"start", denied, "stop", no}, {"pause", denied, "stop", no}, {"stop", denied, "stop", no}}},
		"1 here":    {"", 1, []recordStep{{"start", denied, "stop", no}, {"pause", state, "stop", no}, {"stop", nil, "stop", no}}},
		"1 by code, the PBX began": {"*1", 1, []recordStep{{"start", denied, "stop", no}, {"pause", nil, "pause", dtmf}, {"pause", nil, "pause", no},
			{"start", nil, "recording", dtmf}, {"start", nil, "recording", no}, {"stop", denied, "recording", no}, {"pause", nil, "pause", dtmf}}},
		"2 here": {"", 2, []recordStep{{"pause", state, "stop", no}, {"stop", nil, "stop", no}, {"start", nil, "recording", start},
			{"start", nil, "recording", no}, {"pause", nil, "pause", pause}, {"pause", nil, "pause", no}, {"start", nil, "recording", on},
			{"stop", nil, "stop", stop}, {"stop", nil, "stop", no}, {"start", nil, "recording", start}, {"pause", nil, "pause", pause}, {"stop", nil, "stop", stop}}},
		"2 by code": {"*1", 2, []recordStep{{"pause", state, "stop", no}, {"start", nil, "recording", dtmf}, {"start", nil, "recording", no},
			{"pause", nil, "pause", dtmf}, {"start", nil, "recording", dtmf}, {"stop", nil, "stop", dtmf}, {"start", nil, "recording", dtmf},
			{"pause", nil, "pause", dtmf}, {"stop", nil, "stop", no}}},
	} {
		t.Run(name, func(t *testing.T) {
			recorded(t, c.code, c.permissions, func(d *desk, id phone.CallID) {
				for i, s := range c.steps {
					before := len(d.net.Texts())
					err := recordVerbs[s.verb](d.op, id)
					if !errors.Is(err, s.err) || phone.CodeOf(err) != map[bool]phone.Code{true: 0, false: -200}[s.err == nil] {
						t.Errorf("step %d, %s: %v, want %v", i, s.verb, err, s.err)
					}
					d.settle()
					if got := d.call(id).Record; got != s.status {
						t.Errorf("step %d, %s: recordStatus is %s, want %s", i, s.verb, got, s.status)
					}
					if c := d.call(id); c.RecordAsked != (s.sent == dtmf || i > 0 && c.RecordAsked) || strings.Contains(name, "here") && c.RecordAsked {
						t.Errorf("step %d, %s: asked for is %t", i, s.verb, c.RecordAsked)
					}
					if got := recordTexts(d.net.Texts()[before:], id); got != s.sent {
						t.Errorf("step %d, %s: the ports are asked %q, want %q", i, s.verb, got, s.sent)
					}
				}
			})
		})
	}
}

// recordTexts is what of the journal is about recording, without "Media." and the call's id.
func recordTexts(texts []string, id phone.CallID) string {
	var all []string
	for _, text := range texts {
		text, ours := strings.CutPrefix(strings.ReplaceAll(text, " "+string(id), ""), "Media.")
		if verb, _, _ := strings.Cut(text, " take="); ours && strings.Contains(text, "Record") || strings.HasPrefix(text, "DTMF") {
			all = append(all, verb)
		}
	}
	return strings.Join(all, ", ")
}

func TestALocalRecordingGetsTheUsersChoicesAndTellsItsFile(t *testing.T) {
	recorded(t, "", 2, func(d *desk, id phone.CallID) {
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Mara"}, true))
		d.must(d.op.StartRecord(id))
		d.settle()
		for _, r := range d.net.Records() {
			if o, ok := r.Value.(phone.RecordOptions); ok {
				want := phone.RecordOptions{Take: 1, Folder: "/music", Format: phone.RecordWAV, Notice: phone.NoticeStart, Party: "Mara 600", At: time.Now()}
				if o != want {
					t.Errorf("%+v, want %+v", o, want)
				}
			}
		}
		if got := d.call(id).RecordFile; got != "call.opus" {
			t.Errorf("the file is %q", got)
		}
		d.must(d.op.Hangup(id))
		e := d.wantDeleted(id, phone.CauseTerminated)
		if e.Call.Record != phone.RecordStop || e.Call.RecordFile != "call.opus" {
			t.Errorf("at the end: %s, %q", e.Call.Record, e.Call.RecordFile)
		}
	})
}

func TestNothingIsRecordedBeforeTheUserAgreedOnce(t *testing.T) {
	for _, code := range []string{"", "*1"} {
		recorded(t, code, 2, func(d *desk, id phone.CallID) {
			d.must(d.op.SetRecording(phone.RecordSettings{}))
			if err := d.op.StartRecord(id); !errors.Is(err, phone.ErrRecordConsent) || phone.CodeOf(err) != -200 {
				t.Fatalf("code %q: %v", code, err)
			}
			d.wantNotSent("Media.Record")
			d.wantNotSent("Media.DTMF")
			d.must(d.op.SetRecording(phone.RecordSettings{Agreed: true}))
			d.must(d.op.StartRecord(id))
			// What runs can be stopped whatever the settings say.
			d.must(d.op.SetRecording(phone.RecordSettings{}))
			d.must(d.op.PauseRecord(id))
			d.must(d.op.StopRecord(id))
			d.settle()
			if n := d.events.Count(phone.EventRecordSettingsChange); n != 3 || d.op.Snapshot().Recording.Agreed {
				t.Errorf("%d events, %+v", n, d.op.Snapshot().Recording)
			}
		})
	}
}

func TestSettingsOfRecordingsThatDoNotExistAreRefused(t *testing.T) {
	recorded(t, "", 2, func(d *desk, _ phone.CallID) {
		before := d.op.Snapshot().Recording
		for _, r := range []phone.RecordSettings{{Format: "mp3"}, {Notice: "never"}, {Folder: "../relative"}} {
			if err := d.op.SetRecording(r); !errors.Is(err, phone.ErrRecordSettings) || d.op.Snapshot().Recording != before {
				t.Errorf("%+v: %v", r, err)
			}
		}
	})
}

func TestARecordingThatFailsIsToldAndTheCallGoesOn(t *testing.T) {
	for _, cause := range []error{phone.ErrRecordFolder, phone.ErrRecordDiskFull} {
		recorded(t, "", 2, func(d *desk, id phone.CallID) {
			d.must(d.op.StartRecord(id))
			d.settle()
			d.media.Post(id, phone.RecordStarted{Leg: id, Take: 1, File: "a"})
			d.media.Post(id, phone.RecordGap{Leg: id, Take: 1})
			d.media.Post(id, phone.RecordEnded{Leg: id, Take: 1, Err: cause})
			d.settle()
			var told []error
			for _, e := range d.events.Events() {
				if e.Name == phone.EventClientError && e.Cause == phone.CauseRecording {
					told = append(told, e.Err)
				}
			}
			if len(told) != 2 || !errors.Is(told[0], phone.ErrRecordGap) || !errors.Is(told[1], cause) {
				t.Errorf("told %v", told)
			}
			d.wantState(id, phone.StateTalking)
			if c := d.call(id); c.Record != phone.RecordStop || (c.RecordFile == "a") != errors.Is(cause, phone.ErrRecordDiskFull) {
				t.Errorf("recordStatus is %s, the file %q", c.Record, c.RecordFile)
			}
			d.must(d.op.StartRecord(id)) // and may be tried again
		})
	}
}

func TestTheFilesOwnTimeIsWaitedFor(t *testing.T) {
	recorded(t, "", 2, func(d *desk, id phone.CallID) {
		d.media.Auto = false // the disk takes its time
		d.must(d.op.StartRecord(id))
		d.must(d.op.PauseRecord(id))
		if got := d.call(id).Record; got != phone.RecordStop {
			t.Errorf("recordStatus is %s before there is a file", got)
		}
		d.media.Post(id, phone.RecordStarted{Leg: id, Take: 1, File: "a"})
		d.settle()
		if got := d.call(id).Record; got != phone.RecordPause {
			t.Errorf("recordStatus is %s, want pause", got)
		}
		d.must(d.op.StopRecord(id))
		d.must(d.op.StartRecord(id))
		d.media.Post(id, phone.RecordEnded{Leg: id, Take: 1, File: "a"}) // the first one's end
		d.media.Post(id, phone.RecordStarted{Leg: id, Take: 2, File: "b"})
		d.settle()
		if c := d.call(id); c.Record != phone.Recording || c.RecordFile != "b" {
			t.Errorf("recordStatus is %s, the file %q", c.Record, c.RecordFile)
		}
	})
}

func TestARecordCodeGoesByINFOWhereTheSoundCarriesNoDigits(t *testing.T) {
	recorded(t, "*1", 2, func(d *desk, id phone.CallID) {
		d.media.NoTelephoneEvent = true
		d.must(d.op.StartRecord(id))
		time.Sleep(time.Second) // one digit after the other
		if n := d.net.Count("1001.Info " + string(id)); n != 2 {
			t.Errorf("%d INFO:\n%v", n, d.net.Texts())
		}
	})
}

func TestOnlyACallThatStandsIsRecorded(t *testing.T) {
	recorded(t, "", 2, func(d *desk, _ phone.CallID) {
		id := d.ring("in1", "555")
		for verb, f := range recordVerbs {
			if err := f(d.op, id); !errors.Is(err, phone.ErrInvalidState) {
				t.Errorf("%s: %v", verb, err)
			}
		}
	})
}

func TestTheNewRecordPermissionIsTold(t *testing.T) {
	recorded(t, "", 1, func(d *desk, _ phone.CallID) {
		for _, e := range d.events.Events() {
			if e.Name == phone.EventRecordPermissionsChange && e.Value == 1 && d.op.Snapshot().RecordPermissions == 1 {
				return
			}
		}
		t.Error(d.events)
	})
}
