package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2/test"

	"github.com/hookswitch/hookswitch/assets"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
	"github.com/hookswitch/hookswitch/widgets"
)

// refusals are the world's answers to a call, and what the user reads.
var refusals = []struct {
	is      phone.Refused
	english string
}{
	{phone.Refused{Status: 300}, "The number has moved (300). Ask for the new one."},
	{phone.Refused{Status: 301}, "The number has moved for good (301). Ask for the new one."},
	{phone.Refused{Status: 302}, "The number has moved for now (302). Try again later."},
	{phone.Refused{Status: 302, Redirect: "sip:5550199@pbx.example"}, "Moved to 5550199 (302)."},
	{phone.Refused{Status: 302, Redirect: "sip:600@pbx.example"}, "The call ran in a circle (302). Ask your administrator."},
	{phone.Refused{Status: 305}, "Another server must be asked (305). Ask your administrator."},
	{phone.Refused{Status: 401, Cause: phone.CauseAuthentication}, "The password was refused (401). Check it in Settings."},
	{phone.Refused{Status: 403}, "The server does not allow this call (403). Ask your administrator."},
	{phone.Refused{Status: 404}, "No such number (404). Check it."},
	{phone.Refused{Status: 408}, "Nobody answered in time (408). Try again later."},
	{phone.Refused{Status: 410}, "This number is out of use (410). Ask for another."},
	{phone.Refused{Status: 415}, "Their phone cannot read our call (415). Ask your administrator."},
	{phone.Refused{Status: 420}, "Their phone lacks a needed feature (420). Ask your administrator."},
	{phone.Refused{Status: 423}, "The server wants longer times (423). Ask your administrator."},
	{phone.Refused{Status: 480}, "Not reachable (480). Try again later."},
	{phone.Refused{Status: 482}, "The call ran in a circle (482). Ask your administrator."},
	{phone.Refused{Status: 484}, "The number is incomplete (484). Check it."},
	{phone.Refused{Status: 486}, "Busy. Try again later."},
	{phone.Refused{Status: 486, RetryAfter: 7 * time.Second}, "Busy. Try again in 7 s."},
	{phone.Refused{Status: 487}, "The call was broken off on the way (487). Call again."},
	{phone.Refused{Status: 488}, "No common sound format (488). Ask your administrator."},
	{phone.Refused{Status: 500}, "The server failed (500). Try again later."},
	{phone.Refused{Status: 503}, "The server is overloaded or out of service (503). Try again later."},
	{phone.Refused{Status: 503, Why: phone.Why{Q850: 20}}, "Not reachable (503). Try again later."},
	{phone.Refused{Status: 600}, "Busy on every phone (600). Try again later."},
	{phone.Refused{Status: 603}, "They declined (603). Try again later."},
	{phone.Refused{Status: 604}, "The number exists nowhere (604). Check it."},
	{phone.Refused{Status: 606}, "Their phone cannot take such calls (606). Ask your administrator."},
	{phone.Refused{Status: 499}, "The call failed (499). Try again later."},
	{phone.Refused{Cause: phone.CauseRequestTimeout}, "The server did not answer. Try again."},
	{phone.Refused{Cause: phone.CauseConnection}, "No connection to the server. Check the network."},
	{phone.Refused{Cause: phone.CauseCertificate}, "The server's certificate is not trusted. Ask your administrator."},
}

// refusedCall is a call to 600 that the operator saw refused so.
func refusedCall(t *testing.T, is phone.Refused) (ended phone.Call) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net, media, events := phonetest.NewSignalling(nil), phonetest.NewMedia(nil), phonetest.NewRecorder()
		net.AutoRegister, media.Auto = true, true
		op := phone.New(phone.Config{Signalling: net, Media: media, Devices: phonetest.Devices{}})
		op.Subscribe(events.Queue, events.Add)
		must(t, op.AddAccount(phone.Account{ID: "1001", URI: "sip:1001@pbx.example", Server: "udp:pbx.example", Secret: phone.NewPassword("secret")}))
		must(t, op.Start())
		synctest.Wait()
		c, err := op.Call(context.Background(), phone.CallRequest{Number: "600"})
		must(t, err)
		synctest.Wait()
		is.Dialog = phone.DialogID(c.ID)
		net.Line("1001").Post(is)
		synctest.Wait()
		for _, e := range events.Events() {
			if e.Name == phone.EventDeleteSession {
				ended = e.Call
			}
		}
		must(t, op.Destroy(context.Background()))
	})
	return ended
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachRefusalIsToldInASentenceOfItsOwn(t *testing.T) {
	test.NewTempApp(t)
	seen := map[string]int{}
	for _, row := range refusals {
		c := refusedCall(t, row.is)
		got := callSentence(c)
		if got != row.english || !callFailed(c) || c.SIPStatus != row.is.Status {
			t.Errorf("%+v: %q, not %q (%s, failed %v)", row.is, got, row.english, c.Cause, callFailed(c))
		}
		plain := strings.ReplaceAll(got, statusMark(c.SIPStatus), "")
		if other, twice := seen[plain]; twice && plain != "The call ran in a circle. Ask your administrator." && row.is.Why == (phone.Why{}) {
			t.Errorf("%d and %d say the same: %s", other, row.is.Status, got)
		}
		seen[plain] = row.is.Status
		if n := len(strings.Fields(got)); n > 12 {
			t.Errorf("%d words: %s", n, got)
		}
	}
}

