package phone_test

import (
	"context"
	"image"
	"slices"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// registeredByHand answers the first REGISTER and lets the test do everything else of the line.
func registeredByHand(_ *phone.Config, d *desk) {
	d.net.AutoRegister = false
	answered := false
	d.net.React = func(line *phonetest.Line, r phonetest.Record) {
		if r.Text == "Register 30m0s" && !answered {
			answered = true
			line.Post(phone.TransportUp{})
			line.Post(phone.RegisterDone{Status: 200, Expires: 30 * time.Minute})
		}
	}
}

// contractArguments are what the methods' options say.
func contractArguments() []row {
	ctx := context.Background()
	return slices.Concat(contractPictures(), []row{
		{seed: "cameraId", test: func(d *desk) {
			d.talk("600")
			d.must(d.op.SetDevices(phone.DeviceIDs{Camera: "front"}))
			d.wantSent(`Media.SetDevices mic="" speaker="" ringer="" camera="front"`)
		}},
		{seed: "microphoneId", test: func(d *desk) {
			d.want(d.op.Snapshot().Devices.Microphone == "first", "the one chosen at first", d.op.Snapshot().Devices)
			d.wantSent(`Media.SetDevices mic="first"`)
			d.talk("600")
			d.must(d.op.SetDevices(phone.DeviceIDs{Microphone: "headset"}))
			d.wantSent(`Media.SetDevices mic="headset"`)
		}, change: []func(*phone.Config, *desk){func(c *phone.Config, _ *desk) { c.DeviceIDs.Microphone = "first" }}},
		{seed: "extraHeaders", test: func(d *desk) {
			order := phone.Header{Name: "X-Order", Value: "7"}
			headers := []phone.Header{order, {Name: "Subject", Value: "lunch"}}
			c, err := d.place(phone.CallRequest{Number: "601", Headers: headers})
			d.must(err)
			sent := d.invited(c.ID)
			d.want(len(sent.Headers) == 2 && sent.Headers[0] == order, "they are in the INVITE", sent.Headers)
			d.must(d.op.Hangup(c.ID))
			for _, bad := range [][]phone.Header{{{Name: "Via", Value: "x"}}, {{Name: "X", Value: "a\r\nVia: b"}}, {{Value: "x"}}, slices.Repeat(headers, 17)} {
				_, err := d.place(phone.CallRequest{Number: "601", Headers: bad})
				d.wantCode(err, phone.ErrHeaderNotAllowed, -200)
			}
		}},
		{seed: "transferId", test: func(d *desk) {
			parent := d.talk("600")
			d.answered("in1", "555")
			d.want(d.op.Snapshot().IsMaxCall, "the phone is full")
			c, err := d.place(phone.CallRequest{Number: "602", TransferOf: parent})
			d.must(err)
			d.want(c.IsTransfer && c.TransferParent.CallID == parent, "a consultation call is exempt, and knows its parent", c)
			d.must(d.op.Hangup(c.ID))
			_, err = d.place(phone.CallRequest{Number: "602", TransferOf: "gone"})
			d.wantCode(err, phone.ErrAttendedParentNotFound, -207)
		}},
		{seed: "startManualModel", test: func(d *desk) {
			id := d.talk("600")
			network := func() {
				d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("offer"), Party: phone.Party{Name: "Network", Number: "600"}})
			}
			d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Mara"}, true))
			network()
			d.want(d.call(id).Party.Name == "Mara", "nothing overwrites it", d.call(id).Party)
			d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Tom"}, true))
			d.want(d.call(id).Party.Name == "Tom", "but who set it", d.call(id).Party)
			d.must(d.op.SetStaticStatus(id, phone.Party{Name: "Tom"}, false))
			network()
			d.want(d.call(id).Party.Name == "Network", "without it the network may", d.call(id).Party)
		}},
		{seed: "localStream", test: func(d *desk) {
			id := d.talk("600")
			own := image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420)
			d.media.SetOwnFrame(id, own)
			near, _ := d.op.Frame(id, false)
			far, _ := d.op.Frame(id, true)
			d.want(near == own && far == nil, "our picture as it is sent")
			d.must(d.op.Hangup(id))
			d.settle()
			near, _ = d.op.Frame(id, false)
			d.want(near == nil, "it goes with the call")
			d.wantCode(d.op.SetVideo(ctx, id, true), phone.ErrCallNotFound, -211)
		}},
		{seed: "remoteStream", test: func(d *desk) {
			id := d.talk("600")
			theirs := image.NewYCbCr(image.Rect(0, 0, 16, 16), image.YCbCrSubsampleRatio420)
			d.media.SetFrame(id, theirs)
			far, serial := d.op.Frame(id, true)
			near, _ := d.op.Frame(id, false)
			d.want(far == theirs && serial != 0 && near == nil, "their picture as it came")
		}},
	})
}

func contractPictures() []row {
	ctx := context.Background()
	return []row{
		{seed: "option", test: func(d *desk) {
			c, err := d.place(phone.CallRequest{Number: "600", Video: true})
			d.must(err)
			d.wantSent("Media.Offer " + string(c.ID) + " hold=false video=true")
			d.must(d.op.Hangup(c.ID))
			for id, with := range map[phone.CallID]bool{"with": true, "without": false} {
				d.media.Filmed, d.media.Info.Video = true, with
				d.ring(string(id), "555")
				d.must(d.op.Answer(ctx, id, phone.AnswerOptions{Video: with}))
				d.settle()
				d.want(d.media.Count("Media.Answer "+string(id)+` offer="offer" hold=false video=`+map[bool]string{true: "true", false: "false"}[with]) == 1,
					"answered with or without it", d.media.Texts())
				d.must(d.op.Hangup(id))
				d.settle()
			}
		}, change: []func(*phone.Config, *desk){filming}},
		{seed: "offerToReceiveVideo", test: func(d *desk) { // without a camera
			c, err := d.place(phone.CallRequest{Number: "600", WatchVideo: true})
			d.must(err)
			d.wantSent("Media.Offer " + string(c.ID) + " hold=false video=false watch")
			d.must(d.op.Hangup(c.ID))
			d.must(d.op.AddAccount(phone.Account{ID: "desk", URI: "sip:1003@pbx.example", Media: phone.MediaRTP}))
			_, err = d.place(phone.CallRequest{Number: "600", WatchVideo: true, Account: "desk"})
			d.wantCode(err, phone.ErrNotSupported, -200)
		}},
	}
}

// invited is the INVITE of a call.
func (d *desk) invited(id phone.CallID) (sent phone.InviteOut) {
	for _, r := range d.net.Records() {
		if o, ok := r.Value.(phone.InviteOut); ok && o.Dialog == phone.DialogID(id) {
			sent = o
		}
	}
	return sent
}
