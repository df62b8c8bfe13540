package wiring_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// step is one row of the table of commands: what is said, what is replied, and which events follow.
type step struct {
	after time.Duration    // a pause before
	far   func(a *automat) // what the other extension does
	say   string           // $name stands for a call's id
	code  int              // 0: accepted
	error string
	has   string   // what the reply holds
	then  []string // events, each by words that its line holds
	as    string   // names the call of the reply, or of the last event where nothing is said
}

const (
	anew = 1050 * time.Millisecond // a second call within a second is refused

	unknown    = "UNKNOWN_ERROR"
	notFound   = "NOT_FOUND_CALL_ID"
	badNumber  = "INVALID_NUMBER"
	noParent   = "ATTENDED_PARENT_NOT_FOUND"
	unanswered = "CURRENT_CALL_HAS_NOT_CONNECTED"
)

func events(words ...string) []string { return words }

// everyCommand is the table, in the order of its rows: each verb of the language where it is accepted, and with each of its errors.
func everyCommand() []step {
	return slices.Concat(withoutCalls(), wrongLines(), devicesAndRegistration(), refusedCalls(), whileItRings(), inACall(), recorded(), together(), transferred(),
		[]step{{say: "quit"}})
}

func refused(code int, name string, lines ...string) (rows []step) {
	for _, line := range lines {
		rows = append(rows, step{say: line, code: code, error: name})
	}
	return rows
}

func withoutCalls() []step {
	return slices.Concat([]step{
		{say: "status", has: `"registered":true`}, // the first command waits for the registration
		{say: "calls", has: `"calls":[]`},
		{say: "devices", has: `"deviceIds":{`},
		{say: "history", has: `"history":[],"unseen":0`},
		{say: "contacts", has: `"contacts":[]`},
		{say: "contacts Mara Lindqvist", has: `"contacts":[]`},
		{say: "import-contacts $vcf", has: `"added":1,"known":0,"skipped":1`},
		{say: "import-contacts $vcf", has: `"added":0,"known":1,"skipped":1`},
		{say: "contacts LINDQVIST", has: `"contacts":[{"name":"Mara Lindqvist","numbers":[{"label":"mobile","number":"0170 5550142"}]}]`},
		{say: "export-contacts $vcf", code: -1, error: unknown}, // it is there
		{say: "export-contacts $vcf.new"},
		{say: "import-contacts $vcf.new", has: `"added":0,"known":1,"skipped":0`},
	}, refused(-211, notFound, "answer", "reject", "hangup", "hold", "unhold", "mute", "unmute", "dtmf 1", "transfer 602", "attended", "current", "stats",
		"record start", "record pause", "record stop", "video on", "video off", "consult 602", "accept-transfer", "decline-transfer",
		"answer gone", "reject gone", "hangup gone", "hold gone", "unhold gone", "mute gone", "unmute gone", "dtmf gone 1", "transfer gone 602",
		"attended gone", "attended gone gone", "current gone", "stats gone", "record start gone", "video on gone", "consult gone 602", "merge gone", "split gone",
		"accept-transfer gone", "decline-transfer gone"),
		refused(-200, unknown, "merge", "split"))
}

// wrongLines are no commands.
func wrongLines() []step {
	return refused(-1, unknown, "dance 600", "CALL 600", "call", "call 600 601", "call 600 header nothing", "consult", "answer a b", "reject a b", "hangup a b",
		"hold a b", "unhold a b", "mute a b", "unmute a b", "dtmf", "dtmf a b c", "transfer", "attended a b c", "accept-transfer a b", "decline-transfer a b",
		"record", "record loudly", "record folder", "video", "video sideways", "split a b", "current a b", "microphone", "speaker", "ringer", "camera",
		"devices x", "calls x", "stats a b", "register a b", "unregister a b", "status x", "quit x",
		"history x", "history 0", "history 1001", "history 5 missed", "history missed 5 5", "history missed missed", "contacts a b c d e f g h i j k l m n o p q",
		"import-contacts", "import-contacts a.vcf", "import-contacts /dev/zero", "import-contacts /no/such.vcf", "export-contacts", "export-contacts /no/such/folder.vcf")
}

