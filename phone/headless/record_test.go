package headless_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

func TestACallIsRecordedByTheCommandLineOnceTheUserAgreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, agreeable)
		if err := s.op.Start(); err != nil {
			t.Fatal(err)
		}
		e := headless.NewExecutor(s.op, nil)
		do := func(line, want string) {
			t.Helper()
			if got := string(e.Execute(t.Context(), line)); !strings.Contains(got, want) {
				t.Fatalf("%s: %s, want %s", line, got, want)
			}
			synctest.Wait()
		}
		do("record start", `"code":-211`)
		do("call 600", `"ok":true`)
		time.Sleep(time.Second)
		do("record start", `"ok":false,"code":-200,"error":"UNKNOWN_ERROR","text":"recording is off until you have agreed to it once: say record agree"`)
		do("record folder relative", `"ok":false,"code":-200`)
		do("record format mp3", `"ok":false,"code":-200`)
		do("record notice loud", `"ok":false,"code":-200`)
		do("record agree", `"ok":true,"recording":{"agreed":true}`)
		do("record folder /music", `"ok":true,"recording":{"agreed":true,"folder":"/music"}`)
		do("record format wav", `"ok":true`)
		do("record notice start", `"ok":true`)
		do("status", `"recording":{"agreed":true,"folder":"/music","format":"wav","notice":"start"}`)
		do("record pause", `"ok":false,"code":-200`)
		do("record start", `"ok":true,"call":`)
		do("calls", `"recordStatus":"recording","recordFile":"call.opus"`)
		do("record pause", `"ok":true`)
		do("calls", `"recordStatus":"pause"`)
		do("record start", `"ok":true`)
		do("record stop", `"ok":true`)
		do("calls", `"recordStatus":"stop"`)
		e.Close()
		if err := s.op.Destroy(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatBecomesOfARecordingIsTold(t *testing.T) {
	recorded := phone.Call{State: phone.StateTalking, Record: phone.Recording, RecordFile: "/music/a.opus"}
	idle := phone.Call{State: phone.StateTalking, Record: phone.RecordStop}
	for want, e := range map[string]phone.Event{
		`"recordStatus":"recording","recordFile":"/music/a.opus"`: {Name: phone.EventStatusChange, Old: idle, Call: recorded},
		`"recordStatus":"pause","recordAsked":true`:               {Name: phone.EventStatusChange, Old: recorded, Call: phone.Call{State: phone.StateTalking, Record: phone.RecordPause, RecordAsked: true}},
		`"recordPermissions":2`:                                   {Name: phone.EventRecordPermissionsChange, Value: 2},
		`"cause":"Recording Failure","code":-200,"error":"UNKNOWN_ERROR","text":"the disk is full, the recording ends here: x"`: {
			Name: phone.EventClientError, Cause: phone.CauseRecording, Err: fmt.Errorf("%w: x", phone.ErrRecordDiskFull)},
	} {
		if got := string(headless.EventLine(e)); !strings.Contains(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := string(headless.EventLine(phone.Event{Name: phone.EventStatusChange, Old: recorded, Call: recorded})); strings.Contains(got, "record") {
		t.Errorf("told again: %s", got)
	}
}
