package app

import (
	"strings"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// asking is a snapshot in which the far end of the call of talking wants to transfer us.
func asking(change ...func(*phone.TransferRequest)) func(*phone.Snapshot) {
	r := phone.TransferRequest{Call: "c", Account: "a", Target: "5550142", Name: "Tom Berg", By: phone.Party{Name: "Mara Lindqvist"}}
	for _, f := range change {
		f(&r)
	}
	return func(s *phone.Snapshot) {
		with(talking())(s)
		s.TransferRequests = []phone.TransferRequest{r}
	}
}

// asked is the event that brings it.
var asked = phone.Event{Name: phone.EventTransferRequest}

func TestATransferByTheFarEndIsACardThatAPersonDecides(t *testing.T) {
	for button, want := range map[string]string{"answer": "accept-transfer c", "decline": "decline-transfer c"} {
		b := newBench(t, 1280, 800)
		b.set(with(talking()), started(talking()))
		b.set(asking(), asked)
		card := b.app.shell.view.incoming[0].card
		if card.Title != "Mara Lindqvist wants to transfer you to" && card.Title != "Mara wants to transfer you to" || card.Name != "Tom Berg" ||
			card.Number != "5550142" || !strings.HasPrefix(card.Note, "Mara") {
			t.Fatalf("%+v", card)
		}
		b.press(b.app.shell.calls["c"].Button(button))
		b.did(want)
		b.set(func(s *phone.Snapshot) { s.TransferRequests = nil }, phone.Event{Name: phone.EventTransferRequestEnded})
		if len(b.app.shell.calls) != 0 {
			t.Error("the card stays")
		}
	}
}

func TestATransferCardSaysWhoWaits(t *testing.T) {
	b := newBench(t, 360, 640)
	b.set(asking(func(r *phone.TransferRequest) { r.Attended = true }), asked)
	if note := b.app.shell.view.incoming[0].card.Note; !strings.Contains(note, "waits for you") {
		t.Error(note)
	}
	b.set(func(s *phone.Snapshot) { asking()(s); s.Calls, s.Current = nil, "" }, asked)
	if note := b.app.shell.view.incoming[0].card.Note; !strings.Contains(note, "hung up") {
		t.Error(note)
	}
	b.set(asking(func(r *phone.TransferRequest) { r.Name, r.By = "", phone.Party{Withheld: true} }), asked)
	if card := b.app.shell.view.incoming[0].card; card.Name != "5550142" || card.Number != "" || !strings.HasPrefix(card.Title, "Number withheld") {
		t.Errorf("%+v", card)
	}
}

func TestACallSaysForWhomAndByWhomItCame(t *testing.T) {
	c := phone.Call{ID: "i", Account: "a", Direction: phone.Inbound, State: phone.StateRinging, StartedAt: noon, Party: phone.Party{Withheld: true},
		CalledFor: phone.Party{Number: "650", Name: "Sales"}, ReferredBy: phone.Party{Number: "603"}}
	b := newBench(t, 360, 640)
	b.set(with(c), phone.Event{Name: phone.EventStatusChange, Call: c})
	card := b.app.shell.view.incoming[0].card
	if card.Name != "Number withheld" || card.Number != "" || card.Company != "for Sales  ·  transferred by 603" {
		t.Errorf("%+v", card)
	}
	c.State, c.Party = phone.StateTalking, phone.Party{Number: "602", Name: "Tom"}
	b.set(with(c), phone.Event{Name: phone.EventStatusChange, Call: c})
	if v := b.app.shell.view.stage; v.name != "Tom" || v.second != "602  ·  for Sales  ·  transferred by 603" {
		t.Errorf("%+v", v)
	}
}

func TestACallThatChangedItsPartyShowsTheNewOne(t *testing.T) {
	c := talking()
	c.Number, c.Party = "600", phone.Party{Number: "602"}
	if name, number := callName(c), callNumber(c); name != "602" || number != "" {
		t.Errorf("%q %q", name, number)
	}
}

func TestACallThatWasAnsweredByItselfSaysSoUntilItEnds(t *testing.T) {
	c := talking()
	c.AutoAnswered = true
	b := newBench(t, 360, 640)
	b.set(with(c), phone.Event{Name: phone.EventAutoAnswered, Call: c})
	if text := b.app.shell.view.bar.Text; !strings.Contains(text, "automatically") || !strings.Contains(text, "can hear you") || !b.app.shell.view.stage.shown {
		t.Errorf("%q", text)
	}
	b.set(with(), phone.Event{Name: phone.EventDeleteSession, Call: c})
	if text := b.app.shell.view.bar.Text; text != "" {
		t.Errorf("it stays: %q", text)
	}
}
