//go:build linux

package interop

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/phonetest"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// Our own voice in the tests: a tone of this frequency and level (dBFS, RMS).
const (
	ourTone       = 660.0
	ourLevel      = -14.0
	ourMicrophone = "tone:660:-14"
)

// ourPhone is Hookswitch in this process: the operator with its real ports, a tone for a microphone and a
// speaker that keeps what it is given.
type ourPhone struct {
	*phone.Operator
	t      *testing.T
	events *phonetest.Recorder
	cancel func() // ends the recording of events
	ear    *virtual.Probe
}

// startOurs starts an operator with these accounts; each registers at once.
func startOurs(t *testing.T, accounts ...phone.Account) *ourPhone {
	t.Helper()
	return startOursWith(t, func(*wiring.Options) {}, accounts...)
}

// startOursWith starts one that is wired otherwise.
func startOursWith(t *testing.T, change func(*wiring.Options), accounts ...phone.Account) *ourPhone {
	t.Helper()
	p := &ourPhone{t: t, ear: virtual.NewProbe("ear", "the test's ear")}
	p.Operator = wire(t, p.ear, change)
	p.recordAnew()
	t.Cleanup(func() {
		p.cancel()
		within, done := context.WithTimeout(context.Background(), 10*time.Second)
		defer done()
		if err := p.Destroy(within); err != nil {
			t.Errorf("the operator does not end properly: %v", err)
		}
		if t.Failed() {
			t.Logf("our events: %s", p.events)
		}
	})
	for _, account := range accounts {
		if err := p.AddAccount(account); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// recordAnew forgets the events so far.
func (p *ourPhone) recordAnew() {
	if p.cancel != nil {
		p.cancel()
	}
	p.events = phonetest.NewRecorder()
	p.cancel = p.Subscribe(p.events.Queue, p.events.Add)
}

// account is a user of that Kamailio as an account of ours.
func (k *kamailio) account(user, server string) phone.Account {
	return phone.Account{ID: phone.AccountID(user), URI: k.uri(user), Server: server, CA: k.CA,
		Secret: phone.NewPassword(k.Users[user]), Media: phone.MediaWebRTC, Temporary: true}
}

func (p *ourPhone) awaitRegistered() {
	p.t.Helper()
	if _, err := p.events.WaitFor(phone.EventRegistered, 10*time.Second); err != nil {
		p.t.Fatal(err)
	}
}

// dial calls, as soon as a second has passed since the call before (the contract's CALL_TOO_MANY_TIMES), and
// returns the call's id.
func (p *ourPhone) dial(number string) phone.CallID {
	p.t.Helper()
	var call phone.Call
	var err error
	eventually(5*time.Second, func() bool {
		call, err = p.Call(context.Background(), phone.CallRequest{Number: number})
		return !errors.Is(err, phone.ErrCallTooSoon)
	})
	if err != nil {
		p.t.Fatalf("call %s: %v", number, err)
	}
	return call.ID
}

// awaitRinging waits for an incoming call.
func (p *ourPhone) awaitRinging() phone.CallID {
	p.t.Helper()
	event, err := p.events.WaitFor(phone.EventIncoming, 10*time.Second)
	if err != nil {
		p.t.Fatal(err)
	}
	return event.Call.ID
}

func (p *ourPhone) awaitState(id phone.CallID, state phone.State) phone.Call {
	p.t.Helper()
	event, err := p.events.WaitState(id, state, 15*time.Second)
	if err != nil {
		p.t.Fatal(err)
	}
	return event.Call
}

// must is for commands that the operator has to accept.
func (p *ourPhone) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// recent is the last 300 ms that the speaker was given; nil where there is less.
func (p *ourPhone) recent() []int16 {
	pcm := p.ear.Heard().PCM
	const window = 300 * pulsetest.Rate / 1000
	if len(pcm) < window {
		return nil
	}
	if len(pcm) > 40*pulsetest.Rate { // the probe keeps the first minute only
		p.ear.Reset()
	}
	return pcm[len(pcm)-window:]
}

// hear measures that.
func (p *ourPhone) hear() heard {
	pcm := p.recent()
	if pcm == nil {
		return heard{Level: -120}
	}
	tone := pulsetest.Measure(pcm)
	return heard{Level: tone.Level, Frequency: tone.Frequency, Purity: tone.Purity}
}

func (p *ourPhone) awaitTone(frequency, level float64) {
	p.t.Helper()
	var last heard
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.is(frequency, level) }) {
		p.t.Fatalf("we should hear %.0f Hz at %.1f dBFS, and hear %+v", frequency, level, last)
	}
}

func (p *ourPhone) awaitSilence() {
	p.t.Helper()
	var last heard
	if !eventually(10*time.Second, func() bool { last = p.hear(); return last.silent() }) {
		p.t.Fatalf("we should hear silence, and hear %+v", last)
	}
}

// servers are the ways to reach that Kamailio.
func (k *kamailio) servers(user string) map[string]string {
	return map[string]string{
		"WS":              "ws://" + address(k.WS),
		"WSS":             "wss://" + address(k.WSS),
		"WSS with a path": "wss://" + address(k.WSS) + "/ws?exten=" + user,
		"TCP":             "tcp:" + address(k.TCP),
		"UDP":             "udp:" + address(k.UDP),
	}
}

// said tells whether Kamailio's log holds these words.
func (k *kamailio) said(words string) bool { return strings.Contains(k.text(), words) }

// demoAccount is its first extension as an account of ours.
func demoAccount(pbx *demopbx.PBX) phone.Account {
	a := pbx.Account(0)
	return phone.Account{ID: phone.AccountID(a.User), URI: a.URI, Server: a.WS, CA: a.CAFile,
		Secret: phone.NewPassword(a.Password), Media: phone.MediaWebRTC, Temporary: true}
}
