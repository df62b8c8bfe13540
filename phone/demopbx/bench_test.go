package demopbx

import (
	"context"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// BenchmarkStart is what the demo costs before anybody can register.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		p, err := Start(context.Background(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		p.Close()
		b.StartTimer()
	}
}

// BenchmarkEchoSetUp is from the wish to call until the first echoed packet is there: offer, INVITE with its
// challenge, answer, ICE, DTLS and one packet to and fro.
func BenchmarkEchoSetUp(b *testing.B) {
	p, err := Start(b.Context(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	c := newPhone(b, p, 0, "WS")
	c.registered()
	var answered time.Duration
	for b.Loop() {
		b.StopTimer()
		e := newEar(b, rtc.Options{IncludeLoopback: true})
		b.StartTimer()
		begin := time.Now()
		e.transport.Offer(phone.MediaWish{})
		req := c.invite("600", string(wait(b, "an offer", e.local)))
		dialog := c.final(req)
		answered += time.Since(begin)
		c.ack(req, dialog)
		e.transport.Remote(dialog.Body(), false)
		agreed := wait(b, "an agreement", e.agreed)
		wait(b, "the media path", e.up)
		ctx, stop := context.WithCancel(b.Context())
		said := make(chan struct{})
		go func() { defer close(said); e.say(ctx, agreed.Audio, 700) }()
		wait(b, "RTP", e.packets)
		b.StopTimer()
		stop()
		<-said
		bye := c.within(dialog, "BYE", "")
		c.send(bye)
		c.final(bye)
		e.transport.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(answered.Milliseconds())/float64(b.N), "ms-to-200/op")
}
