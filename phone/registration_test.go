package phone_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// slow makes the registrar answer only when the test says so.
func slow(_ *phone.Config, d *desk) { d.net.AutoRegister = false }

func TestAnAccountIsRegisteredAndRenewedBeforeTheBindingEnds(t *testing.T) {
	onDesk(t, func(d *desk) {
		if !d.op.Snapshot().Registered() {
			t.Fatal("not registered")
		}
		time.Sleep(1529 * time.Second)
		if n := d.net.Count("1001.Register"); n != 1 {
			t.Fatalf("%d REGISTERs so far", n)
		}
		time.Sleep(2 * time.Second)
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("%d REGISTERs", n)
		}
		if n := d.events.Count(phone.EventRegistered); n != 1 {
			t.Fatalf("registered told %d times", n)
		}
	})
}

func TestAFailedRegistrationIsTriedAgainAfterAWhile(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.RegisterDone{Status: 503, Cause: phone.CauseServer})
		e, err := d.events.WaitFor(phone.EventRegistrationFailed, time.Second)
		d.must(err)
		if e.Status != 503 || e.Cause != phone.CauseServer {
			t.Fatalf("%+v", e)
		}
		if next := d.op.Snapshot().Accounts[0].NextTry; next.IsZero() {
			t.Fatal("no next try is told")
		}
		time.Sleep(4 * time.Second)
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("%d REGISTERs", n)
		}
	}, slow)
}

// TestNoServersWishMakesThePhoneRunHotOrNeverComeBack: a time without end would overflow, or keep the phone away for years.
func TestNoServersWishMakesThePhoneRunHotOrNeverComeBack(t *testing.T) {
	const forever = (1<<31 - 1) * time.Second
	onDesk(t, func(d *desk) {
		d.post(phone.RegisterDone{Status: 200, Expires: forever})
		time.Sleep(12 * time.Hour)
		if n := d.net.Count("1001.Register"); n != 1 || !d.op.Snapshot().Registered() {
			t.Fatalf("%d REGISTERs, registered %t", n, d.op.Snapshot().Registered())
		}
		time.Sleep(12 * time.Hour)
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("%d REGISTERs in a day", n)
		}
		for _, refused := range []phone.RegisterDone{{Status: 403, Cause: phone.CauseRejected, RetryAfter: forever}, {Status: 503, Cause: phone.CauseServer, RetryAfter: forever}} {
			before := d.net.Count("1001.Register")
			d.post(refused)
			time.Sleep(time.Hour + time.Minute)
			if n := d.net.Count("1001.Register"); n != before+1 {
				t.Errorf("%d: %d further REGISTERs within the hour", refused.Status, n-before)
			}
		}
	}, slow)
}

func TestAWrongPasswordIsNotTriedAgainUntilItIsReplaced(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.RegisterDone{Status: 401, Cause: phone.CauseAuthentication})
		time.Sleep(time.Hour)
		if n := d.net.Count("1001.Register"); n != 1 {
			t.Fatalf("%d REGISTERs", n)
		}
		d.must(d.op.ReRegister("1001", "1001", phone.NewHA1("0123456789abcdef0123456789abcdef")))
		d.wantSent("1001.SetCredential 1001")
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("%d REGISTERs", n)
		}
	}, slow)
}

func TestTheTriesAreLimitedWhereTheAccountSaysSo(t *testing.T) {
	onDesk(t, func(d *desk) {
		limited := account
		limited.RegisterTries = 2
		d.must(d.op.AddAccount(limited))
		for range 3 {
			d.post(phone.RegisterDone{Cause: phone.CauseRequestTimeout})
			time.Sleep(time.Hour)
		}
		if n := d.net.Count("1001.Register"); n != 1+3 {
			t.Fatalf("%d REGISTERs", n)
		}
		err := d.op.ReRegister("1001", "1001", phone.NewPassword("x"))
		if !errors.Is(err, phone.ErrRegistryMaxTries) || phone.CodeOf(err) != -204 {
			t.Fatal(err)
		}
	}, slow)
}

func TestALostConnectionIsMadeAgainAndTheCallGoesOn(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.post(phone.TransportDown{Cause: phone.CauseConnection})
		if d.op.Snapshot().Registered() {
			t.Fatal("a binding over a lost connection is no binding")
		}
		d.wantState(id, phone.StateTalking)
		time.Sleep(2 * time.Second)
		d.settle()
		if !d.op.Snapshot().Registered() {
			t.Fatal("not registered again")
		}
		if d.events.Count(phone.EventDisconnected) != 1 || d.events.Count(phone.EventConnected) != 2 {
			t.Fatal(d.events)
		}
	})
}

func TestABindingThatCannotBeRenewedEnds(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.RegisterDone{Status: 200, Expires: 100 * time.Second})
		time.Sleep(71 * time.Second) // the renewal is under way
		d.post(phone.RegisterDone{Cause: phone.CauseRequestTimeout})
		if !d.op.Snapshot().Registered() {
			t.Fatal("the binding still stands")
		}
		time.Sleep(30 * time.Second)
		if d.op.Snapshot().Registered() {
			t.Fatal("the binding ended")
		}
	}, slow)
}

