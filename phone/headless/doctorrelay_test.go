package headless_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

var (
	works   = headless.Relay{URL: "turn:turn.example", Mapped: "192.0.2.7:40000", Relayed: "198.51.100.1:50000", RoundTrip: 20 * time.Millisecond}
	refuses = headless.Relay{URL: "turn:turn.example", Err: fmt.Errorf("rtc: %w: 401 Unauthorized", phone.ErrRelayRefused)}
)

// withRelays gives the account such servers; a WebSocket server makes its calls WebRTC.
func withRelays(webRTC bool, list ...headless.Relay) func(*stage, *headless.Examination) {
	return func(s *stage, x *headless.Examination) {
		if webRTC {
			a := s.op.Snapshot().Accounts[0].Account
			a.Server, a.Secret = "wss://pbx.example/ws", phone.NewPassword("hunter2")
			if err := s.op.AddAccount(a); err != nil {
				panic(err)
			}
		}
		x.Relays = func(_ context.Context, id phone.AccountID) []headless.Relay {
			if id != "1001" {
				return nil
			}
			return list
		}
	}
}

func TestARelayThatWorksIsToldWithBothAddresses(t *testing.T) {
	stun := headless.Relay{URL: "stun:stun.example", Mapped: "192.0.2.7:40001", RoundTrip: 12 * time.Millisecond}
	r := examine(t, 10, 1, withRelays(true, works, stun))
	if !r.OK || r.Text != "All is well." || len(r.Relays) != 2 || !r.Relays[0].OK || r.Relays[0].RoundTripMs != 20 {
		t.Errorf("report = %+v", r)
	}
	told := fmt.Sprint(r.Checks)
	for _, part := range []string{"takes the password, relays at 198.51.100.1:50000, and sees us at 192.0.2.7:40000", "stun:stun.example sees us at 192.0.2.7:40001, after 12 ms"} {
		if !strings.Contains(told, part) {
			t.Errorf("%s lacks %q", told, part)
		}
	}
	data, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(data), `"relays":[{"url":"turn:turn.example","ok":true,"mapped":"192.0.2.7:40000","relayed":"198.51.100.1:50000","roundTripMs":20}`) {
		t.Errorf("%s, %v", data, err)
	}
}

func TestARelayThatFailsIsAWarningWhereCallsWorkWithoutIt(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want headless.Reason
		says string
	}{
		"refused":     {refuses.Err, headless.ReasonRelayRefused, "refuses us (401 Unauthorized). Check the relay's user name and password."},
		"certificate": {fmt.Errorf("rtc: %w: x509: expired", phone.ErrRelayCertificate), headless.ReasonRelayCertificate, "(x509: expired)"},
		"silent":      {fmt.Errorf("rtc: %w: all retransmissions failed", phone.ErrRelayUnreachable), headless.ReasonRelayUnreachable, "(all retransmissions failed). Check address"},
		"no name":     {fmt.Errorf("rtc: %w: %w", phone.ErrRelayUnreachable, &net.DNSError{Err: "no such host"}), headless.ReasonRelayUnreachable, "DNS: no such host"},
		"no address":  {phone.ErrRelayAddress, headless.ReasonRelayAddress, "cannot be read"},
		"DTLS":        {phone.ErrNotSupported, headless.ReasonRelayUnchecked, "not asked"},
		"else":        {errors.New("else"), headless.ReasonRelayUnreachable, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, 10, 1, withRelays(true, headless.Relay{URL: "turn:turn.example", Err: c.err}))
			if !r.OK || r.Text != "Calls work, but see the warnings." || r.Relays[0].OK || r.Relays[0].Reason != c.want {
				t.Errorf("report = %+v", r)
			}
			for _, check := range r.Checks {
				if check.Name == "relay" && (!check.OK || !check.Warning || check.Reason != c.want || !strings.Contains(check.Text, c.says)) {
					t.Errorf("check = %+v", check)
				}
			}
		})
	}
}

func TestWithoutSoundTheRelaysTroubleIsTheReason(t *testing.T) {
	if r := examine(t, 0, 1, withRelays(true, refuses)); r.OK || r.Reason != headless.ReasonRelayRefused || !strings.Contains(r.Text, "No relay works either. turn:turn.example refuses us") {
		t.Errorf("report = %+v", r)
	}
	if r := examine(t, 0, 1, withRelays(true, refuses, works)); r.OK || r.Reason != headless.ReasonNoMedia || !strings.Contains(r.Text, "A relay works.") {
		t.Errorf("report = %+v", r)
	}
}

func TestSTUNIsNoRelay(t *testing.T) {
	stun := headless.Relay{URL: "stun:stun.example", Mapped: "192.0.2.7:40001"}
	if r := examine(t, 0, 1, withRelays(true, stun)); r.OK || r.Reason != headless.ReasonNoMedia || !strings.Contains(r.Text, "name a relay") {
		t.Errorf("report = %+v", r)
	}
}

func TestRelaysThatNoCallUsesAreNoReason(t *testing.T) {
	r := examine(t, 0, 1, withRelays(false, refuses))
	if r.OK || r.Reason != headless.ReasonNoMedia || !strings.Contains(fmt.Sprint(r.Checks), `only WebRTC does ("media" is rtp)`) {
		t.Errorf("report = %+v", r)
	}
}
