package app

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/widgets"
)

func TestACallCardShowsTheStateInAWordAColourAndATimer(t *testing.T) {
	at := func(s int) time.Time { return noon.Add(-time.Duration(s) * time.Second) }
	up := phone.Call{Direction: phone.Outbound, State: phone.StateTalking, StartedAt: at(70), AnsweredAt: at(60), MediaUp: true, NetworkType: "host"}
	change := func(f func(*phone.Call)) phone.Call { c := up; f(&c); return c }
	for _, row := range []struct {
		call  phone.Call
		word  string
		color fyne.ThemeColorName
		timer string
		held  bool
	}{
		{phone.Call{Direction: phone.Outbound, State: phone.StateGathering, StartedAt: at(1)}, "Calling", widgets.ColorAccent, "00:01", false},
		{phone.Call{Direction: phone.Outbound, State: phone.StateCalling, StartedAt: at(4)}, "Calling", widgets.ColorAccent, "00:04", false},
		{phone.Call{Direction: phone.Outbound, State: phone.StateRinging, StartedAt: at(11)}, "Ringing there", widgets.ColorAccent, "00:11", false},
		{phone.Call{Direction: phone.Outbound, State: phone.StateAccepted, StartedAt: at(11)}, "Connecting", widgets.ColorAccent, "00:11", false},
		{phone.Call{Direction: phone.Inbound, State: phone.StateAnswering, StartedAt: at(11)}, "Connecting", widgets.ColorAccent, "00:11", false},
		{phone.Call{Direction: phone.Inbound, State: phone.StateRinging, StartedAt: at(2)}, "Ringing here", widgets.ColorAccent, "00:02", false},
		{up, "Talking", widgets.ColorGreen, "01:00", false},
		{change(func(c *phone.Call) { c.HeldByUs, c.HeldAt = true, at(30) }), "Held by you", widgets.ColorAmber, "00:30", true},
		{change(func(c *phone.Call) { c.HeldByThem, c.HeldAt = true, at(5) }), "Held by them", widgets.ColorAmber, "00:05", false},
		{change(func(c *phone.Call) { c.HeldByUs, c.HeldByThem, c.HeldAt = true, true, at(37) }), "Held by both", widgets.ColorAmber, "00:37", true},
		{change(func(c *phone.Call) { c.HoldPending = true }), "Putting on hold", widgets.ColorAmber, "01:00", false},
		{change(func(c *phone.Call) { c.HoldPending, c.HeldByUs, c.HeldAt = true, true, at(9) }), "Resuming", widgets.ColorAmber, "00:09", false},
		{change(func(c *phone.Call) { c.NoSound = true }), "No sound arrives", widgets.ColorAmber, "01:00", false},
		{change(func(c *phone.Call) { c.NoSound, c.HeldByThem, c.HeldAt = true, true, at(5) }), "Held by them", widgets.ColorAmber, "00:05", false},
		{change(func(c *phone.Call) { c.MediaUp = false }), "Reconnecting", widgets.ColorAmber, "01:00", false},
		{change(func(c *phone.Call) { c.MediaUp, c.NetworkType = false, "" }), "Connecting", widgets.ColorAccent, "01:00", false},
		{change(func(c *phone.Call) { c.State = phone.StateEnding }), "Ending", widgets.ColorText2, "01:00", false},
		{change(func(c *phone.Call) { c.State, c.Cause = phone.StateEnded, phone.CauseTerminated }), "They hung up", widgets.ColorText2, "", false},
		{phone.Call{Direction: phone.Outbound, State: phone.StateEnded, Cause: phone.CauseNotFound, SIPStatus: 404}, "No such number (404). Check it.", widgets.ColorRed, "", false},
	} {
		got := standingOf(row.call, noon)
		if got.word != row.word || got.color != row.color || got.timer != row.timer || got.held != row.held {
			t.Errorf("%s %s: %+v, wanted %q %s %q held=%v", row.call.Direction, row.call.State, got, row.word, row.color, row.timer, row.held)
		}
	}
}

func TestTimersAreRead(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "00:00", 0: "00:00", 59 * time.Second: "00:59", 462 * time.Second: "07:42", time.Hour + 62*time.Second: "1:01:02",
	} {
		if got := clockText(d); got != want {
			t.Errorf("%v: %s", d, got)
		}
	}
}

func TestTheFormsServerLeadsToAnAccount(t *testing.T) {
	for _, row := range []struct{ server, user, uri, way string }{
		{"pbx.example", "204", "sip:204@pbx.example", ""},
		{" wss://pbx.example/ws?exten=204 ", "204", "sip:204@pbx.example", "wss://pbx.example/ws?exten=204"},
		{"tcp:pbx.example:5060", "204", "sip:204@pbx.example", "tcp:pbx.example:5060"},
		{"ws://127.0.0.1:8088/ws", "sip:204@pbx.example", "sip:204@pbx.example", "ws://127.0.0.1:8088/ws"},
		{"udp:[::1]:5060", "204", "sip:204@[::1]", "udp:[::1]:5060"},
		{"edge.example", "204@pbx.example", "sip:204@pbx.example", "tls:edge.example"},
	} {
		a, ok := formAccount(row.server, row.user)
		if !ok || a.URI != row.uri || a.Server != row.way {
			t.Errorf("%q %q: %v %q %q", row.server, row.user, ok, a.URI, a.Server)
		}
	}
	for _, bad := range [][2]string{{"", "204"}, {"pbx.example", ""}, {"", ""}, {"wss://", "204"}} {
		if a, ok := formAccount(bad[0], bad[1]); ok {
			t.Errorf("%q makes %+v", bad, a)
		}
	}
}

func TestTheStatusSaysHowTheLineStands(t *testing.T) {
	acc := phone.Account{ID: "a", URI: "sip:204@pbx.example"}
	direct := acc
	direct.Direct = true
	for _, row := range []struct {
		state phone.AccountState
		shape widgets.DotShape
		word  string
	}{
		{phone.AccountState{Account: acc, Registered: true, Connected: true}, widgets.DotReady, "Ready"},
		{phone.AccountState{Account: direct, Connected: true}, widgets.DotReady, "Ready"},
		{phone.AccountState{Account: direct, Cause: phone.CauseConnection}, widgets.DotOff, "Not connected"},
		{phone.AccountState{Account: acc, Registered: true}, widgets.DotBusy, "Reconnecting"},
		{phone.AccountState{Account: acc, Registering: true, Cause: phone.CauseConnection}, widgets.DotBusy, "Connecting"},
		{phone.AccountState{Account: acc}, widgets.DotBusy, "Connecting"},
		{phone.AccountState{Account: acc, Cause: phone.CauseConnection}, widgets.DotOff, "Not connected"},
	} {
		got := lineStatus(row.state)
		if got.Shape != row.shape || got.Word != row.word || got.Line != "204" {
			t.Errorf("%+v: %+v", row.state, got)
		}
	}
}

func TestPreferencesSurviveAndNonsenseDoesNot(t *testing.T) {
	dir := t.TempDir()
	log := newBench(t, 1280, 800).app.log
	p := loadPrefs(dir, log)
	p.Width, p.Height, p.Appearance, p.Devices.Microphone = 900, 700, widgets.AppearanceDark, "m1"
	p.save(dir, log)
	if got := loadPrefs(dir, log); got != p {
		t.Errorf("%+v", got)
	}
	p.Width, p.Appearance = -5, "pink"
	p.save(dir, log)
	if got := loadPrefs(dir, log); got.Width != 1280 || got.Appearance != widgets.AppearanceSystem {
		t.Errorf("%+v", got)
	}
}