func TestALongWaitIsToldByTheClock(t *testing.T) {
	test.NewTempApp(t)
	c := phone.Call{Direction: phone.Outbound, Cause: phone.CauseBusy, SIPStatus: 486, EndedAt: noon, RetryAfter: 90 * time.Minute}
	if got, want := callSentence(c), "Busy. Try again at "+noon.Add(90*time.Minute).Local().Format("15:04")+"."; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

// The sentences of both languages are there, with the same words to fill in.
func TestEverySentenceIsThereInGermanToo(t *testing.T) {
	languages := map[string]map[string]string{}
	for _, name := range []string{"en", "de"} {
		data, err := assets.Translations.ReadFile("translations/" + name + ".json")
		must(t, err)
		texts := map[string]string{}
		must(t, json.Unmarshal(data, &texts))
		languages[name] = texts
	}
	for key, text := range languages["en"] {
		other := languages["de"][key]
		for _, hole := range []string{"{{.Code}}", "{{.Again}}", "{{.Number}}", "{{.Name}}", "{{.Time}}", "{{.Seconds}}", "{{.Why}}"} {
			if strings.Contains(text, hole) != strings.Contains(other, hole) {
				t.Errorf("%s: %q and %q", key, text, other)
			}
		}
	}
	for status, key := range callStatuses {
		if languages["de"][key] == "" || languages["en"][key] == "" {
			t.Errorf("%d has no sentence", status)
		}
	}
}

// The narrowest card, with two buttons beside the sentence, shows each of them whole.
func TestNoSentenceOfARefusalIsCutInTheNarrowestCard(t *testing.T) {
	test.NewTempApp(t)
	for _, name := range []string{"en", "de"} {
		data, err := assets.Translations.ReadFile("translations/" + name + ".json")
		must(t, err)
		texts := map[string]string{}
		must(t, json.Unmarshal(data, &texts))
		fill := strings.NewReplacer("{{.Code}}", " (503)", "{{.Again}}", texts["cause.again"])
		for key, text := range texts {
			if !strings.HasPrefix(key, "cause.call.") && !strings.HasPrefix(key, "cause.status.") {
				continue
			}
			height := func(lines int) float32 {
				text := widgets.NewText(widgets.TextState{Text: fill.Replace(text), Size: widgets.SizeState, Bold: true, Lines: lines})
				return text.HeightFor(128)
			}
			if shown, whole := height(6), height(30); shown != whole {
				t.Errorf("%s %s: %v of %v high: %s", name, key, shown, whole, text)
			}
		}
	}
}

func TestACallTakenElsewhereIsNeitherMissedNorAFailure(t *testing.T) {
	b := newBench(t, 1280, 800)
	c := ringing()
	c.State, c.Cause, c.EndedAt = phone.StateEnded, phone.CauseElsewhere, noon
	b.over(phone.EventDeleteSession, c)
	if row := b.rows()[0]; row.Missed || !strings.Contains(row.Second, "Answered on another phone") || callFailed(c) {
		t.Errorf("%+v", row)
	}
	c.Cause = phone.CauseIncompatibleSDP
	c.SIPStatus = 488
	b.over(phone.EventMissed, c)
	if row := b.rows()[0]; !row.Missed || !strings.Contains(row.Second, "Missed · No common sound format (488)") {
		t.Errorf("%+v", row)
	}
}

func TestAMovedNumberIsCalledByItsButtonOnly(t *testing.T) {
	b := newBench(t, 1280, 800)
	c := outgoing(phone.StateEnded)
	c.Cause, c.SIPStatus, c.Redirect, c.EndedAt = phone.CauseRedirected, 302, "sip:bob@elsewhere.example", noon
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: c})
	b.did()
	shown := b.app.shell.view.live[0].card
	if shown.Follow != "Call bob@elsewhere.example" || shown.Again != "" || shown.Word != "Moved to bob@elsewhere.example (302)." {
		t.Errorf("%+v", shown)
	}
	test.Tap(b.app.shell.list.cards[c.ID].Follow())
	b.wait()
	b.did("call sip:bob@elsewhere.example")
	if len(b.app.shell.view.live) != 0 {
		t.Error("the card stays")
	}
}