func devicesAndRegistration() []step {
	return slices.Concat([]step{
		{say: "microphone null", then: events(`"event":"deviceIdsChange"`)},
		{say: "microphone tone:440"},
		{say: "speaker null"},
		{say: "ringer null", then: events(`"event":"deviceIdsChange"`)},
		{say: "call 600 video", code: -291, error: "NOT_FOUND_VIDEO_INPUT_DEVICE"},
		{say: "microphone nosuch", code: -290, error: "NOT_FOUND_AUDIO_INPUT_DEVICE"},
		{say: "camera nosuch", code: -291, error: "NOT_FOUND_VIDEO_INPUT_DEVICE"},
	}, refused(-200, unknown, "speaker nosuch", "ringer nosuch", "register nobody", "unregister nobody"), []step{
		{say: "unregister", then: events(`"event":"isRegisteredChange"`)},
		{say: "call 600", code: -201, error: "REGISTRY_FAILED"},
		{say: "register", then: events(`"event":"registered"`)},
		{say: "unregister demo-1001", then: events(`"event":"isRegisteredChange"`)},
		{say: "register demo-1001", then: events(`"event":"registered"`)},
	})
}

func refusedCalls() []step {
	return slices.Concat(refused(-209, badNumber, "call sip:;x", `call "6 0 0;x=y"`),
		refused(-200, unknown, `call 600 header "Via: SIP/2.0/UDP 192.0.2.1"`, `call 600 header "Content-Type: text/plain"`, `call 600 header "Authorization: x"`), []step{
			{say: "call 605", as: "a", then: events(`"newRTCSession" $a`, `"startSession" $a`, `"failed" $a "cause":"Rejected"`, `"deleteSession" $a`)},
			{say: "call 600", code: -208, error: "CALL_TOO_MANY_TIMES"},
			{after: anew, say: "history 5", has: `"number":"605"`}, // written in a moment
			{say: "history missed", has: `"history":[],"unseen":0`},
		})
}

func whileItRings() []step {
	return slices.Concat([]step{
		{after: anew, say: "call 604", as: "a", then: events(`"startSession" $a`, `"new":"ringing" $a`)},
		{say: "calls", has: `"state":"ringing"`},
		{say: "mute"}, {say: "unmute"}, {say: "current"},
	}, refused(-200, unknown, "hold", "unhold", "dtmf 1", "transfer 602", "record start", "record pause", "video on", "video off", "answer $a", "reject $a", "merge", "split $a"),
		refused(-207, noParent, "attended"), []step{
			{after: anew, say: "call 600", code: -210, error: unanswered},
			{say: "consult $a 602", code: -210, error: unanswered},
			{far: calls("1001"), as: "in", then: events(`"event":"incoming"`)},
			{say: "answer", code: -210, error: unanswered},
			{say: "mute $in", code: -200, error: unknown},
			{say: "reject", then: events(`"deleteSession" $in "cause":"Rejected"`)},
			{say: "hangup", then: events(`"deleteSession" $a "cause":"Canceled"`)},
		})
}

func inACall() []step {
	return slices.Concat([]step{
		{after: anew, say: `call 600 header "X-Order: 7"`, as: "a", then: events(`"accepted" $a`, `"confirmed" $a "direction":"outbound"`)},
		{say: "mute", then: events(`"muted":true`)}, {say: "unmute"},
		{say: "dtmf 12a#"},
		{say: "dtmf hello", code: -209, error: badNumber},
		{say: "stats", has: `"packetsSent":`},
		{say: "hold", then: events(`"event":"statusChange" "heldByUs":true`)},
		{say: "hold $a"},
		{say: "unhold", then: events(`"event":"statusChange"`)},
		{say: "current $a", has: `"call":`},
		{say: "video on", code: -291, error: "NOT_FOUND_VIDEO_INPUT_DEVICE"},
		{say: "camera pattern", then: events(`"event":"deviceIdsChange"`)},
		{say: "video on", then: events(`"event":"streamAdded" $a "video":true`)}, // the echo shows us our own picture
		{say: "calls", has: `"camera":true`},
		{say: "video off $a", then: events(`"event":"statusChange" $a "videoPending":true`)},
		{say: "attended", code: -207, error: noParent},
		{say: "transfer sip:;x", code: -209, error: badNumber},
		{say: "consult sip:;x", code: -209, error: badNumber},
		{say: `consult 602 header "Via: x"`, code: -200, error: unknown},
	}, refused(-200, unknown, "answer $a", "reject $a", "split $a", "merge $a"))
}

