package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

var people = map[string]phone.Party{
	"600":         {Number: "0600", Name: "Mara", Company: "Example Ltd", Avatar: "m.png", Withheld: true},
	"601":         {Company: "Lind"},
	"+4930123456": {Name: "Tom"},
}

// knowing gives the operator of a test a directory.
func knowing(directory **phonetest.Directory) func(*phone.Config, *desk) {
	return func(cfg *phone.Config, d *desk) {
		*directory = phonetest.NewDirectory(d.net.Journal, people)
		cfg.Directory = *directory
	}
}

func (d *desk) wantParty(id phone.CallID, want phone.Party) {
	d.Helper()
	d.settle()
	if got := d.call(id).Party; got != want {
		d.Fatalf("it is %+v, want %+v", got, want)
	}
}

func TestTheDirectoryNamesWhoCallsWhereTheNetworkDoesNot(t *testing.T) {
	mara := phone.Party{Number: "600", Name: "Mara", Company: "Example Ltd", Avatar: "m.png"}
	for what, c := range map[string]struct{ from, want phone.Party }{
		"no name":                        {phone.Party{Number: "600"}, mara},
		"a name that is the number":      {phone.Party{Number: "600", Name: "6 0-0"}, mara},
		"the network's name comes first": {phone.Party{Number: "600", Name: "Desk 12"}, phone.Party{Number: "600", Name: "Desk 12", Company: "Example Ltd", Avatar: "m.png"}},
		"and its company":                {phone.Party{Number: "600", Company: "Lind"}, phone.Party{Number: "600", Name: "Mara", Company: "Lind", Avatar: "m.png"}},
		"only a company is known":        {phone.Party{Number: "601", Name: "601"}, phone.Party{Number: "601", Name: "601", Company: "Lind"}},
		"nobody knows":                   {phone.Party{Number: "602"}, phone.Party{Number: "602"}},
		"who wants not to be known":      {phone.Party{Withheld: true}, phone.Party{Withheld: true}},
	} {
		t.Run(what, func(t *testing.T) {
			var directory *phonetest.Directory
			onDesk(t, func(d *desk) {
				d.post(phone.InviteIn{Dialog: "in", SIPCallID: "in", From: c.from, SDP: []byte("offer"), At: time.Now()})
				d.wantParty("in", c.want)
				changes := 0
				if c.want != c.from {
					changes = 1
				}
				if n := d.events.Count(phone.EventStaticStatusChange); n != changes {
					t.Errorf("%d changes were told, want %d", n, changes)
				}
				if asked := directory.Count("Directory.LookUp " + c.from.Number + " pbx.example"); asked != 1 && c.from.Number != "" {
					t.Errorf("it was asked %d times: %v", asked, directory.Texts())
				}
			}, knowing(&directory))
		})
	}
}

func TestTheDirectoryNamesWhomWeCall(t *testing.T) {
	var directory *phonetest.Directory
	onDesk(t, func(d *desk) {
		id := d.dial("+4930123456")
		d.wantParty(id, phone.Party{Number: "+4930123456", Name: "Tom"})
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), Party: phone.Party{Number: "+4930123456", Name: "Thomas"}, At: time.Now()})
		d.wantParty(id, phone.Party{Number: "+4930123456", Name: "Thomas"}) // the network's beats it, whenever it comes
	}, knowing(&directory))
}

func TestWhoComesLaterIsLookedUpAnewAndNothingStaysOfTheLastOne(t *testing.T) {
	var directory *phonetest.Directory
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		mara := phone.Party{Number: "600", Name: "Mara", Company: "Example Ltd", Avatar: "m.png"}
		d.wantParty(id, mara)
		d.who(id, phone.Party{Number: "600", Name: "600"}) // the PBX knows no more than it did
		d.wantParty(id, mara)
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("moved"), Party: phone.Party{Number: "601"}})
		d.wantParty(id, phone.Party{Number: "601", Company: "Lind"})
		d.who(id, phone.Party{Withheld: true})
		d.wantParty(id, phone.Party{Withheld: true})
		d.who(id, phone.Party{Number: "600"})
		d.wantParty(id, mara)
		if n := directory.Count("Directory.LookUp"); n != 3 {
			t.Errorf("asked %d times: %v", n, directory.Texts())
		}
	}, knowing(&directory))
}

func TestALateAnswerIsForTheNumberThatWasAskedForOnly(t *testing.T) {
	var directory *phonetest.Directory
	onDesk(t, func(d *desk) {
		directory.Slow = true
		id := d.talk("600")
		d.who(id, phone.Party{Number: "601"})
		gone := d.ring("gone", "600")
		d.post(phone.DialogEnded{Dialog: "gone", Cause: phone.CauseCanceled, ByThem: true, At: time.Now()})
		next := d.ring("gone", "602") // another call of the same id
		directory.Answer()
		d.wantParty(id, phone.Party{Number: "601", Company: "Lind"})
		d.wantParty(next, phone.Party{Number: "602"})
		d.wantDeleted(gone, phone.CauseCanceled)
	}, knowing(&directory))
}

func TestManualModeBeatsTheDirectoryAndItsNumberStaysWhatItIs(t *testing.T) {
	var directory *phonetest.Directory
	onDesk(t, func(d *desk) {
		directory.Slow = true
		id := d.ring("in", "600")
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "600"}, true))
		directory.Answer()
		d.wantParty(id, phone.Party{Number: "600", Name: "600"})
		d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Boss"}, false))
		d.who(id, phone.Party{Number: "600"})
		d.wantParty(id, phone.Party{Number: "600", Name: "Boss", Company: "Example Ltd", Avatar: "m.png"})
	}, knowing(&directory))
}

func TestAConsultationCallShowsItsParentAsTheDirectoryKnowsIt(t *testing.T) {
	var directory *phonetest.Directory
	onDesk(t, func(d *desk) {
		parent := d.talk("600")
		time.Sleep(time.Second)
		c, err := d.op.Call(context.Background(), phone.CallRequest{Number: "601", TransferOf: parent})
		d.must(err)
		if c.TransferParent.Name != "Mara" || c.TransferParent.Avatar != "m.png" {
			t.Errorf("%+v", c.TransferParent)
		}
	}, knowing(&directory))
}
