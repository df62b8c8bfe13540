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
