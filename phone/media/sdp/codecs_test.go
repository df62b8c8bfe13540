package sdp

import (
	"errors"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

var ours = Codecs{
	{PayloadType: 111, Name: "opus", ClockRate: 48000, Channels: 2},
	{PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1},
	{PayloadType: 110, Name: EventName, ClockRate: 48000, Channels: 1},
	{PayloadType: 101, Name: EventName, ClockRate: 8000, Channels: 1},
}

func TestTheTelephoneEventOfTheAudiosOwnClockIsPreferredAndAnotherTakenWhereItIsAll(t *testing.T) {
	opus := Format{PayloadType: 107, Name: "opus", ClockRate: 48000, Channels: 2}
	pcmu := Format{PayloadType: 0, Name: "PCMU", ClockRate: 8000, Channels: 1}
	fast := Format{PayloadType: 97, Name: EventName, ClockRate: 48000, Channels: 1}
	slow := Format{PayloadType: 101, Name: EventName, ClockRate: 8000, Channels: 1}
	for _, c := range []struct {
		name    string
		formats []Format
		event   uint8
	}{
		{"Opus with both", []Format{opus, slow, fast}, 97},
		{"Opus with 8000 Hz only, as Asterisk", []Format{opus, pcmu, slow}, 101},
		{"G.711 with both", []Format{pcmu, fast, slow}, 101},
		{"Opus with none", []Format{opus, pcmu}, 0},
	} {
		a, err := ours.Agree(c.formats)
		if err != nil || a.Event.PayloadType != c.event || (c.event != 0) != (a.Event.Name == EventName) {
			t.Errorf("%s: event %+v, %v", c.name, a.Event, err)
		}
		if len(a.Use) > 2 {
			t.Errorf("%s: the answer names %v", c.name, a.Use)
		}
	}
	if _, err := ours.Agree([]Format{slow, fast}); !errors.Is(err, phone.ErrMediaIncompatible) {
		t.Errorf("events without sound: %v", err)
	}
}