func TestDisconnectUnregistersAndStaysAway(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.Disconnect())
		d.settle()
		d.wantSent("1001.Unregister")
		time.Sleep(2 * time.Hour)
		if n := d.net.Count("1001.Register"); n != 1 {
			t.Fatalf("%d REGISTERs", n)
		}
		if _, err := d.op.Call(context.Background(), phone.CallRequest{Number: "600"}); !errors.Is(err, phone.ErrRegistryFailed) {
			t.Fatal(err)
		}
		d.must(d.op.Start())
		d.settle()
		if !d.op.Snapshot().Registered() {
			t.Fatal("not registered again")
		}
	})
}

func TestOneOperatorServesManyAccounts(t *testing.T) {
	onDesk(t, func(d *desk) {
		other := phone.Account{ID: "2002", URI: "sip:2002@other.example", Server: "tcp:other.example"}
		d.must(d.op.AddAccount(other))
		d.settle()
		time.Sleep(time.Second)
		c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "7", Account: "2002"})
		d.must(err)
		d.settle()
		d.wantSent("2002.Invite " + string(c.ID) + " sip:7@other.example")
		if c.Account != "2002" {
			t.Fatal(c.Account)
		}
		d.must(d.op.RemoveAccount("2002"))
		d.settle()
		d.wantDeleted(c.ID, phone.CauseCanceled)
		d.wantSent("2002.Unregister")
		d.wantSent("2002.Close")
		if n := len(d.op.Snapshot().Accounts); n != 1 {
			t.Fatalf("%d accounts", n)
		}
		if err := d.op.RemoveAccount("2002"); !errors.Is(err, phone.ErrAccountNotFound) {
			t.Fatal(err)
		}
	})
}

func TestASnapshotHoldsNoSecret(t *testing.T) {
	onDesk(t, func(d *desk) {
		if !d.op.Snapshot().Accounts[0].Account.Secret.IsZero() {
			t.Fatal("the secret is in the snapshot")
		}
	})
}

func TestStartRightAfterDisconnectRegistersOnceTheBindingIsGone(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.post(phone.RegisterDone{Status: 200, Expires: time.Hour})
		d.must(d.op.Disconnect())
		d.must(d.op.Start())
		if n := d.net.Count("1001.Register"); n != 1 {
			t.Fatalf("%d REGISTERs while the un-REGISTER is under way", n)
		}
		d.post(phone.RegisterDone{Status: 200})
		if n := d.net.Count("1001.Register"); n != 2 {
			t.Fatalf("%d REGISTERs", n)
		}
		d.post(phone.RegisterDone{Status: 200, Expires: time.Hour})
		if !d.op.Snapshot().Registered() {
			t.Fatal("not registered again")
		}
	}, slow)
}

// TestNothingIsRegisteredOnceTheEndHasBegun: the server hesitates to take us out, and meanwhile somebody wants to come back.
func TestNothingIsRegisteredOnceTheEndHasBegun(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.net.AutoRegister = false
		ended := make(chan error)
		go func() { ended <- d.op.Destroy(context.Background()) }()
		d.settle()
		d.wantSent("1001.Unregister")
		registers, opened := d.net.Count("1001.Register"), d.net.Count("Open")
		for name, command := range map[string]error{
			"Start": d.op.Start(), "Register": d.op.Register("1001"), "ReRegister": d.op.ReRegister("1001", "1001", phone.NewPassword("x")),
			"AddAccount": d.op.AddAccount(phone.Account{ID: "1002", URI: "sip:1002@pbx.example"}), "RemoveAccount": d.op.RemoveAccount("1001"),
		} {
			if !errors.Is(command, phone.ErrDestroyed) {
				t.Errorf("%s: %v", name, command)
			}
		}
		d.want(d.net.Count("1001.Register") == registers && d.net.Count("Open") == opened, "nothing is sent and no line opened", d.net.Texts())
		d.must(<-ended)
	})
}

func TestASnapshotShowsRelaysWithoutTheirPasswords(t *testing.T) {
	onDesk(t, func(d *desk) {
		a := phone.Account{ID: "far", URI: "sip:far@pbx.example", Secret: phone.NewPassword("hunter2"),
			ICEServers: []phone.ICEServer{{URLs: []string{"turn:turn.example"}, Username: "ann", Credential: "hunter2"}}}
		d.must(d.op.AddAccount(a))
		for _, s := range d.op.Snapshot().Accounts {
			if text := fmt.Sprintf("%+v", s); s.Account.ID == "far" && (!strings.Contains(text, "turn.example") || strings.Contains(text, "hunter2")) {
				t.Errorf("the snapshot says %s", text)
			}
		}
		if a.ICEServers[0].Credential != "hunter2" {
			t.Error("the caller's account was changed")
		}
	})
}
