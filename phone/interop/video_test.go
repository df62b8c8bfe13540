//go:build linux

package interop

import (
	"image"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// startOursWithCamera is startOurs with the test picture for a camera.
func startOursWithCamera(t *testing.T, account phone.Account) *ourPhone {
	t.Helper()
	p := startOursWith(t, func(o *wiring.Options) { o.DeviceIDs.Camera = "pattern" }, account)
	p.awaitRegistered()
	return p
}

// seen is what a browser sees: the colours are those of the middle of eight bars, from left to right.
type seen struct {
	Width, Height, Frames int
	Bars                  [8][3]float64
}

// ours reports whether that is our test picture: yellow, red and blue stand where they should.
func (s seen) ours() bool {
	is := func(bar int, red, green, blue bool) bool {
		bright := func(v float64, on bool) bool { return on && v > 130 || !on && v < 90 }
		c := s.Bars[bar]
		return bright(c[0], red) && bright(c[1], green) && bright(c[2], blue)
	}
	return s.Width == devices.PictureWidth && s.Height == devices.PictureHeight && is(1, true, true, false) && is(5, true, false, false) && is(6, false, false, true)
}

// green is the colour of the browser's camera.
func green(p *image.YCbCr) bool {
	cb, cr := 0, 0
	for i := range p.Cb {
		cb, cr = cb+int(p.Cb[i]), cr+int(p.Cr[i])
	}
	return cb/len(p.Cb) < 110 && cr/len(p.Cr) < 110
}

// seesUs waits until pictures of ours come one after the other.
func (p *webPhone) seesUs() {
	p.t.Helper()
	var first, last seen
	if !eventually(15*time.Second, func() bool { p.get("see", &first); return first.ours() }) {
		p.t.Fatalf("the browser should see our picture, and sees %+v", first)
	}
	if !eventually(10*time.Second, func() bool { p.get("see", &last); return last.ours() && last.Frames >= first.Frames+5 }) {
		p.t.Fatalf("the browser's picture stands still: %+v, then %+v", first, last)
	}
}

// seesNothingNew waits until no picture follows the last one.
func (p *webPhone) seesNothingNew() {
	p.t.Helper()
	var before, after seen
	if !eventually(10*time.Second, func() bool {
		p.get("see", &before)
		time.Sleep(400 * time.Millisecond)
		p.get("see", &after)
		return after.Frames <= before.Frames
	}) {
		p.t.Fatalf("the browser goes on seeing: %+v", after)
	}
}

// sees waits until the browser's pictures come, one after the other.
func (p *ourPhone) sees(id phone.CallID) {
	p.t.Helper()
	serials := map[uint64]bool{}
	var last *image.YCbCr
	if !eventually(15*time.Second, func() bool {
		picture, serial := p.Frame(id, true)
		if picture != nil {
			serials[serial], last = true, picture
		}
		return len(serials) > 5 && green(last)
	}) {
		p.t.Fatalf("we should see the browser's green, and see %d pictures, the last %v", len(serials), last != nil && green(last))
	}
}

// video waits until the call says so of itself.
func (p *ourPhone) video(id phone.CallID, video, camera bool) {
	p.t.Helper()
	var c phone.Call
	if !eventually(10*time.Second, func() bool {
		c, _ = p.Snapshot().CallByID(id)
		return c.Video == video && c.Camera == camera && !c.VideoPending
	}) {
		p.t.Fatalf("never video %t, camera %t: %+v", video, camera, c)
	}
	if !video {
		if !eventually(time.Second, func() bool { picture, _ := p.Frame(id, true); return picture == nil }) {
			p.t.Error("a picture stays behind")
		}
	}
}

// sound: whatever the pictures do, the sound goes on.
func (p *ourPhone) sound(web *webPhone) {
	p.t.Helper()
	p.awaitTone(browserTone, browserLevel)
	web.awaitTone(ourTone, ourLevel)
}

func TestABrowserAndWeSeeEachOther(t *testing.T) {
	k := startKamailio(t)
	web := startBrowser(t).phone(t, k, "1002", browserTone)
	ours := startOursWithCamera(t, k.account("1001", k.servers("1001")["WS"]))
	on := func(t *testing.T) { web.t, ours.t = t, t; ours.recordAnew() }

	t.Run("we call with video", func(t *testing.T) {
		proves(t, "Chromium", "video")
		proves(t, "JsSIP", "video")
		on(t)
		time.Sleep(time.Second)
		call, err := ours.Call(t.Context(), phone.CallRequest{Number: "1002", Video: true})
		ours.must(err)
		web.await("it rings", func(s webState) bool { return s.Ringing && !s.Ended })
		web.do("answer", true)
		ours.awaitState(call.ID, phone.StateTalking)
		ours.video(call.ID, true, true)
		ours.sees(call.ID)
		web.seesUs()
		ours.sound(web)
		ours.figures(call.ID, web)
		ours.must(ours.SetVideo(t.Context(), call.ID, false))
		ours.video(call.ID, false, false)
		web.seesNothingNew()
		ours.sound(web)
		ours.must(ours.Hangup(call.ID))
		web.awaitEnded()
	})
	t.Run("the browser calls with video", func(t *testing.T) {
		proves(t, "Chromium", "video")
		on(t)
		web.do("call", k.uri("1001"), true)
		id := ours.awaitRinging()
		if c, _ := ours.Snapshot().CallByID(id); !c.Video {
			t.Error("nobody sees that it is a video call")
		}
		ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{Video: true}))
		ours.awaitState(id, phone.StateTalking)
		ours.sees(id)
		web.seesUs()
		ours.sound(web)
		web.do("unfilm")
		web.do("renegotiate")
		ours.video(id, false, false)
		ours.sound(web)
		web.do("hangup")
		ours.awaitState(id, phone.StateEnded)
	})
	t.Run("video is answered without and comes later", func(t *testing.T) {
		proves(t, "Chromium", "video in mid-call")
		proves(t, "JsSIP", "video in mid-call")
		on(t)
		web.do("call", k.uri("1001"), true)
		id := ours.awaitRinging()
		ours.must(ours.Answer(t.Context(), id, phone.AnswerOptions{}))
		ours.awaitState(id, phone.StateTalking)
		ours.video(id, false, false)
		ours.sound(web)
		ours.must(ours.SetVideo(t.Context(), id, true)) // ours alone: the browser shows nothing yet
		ours.video(id, true, true)
		web.seesUs()
		web.do("film")
		web.do("renegotiate")
		ours.sees(id)
		ours.must(ours.Hold(id))
		web.seesNothingNew()
		ours.must(ours.Unhold(id))
		web.seesUs()
		ours.sound(web)
		ours.must(ours.Hangup(id))
		web.awaitEnded()
	})
	t.Run("the browser adds video to a call of ours", func(t *testing.T) {
		proves(t, "Chromium", "video in mid-call")
		on(t)
		id := ours.dial("1002")
		web.await("it rings", func(s webState) bool { return s.Ringing && !s.Ended })
		web.do("answer")
		ours.awaitState(id, phone.StateTalking)
		web.do("film")
		web.do("renegotiate")
		ours.video(id, true, false)
		ours.sees(id)
		if _, serial := ours.Frame(id, false); serial != 0 {
			t.Error("our camera went on by itself")
		}
		ours.must(ours.SetVideo(t.Context(), id, true))
		ours.video(id, true, true)
		web.seesUs()
		ours.sound(web)
		ours.must(ours.Hangup(id))
		web.awaitEnded()
	})
}
