package phone_test

import (
	"context"
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// filming gives the desk a camera.
func filming(c *phone.Config, _ *desk) { c.Devices = fakeDevices{microphone: true, camera: true} }

// video asks for video or its end, and lets the far end agree to what info says.
func (d *desk) video(id phone.CallID, on, agreed bool) phone.Call {
	d.Helper()
	d.must(d.op.SetVideo(context.Background(), id, on))
	d.settle()
	d.media.Info.Video = agreed
	d.agree(id)
	return d.call(id)
}

func TestVideoIsPendingUntilTheFarEndAgreed(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.must(d.op.SetVideo(context.Background(), id, true))
		d.settle()
		if c := d.call(id); c.Video || c.Camera || !c.VideoPending {
			t.Fatalf("%+v", c)
		}
		d.wantSent("Media.Offer " + string(id) + " hold=false video=true")
		d.media.Info.Video = true
		d.agree(id)
		if c := d.call(id); !c.Video || !c.Camera || c.VideoPending {
			t.Fatalf("%+v", c)
		}
		if c := d.video(id, false, false); c.Video || c.Camera || c.VideoPending {
			t.Fatalf("%+v", c)
		}
		if n := d.net.Count("1001.Reinvite"); n != 2 {
			t.Fatalf("%d re-INVITEs", n)
		}
	}, filming)
}

func TestRefusedVideoIsWantedNoMore(t *testing.T) {
	for name, refuse := range map[string]func(*desk, phone.CallID){
		"with 488":                   func(d *desk, id phone.CallID) { d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 488}) },
		"by an answer that lacks it": func(d *desk, id phone.CallID) { d.agree(id) },
		"by an answer of no use": func(d *desk, id phone.CallID) {
			d.media.Post(id, phone.MediaFailed{Leg: id, Err: phone.ErrMediaIncompatible})
		},
		"by 491 that the line is for": func(d *desk, id phone.CallID) { d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 491}) },
	} {
		t.Run(name, func(t *testing.T) {
			onDesk(t, func(d *desk) {
				id := d.talk("600")
				d.must(d.op.SetVideo(context.Background(), id, true))
				d.settle()
				refuse(d, id)
				d.settle()
				if c := d.call(id); c.Video || c.Camera || c.VideoPending || c.State != phone.StateTalking {
					t.Fatalf("%+v", c)
				}
				d.must(d.op.Hold(id)) // what comes next does not ask again
				d.settle()
				d.wantSent("Media.Offer " + string(id) + " hold=true video=false")
			}, filming)
		})
	}
}

func TestTheirVideoInMidCallIsSeenAndOurCameraStaysOff(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Info.Video = true
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("with video")})
		d.wantSent("Media.Answer " + string(id) + ` offer="with video" hold=false video=false watch`)
		if c := d.call(id); !c.Video || c.Camera {
			t.Fatalf("%+v", c)
		}
		d.wantNotSent("1001.Reinvite")
		if c := d.video(id, true, true); !c.Video || !c.Camera {
			t.Fatalf("%+v", c)
		}
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("they hold")})
		d.wantSent("Media.Answer " + string(id) + ` offer="they hold" hold=false video=true`)
		d.media.Info.Video = false
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("without")})
		if c := d.call(id); c.Video || c.Camera || d.net.Count("1001.Reinvite") != 1 {
			t.Fatalf("what they dropped was offered anew: %+v", c)
		}
	}, filming)
}

func TestTheirVideoCanBeDropped(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Info.Video = true
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("with video")})
		if c := d.video(id, false, false); c.Video || c.VideoPending {
			t.Fatalf("%+v", c)
		}
		d.wantSent("Media.Offer " + string(id) + " hold=false video=false")
	}, filming)
}

func TestWhatTheUserDropsTheirNextOfferDoesNotBringBack(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.video(id, true, true)
		d.must(d.op.Hold(id))
		d.settle()
		d.media.Auto = false
		d.agree(id) // to the hold; our transport takes its time
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("with video")})
		d.must(d.op.SetVideo(context.Background(), id, false))
		d.media.Auto = true
		d.media.Post(id, phone.RemoteApplied{Leg: id, Info: phone.MediaInfo{Video: true}})
		d.settle()
		d.wantSent("Media.Answer " + string(id) + ` offer="with video" hold=true video=false`)
		d.wantNotSent("Media.Answer " + string(id) + ` offer="with video" hold=true video=false watch`)
	}, filming)
}

func TestASecondWishForVideoReplacesTheFirst(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		for range 3 {
			d.must(d.op.SetVideo(context.Background(), id, true))
			d.must(d.op.SetVideo(context.Background(), id, false))
		}
		d.settle()
		if n := d.net.Count("1001.Reinvite"); n != 1 {
			t.Fatalf("%d re-INVITEs at a time", n)
		}
		d.media.Info.Video = true
		d.agree(id) // to the video
		d.media.Info.Video = false
		d.agree(id) // to its end, which is still wanted
		if c := d.call(id); c.Video || c.Camera || c.VideoPending || d.net.Count("1001.Reinvite") != 2 {
			t.Fatalf("%+v", c)
		}
	}, filming)
}

func TestVideoAndHoldGoInOneOffer(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.video(id, true, true)
		d.must(d.op.Hold(id))
		d.settle()
		d.wantSent("Media.Offer " + string(id) + " hold=true video=true")
		d.agree(id)
		if c := d.call(id); !c.HeldByUs || !c.Video || !c.Camera {
			t.Fatalf("%+v", c)
		}
	}, filming)
}

