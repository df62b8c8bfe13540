package phone_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// contractCodes are the seed's result codes: each is got from the operator where the operator gives it.
func contractCodes() []row {
	call := func(d *desk, r phone.CallRequest) error { _, err := d.place(r); return err }
	failed := func(media error) func(d *desk) {
		return func(d *desk) {
			id := d.dial("600")
			d.media.Post(id, phone.MediaFailed{Leg: id, Err: fmt.Errorf("spoilt: %w", media)})
			e := d.wantTold(phone.EventFailed)
			d.want(errors.Is(e.Err, media), "the failed call tells it", e.Err)
		}
	}
	with := func(change ...func(*phone.Config, *desk)) []func(*phone.Config, *desk) { return change }
	silent := func(_ *phone.Config, d *desk) { d.media.Auto = false }
	return []row{
		{seed: "-1", test: func(d *desk) {
			d.want(phone.CodeOf(errors.New("foreign")) == -1 && phone.NameOf(errors.New("foreign")) == "UNKNOWN_ERROR", "an error that is not ours")
		}},
		{seed: "-200", test: func(d *desk) { d.wantCode(d.op.Hold(d.ring("in1", "555")), phone.ErrInvalidState, -200) }},
		{seed: "-201", test: func(d *desk) { d.wantCode(call(d, phone.CallRequest{Number: "600"}), phone.ErrRegistryFailed, -201) },
			change: with(refusing(403))},
		{seed: "-202", test: func(d *desk) {
			id := d.talk("600")
			d.media.Post(id, phone.DeviceFailed{Leg: id, Kind: "microphone", Err: fmt.Errorf("open: %w", fs.ErrPermission)})
			d.wantCode(d.wantTold(phone.EventClientError).Err, phone.ErrNoPermission, -202)
		}},
		{seed: "-203", test: failed(phone.ErrLocalStream), change: with(silent)},
		{seed: "-204", test: func(d *desk) {
			time.Sleep(time.Hour)
			d.wantCode(d.op.ReRegister("1001", "1001", phone.NewPassword("x")), phone.ErrRegistryMaxTries, -204)
		}, change: with(refusing(503), withAccount(func(a *phone.Account) { a.RegisterTries = 1 }))},
		{seed: "-205", test: func(d *desk) {
			d.talk("600")
			d.answered("in1", "555")
			d.wantCode(call(d, phone.CallRequest{Number: "601"}), phone.ErrMaxCalls, -205)
		}},
		{seed: "-206", test: failed(phone.ErrLocalMediaInfo), change: with(silent)},
		{seed: "-207", test: func(d *desk) {
			d.wantCode(call(d, phone.CallRequest{Number: "600", TransferOf: "gone"}), phone.ErrAttendedParentNotFound, -207)
		}},
		{seed: "-208", test: func(d *desk) {
			d.must(d.op.Hangup(d.dial("600")))
			d.settle()
			_, err := d.op.Call(context.Background(), phone.CallRequest{Number: "601"})
			d.wantCode(err, phone.ErrCallTooSoon, -208)
		}},
		{seed: "-209", test: func(d *desk) { d.wantCode(call(d, phone.CallRequest{Number: "a b c"}), phone.ErrInvalidNumber, -209) }},
		{seed: "-210", test: func(d *desk) {
			d.dial("600")
			d.wantCode(call(d, phone.CallRequest{Number: "601"}), phone.ErrCurrentCallNotConnected, -210)
			d.wantCode(d.op.Answer(context.Background(), d.ring("in1", "555"), phone.AnswerOptions{}), phone.ErrCurrentCallNotConnected, -210)
		}},
		{seed: "-211", test: func(d *desk) { d.wantCode(d.op.Hangup("gone"), phone.ErrCallNotFound, -211) }},
		{seed: "-290", test: func(d *desk) { d.wantCode(call(d, phone.CallRequest{Number: "600"}), phone.ErrNoMicrophone, -290) },
			change: with(func(c *phone.Config, _ *desk) { c.Devices = fakeDevices{} })},
		{seed: "-291", test: func(d *desk) {
			d.wantCode(call(d, phone.CallRequest{Number: "600", Video: true}), phone.ErrNoCamera, -291)
		}},
	}
}
