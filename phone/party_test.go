package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// who posts what the network says of the far end of a call.
func (d *desk) who(id phone.CallID, p phone.Party) {
	d.post(phone.PartyIn{Dialog: phone.DialogID(id), Party: p})
}

func TestAPBXsTransferChangesWhoItIsAndNothingStaysOfTheLastOne(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.who(id, phone.Party{Number: "600", Name: "Mara", Company: "Example Ltd"})
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("moved"), Party: phone.Party{Number: "602"}})
		if p := d.call(id).Party; p != (phone.Party{Number: "602"}) {
			t.Fatalf("%+v", p)
		}
		if d.events.Count(phone.EventStaticStatusChange) != 2 || d.events.Count(phone.EventReinvite) != 2 {
			t.Fatal(d.events)
		}
		d.who(id, phone.Party{Number: "602"})
		if d.events.Count(phone.EventStaticStatusChange) != 2 {
			t.Fatal("the same party was told as a change")
		}
	})
}

func TestInManualModeNothingOverwritesWhoItIs(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "My boss", Avatar: "boss.png"}, true))
		d.who(id, phone.Party{Number: "602", Name: "Tom"})
		if p := d.call(id).Party; p.Name != "My boss" || p.Avatar != "boss.png" {
			t.Fatalf("%+v", p)
		}
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Somebody"}, false))
		d.who(id, phone.Party{Number: "602", Name: "Tom"})
		if p := d.call(id).Party; p.Name != "Tom" {
			t.Fatalf("%+v", p)
		}
	})
}

func TestWhomWeDialledIsNoSecretButWhoCallsMayBe(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.who(id, phone.Party{Withheld: true})
		if p := d.call(id).Party; p.Number != "600" || p.Withheld {
			t.Fatalf("%+v", p)
		}
		d.post(phone.InviteIn{Dialog: "secret", SIPCallID: "secret", From: phone.Party{Withheld: true}, For: phone.Party{Number: "650", Name: "Sales"},
			By: phone.Party{Number: "603"}, SDP: []byte("offer")})
		if c := d.call("secret"); !c.Party.Withheld || c.Number != "" || c.CalledFor.Name != "Sales" || c.ReferredBy.Number != "603" {
			t.Fatalf("%+v", c)
		}
	})
}

func TestAnUnansweredCallEndsAfterTheLimitOfItsAccount(t *testing.T) {
	for limit, want := range map[time.Duration]time.Duration{0: 180 * time.Second, 20 * time.Second: 20 * time.Second} {
		onDesk(t, func(d *desk) {
			c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "600"})
			d.must(err)
			time.Sleep(want - time.Second)
			d.settle()
			d.wantState(c.ID, phone.StateCalling)
			time.Sleep(time.Second)
			d.wantDeleted(c.ID, phone.CauseNoAnswer)
		}, withAccount(func(a *phone.Account) { a.RingLimit = limit }))
	}
}

func TestAnUnansweredIncomingCallIsRefusedWith408After300Seconds(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.ring("rings", "600")
		time.Sleep(299 * time.Second)
		d.settle()
		d.wantState(id, phone.StateRinging)
		time.Sleep(time.Second)
		d.wantDeleted(id, phone.CauseNoAnswer)
		d.wantSent("1001.End rings 408")
	})
}
