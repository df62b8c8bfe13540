package app

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

// mayRecord is a snapshot with the call of talking on an account that may record.
func mayRecord(permissions int, code string, status phone.RecordStatus) func(*phone.Snapshot) {
	return func(s *phone.Snapshot) {
		c := talking()
		c.Record = status
		if status != phone.RecordStop && code == "" {
			c.RecordFile = "/music/2026-03-14 15.09.26 Mara 600.opus"
		}
		with(c)(s)
		s.Accounts[0].Account.RecordPermissions, s.Accounts[0].Account.RecordCode = permissions, code
	}
}

func TestTheRecordControlSaysAndDoesWhatTheAccountMay(t *testing.T) {
	for _, c := range []struct {
		permissions              int
		code                     string
		status                   phone.RecordStatus
		label, mark, strip, card string
		does                     []string
	}{
		{0, "", phone.RecordStop, "Record", "", "", "", nil},
		{1, "", phone.RecordStop, "Record", "", "", "", nil},
		{1, "*1", phone.RecordStop, "Pause REC", "", "", "", []string{"pause record c"}},
		{1, "*1", phone.RecordPause, "Resume REC", "Recording paused", "", "REC paused", []string{"record c"}},
		{2, "", phone.RecordStop, "Record", "", "", "", []string{"record c"}},
		{2, "", phone.Recording, "Recording", "Recording", "Pause", "REC", []string{"stop record c"}},
		{2, "", phone.RecordPause, "Paused", "Recording paused", "Resume", "REC paused", []string{"stop record c"}},
		{2, "*1", phone.Recording, "Recording", "Recording asked", "Pause", "REC asked", []string{"stop record c"}},
	} {
		t.Run(fmt.Sprint(c.permissions, c.code, c.status), func(t *testing.T) {
			b := newBench(t, 1280, 800)
			b.set(mayRecord(c.permissions, c.code, c.status), started(talking()))
			v := b.app.shell.view
			if r := v.stage.record; r.control.Label != c.label || r.mark.Label != c.mark || r.pause.Label != c.strip || v.live[0].card.Recording != c.card {
				t.Errorf("%+v, card %q", r, v.live[0].card.Recording)
			}
			if (c.status == phone.Recording) != (v.stage.record.mark.Tone == widgets.ChipOn) {
				t.Errorf("the mark is %+v", v.stage.record.mark)
			}
			b.shortcut(fyne.KeyR)
			b.did(c.does...)
			if c.strip != "" {
				b.press(b.app.shell.stage.recordPause)
				b.did(map[phone.RecordStatus]string{phone.Recording: "pause record c", phone.RecordPause: "record c"}[c.status])
			}
		})
	}
}

func TestWhereAnAccountMayNotRecordTheControlSaysWhereToChangeThat(t *testing.T) {
	for _, permissions := range []int{0, 1} { // 1 is of use with a code only
		b := newBench(t, 360, 640)
		b.set(mayRecord(permissions, "", phone.RecordStop), started(talking()))
		control := b.app.shell.stage.record
		if v := b.app.shell.view.stage.record.control; !v.Barred || !strings.Contains(control.AccessibilityLabel(), "may not") {
			t.Fatalf("the control is %+v, spoken %q", v, control.AccessibilityLabel())
		}
		b.press(control)
		b.did()
		if bar := b.app.shell.notice.State(); bar.Text != tr("record.notAllowed") || bar.Action != "Open account" {
			t.Fatalf("the bar says %+v", bar)
		}
		b.key(fyne.KeyEscape)
		if b.app.shell.notice.Visible() {
			t.Error("Escape leaves the bar")
		}
		b.press(control)
		b.press(b.app.shell.notice.Action())
		p := b.app.shell.first.advanced
		if b.app.model.page != pageFirst || b.app.model.form.editing != "a" || !p.open {
			t.Fatalf("page %s, form %+v", b.app.model.page, b.app.model.form)
		}
		if focused := b.app.window.Canvas().Focused(); focused != fyne.Focusable(p.recording.buttons[permissions]) {
			t.Errorf("the keyboard is at %T", focused)
		}
		b.set(with())
		if b.app.model.mayNotRecord != "" {
			t.Error("it is remembered after the call")
		}
	}
}