func recorded() []step {
	return slices.Concat(refused(-200, unknown, "record start", "record pause", "record folder relative", "record format mp3", "record notice loud"), []step{
		{say: "record agree", has: `"agreed":true`, then: events(`"event":"recordSettingsChange"`)},
		{say: "record format wav"}, {say: "record notice off"}, {say: `record folder ""`},
		{say: "record start", then: events(`"recordStatus":"recording"`)},
		{say: "record pause", then: events(`"recordStatus":"pause"`)},
		{say: "record start $a", then: events(`"recordStatus":"recording"`)},
		{say: "record stop", then: events(`"recordStatus":"stop"`)},
	})
}

func together() []step {
	return []step{
		{after: anew, say: "consult $a 601", as: "c", then: events(`"newRTCSession" $c`, `"confirmed" $c`)},
		{say: "merge", has: `"calls":["`, then: events(`"isConference":true`)},
		{say: "hold", then: events(`"heldByUs":true`)}, {say: "unhold"},
		{say: "split $c", then: events(`"event":"statusChange"`)},
		{say: "split $c", code: -200, error: unknown},
		{say: "merge $a $c"}, {say: "split"},
		{after: anew, say: "call 602", code: -205, error: "MAX_LIMIT_CALL"},
		{say: "hangup $c", then: events(`"deleteSession" $c`)},
	}
}

func transferred() []step {
	return []step{
		{after: anew, say: "consult 602", as: "c", then: events(`"confirmed" $c`)},
		{say: "attended", then: events(`"event":"transferred"`)},
		{far: idle},
		{after: anew, say: "call 602", as: "a", then: events(`"confirmed" $a`)},
		{say: "transfer 601", then: events(`"event":"transferred"`)},
		{far: idle},
		{after: anew, say: "call 602", as: "a", then: events(`"confirmed" $a`)}, // neither because of the other
		{after: anew, say: "call 601", as: "b", then: events(`"confirmed" $b`)},
		{say: "attended $b $b", code: -200, error: unknown},
		{say: "attended $b gone", code: -211, error: notFound},
		{say: "attended $b $a", then: events(`"event":"transferred"`)},
		{far: idle},
		{far: calls("1001"), as: "in", then: events(`"event":"incoming"`)},
		{say: "answer", then: events(`"startSession" $in`, `"confirmed" $in`)},
		{far: sends("600"), then: events(`"event":"transferRequest"`)},
		{say: "decline-transfer", then: events(`"event":"transferRequestEnded"`)},
		{far: sends("601"), then: events(`"event":"transferRequest"`)},
		{say: "accept-transfer", as: "d", then: events(`"newRTCSession" $d "number":"601"`, `"confirmed" $d`)},
	}
}

// calls lets the other extension dial.
func calls(number string) func(a *automat) {
	return func(a *automat) {
		if _, err := a.far.Call(context.Background(), phone.CallRequest{Number: number}); err != nil {
			a.Fatal(err)
		}
	}
}

// sends lets the other extension transfer us, as soon as it can.
func sends(number string) func(a *automat) {
	return func(a *automat) {
		for limit := time.Now().Add(stepLimit); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
			for _, c := range a.far.Snapshot().Calls {
				if a.far.BlindTransfer(context.Background(), c.ID, number) == nil {
					return
				}
			}
		}
		a.Fatal("the other extension cannot transfer us")
	}
}

// idle waits until no call is left.
func idle(a *automat) {
	for limit := time.Now().Add(stepLimit); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if calls, ok := a.say("calls")["calls"].([]any); ok && len(calls) == 0 {
			return
		}
	}
	a.Fatal("calls are left")
}

func TestEveryCommandRepliesWithItsCodeOnStdinAndThroughCtl(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	for name, byCtl := range map[string]bool{"stdin": false, "ctl": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			automated(t, byCtl, func(a *automat) {
				for _, s := range everyCommand() {
					a.do(s)
				}
			})
		})
	}
}

func TestEveryVerbIsInTheTableAcceptedAndRefused(t *testing.T) {
	accepted, turnedDown := map[string]bool{}, map[string]bool{}
	for _, s := range everyCommand() {
		verb, _, _ := strings.Cut(s.say, " ")
		if s.code == 0 {
			accepted[verb] = true
		} else {
			turnedDown[verb] = true
		}
	}
	for _, verb := range headless.Verbs() {
		if !accepted[verb] || !turnedDown[verb] {
			t.Errorf("%s: accepted %t, refused %t", verb, accepted[verb], turnedDown[verb])
		}
	}
	delete(accepted, "")
	for verb := range accepted {
		if !slices.Contains(headless.Verbs(), verb) {
			t.Errorf("%q is no verb", verb)
		}
	}
}