func TestTheirOfferMeanwhileDoesNotForgetOurWish(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.talk("600")
		d.media.Auto = false
		d.post(phone.ReinviteIn{Dialog: phone.DialogID(id), SDP: []byte("audio")})
		d.must(d.op.SetVideo(context.Background(), id, true))
		d.settle()
		d.wantNotSent("1001.Reinvite")
		d.media.Auto = true
		d.media.Post(id, phone.LocalDescription{Leg: id, SDP: []byte("answer")})
		d.settle()
		d.wantSent("1001.Reinvite " + string(id))
		d.wantSent("Media.Offer " + string(id) + " hold=false video=true")
	}, filming)
}

func TestAnAnswerWithVideoToACallWithoutIsAnOrdinaryCall(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.ring("in1", "555")
		d.must(d.op.Answer(context.Background(), id, phone.AnswerOptions{Video: true}))
		d.settle()
		d.wantSent("Media.Answer " + string(id) + ` offer="offer" hold=false video=true`)
		d.post(phone.Acked{Dialog: "in1"})
		d.wantState(id, phone.StateTalking)
		if c := d.call(id); c.Video || c.Camera {
			t.Fatalf("%+v", c)
		}
		d.wantNotSent("1001.Reinvite")
	}, filming)
}

func TestVideoIsRefusedWhereItCannotBe(t *testing.T) {
	ctx := context.Background()
	t.Run("without a camera", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			id := d.talk("600")
			d.wantCode(d.op.SetVideo(ctx, id, true), phone.ErrNoCamera, -291)
			d.wantCode(d.op.Answer(ctx, d.ring("in1", "555"), phone.AnswerOptions{Video: true}), phone.ErrNoCamera, -291)
			d.must(d.op.SetVideo(ctx, id, false)) // there is none: nothing to do
			d.wantNotSent("1001.Reinvite")
		})
	})
	t.Run("without ICE", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.wantCode(d.op.SetVideo(ctx, d.talk("600"), true), phone.ErrNotSupported, -200)
		}, filming, withAccount(func(a *phone.Account) { a.Media = phone.MediaSDES }))
	})
	t.Run("before the call stands", func(t *testing.T) {
		onDesk(t, func(d *desk) {
			d.wantCode(d.op.SetVideo(ctx, d.ring("in1", "555"), true), phone.ErrInvalidState, -200)
			d.wantCode(d.op.Renegotiate(ctx, "gone"), phone.ErrCallNotFound, -211)
		}, filming)
	})
}

// contractVideo is the rows about video.
func contractVideo() []row {
	ctx := context.Background()
	with := []func(*phone.Config, *desk){filming}
	return []row{
		{seed: "renegotiate", test: func(d *desk) {
			id := d.talk("600")
			d.must(d.op.Renegotiate(ctx, id))
			d.settle()
			d.wantSent("1001.Reinvite " + string(id))
			d.agree(id)
			d.want(d.net.Count("1001.Reinvite") == 1 && d.call(id).State == phone.StateTalking, "once, and the call goes on", d.call(id))
		}, change: with},
		{seed: "audioToVideo", test: func(d *desk) {
			c := d.video(d.talk("600"), true, true)
			d.wantSent("1001.Reinvite " + string(c.ID))
			d.want(c.Video && c.Camera, "both see each other", c)
			d.wantCode(d.op.SetVideo(ctx, "gone", true), phone.ErrCallNotFound, -211)
		}, change: with},
		{seed: "videoToAudio", test: func(d *desk) {
			id := d.talk("600")
			d.video(id, true, true)
			c := d.video(id, false, false)
			d.want(!c.Video && !c.Camera && d.net.Count("1001.Reinvite") == 2, "nobody sees the other", c)
		}, change: with},
		{seed: "isVideo", test: func(d *desk) {
			d.media.Filmed, d.media.Info.Video = true, true
			id := d.ring("in1", "555")
			d.want(d.call(id).Video && !d.call(id).Camera, "an incoming call with video", d.call(id))
			d.must(d.op.Answer(ctx, id, phone.AnswerOptions{Video: true}))
			d.settle()
			d.post(phone.Acked{Dialog: "in1"})
			d.want(d.call(id).Video && d.call(id).Camera, "answered with it", d.call(id))
			c, err := d.place(phone.CallRequest{Number: "600", Video: true})
			d.must(err)
			d.wantSent("Media.Offer " + string(c.ID) + " hold=false video=true")
			d.post(phone.Accepted{Dialog: phone.DialogID(c.ID), SDP: []byte("remote")})
			d.want(d.call(c.ID).Video, "an outgoing call with video", d.call(c.ID))
			d.must(d.op.Hangup(id))
			d.settle()
			c, err = d.place(phone.CallRequest{Number: "601", WatchVideo: true})
			d.must(err)
			d.wantSent("Media.Offer " + string(c.ID) + " hold=false video=false watch")
		}, change: with},
		{seed: "streamAdded", test: func(d *desk) {
			id := d.talk("600")
			d.media.Post(id, phone.MediaUp{Leg: id, NetworkType: "host"})
			d.want(!d.wantTold(phone.EventStreamAdded).Video, "their sound")
			d.media.Post(id, phone.FirstPicture{Leg: id})
			d.want(d.wantTold(phone.EventStreamAdded).Video, "their pictures")
			picture, serial := d.op.Frame(id, true)
			d.want(picture == nil && serial == 0, "none yet")
		}, change: with},
	}
}
