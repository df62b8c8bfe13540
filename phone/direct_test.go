package phone_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// direct gives the desk an account without a registrar.
func direct(_ *phone.Config, d *desk) {
	d.account.Server, d.account.Direct, d.account.Secret = "udp:192.0.2.5:5060", true, phone.Secret{}
}

func TestAnAccountWithoutARegistrarCallsAndIsCalledAndIsNeverRegistered(t *testing.T) {
	onDesk(t, func(d *desk) {
		s := d.op.Snapshot()
		if a := s.Accounts[0]; a.Registered || s.Registered() || !a.Connected || a.Registering || !a.Ready() || !s.Ready() {
			t.Fatalf("%+v", a)
		}
		d.wantTold(phone.EventConnected)
		d.talk("600")
		d.ring("in", "602")
		d.wantState("in", phone.StateRinging)
		time.Sleep(2 * time.Hour)
		if n := d.net.Count("1001.Register"); n != 1 {
			t.Errorf("it connects %d times", n)
		}
		for _, never := range []phone.EventName{phone.EventRegistered, phone.EventIsRegisteredChange} {
			if n := d.events.Count(never); n != 0 {
				t.Errorf("%s is told %d times", never, n)
			}
		}
	}, direct)
}

func TestAnAccountWithoutARegistrarThatWasLeftTakesNoCallsUntilItIsWantedAgain(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.Unregister("1001"))
		d.settle()
		d.wantTold(phone.EventDisconnected)
		time.Sleep(time.Second)
		if _, err := d.op.Call(context.Background(), phone.CallRequest{Number: "600"}); !errors.Is(err, phone.ErrRegistryFailed) {
			t.Errorf("a call: %v", err)
		}
		d.post(phone.TransportUp{}) // a datagram of somebody's makes no difference
		d.ring("in", "602")
		if calls := d.op.Snapshot().Calls; len(calls) != 0 || d.net.Count("1001.End in 480") != 1 {
			t.Errorf("it rings: %+v, %v", calls, d.net.Count("1001.End in 480"))
		}
		if n := d.net.Count("1001.Unregister"); n != 0 {
			t.Error("a REGISTER is sent, though there is no registrar")
		}
		d.wantSent("1001.Disconnect")
		d.must(d.op.Register("1001"))
		d.settle()
		d.ring("in2", "602")
		d.wantState("in2", phone.StateRinging)
	}, direct)
}

func TestAnAccountWithoutARegistrarConnectsAgainWhereThatFailed(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.TransportDown{Cause: phone.CauseConnection})
		d.post(phone.RegisterDone{Cause: phone.CauseConnection})
		if a := d.op.Snapshot().Accounts[0]; a.Ready() || a.Cause != phone.CauseConnection || a.NextTry.IsZero() {
			t.Fatalf("%+v", a)
		}
		d.wantTold(phone.EventRegistrationFailed)
		time.Sleep(4 * time.Second)
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("it tries %d times", n)
		}
		d.post(phone.TransportUp{})
		d.post(phone.RegisterDone{Expires: time.Hour})
		if a := d.op.Snapshot().Accounts[0]; !a.Ready() || a.Cause != phone.CauseNone || !a.NextTry.IsZero() {
			t.Fatalf("%+v", a)
		}
		d.post(phone.TransportDown{Cause: phone.CauseConnection}) // and where the connection is lost
		time.Sleep(2 * time.Second)
		if n := d.net.Count("1001.Register"); n != 3 {
			t.Fatalf("after a loss it tries %d times", n)
		}
	}, direct, slow)
}

func TestWhatAnAccountWithoutARegistrarNeeds(t *testing.T) {
	for text, good := range map[string]bool{
		`"server":"udp:192.0.2.5:5060","register":false`:                          true,
		`"server":"udp:192.0.2.5","register":false,"listen":":5060"`:              true,
		`"server":"udp:192.0.2.5","register":false,"listen":"192.0.2.7:5060"`:     true,
		`"server":"udp:[2001:db8::5]:5060","register":false,"listen":"[::]:5060"`: true,
		`"server":"tls:pbx.example","register":false`:                             true,
		`"server":"udp:192.0.2.5","register":true`:                                true,
		`"register":false`:                                                      false,
		`"server":"udp:192.0.2.5","listen":":5060"`:                             false,
		`"server":"tcp:192.0.2.5","register":false,"listen":":5060"`:            false,
		`"server":"udp:192.0.2.5","register":false,"listen":"5060"`:             false,
		`"server":"udp:192.0.2.5","register":false,"listen":":0"`:               false,
		`"server":"udp:192.0.2.5","register":false,"listen":":99999"`:           false,
		`"server":"udp:192.0.2.5","register":false,"listen":"pbx.example:5060"`: false,
		`"server":"udp:192.0.2.5","register":false,"listen":":sip"`:             false,
		`"server":"udp:192.0.2.5","register":"no"`:                              false,
	} {
		a, err := phone.ParseAccount([]byte(`{"uri":"sip:1001@192.0.2.7",` + text + `}`))
		if (err == nil) != good || err != nil && !errors.Is(err, phone.ErrAccountInvalid) {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil && a.Direct != (text != `"server":"udp:192.0.2.5","register":true`) {
			t.Errorf("%s: %+v", text, a)
		}
	}
}
