package phone_test

import (
	"slices"
	"strings"
	"testing"
)

// pairsOfCommands says what comes of every method that takes a call in every situation of that call: "outcome: situations", and
// what comes in all others. "talking calls" are all those that stand, "away" those that are not there.
var pairsOfCommands = map[string]string{
	// Call places a consultation call of it.
	"Call": "unconnected: gathering, calling, ringing, early, consult rings; no parent: ending, away; ok: else",

	"Answer":    "ok: rings here; gone: away; state: else",
	"Reject":    "ok: rings here; gone: away; state: else",
	"Hangup":    "gone: away; ok: else",
	"Terminate": "gone: away; ok: else",

	"Hold":        "ok: talking calls; gone: away; state: else",
	"Unhold":      "ok: talking calls; gone: away; state: else",
	"Mute":        "state: rings here, ending; gone: away; ok: else",
	"Unmute":      "state: rings here, ending; gone: away; ok: else",
	"SetVideo":    "ok: talking calls; gone: away; state: else",
	"Renegotiate": "ok: talking calls; gone: away; state: else",
	"Frame":       "ok: else",
	"DTMF":        "ok: early, talking calls; gone: away; state: else",

	"SetCurrent":      "gone: away; ok: else",
	"SetStaticStatus": "gone: away; ok: else",
	"Silence":         "gone: away; ok: else",
	"Levels":          "ok: else",
	"Stats":           "ok: else",

	"Merge": "ok: consulting, waits for it, beside one, beside held, conference; gone: away; state: else",
	"Split": "ok: conference; gone: away; state: else",

	"StartRecord": "ok: talking calls; gone: away; state: else",
	"PauseRecord": "ok: recording, rec. paused; gone: away; state: else",
	"StopRecord":  "ok: talking calls; gone: away; state: else",

	"BlindTransfer":    "state: transferring, conference; ok: talking calls; gone: away; state: else",
	"AttendedTransfer": "ok: consult rings, consulting, beside one, beside held; gone: away; no parent: else",
	"TransferToCall":   "ok: consulting, waits for it, beside one, beside held; gone: away; state: else", // to the one beside it
	"AcceptTransfer":   "ok: asked away; no request: else",
	"DeclineTransfer":  "ok: asked away; no request: else",
}

// groups are names for several situations.
var groups = map[string][]string{
	"away": {"ended", "unknown"},
	"talking calls": {"talking", "hold pending", "held by us", "held by them", "held by both", "they change", "no way", "recording", "rec. paused",
		"transferring", "asked away", "consulting", "waits for it", "beside one", "beside held", "conference", "being replaced"},
}

// cell reads what a line says of a situation: the first part that names it counts. A name that is none fails the test.
func cell(t *testing.T, line, where string) (outcome string) {
	t.Helper()
	for part := range strings.SplitSeq(line, "; ") {
		said, list, _ := strings.Cut(part, ": ")
		for name := range strings.SplitSeq(list, ", ") {
			group := groups[name]
			if group == nil && name != "else" && !slices.ContainsFunc(situations(), func(s situation) bool { return s.name == name }) {
				t.Fatalf("there is no situation %q", name)
			}
			if outcome == "" && (name == where || name == "else" || slices.Contains(group, where)) {
				outcome = said
			}
		}
	}
	return outcome
}
