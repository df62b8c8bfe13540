package phone_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// This file holds the contract's clauses about start, disconnect, destroy and on.

func TestAnOperatorThatNothingHappenedToTellsWhatIs(t *testing.T) {
	net, media := phonetest.NewSignalling(nil), phonetest.NewMedia(nil)
	for limit, want := range map[int]int{0: 2, 5: 5, 99: 8} {
		op := phone.New(phone.Config{Signalling: net, Media: media, Devices: fakeDevices{}, CallLimit: limit, NoCallWaiting: limit == 5})
		s := op.Snapshot()
		if s.CallLimit != want || s.CallWaiting == (limit == 5) || s.IsMaxCall || s.Registered() || s.Current != "" || len(s.Calls) != 0 {
			t.Errorf("limit %d: %+v", limit, s)
		}
		if err := op.Destroy(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestStartTwiceIsOneRegistration(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.Start())
		d.must(d.op.Start())
		d.settle()
		d.want(d.events.Count(phone.EventRegistered) == 1 && d.events.Count(phone.EventConnected) == 1, "nothing new is told", d.events)
		d.wantState(id, phone.StateTalking)
		n := d.net.Count("1001.Register")
		time.Sleep(26 * time.Minute)
		d.settle()
		d.want(d.net.Count("1001.Register") == n+1, "one refresh, not three", d.net.Count("1001.Register")-n)
	})
}

func TestWhatHappensAtTheStartIsHeardByWhoSubscribedBeforeIt(t *testing.T) {
	onDesk(t, func(d *desk) {
		names := d.events.Names()
		d.want(slices.Equal(names, []phone.EventName{phone.EventAccountsChange, phone.EventConnected, phone.EventIsRegisteredChange, phone.EventRegistered}),
			"from the first change on", names)
	})
}

func TestBeforeTheStartNothingIsSentAndNobodyIsCalled(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.Disconnect())
		d.settle()
		d.must(d.op.AddAccount(phone.Account{ID: "2002", URI: "sip:2002@pbx.example"}))
		_, err := d.place(phone.CallRequest{Number: "600", Account: "2002"})
		d.wantCode(err, phone.ErrRegistryFailed, -201)
		d.wantNotSent("2002.Register")
		d.must(d.op.Start())
		d.wantSent("2002.Register")
	})
}

func TestSpentTriesAreCountedAnewWhenTheUserStartsAgain(t *testing.T) {
	for name, again := range map[string]func(o *phone.Operator) error{
		"Start": (*phone.Operator).Start, "Register": func(o *phone.Operator) error { return o.Register("1001") },
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				time.Sleep(time.Hour)
				n := d.net.Count("1001.Register")
				d.wantCode(d.op.ReRegister("1001", "", phone.NewPassword("x")), phone.ErrRegistryMaxTries, -204)
				d.wantNotSent("1001.SetCredential")
				d.must(again(d.op))
				time.Sleep(time.Hour)
				d.settle()
				d.want(d.net.Count("1001.Register") == n+2, "once, and one more try", d.net.Count("1001.Register")-n)
			}, refusing(503), withAccount(func(a *phone.Account) { a.RegisterTries = 1 }))
		})
	}
}

func TestNewCredentialsAreCheckedAndAnEmptyUserKeepsTheOneBefore(t *testing.T) {
	onDesk(t, func(d *desk) {
		before := d.outside()
		for _, bad := range []func() error{
			func() error { return d.op.ReRegister("1001", "a\r\nb", phone.NewPassword("x")) },
			func() error { return d.op.ReRegister("1001", "a", phone.NewPassword("x\x00")) },
			func() error { return d.op.ReRegister("1001", "a", phone.NewHA1("no hash")) },
		} {
			d.wantCode(bad(), phone.ErrAccountInvalid, -200)
		}
		d.settle()
		d.want(len(d.net.Texts()) == before.sent, "nothing changed")
		d.must(d.op.ReRegister("1001", "", phone.NewPassword("x")))
		d.want(d.op.Snapshot().Accounts[0].Account.Username == "auth", "the name stays", d.op.Snapshot().Accounts)
		d.wantSent("1001.SetCredential")
	}, refusing(403), withAccount(func(a *phone.Account) { a.Username = "auth" }))
}

func TestNewCredentialsAreTriedThoughTheOldOnesAreRefusedJustNow(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.ReRegister("1001", "1001", phone.NewPassword("right"))) // the REGISTER with the wrong one is under way
		d.post(phone.RegisterDone{Status: 401, Cause: phone.CauseAuthentication})
		d.want(d.events.Count(phone.EventRegistrationFailed) == 0, "nothing of what counts now has failed", d.events)
		d.want(d.net.Texts()[len(d.net.Texts())-1] == "1001.Register 30m0s", "another follows", d.net.Texts())
		d.post(phone.RegisterDone{Status: 401, Cause: phone.CauseAuthentication})
		d.want(d.events.Count(phone.EventRegistrationFailed) == 1, "once, not in a loop", d.events)
		n := d.net.Count("1001.Register")
		time.Sleep(time.Hour)
		d.settle()
		d.want(d.net.Count("1001.Register") == n, "a wrong password is not tried for ever")
	}, slow)
}

