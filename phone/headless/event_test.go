package headless_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

func TestAnEndedCallSaysWhyAndWhereTo(t *testing.T) {
	ended := phone.Call{ID: "c", Direction: phone.Outbound, State: phone.StateEnded, Number: "600", Cause: phone.CauseRedirected, SIPStatus: 302,
		Redirect: "5550199", RetryAfter: 7 * time.Second, Q850: 22}
	missed := phone.Call{ID: "c", Direction: phone.Inbound, State: phone.StateEnded, Number: "600", Cause: phone.CauseCanceled}
	elsewhere := missed
	elsewhere.Cause = phone.CauseElsewhere
	for _, row := range []struct {
		event phone.Event
		want  map[string]any
	}{
		{phone.Event{Name: phone.EventFailed, Call: ended, Cause: ended.Cause, Status: 302, Reason: "Moved"},
			map[string]any{"cause": "Redirected", "status": 302.0, "reason": "Moved", "redirect": "5550199", "retryAfter": 7.0, "q850": 22.0, "missed": nil}},
		{phone.Event{Name: phone.EventFailed, Call: missed, Cause: missed.Cause}, map[string]any{"cause": "Canceled", "missed": true, "redirect": nil}},
		{phone.Event{Name: phone.EventFailed, Call: elsewhere, Cause: elsewhere.Cause}, map[string]any{"cause": "Answered Elsewhere", "missed": nil}},
	} {
		var line map[string]any
		if err := json.Unmarshal(headless.EventLine(row.event), &line); err != nil {
			t.Fatal(err)
		}
		for name, want := range row.want {
			if line[name] != want {
				t.Errorf("%s: %v, want %v in %v", name, line[name], want, line)
			}
		}
	}
}

// TestEachEventsLineHasItsPayload (contract, Events): each in its JSON form, whole.
func TestEachEventsLineHasItsPayload(t *testing.T) {
	at := time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)
	const about, moment = `"call":"c","account":"a","number":"600","name":"Mara","direction":"outbound"`, `{"t":1773500966.535000,"event":`
	c := phone.Call{ID: "c", Account: "a", Number: "600", Direction: phone.Outbound, State: phone.StateTalking, Party: phone.Party{Number: "600", Name: "Mara"}, Ring: phone.ToneRing}
	with := func(f func(*phone.Call)) phone.Call { changed := c; f(&changed); return changed }
	for want, e := range map[string]phone.Event{
		`"connected","account":"a"}`:                               {Account: "a"},
		`"disconnected","account":"a","cause":"Connection Error"}`: {Account: "a", Cause: phone.CauseConnection},
		`"registered","account":"a","status":200}`:                 {Account: "a", Status: 200},
		`"registrationFailed","account":"a","cause":"Rejected","status":403,"code":-201,"error":"REGISTRY_FAILED"}`: {Account: "a", Cause: phone.CauseRejected, Status: 403},
		`"isRegisteredChange","account":"a","registered":false}`:                                                    {Account: "a"},
		`"newRTCSession",` + about + `}`:                                                                            {Call: c},
		`"startSession",` + about + `}`:                                                                             {Call: c},
		`"incoming",` + about + `,"company":"Lind","ring":"ring-2"}`:                                                {Call: with(func(c *phone.Call) { c.Party.Company, c.Ring = "Lind", "ring-2" })},
		`"recordPermissionsChange","recordPermissions":1}`:                                                          {Value: 1},
		`"deleteSession",` + about + `,"cause":"Busy","status":486}`:                                                {Call: c, Cause: phone.CauseBusy, Status: 486},
		`"accepted",` + about + `}`:                                                                                 {Call: c},
		`"confirmed",` + about + `,"encrypted":true}`:                                                               {Call: with(func(c *phone.Call) { c.Encrypted = true })},
		`"ended",` + about + `,"cause":"Terminated"}`:                                                               {Call: c, Cause: phone.CauseTerminated},
		`"failed",` + about + `,"cause":"Media Failure","code":-203,"error":"GET_LOCAL_STREAM_ERROR"}`:              {Call: c, Cause: phone.CauseMedia, Err: phone.ErrLocalStream},
		`"clientError",` + about + `,"cause":"Media Failure","code":-290,"error":"NOT_FOUND_AUDIO_INPUT_DEVICE"}`:   {Call: c, Cause: phone.CauseMedia, Err: phone.ErrNoMicrophone},
		`"reinvite",` + about + `,"encrypted":false,"heldByThem":true,"video":true}`:                                {Call: with(func(c *phone.Call) { c.HeldByThem, c.Video = true, true })},
		`"streamAdded",` + about + `,"video":true}`:                                                                 {Call: c, Video: true},
		`"statusChange",` + about + `,"old":"ringing","new":"talking"}`:                                             {Call: c, Old: with(func(c *phone.Call) { c.State = phone.StateRinging })},
		`"staticStatusChange",` + about + `,"old":{"number":"602"},"new":{"number":"600","name":"Mara"}}`:           {Call: c, Old: phone.Call{Party: phone.Party{Number: "602"}}},
		`"updateTimer",` + about + `,"ringDuration":1,"callingDuration":2,"callDuration":3,"holdDuration":4}`:       {Call: c, Timers: phone.Timers{Ring: time.Second, Calling: 2 * time.Second, Call: 3900 * time.Millisecond, Hold: 4 * time.Second}},
		`"missedCall","call":"c","account":"a","number":"600","direction":"inbound","cause":"Busy","status":486,"missed":true}`: {Cause: phone.CauseBusy, Status: 486,
			Call: phone.Call{ID: "c", Account: "a", Number: "600", Direction: phone.Inbound, State: phone.StateEnded, Cause: phone.CauseBusy, Ring: phone.ToneRing}},
	} {
		name, _, _ := strings.Cut(want[1:], `"`)
		e.Name, e.At = phone.EventName(name), at
		if got := string(headless.EventLine(e)); got != moment+want {
			t.Errorf("%s\nwant %s", got, moment+want)
		}
	}
}