// One member's recording holds the voices of all, so that the whole conference's stage has to say so.
func TestTheStageOfAConferenceShowsTheRecordingOfAnyMember(t *testing.T) {
	for _, size := range []fyne.Size{{Width: 360, Height: 640}, {Width: 1280, Height: 800}} {
		b := newBench(t, size.Width, size.Height)
		calls := conferenceOf(talking(), waitingCall(), member("x", "Aiko Tanaka"))
		show := func(status phone.RecordStatus) recordView {
			calls[0].Record, calls[1].Record, calls[2].Record = phone.RecordStop, status, phone.RecordStop
			b.set(func(s *phone.Snapshot) {
				with(calls...)(s)
				s.Accounts[0].Account.RecordPermissions = 2
			}, started(calls[0]))
			return b.app.shell.view.stage.record
		}
		if r := show(phone.RecordStop); r.mark.Label != "" || r.control.Label != "Record" {
			t.Errorf("nobody is recorded: %+v", r)
		}
		b.shortcut(fyne.KeyR)
		b.did("record c")
		if r := show(phone.Recording); r.mark.Label != "Recording" || r.control.Label != "Recording" || !b.app.shell.stage.recordPause.Visible() {
			t.Errorf("%v: a member is recorded: %+v", size, r)
		}
		b.press(b.app.shell.stage.recordPause)
		b.shortcut(fyne.KeyR)
		b.did("pause record h", "stop record h")
		if r := show(phone.RecordPause); r.mark.Label != "Recording paused" {
			t.Errorf("a member's recording rests: %+v", r)
		}
		b.press(b.app.shell.stage.recordPause)
		b.did("record h")
	}
}

func TestThePersonAgreesOnceBeforeAnythingIsRecorded(t *testing.T) {
	b := newBench(t, 360, 640)
	b.set(mayRecord(2, "", phone.RecordStop), started(talking()))
	b.op.fail["record"] = phone.ErrRecordConsent
	b.press(b.app.shell.stage.record)
	b.did("record c")
	if bar := b.app.shell.notice.State(); bar.Action != "I tell them. Record" || bar.Kind != widgets.BarWarning {
		t.Fatalf("%+v", bar)
	}
	b.key(fyne.KeyEscape)
	if b.app.shell.notice.Visible() || b.app.op.Snapshot().Recording.Agreed {
		t.Error("Escape is no consent")
	}
	b.press(b.app.shell.stage.record)
	delete(b.op.fail, "record")
	b.press(b.app.shell.notice.Action())
	b.did("record c", "recording true   ", "record c")
	if b.app.shell.notice.Visible() {
		t.Error("it is asked again")
	}
}

func TestAfterARecordingItsFileCanBeShown(t *testing.T) {
	b := newBench(t, 1280, 800)
	var shown string
	b.app.reveal = func(u *url.URL) { shown = u.String() }
	b.set(mayRecord(2, "", phone.Recording), started(talking()))
	before := b.op.Snapshot().Calls[0]
	after := before
	after.State, after.Record = phone.StateEnded, phone.RecordStop
	b.set(with(), phone.Event{Name: phone.EventStatusChange, Old: before, Call: after}, phone.Event{Name: phone.EventDeleteSession, Call: after})
	if bar := b.app.shell.notice.State(); bar.Text != "Recorded: 2026-03-14 15.09.26 Mara 600.opus" || bar.Action != "Show file" {
		t.Fatalf("%+v", bar)
	}
	b.press(b.app.shell.notice.Action())
	if shown != "file:///music" || b.app.shell.notice.Visible() {
		t.Errorf("shown is %q", shown)
	}
}

func TestARecordingThatFailsIsToldInWords(t *testing.T) {
	for err, want := range map[error]string{
		phone.ErrRecordDiskFull: "The disk is full. The recording ended, the call goes on.",
		phone.ErrRecordFolder:   "The folder for recordings cannot be used. Choose another in the settings.",
		phone.ErrRecordFile:     "The recording cannot be written. The call goes on.",
		phone.ErrRecordGap:      "The disk is too slow. Parts of the recording are silent.",
	} {
		b := newBench(t, 1280, 800)
		b.set(mayRecord(2, "", phone.RecordStop), started(talking()), phone.Event{Name: phone.EventClientError, Cause: phone.CauseRecording, Err: fmt.Errorf("%w: x", err)})
		if got := b.app.shell.notice.State().Text; got != want {
			t.Errorf("%v: %q", err, got)
		}
	}
}

func TestTheSettingsHoldTheChoicesAboutRecording(t *testing.T) {
	b := newBench(t, 1280, 800)
	b.app.open(string(pageSettings))
	r := b.app.shell.settings.record
	b.press(r.consent)
	b.press(r.formats[1])
	b.press(r.notices[2])
	folder := t.TempDir()
	for text, want := range map[string]string{"relative": "Name the whole path, or leave it empty.",
		filepath.Join(folder, "gone"): "There is no such folder. Make it, or name another."} {
		r.folder.SetState(text)
		b.press(r.use)
		b.wait()
		if got := r.folder.Wrong(); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	r.folder.SetState(folder)
	b.press(r.use)
	b.wait()
	b.press(r.consent)
	b.did("recording true   ", "recording true  wav ", "recording true  wav off", "recording true "+folder+" wav off", "recording false "+folder+" wav off")
	if r.folder.Wrong() != "" {
		t.Error("the error stays")
	}
}