func TestWithoutALimitRegistrationIsTriedForEver(t *testing.T) {
	onDesk(t, func(d *desk) {
		time.Sleep(24 * time.Hour)
		n := d.net.Count("1001.Register")
		time.Sleep(24 * time.Hour)
		d.settle()
		d.want(n > 200 && d.net.Count("1001.Register") > n+200, "every two minutes or so", n, d.net.Count("1001.Register"))
		d.must(d.op.ReRegister("1001", "1001", phone.NewPassword("x")))
	}, refusing(503))
}

func TestDisconnectClosesTheTransportInWhicheverStateTheRegistrationIs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*phone.Config, *desk)
		before func(d *desk)
	}{
		"refused":              {refusing(403), func(*desk) {}},
		"never answered":       {slow, func(d *desk) { d.post(phone.RegisterDone{Cause: phone.CauseRequestTimeout}) }},
		"with a call":          {func(*phone.Config, *desk) {}, func(d *desk) { d.talk("600") }},
		"unregistered already": {func(*phone.Config, *desk) {}, func(d *desk) { d.must(d.op.Unregister("1001")); d.settle() }},
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				c.before(d)
				d.must(d.op.Disconnect())
				d.must(d.op.Disconnect())
				d.settle()
				d.wantSent("1001.Disconnect")
				n := d.net.Count("1001.Register")
				time.Sleep(40 * time.Minute)
				d.settle()
				d.want(d.net.Count("1001.Register") == n, "and stays away")
			}, c.change)
		})
	}
}

func TestStartDuringADisconnectKeepsTheTransport(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.must(d.op.Disconnect())
		d.must(d.op.Start())
		d.post(phone.RegisterDone{Status: 200}) // the un-REGISTER's answer
		d.wantNotSent("1001.Disconnect")
		d.want(d.net.Count("1001.Register") == 2, "it registers again", d.net.Texts())
		d.post(phone.RegisterDone{Status: 200, Expires: 30 * time.Minute})
		d.must(d.op.Unregister("1001"))
		d.post(phone.RegisterDone{Status: 200})
		d.wantNotSent("1001.Disconnect") // the wish of then is forgotten
	}, registeredByHand)
}

func TestASubscriberMayDoAnythingFromWithinAnEvent(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.op.Subscribe(nil, nil) // hears nothing, harms nobody
		var mu sync.Mutex
		var cancel, inner func()
		heard, heardInside := 0, 0
		mu.Lock()
		cancel = d.op.Subscribe(nil, func(e phone.Event) {
			mu.Lock()
			defer mu.Unlock()
			if heard++; e.Name != phone.EventIncoming {
				return
			}
			for _, command := range commandsOnCalls() {
				_ = command(d.op, e.Call.ID)
			}
			for name, command := range commandsOfAll() {
				if name != "Destroy" {
					_ = command(d.op)
				}
			}
			inner = d.op.Subscribe(nil, func(phone.Event) { heardInside++ })
			cancel()
			cancel() // twice is no matter
		})
		mu.Unlock()
		d.ring("in1", "555")
		d.settle()
		at := heard
		d.ring("in2", "555")
		d.want(heard == at, "who cancelled within an event hears no more", heard-at)
		d.want(heardInside > 0, "who subscribed within one hears what follows")
		inner()
	}, manyCalls)
}

func TestDestroyDoesNotWaitForEverForASubscriber(t *testing.T) {
	for name, stuck := range map[string]func(d *desk, release chan struct{}) error{
		"that is stuck": func(_ *desk, release chan struct{}) error { <-release; return phone.ErrSubscriberStuck },
		"that calls it": func(d *desk, _ chan struct{}) error { return d.op.Destroy(context.Background()) },
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				release, said := make(chan struct{}), make(chan error, 1)
				d.op.Subscribe(nil, func(e phone.Event) {
					if e.Name == phone.EventIncoming {
						said <- stuck(d, release)
					}
				})
				id := d.talk("600")
				d.ring("in1", "555")
				err := d.op.Destroy(context.Background())
				d.wantSent("1001.End " + string(id))
				d.wantSent("Media.Shutdown")
				close(release)
				if inside := <-said; !errors.Is(inside, phone.ErrSubscriberStuck) || name == "that is stuck" && !errors.Is(err, phone.ErrSubscriberStuck) {
					t.Errorf("%v, inside %v", err, inside)
				}
			})
		})
	}
}

func TestDestroyEndsEveryCallProperlyWhereverItStands(t *testing.T) {
	for _, s := range situations() {
		s.in(t, func(d *desk, id phone.CallID) {
			live := d.op.Snapshot().Calls
			d.must(d.op.Destroy(context.Background()))
			for _, c := range live {
				dialog := string(c.ID)
				if s.name == "being replaced" {
					dialog = "taker"
				}
				d.want(c.State == phone.StateGathering || d.net.Count("1001.End "+dialog) > 0, "ended", s.name, c.ID)
				d.want(d.events.Count(phone.EventDeleteSession) >= len(live), "told", s.name, d.events)
			}
			texts := d.net.Texts()
			last := texts[len(texts)-2:]
			d.want(slices.Equal(last, []string{"1001.Close", "Media.Shutdown"}), "the line and then every device", s.name, last)
			d.want(d.net.Count("1001.Unregister") == 1 && d.media.Legs() == 0, "unregistered, no leg left", s.name)
			d.want(len(d.op.Snapshot().Calls) == 0 && d.op.Snapshot().Current == "", "nothing is left", s.name)
		})
	}
}
