package phone_test

import (
	"context"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// BenchmarkCommand is one round trip to the operator's loop with its snapshot and event.
func BenchmarkCommand(b *testing.B) {
	net, media := phonetest.NewSignalling(nil), phonetest.NewMedia(nil)
	net.AutoRegister, net.AutoEnd, media.Auto = true, true, true
	op := phone.New(phone.Config{Signalling: net, Media: media, Devices: fakeDevices{microphone: true}})
	defer func() { _ = op.Destroy(context.Background()) }()
	if err := op.AddAccount(account); err != nil {
		b.Fatal(err)
	}
	net.Line("1001").Post(phone.InviteIn{Dialog: "in1", SIPCallID: "in1", SDP: []byte("offer")})
	if err := op.Answer(context.Background(), "in1", phone.AnswerOptions{}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		id := phone.CallID("in1")
		change := op.Mute
		if i%2 == 1 {
			change = op.Unmute
		}
		if err := change(id); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSnapshot is what one look at the state costs with eight calls.
func BenchmarkSnapshot(b *testing.B) {
	net, media := phonetest.NewSignalling(nil), phonetest.NewMedia(nil)
	net.AutoRegister, net.AutoEnd, media.Auto = true, true, true
	op := phone.New(phone.Config{Signalling: net, Media: media, Devices: fakeDevices{microphone: true}, CallLimit: 8})
	defer func() { _ = op.Destroy(context.Background()) }()
	if err := op.AddAccount(account); err != nil {
		b.Fatal(err)
	}
	for _, id := range []phone.DialogID{"1", "2", "3", "4", "5", "6", "7", "8"} {
		net.Line("1001").Post(phone.InviteIn{Dialog: id, SIPCallID: string(id), SDP: []byte("offer")})
	}
	if err := op.Hold("none"); err == nil || len(op.Snapshot().Calls) != 8 { // a round trip: all ring by now
		b.Fatal(err, len(op.Snapshot().Calls))
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = op.Snapshot()
	}
}
