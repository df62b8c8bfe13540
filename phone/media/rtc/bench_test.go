package rtc

import (
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// BenchmarkSetUp measures a call between two of ours on loopback: our offer, their answer, and from the answer's
// arrival to both ends being up. The goals are 2 ms, and 30 ms to be up.
func BenchmarkSetUp(b *testing.B) {
	f := newFactory(b)
	var offer, answer, up time.Duration
	n := 0
	for b.Loop() {
		caller, callee := newEnd(b, f), newEnd(b, f)
		t0 := time.Now()
		o := caller.Offer(phone.MediaWish{})
		t1 := time.Now()
		a, _ := callee.Answer(o, phone.MediaWish{})
		t2 := time.Now()
		caller.Remote(a)
		carriertest.Await(caller, "connection", caller.Ups)
		carriertest.Await(callee, "connection", callee.Ups)
		t3 := time.Now()
		offer, answer, up = offer+t1.Sub(t0), answer+t2.Sub(t1), up+t3.Sub(t2)
		n++
		caller.Close()
		callee.Close()
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(n) }
	b.ReportMetric(ms(offer), "offer-ms")
	b.ReportMetric(ms(answer), "answer-ms")
	b.ReportMetric(ms(up), "up-ms")
}

// BenchmarkConnect measures from the moment when both descriptions are there to our end being up, with a far end of
// pion's own making: full or lite, called or calling. The goal is 30 ms in each; pion by itself takes 200 ms more
// towards one that sends no checks of its own (nudge.go).
func BenchmarkConnect(b *testing.B) {
	for name, lite := range map[string]bool{"full": false, "lite": true} {
		b.Run(name+"/answers", func(b *testing.B) {
			measureConnect(b, lite, func(far *browser, ours *end) {
				far.remote(webrtc.SDPTypeOffer, ours.Offer(phone.MediaWish{}))
				answer := far.local(far.pc.CreateAnswer(nil))
				b.StartTimer()
				ours.Remote(answer)
			})
		})
		b.Run(name+"/offers", func(b *testing.B) {
			measureConnect(b, lite, func(far *browser, ours *end) {
				answer, _ := ours.Answer(far.local(far.pc.CreateOffer(nil)), phone.MediaWish{})
				b.StartTimer()
				far.remote(webrtc.SDPTypeAnswer, answer)
			})
		})
	}
}

// measureConnect has describe start the timer when both descriptions are there.
func measureConnect(b *testing.B, lite bool, describe func(far *browser, ours *end)) {
	f := newFactory(b)
	b.StopTimer()
	for range b.N {
		far, ours := newBrowser(b, lite), newEnd(b, f)
		describe(far, ours)
		carriertest.Await(ours, "connection", ours.Ups)
		b.StopTimer()
		ours.Close()
		_ = far.pc.GracefulClose()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "up-ms")
}

// BenchmarkFirstOffer is the one that a person waits for after the start.
func BenchmarkFirstOffer(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := newFactory(b)
		e := newEnd(b, f)
		b.StartTimer()
		_ = e.Offer(phone.MediaWish{})
		b.StopTimer()
		e.Close()
		b.StartTimer()
	}
}

// BenchmarkNew is paid once, at the start of the program.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		_ = newFactory(b)
	}
}

// BenchmarkPacket sends one packet and waits for it at the other end.
func BenchmarkPacket(b *testing.B) {
	x, y := connected(b)
	carriertest.Send(x, y, 111, "first")
	payload := make([]byte, 80)
	h := &rtp.Header{PayloadType: 111, SequenceNumber: 1000} // past those of send: SRTP refuses replays
	b.ReportAllocs()
	for b.Loop() {
		h.SequenceNumber++
		h.Timestamp += 960
		x.Transport.WriteRTP(h, payload)
		carriertest.Await(y, "packet", y.Packets)
	}
}

// BenchmarkWrite is the sending half alone.
func BenchmarkWrite(b *testing.B) {
	x, y := connected(b)
	carriertest.Send(x, y, 111, "first")
	y.Close()
	payload := make([]byte, 80)
	h := &rtp.Header{PayloadType: 111, SequenceNumber: 1000} // past those of send: SRTP refuses replays
	b.ReportAllocs()
	for b.Loop() {
		h.SequenceNumber++
		x.Transport.WriteRTP(h, payload)
	}
}
