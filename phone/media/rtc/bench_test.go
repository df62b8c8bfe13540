package rtc

import (
	"testing"
	"time"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone"
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
		o := caller.offer(phone.MediaWish{})
		t1 := time.Now()
		a, _ := callee.answer(o, phone.MediaWish{})
		t2 := time.Now()
		caller.remote(a)
		await(caller, "connection", caller.ups)
		await(callee, "connection", callee.ups)
		t3 := time.Now()
		offer, answer, up = offer+t1.Sub(t0), answer+t2.Sub(t1), up+t3.Sub(t2)
		n++
		caller.close()
		callee.close()
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 / float64(n) }
	b.ReportMetric(ms(offer), "offer-ms")
	b.ReportMetric(ms(answer), "answer-ms")
	b.ReportMetric(ms(up), "up-ms")
}

// BenchmarkFirstOffer is the one that a person waits for after the start.
func BenchmarkFirstOffer(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		f := newFactory(b)
		e := newEnd(b, f)
		b.StartTimer()
		_ = e.offer(phone.MediaWish{})
		b.StopTimer()
		e.close()
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
	send(x, y, 111, "first")
	payload := make([]byte, 80)
	h := &rtp.Header{PayloadType: 111, SequenceNumber: 1000} // past those of send: SRTP refuses replays
	b.ReportAllocs()
	for b.Loop() {
		h.SequenceNumber++
		h.Timestamp += 960
		x.transport.WriteRTP(h, payload)
		await(y, "packet", y.rtp)
	}
}

// BenchmarkWrite is the sending half alone.
func BenchmarkWrite(b *testing.B) {
	x, y := connected(b)
	send(x, y, 111, "first")
	y.close()
	payload := make([]byte, 80)
	h := &rtp.Header{PayloadType: 111, SequenceNumber: 1000} // past those of send: SRTP refuses replays
	b.ReportAllocs()
	for b.Loop() {
		h.SequenceNumber++
		x.transport.WriteRTP(h, payload)
	}
}
