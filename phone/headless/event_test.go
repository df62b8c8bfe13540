package headless_test

import (
	"encoding/json"
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
